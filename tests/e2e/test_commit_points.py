# SPDX-License-Identifier: MIT
"""kill -9 of wipyd at every commit of one update. The database counts its commits itself,
in the file that SQLite shares between processes; a run without a kill counts how many
there are, then each is killed at once and, where the next one takes a while, once more
shortly before it. Always the same end: confirmed, one push more at most, no reset of a
dirty board, one reset more at most. This one: a wipy board; Pycom and ESP32 boards:
test_commit_pycom.py, test_commit_esp32.py."""

import mmap
import os
import subprocess
import time

from fleet import BUILD, Failed, Fleet, NEW, PATIENCE, Tap, name

# A gap that is long enough to be killed late in (seconds), and how late in it.
LONG_GAP, LATE = 0.04, 0.85
# A machine that is busy lets more than one commit pass between two looks: tried again.
TRIES = 5
# Nothing is committed for so long: the update is over; nothing goes on (seconds).
OVER, QUIET = 3, 0.2
SETTINGS = {"poll": {"every": "1h"}, "enrolment": {"login": False},
            "update": {"soak": "300ms", "look-every": "100ms", "attempts": 3,
                       "back-off": "100ms"}}
BOARD = ["--profile", "fast", "--boot-ms", "150", "--rate", "800000"]
ENDS = ("completed", "completed-with-exceptions", "halted")
# How many pushes and resets there may be. A dirty board that is reset throws the image
# away, and another push and another reset are needed: that is (2, 2), and what a Pycom
# board needs, whose second push without a reset between, (2, 1), could kill it.
ALLOWED = {"wipy": ((1, 1), (2, 1), (1, 2)), "esp32": ((1, 1), (2, 1), (1, 2)),
           "pycom": ((1, 1), (1, 2), (2, 2))}


class Commits:
    """How many transactions were committed: `iChange` in the header of the WAL index, a
    whole number at offset 8, one more at the end of each. Reading it disturbs nobody."""

    def __init__(self, fleet):
        with open(fleet.path("state/wipyd.db-shm"), "rb") as file:
            self.map = mmap.mmap(file.fileno(), 136, prot=mmap.PROT_READ)
        self.base = None
        self.settle()

    def settle(self):
        """Until nothing has been committed for a while: what a poll saw is."""
        while self.base != self.total():
            self.base = self.total()
            time.sleep(QUIET)

    def total(self):
        return int.from_bytes(self.map[8:12], "little")

    def count(self):
        return self.total() - self.base

    def until(self, number):
        """Does not sleep: it has to be there before the daemon has acted. False: the
        number never came."""
        end = time.monotonic() + OVER * PATIENCE
        while self.count() < number:
            if time.monotonic() > end:
                return False
        return True


def ready(family):
    fleet = Fleet(1, board_options=BOARD, settings=SETTINGS, family=family)
    fleet.start_daemon()
    fleet.add_releases()
    fleet.json("poll")
    return fleet


def begin(fleet):
    """Without waiting for its end: wipyd may die before it answers."""
    client = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "rollout", "--release", NEW,
         "--yes", "--waves", "100%"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fleet.processes.append(client)


def counted(family):
    """When, in seconds from the first, each commit of an undisturbed update came."""
    fleet = ready(family)
    commits = Commits(fleet)
    begin(fleet)
    times = []
    while commits.until(len(times) + 1):
        times += [time.monotonic()] * (commits.count() - len(times))
    if fleet.status()["outcomes"] != {"confirmed": 1}:
        raise Failed("the update without a kill: %s" % fleet.status())
    fleet.stop_daemon()
    return [moment - times[0] for moment in times]


def killed(family, number, delay):
    """One update, killed `delay` seconds after that commit. What became of it."""
    fleet = ready(family)
    commits = Commits(fleet)
    begin(fleet)
    reached = commits.until(number)
    end = time.monotonic() + delay
    while time.monotonic() < end and commits.count() == number:
        pass
    fleet.kill_daemon()
    count = commits.count()
    fleet.start_daemon()
    state = fleet.wait_state(*ENDS)
    task, board = fleet.tasks()[name(1)], fleet.board(1)
    verified = fleet.run("events", "verify").returncode
    said = {"family": family, "at": count if reached else None, "outcomes": state["outcomes"],
            "running": NEW + " on" in board["running"], "verified": verified,
            "slot": board["slots"]["update1"].split(" ")[0],
            "stors": board["counters"]["stors"], "resets": board["counters"]["resets"],
            "dirty": fleet.seen()[name(1)]["dirty"], "evidence": task["evidence"],
            "armed": fleet.json("status")["armed"]}
    said["ended"] = fleet.stop_daemon()
    fleet.close()
    return said


def judge(tap, said, title):
    tap.equal((said["outcomes"], said["running"], said["slot"]),
              ({"confirmed": 1}, True, NEW), title + ": confirmed, and runs the image")
    if not tap.ok(said["slot"] == NEW and (said["stors"], said["resets"]) in
                  ALLOWED[said["family"]],
                  "%s: no dirty board was reset (%d pushes, %d resets)" % (
                      title, said["stors"], said["resets"])):
        print("# %s" % said)
    tap.equal((said["dirty"], said["armed"], said["verified"], said["ended"]),
              (False, [], 0, 0), title + ": nothing is left over")


def at_each_commit(tap, family):
    times = counted(family)
    tap.ok(len(times) >= 8, "an update is %d commits" % len(times))
    for number in range(1, len(times) + 1):
        for _ in range(TRIES):
            said = killed(family, number, 0)
            if said["at"] in (number, None):
                break
        # Two of the others may have been one this time: then the last never come.
        tap.ok(said["at"] == number or said["at"] is None and number > len(times) - 3,
               "commit %d: killed there (%s)" % (number, said["at"]))
        judge(tap, said, "commit %d" % number)
    for number, gap in enumerate((b - a for a, b in zip(times, times[1:])), 1):
        if gap > LONG_GAP:
            judge(tap, killed(family, number, gap * LATE),
                  "%d ms after commit %d" % (gap * LATE * 1000, number))


def wipy(tap):
    at_each_commit(tap, "wipy")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(wipy)
    TAP.done()
