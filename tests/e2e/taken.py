# SPDX-License-Identifier: MIT
"""What a test has made the machines do, left behind for tests/check_coverage.py: a line a
fact and the case that showed it first, in tests/taken/ of the build folder."""

import atexit
import os
import re
import sqlite3
import sys

BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))
TEST = os.path.splitext(os.path.basename(sys.argv[0]))[0]

facts = {}
case = ""  # of the test that runs


def note(*words, by=None):
    by = case if by is None else by
    facts.setdefault(" ".join(words), TEST + ": " + by if by else TEST)


def exit_code(code):
    """wipyctl has ended in it."""
    note("exit-code", str(code))


EVENTS = {
    "task-state": (r"(\S+) -> (\S+) on (\S+), attempt \d+(?:, ([a-z-]+))?(?::|$)",
                   lambda m: ("task", m[1], m[3], m[2], m[4] or "-")),
    "rollout-state": (r"(\S+) -> ([a-z-]+)", lambda m: ("rollout", m[1], m[2])),
    "wave-state": (r"wave \d+: (\S+) -> (\S+)", lambda m: ("wave", m[1], m[2])),
    "board-reach": (r"(\S+) -> (\S+)", lambda m: ("reach", m[1], m[2])),
    "board-access": (r"(\S+) -> (\S+)", lambda m: ("access", m[1], m[2])),
    "board-version": (r"(\S+) -> ([a-z-]+)", lambda m: ("version", m[1], m[2])),
}


def store(path, by):
    """The events and the reason codes in the store of a daemon that has ended, and the
    case that it ran for."""
    if not os.path.exists(path):
        return
    try:
        with sqlite3.connect(path) as db:
            for name, detail, cause in db.execute(
                    "SELECT DISTINCT name, detail, cause FROM events"):
                pattern, words = EVENTS.get(name, (None, None))
                match = pattern and re.match(pattern, detail)
                told = (name in ("rollout-state", "wave-state") and
                        cause in ("wish", "no-release"))
                if match:
                    note(*words(match), *([cause] if told else []), by=by)
                match = re.match(r".*\S+ -> \S+(?: on \S+, attempt \d+)?, ([a-z-]+)",
                                 detail)
                if match:
                    note("reason", match[1], by=by)
            for column, table in (("reason", "tasks"), ("reason", "rollouts"),
                                  ("hands_reason", "boards")):
                for (reason,) in db.execute(
                        "SELECT DISTINCT %s FROM %s" % (column, table)):
                    note("reason", reason, by=by)
    except sqlite3.Error:
        pass  # a test that damages its store takes nothing


def write():
    folder = os.path.join(BUILD, "tests", "taken")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, TEST + ".txt"), "w", encoding="utf-8") as file:
        for fact, shown_by in sorted(facts.items()):
            file.write("%s\t%s\n" % (fact, shown_by))


if TEST.startswith("test_"):
    atexit.register(write)
