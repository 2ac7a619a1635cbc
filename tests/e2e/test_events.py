#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Events and the past with real processes: who did what and why, a chain that a third
party can recompute, tampering that is named, boards and rollouts as they were."""

import calendar
import hashlib
import json
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


def recomputed(rows, value=bytes(32)):
    """The chain as the note in docs/decisions describes it, by a program of its own."""
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
    fleet.ready()
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
    tap.ok(all(event["cause"] for event in events(fleet)), "every event has a cause")
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


def boards_that_left(tap, fleet, there, left):
    """Board 3 is in no inventory now; it was there, and had gone by `left`."""
    then = fleet.json("boards", "--as-of", utc(there))
    tap.equal((len(then["boards"]), then["gone"]), (3, [name(3)]),
              "a board that has left the inventory is shown where it was there")
    board = then["boards"][2]
    tap.equal((board["name"], board["family"], board["address"], board["reach"]),
              (name(3), "wipy", fleet.net + ".3", "online"), "as the store knows it")
    tap.ok(board["version"]["tag"].startswith(NEW), "with what it ran")
    one = fleet.json("board", name(3), "--as-of", utc(there))["board"]
    tap.equal((one["reach"], one["telnet_port"]), ("online", fleet.telnet),
              "on its own too")
    shown = fleet.run("boards", "--as-of", utc(there)).stdout
    tap.ok(shown.count(name(3)) == 2 and "not in the inventory now: " + name(3) in shown,
           "and wipyctl says so")
    then = fleet.json("boards", "--as-of", utc(left))
    tap.equal((len(then["boards"]), then["gone"]), (2, []), "not where it was not")
    tap.equal(fleet.run("board", name(3)).returncode, 2, "now there is no such board")


def rollouts_then(tap, fleet, before, amid, after):
    def then(path, when):
        return fleet.api("/v1/rollouts%s?as-of=%s" % (path, utc(when)))[1]

    tap.equal((then("", before)["rollouts"], then("", before)["as_of"]), ([], utc(before)),
              "no rollouts before")
    tap.equal([[line["state"] for line in then("", when)["rollouts"]]
               for when in (amid, after)], [["running"], ["completed"]],
              "the rollouts amid and after")
    states = [task["state"] for task in then("/latest/tasks", amid)["tasks"]]
    tap.ok(len(states) == fleet.count and set(states) != {"confirmed"}, "its tasks amid")
    tasks = then("/latest/tasks", after)
    tap.ok(tasks["as_of"] == utc(after) and all(
        task["state"] == "confirmed" and NEW in task["banner_after"] and
        OLD in task["banner_before"] for task in tasks["tasks"]), "its tasks after")
    tap.equal(fleet.api("/v1/rollouts/latest/tasks?as-of=" + utc(before))[0], 404,
              "no tasks before")


def events_and_the_past(tap):
    fleet = Fleet(3, settings={"update": {"soak": "2s"}})
    before, amid, after = rollout_of(tap, fleet)
    who_and_why(tap, fleet)
    the_chain(tap, fleet)
    the_past(tap, fleet, before, amid, after)
    rollouts_then(tap, fleet, before, amid, after)
    fleet.stop_daemon()
    fleet.start_daemon()
    the_chain(tap, fleet)
    the_past(tap, fleet, before, amid, after)
    rollouts_then(tap, fleet, before, amid, after)
    fleet.write(fleet.path("inventory.yaml"),
                fleet.inventory().replace("[01:03]", "[01:02]").replace("[1:3]", "[1:2]"))
    fleet.run("inventory", "reload")
    left = moment_between(fleet)
    boards_that_left(tap, fleet, after, left)
    told = [(event["detail"], event["cause"]) for event in fleet.json(
        "events", "--board", name(3))["events"] if event["name"] == "board-reach"]
    tap.ok(("online -> retired", "inventory") in told, "that it has left is an event")
    fleet.stop_daemon()
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory())
    fleet.start_daemon()
    fleet.wait_seen()
    tap.ok(True, "back in the inventory it is seen again")
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


def lines_of(fleet, name):
    with open(fleet.path(name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def recomputed_lines(lines):
    """The value at the end of a file of exported events, by a program of its own."""
    rows = [(line["seq"], seconds_of(line["time"]), line["actor"], line["board"],
             bytes.fromhex(line["rollout"] or ""), line["name"], line["detail"],
             line["cause"]) for line in lines[1:-1]]
    return recomputed(rows, bytes.fromhex(lines[0]["chain"]))


def changed_files_are_noticed(tap, fleet, good):
    """The file is changed in one place at a time."""
    detail = good[len(good) // 2]["detail"]
    for what, change in (
            ("a changed detail", lambda t: t.replace(detail, detail + "!", 1)),
            ("a missing line", lambda t: t.replace(t.splitlines(True)[3], "", 1)),
            ("a cut end", lambda t: "".join(t.splitlines(True)[:-1])),
            ("half a line", lambda t: t[:-20]),
            ("a longer end", lambda t: t + t.splitlines(True)[2]),
            ("another file", lambda t: "{}\n" + t)):
        with open(fleet.path("events.jsonl"), encoding="utf-8") as file:
            text = change(file.read())
        fleet.write(fleet.path("changed.jsonl"), text)
        done = fleet.run("events", "verify", "--file", fleet.path("changed.jsonl"))
        tap.ok(done.returncode == 1 and "NOT INTACT" in done.stdout,
               "export: %s: %s" % (what, done.stdout.splitlines()[0][-70:]))


def exported(tap, fleet):
    path = fleet.path("events.jsonl")
    done = fleet.run("events", "export", path)
    tap.equal(done.returncode, 0, "export: " + done.stdout.splitlines()[0])
    lines = lines_of(fleet, "events.jsonl")
    tap.equal([line["seq"] for line in lines[1:-1]],
              list(range(1, lines[-1]["events"] + 1)), "export: all events, oldest first")
    tap.equal(recomputed_lines(lines), lines[-1]["chain"], "export: a third party agrees")
    done = fleet.run("events", "verify", "--file", path, "-S", "/nowhere")
    tap.ok(done.returncode == 0 and lines[-1]["chain"] in done.stdout,
           "export: verified without a daemon")
    done = fleet.run("events", "export", path)
    tap.ok(done.returncode == 2 and "exists" in done.stderr,
           "export: nothing is written over: " + done.stderr.splitlines()[0])
    done = fleet.run("events", "export", "-", "--since", lines[3]["time"])
    tap.ok(done.returncode == 0 and json.loads(done.stdout.splitlines()[1])["time"] ==
           lines[3]["time"], "export: since a time, to the standard output")
    changed_files_are_noticed(tap, fleet, lines)
    return lines


def pruned(tap):
    fleet = Fleet(2, settings={"update": {"soak": "0s"}}).ready()
    before = moment_between(fleet)
    done = fleet.run("events", "prune", "--keep", "0s")
    tap.ok(done.returncode == 0 and "Nothing can go" in done.stdout,
           "prune: nothing is exported: " + done.stdout.strip())
    fleet.stop_daemon()
    fleet.start_daemon()  # which seals a segment
    lines = exported(tap, fleet)
    moment_between(fleet)
    done = fleet.run("events", "prune", "--keep", "0s")
    tap.ok(done.returncode == 2 and "--yes" in done.stderr, "prune: it asks first")
    done = fleet.run("events", "prune", "--keep", "0s", "--yes")
    tap.ok(done.returncode == 0 and "Pruned up to event" in done.stdout,
           "prune: " + done.stdout.strip().replace("\n", "; ") + done.stderr)
    left = events(fleet)
    upto = int(done.stdout.split("event ")[1].split(",")[0])
    tap.ok(left[-1]["seq"] == upto + 1 and left[0]["name"] == "events-pruned" and
           left[0]["actor"].startswith("uid ") and
           lines[upto]["chain"] in left[0]["detail"], "prune: an event says who and what")
    tap.equal(fleet.run("events", "verify").returncode, 0, "prune: the rest is whole")
    done = fleet.run("boards", "--as-of", utc(before - 2))
    tap.ok(done.returncode == 2 and "has been pruned" in done.stderr,
           "prune: the past before: " + done.stderr.splitlines()[0])
    tap.equal(len(fleet.json("boards", "--as-of", utc(int(time.time())))["boards"]), 2,
              "prune: the past since")
    done = fleet.run("events", "export", fleet.path("next.jsonl"))
    tap.ok(done.returncode == 0 and
           lines_of(fleet, "next.jsonl")[0]["chain"] == lines[upto]["chain"],
           "prune: the next file joins on")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(fleet.run("events", "verify").returncode, 0, "prune: whole after a kill -9")
    tap.equal(database(fleet).execute("SELECT min(seq) FROM events").fetchone()[0],
              upto + 1, "prune: the rows are gone")
    tap.ok(all(event["cause"] for event in events(fleet)), "every event has a cause")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (events_and_the_past, tampered, pruned):
        TAP.case(case)
    TAP.done()
