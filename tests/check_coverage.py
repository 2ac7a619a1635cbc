# SPDX-License-Identifier: MIT
"""Which case took each row of the machines, each reason code, each exit code: what none
took is a fault. The simulation and the end-to-end tests leave behind what they saw
(tests/taken/ in the build folder); this runs after all of them and prints
tests/taken.txt there."""

import glob
import json
import os
import re
import subprocess
import sys

SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))
HEAD = "| from | event | guard | to | action | reason |"
MACHINES = ("task", "rollout", "wave", "reach", "access", "version")


def output(*command):
    return subprocess.run([os.path.join(BUILD, command[0]), *command[1:]], check=True,
                          capture_output=True, text=True).stdout


def tables(document):
    """The rows of docs/fsm.md as it would be printed now, a list a machine."""
    found = []
    for line in document.splitlines():
        if line == HEAD:
            found.append([])
        elif line.startswith("|---"):
            continue
        elif line.startswith("| ") and found and found[-1] is not None:
            found[-1].append(tuple(line.strip("| ").split(" | ")))
        elif found and found[-1]:
            found.append(None)
    return dict(zip(MACHINES, [table for table in found if table]))


def read_taken():
    """Every fact, and who showed it."""
    taken = {}
    for path in sorted(glob.glob(os.path.join(BUILD, "tests", "taken", "*.txt"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                fact, shown_by = line.rstrip("\n").split("\t")
                taken.setdefault(fact, shown_by)
    return taken


def missing_tests():
    """Those that leave facts behind and have not run in this build folder."""
    names = ["test_sim"]
    for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "e2e", "test_*.py"))):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if re.search(r"from (fleet|cli_bench) import|import taken", text):
            names.append(os.path.splitext(os.path.basename(path))[0])
    return [name for name in names if not os.path.exists(
        os.path.join(BUILD, "tests", "taken", name + ".txt"))]


def cause_of(event):
    """What the event of a rollout or a wave is told by, beside the move; "": nothing."""
    if event in ("approve", "pause", "resume", "abort", "undo"):
        return "wish"
    return event if event == "no-release" else ""


def row_facts(machine, number, row, rows):
    """What would show that the row was taken. The simulation tells the row itself. The
    events of a store do not tell guards, and of a rollout and its waves only a few causes:
    they speak for a row if it is the only one that looks like that."""
    start, event, _, end, _, reason = row
    if machine == "task":
        alike = [other for other in rows
                 if (other[0], other[1], other[3], other[5]) == (start, event, end, reason)]
        facts = [" ".join(("task", start, event, end, reason))]
    elif machine in ("rollout", "wave"):
        alike = [other for other in rows if (other[0], other[3], cause_of(other[1])) ==
                 (start, end, cause_of(event))]
        facts = [" ".join((machine, start, end, cause_of(event))).rstrip()]
    elif machine == "version" and end == "unknown":
        # Where every board begins, which no event tells: to have left it shows it.
        return ["version unknown behind", "version unknown in-sync"]
    elif machine == "version":
        return ["version * " + end]
    else:
        return ["%s %s %s" % (machine, "*" if start == "any" else start, end)]
    return ["%s-row %d" % (machine, number)] + (facts if len(alike) == 1 else [])


def shown_by(facts, taken):
    for fact in facts:
        if fact in taken:
            return taken[fact]
        if "*" in fact:
            first, last = fact.split(" * ")
            for other, by in taken.items():
                words = other.split()
                if words[0] == first and words[-1] == last and len(words) == 3:
                    return by
    return None


def wanted():
    """(what, facts) of all that must be taken."""
    said = {}  # with a reason code: what shows a row that says it
    for machine, rows in tables(output("tests/print_fsm")).items():
        for number, row in enumerate(rows):
            said.setdefault(row[5], []).extend(row_facts(machine, number, row, rows))
            # A wish that is fulfilled already moves nothing.
            if machine != "task" and row[0] == row[3]:
                continue
            yield ("%s: %s on %s, %s -> %s, %s, %s" % ((machine,) + row),
                   row_facts(machine, number, row, rows))
    for word in json.loads(output("wipyctl", "-o", "json", "explain"))["words"]:
        what = word["kind"] + " " + word["word"]
        if word["kind"] == "reason":
            yield what, [what] + said.get(word["word"], [])
        if word["kind"] == "exit-code":
            yield what, [what]


def judge(rows, taken):
    """Who took what, and the faults."""
    by = [(what, shown_by(facts, taken)) for what, facts in rows]
    return (["%s\t%s" % (what, who or "nobody") for what, who in by],
            [what + ": nobody took it" for what, who in by if not who])


def finds_faults():
    """The check, tried on a machine of three rows of which two differ in guards alone."""
    rows = [("on", "tick", "left", "off", "-", "done"), ("on", "tick", "-", "off", "-",
            "done"), ("off", "tick", "-", "on", "-", "-")]
    want = [("row %d" % number, row_facts("task", number, row, rows))
            for number, row in enumerate(rows)]
    left = {"task-row 0": "seed 1", "task off tick on -": "x"}
    everything = {"task-row 1": "seed 2", "task-row 2": "seed 3", **left}
    lost = ["row 1: nobody took it"]
    return (judge(want, everything)[1] == [] and
            judge(want, {"task on tick off done": "x", **everything})[1] == [] and
            judge(want, {"task on tick off done": "x", **left})[1] == lost and
            judge(want, left)[0][0] == "row 0\tseed 1"
            and shown_by(["version * behind"], {"version unknown behind": "x"}) == "x"
            and shown_by(["version * behind"], {"version behind ahead": "x"}) is None)


def main():
    good = finds_faults()
    print("%sok 1 - a row that nobody took is found" % ("" if good else "not "))
    absent = missing_tests()
    if absent:
        print("ok 2 - every row and code was taken # SKIP these have not run here, make "
              "check runs them all: " + ", ".join(absent))
        print("1..2")
        return 0 if good else 1
    rows = list(wanted())
    lines, faults = judge(rows, read_taken())
    if len(rows) <= 250:
        faults.append("only %d rows and codes were found" % len(rows))
    with open(os.path.join(BUILD, "tests", "taken.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    print("%sok 2 - every one of %d rows and codes was taken by a case (tests/taken.txt)"
          % ("not " if faults else "", len(rows)))
    for fault in faults:
        print("# " + fault)
    print("1..2")
    return 0 if good and not faults else 1


if __name__ == "__main__":
    sys.exit(main())
