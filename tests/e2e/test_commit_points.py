# SPDX-License-Identifier: MIT
"""kill -9 of wipyd at every commit of one update. The database counts its commits itself,
in the file that SQLite shares between processes. What waits together is committed
together, so the number of a commit says little: a point is named by how many events of
the update are on the disk then. Every point that a run without a kill has shown, or a
later one, is killed at, at once and, where the next commit takes a while, once more
shortly before it. Always the same end: confirmed, one push more at most, no reset of a
dirty board, one reset more at most. This one: a wipy board; the others:
test_commit_pycom.py, test_commit_esp32.py, test_commit_esp8266.py."""

import mmap
import os
import sqlite3
import subprocess
import time

from fleet import BUILD, Failed, Fleet, NEW, PATIENCE, Tap, name

# A gap that is long enough to be killed late in (seconds), and how late in it.
LONG_GAP, LATE = 0.04, 0.85
# A gap in which the point can be read (seconds).
CALM = 0.01
# A busy machine lets a commit pass before the kill: tried again. The daemon may make one
# commit of two: a point that never came of its own in so many runs is none.
TRIES, ALONE = 6, 3
# Nothing is committed for so long: the update is over; nothing goes on (seconds).
OVER, QUIET = 3, 0.1
SETTINGS = {"poll": {"every": "1h"}, "enrolment": {"login": False},
            "update": {"soak": "300ms", "look-every": "100ms", "attempts": 3,
                       "back-off": "100ms"}}
BOARD = ["--profile", "fast", "--boot-ms", "150", "--rate", "800000"]
ENDS = ("completed", "completed-with-exceptions", "halted")
# How many pushes and resets there may be. A dirty board that is reset throws the image
# away, and another push and another reset are needed: that is (2, 2), and what a Pycom
# board needs, whose second push without a reset between, (2, 1), could kill it.
ALLOWED = {"pycom": ((1, 1), (1, 2), (2, 2))}
OTHERS = ((1, 1), (2, 1), (1, 2))


class Commits:
    """How many transactions were committed: `iChange` in the header of the WAL index, a
    whole number at offset 8, one more at the end of each. Reading it disturbs nobody."""

    def __init__(self, fleet):
        path = fleet.path("state/wipyd.db")
        with open(path + "-shm", "rb") as file:
            self.map = mmap.mmap(file.fileno(), 136, prot=mmap.PROT_READ)
        self.base = None
        while self.base != self.total():  # until what a poll saw is on the disk
            self.base = self.total()
            time.sleep(QUIET)
        self.base_events = 0
        self.database = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
        self.base_events = self.events()
        self.last, self.points = self.base, []  # (point, when)

    def total(self):
        return int.from_bytes(self.map[8:12], "little")

    def events(self):
        return self.database.execute("SELECT max(seq) FROM events").fetchall()[0][0] - \
            self.base_events

    def wait(self, steps=1):
        """Until so many commits more have come. Does not sleep: it has to be there before
        the daemon has acted. False: the update is over."""
        end = time.monotonic() + OVER * PATIENCE
        while self.total() < self.last + steps:
            if time.monotonic() > end:
                return False
        self.last = self.total()
        return True

    def next(self):
        """The point that comes next, or None: the update is over."""
        if not self.wait():
            return None
        when, events = time.monotonic(), self.events()
        while self.total() != self.last:
            self.last, events = self.total(), self.events()
        self.points.append((events, when))
        return events

    def close(self):
        self.database.close()


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
    """The points of an undisturbed update and when they came, in seconds."""
    fleet = ready(family)
    commits = Commits(fleet)
    begin(fleet)
    while commits.next():
        pass
    commits.close()
    if fleet.status()["outcomes"] != {"confirmed": 1}:
        raise Failed("the update without a kill: %s" % fleet.status())
    fleet.stop_daemon()
    fleet.close()
    return commits.points


def killed(family, calm=0, steps=1, delay=0):
    """One update, killed `delay` seconds after the commit that comes `steps` after the
    point `calm`. What became of it."""
    fleet = ready(family)
    commits = Commits(fleet)
    begin(fleet)
    at = 0
    while at is not None and at < calm:
        at = commits.next()
    commits.wait(steps)
    end = time.monotonic() + delay
    while time.monotonic() < end and commits.total() == commits.last:
        pass
    fleet.kill_daemon()
    at, late = commits.events(), commits.total() != commits.last
    commits.close()
    fleet.start_daemon()
    state = fleet.wait_state(*ENDS)
    task, board = fleet.tasks()[name(1)], fleet.board(1)
    verified = fleet.run("events", "verify").returncode
    said = {"family": family, "at": at, "late": late, "outcomes": state["outcomes"],
            "running": NEW + " on" in board["running"], "verified": verified,
            "slot": board["slots"]["update1"].split(" ")[0],
            "stors": board["counters"]["stors"], "resets": board["counters"]["resets"],
            "dirty": fleet.seen()[name(1)]["dirty"], "evidence": task["evidence"],
            "armed": fleet.json("status")["armed"],
            "points": {at} | {point for point, _ in commits.points}}
    said["ended"] = fleet.stop_daemon()
    fleet.close()
    return said


def judge(tap, said, title):
    tap.equal((said["outcomes"], said["running"], said["slot"]),
              ({"confirmed": 1}, True, NEW), title + ": confirmed, and runs the image")
    if not tap.ok(said["slot"] == NEW and (said["stors"], said["resets"]) in
                  ALLOWED.get(said["family"], OTHERS),
                  "%s: no dirty board was reset (%d pushes, %d resets)" % (
                      title, said["stors"], said["resets"])):
        print("# %s" % said)
    tap.equal((said["dirty"], said["armed"], said["verified"], said["ended"]),
              (False, [], 0, 0), title + ": nothing is left over")


def calm_before(points, point):
    """The last point before that one after which nothing came for a while."""
    return max([0] + [at for (at, when), (_, after) in zip(points, points[1:])
                      if at < point and after - when > CALM])


def at_point(tap, family, point, calm, steps):
    """Until it was killed there, or that point was part of the next one each time. All
    that was killed at is judged; returns the points that were seen, and killed at."""
    said, seen, hit, kills = None, set(), set(), 0
    for _ in range(TRIES):
        said = killed(family, calm, steps)
        judge(tap, said, "%d events (for %d)" % (said["at"], point))
        seen |= said["points"]
        hit.add(said["at"])
        kills += not said["late"]
        if point in hit or kills == ALONE:
            break
        steps = max(1, steps + (1 if said["at"] < point else -1))
    tap.ok(point in hit or kills > 0, "%d events: killed at %s" % (point, sorted(hit)))
    return seen, hit


def at_each_commit(tap, family):
    points = counted(family)
    tap.ok(len(points) >= 8, "an update is %d commits" % len(points))
    seen, tried, killed_at = {point for point, _ in points}, set(), set()
    while seen - tried - killed_at:
        point = min(seen - tried - killed_at)
        calm = calm_before(points, point)
        more, hit = at_point(tap, family, point, calm,
                             sum(calm < other <= point for other in seen))
        tried.add(point)
        killed_at |= hit
        seen |= more
    tap.ok(len(killed_at) >= 8 and points[-1][0] in killed_at,
           "killed at %d points of %d, the last among them" % (len(killed_at), len(seen)))
    for (point, when), (_, after) in zip(points, points[1:]):
        if after - when > LONG_GAP:
            calm = calm_before(points, point)
            steps = sum(calm < other <= point for other, _ in points)
            judge(tap, killed(family, calm, steps, (after - when) * LATE),
                  "%d ms after %d events" % ((after - when) * LATE * 1000, point))


def wipy(tap):
    at_each_commit(tap, "wipy")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(wipy)
    TAP.done()
