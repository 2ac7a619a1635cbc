#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Events and the past with real processes: who did what and why, a chain that a third
party can recompute, tampering that is named, boards and rollouts as they were."""

import calendar
import hashlib
import sqlite3
import struct
import time

from fleet import Fleet, NEW, OLD, Tap, name, wait_until


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def database(fleet):
    return sqlite3.connect(fleet.path("state/wipyd.db"))


def events(fleet, *words):
    return fleet.json("events", "-n", "5000", *words)["events"]


def recomputed(rows):
    """The chain as the note in docs/decisions describes it, by a program of its own."""
    value = bytes(32)
    for seq, when, *texts in rows:
        data = value + struct.pack(">qq", seq, when)
        for text in texts:
            part = text if isinstance(text, bytes) else (text or "").encode()
            data += struct.pack(">I", len(part)) + part
        value = hashlib.sha256(data).digest()
    return value.hex()


def moment_between(fleet):
    """A second in which nothing happens any more, over before this returns."""
    quiet = int(time.time()) + 1
    wait_until("the second is over", lambda: time.time() > quiet + 1)
    return quiet


def rollout_of(tap, fleet):
    """Boards are seen, a rollout runs through; returns the seconds around it."""
    fleet.start_daemon()
    fleet.add_releases()
    fleet.wait_seen()
    before = moment_between(fleet)
    fleet.rollout("--waves", "1,100%")
    wait_until("something soaks or is done", lambda: any(
        task["state"] in ("soaking", "confirmed") for task in fleet.tasks().values()))
    amid = int(time.time())
    end = fleet.wait_state("completed")
    tap.equal(end["outcomes"], {"confirmed": fleet.count}, "the rollout completes")
    return before, amid, moment_between(fleet)


def who_and_why(tap, fleet):
    by_name = {}
    for event in events(fleet):
        by_name.setdefault(event["name"], []).append(event)
    started = by_name["rollout-started"][0]
    tap.ok(started["actor"].startswith("uid ") and started["cause"] == "wish",
           "a person starts a rollout, by uid")
    tap.ok(all(event["actor"] == "board " + event["board"] and event["cause"]
               for event in by_name["board-reach"]), "a board comes back by itself")
    tap.ok(all(event["actor"] == "wipyd" and event["cause"]
               for event in by_name["task-state"]), "the daemon moves tasks, and why")
    tap.equal([event["cause"] for event in by_name["rollout-state"]], ["plan"],
              "the plan ends a rollout")
    changed = [event for event in by_name["board-version"] if NEW in event["detail"]]
    tap.ok(changed and all(event["actor"] == "wipyd" and event["cause"] == "rollout"
                           for event in changed), "a version that we changed is ours")
    board = events(fleet, "--board", name(2))
    tap.ok(board and all(event["board"] == name(2) for event in board), "of one board")
    rollout = events(fleet, "--rollout", "latest")
    tap.ok(rollout and all(event["rollout"] == started["rollout"] for event in rollout),
           "of one rollout")
    numbers = [event["seq"] for event in events(fleet)]
    tap.equal(numbers, list(range(len(numbers), 0, -1)), "newest first, none missing")
    late = events(fleet, "--since", started["time"])
    tap.ok(late and late[-1]["seq"] > 1 and
           all(event["time"] >= started["time"] for event in late), "since a time")
    tap.equal(len(fleet.json("events", "-n", "3")["events"]), 3, "so many of them")


def the_chain(tap, fleet):
    verdict = fleet.json("events", "verify")
    rows = database(fleet).execute(
        "SELECT seq, time_s, actor, board, rollout, name, detail, cause FROM events"
        " WHERE seq <= ? ORDER BY seq", (verdict["last"],)).fetchall()
    tap.ok(verdict["intact"] and verdict["verified"] == len(rows), "the chain is whole")
    tap.equal(recomputed(rows), verdict["chain"], "a third party finds the same value")


def the_past(tap, fleet, before, amid, after):
    def board_then(when):
        return fleet.json("board", name(1), "--as-of", utc(when))["board"]

    tap.ok(board_then(before)["version"]["tag"].startswith(OLD), "a board before")
    tap.ok(board_then(after)["version"]["tag"].startswith(NEW), "a board after")
    tap.equal(board_then(before)["task"], None, "no task before")
    task = [board["task"] for board in fleet.json("boards", "--as-of", utc(amid))["boards"]]
    tap.ok(any(task), "tasks amid")
    boards = fleet.json("boards", "--as-of", utc(before))
    tap.equal([board["name"] for board in boards["boards"]],
              [name(i + 1) for i in range(fleet.count)], "all boards of then")
    tap.ok(all(OLD in board["version"]["tag"] for board in boards["boards"]),
           "with what they ran then")
    tap.equal([board["name"] for board in fleet.json(
        "boards", "--as-of", utc(before), "--select", "name=b-02")["boards"]],
              [name(2)], "selected ones")
    tap.equal(fleet.json("rollout", "status", "--as-of", utc(amid))["state"], "running",
              "the rollout amid")
    then = fleet.json("rollout", "status", "--as-of", utc(after))
    tap.equal((then["state"], then["outcomes"]), ("completed", {"confirmed": fleet.count}),
              "the rollout after")
    tap.equal(fleet.json("rollout", "status", then["id"][:8], "--as-of",
                         utc(after))["id"], then["id"], "by its first digits")
    done = fleet.run("rollout", "status", "--as-of", utc(before))
    tap.ok(done.returncode == 2 and "no rollout" in done.stderr, "no rollout before: " +
           done.stderr.strip())
    done = fleet.run("boards", "--as-of", "2001-01-01T00:00:00Z")
    tap.ok(done.returncode == 2 and "history begins at" in done.stderr,
           "before all history: " + done.stderr.strip())


def events_and_the_past(tap):
    fleet = Fleet(3, settings={"update": {"soak": "2s"}})
    before, amid, after = rollout_of(tap, fleet)
    who_and_why(tap, fleet)
    the_chain(tap, fleet)
    the_past(tap, fleet, before, amid, after)
    fleet.stop_daemon()
    fleet.start_daemon()
    the_chain(tap, fleet)
    the_past(tap, fleet, before, amid, after)
    fleet.write(fleet.path("inventory.yaml"),
                fleet.inventory().replace("[01:03]", "[01:02]").replace("[1:3]", "[1:2]"))
    fleet.run("inventory", "reload")
    then = fleet.json("boards", "--as-of", utc(after))
    tap.equal((len(then["boards"]), then["gone"]), (2, [name(3)]),
              "a board that has left the inventory is named")
    fleet.stop_daemon()


def tampered(tap):
    fleet = Fleet(2)
    fleet.start_daemon()
    fleet.wait_seen()
    last = events(fleet)[0]["seq"]
    fleet.stop_daemon()
    with database(fleet) as db:
        db.execute("UPDATE events SET actor = 'uid 4711' WHERE seq = 2")
    fleet.start_daemon()
    done = fleet.run("events", "verify")
    tap.ok(done.returncode == 1 and "event 2 does not follow" in done.stdout,
           "a changed event is named: " + done.stdout.splitlines()[0])
    fleet.stop_daemon()
    with database(fleet) as db:
        db.execute("UPDATE events SET actor = 'board ' || board WHERE seq = 2")
        last = db.execute("SELECT max(seq) FROM events").fetchone()[0]
    fleet.start_daemon()
    tap.equal(fleet.run("events", "verify").returncode, 0, "put back it fits")
    fleet.stop_daemon()
    with database(fleet) as db:
        last = db.execute("SELECT max(seq) FROM events").fetchone()[0]
        db.execute("DELETE FROM events WHERE seq = ?", (last,))
    fleet.start_daemon()
    tap.ok("the events were changed from outside" in fleet.log(),
           "the log says at the start that the end is gone")
    done = fleet.run("-o", "json", "events", "verify")
    tap.ok(done.returncode == 1 and '"first": %d' % last in done.stdout and
           '"missing"' in done.stdout, "a removed end is named")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (events_and_the_past, tampered):
        TAP.case(case)
    TAP.done()
