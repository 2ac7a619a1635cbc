# SPDX-License-Identifier: MIT
"""What a rollout would do, board by board; and plans that are saved, while the fleet moves
before they are started."""

import csv
import hashlib
import io
import json

import taken
from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until

COUNT = 6


def listed(fleet, count=COUNT, odd=(), shut=()):
    """An inventory of so many boards, some of another type, some at a site whose window does
    not open."""
    rows = ["version: 1",
            "defaults: {family: wipy, ports: {telnet: %d, ftp: %d}}" % (fleet.telnet, fleet.ftp),
            "types: {odd: {family: wipy}}",
            "sites: {shut: {timezone: UTC, blackout: [\"01-01..12-31\"]}}", "boards:"]
    for number in range(1, count + 1):
        more = ", type: odd" * (number in odd) + ", site: shut" * (number in shut)
        rows.append("  - {name: %s, address: %s.%d%s}" % (name(number), fleet.net, number, more))
    return "\n".join(rows) + "\n"


def relist(fleet, **changes):
    fleet.write(fleet.path("inventory.yaml"), listed(fleet, **changes))
    done = fleet.run("inventory", "reload")
    assert done.returncode == 0, done.stderr


def digest(plan):
    """As docs/openapi.yaml says of Saved: what is compared, each text with a NUL behind it."""
    options = plan["options"]
    texts = [plan["release"], options["select"], options["waves"], options["soak_s"],
             options["expires_s"], int(options["burn_last_good"]),
             int(options["allow_one_way"])]
    for image in plan["images"]:
        texts += [image["family"], image["type"], image["sha256"]]
    for board in sorted(plan["boards"], key=lambda row: row["board"]):
        verdict = board["verdict"]
        verdict = "update" if verdict in ("held", "deferred") else verdict
        texts += [board["board"], board["family"], board["type"], board["runs"], verdict,
                  board["code"] if verdict == "refused" else "", board["wave"]]
    return hashlib.sha256("".join("%s\0" % text for text in texts).encode()).hexdigest()


def members(plan):
    return {row["board"]: row for row in plan["members"]}


def note_codes(plan):
    for code in [group["code"] for group in plan["verdicts"] + plan["risks"]]:
        if code:
            taken.note("reason", code)


def verdicts(tap, fleet):
    fleet.power_off(3)
    relist(fleet, odd=(2,), shut=(4,))
    done = fleet.run("plan", "--release", NEW, "-o", "json")
    tap.equal(done.returncode, 3, "plan: there is something to do")
    plan = json.loads(done.stdout)
    note_codes(plan)
    rows = members(plan)
    tap.equal({board: (row["verdict"], row["code"]) for board, row in rows.items()},
              {name(1): ("update", None), name(2): ("update", None),
               name(3): ("deferred", "offline"), name(4): ("held", "window"),
               name(5): ("update", None), name(6): ("update", None)},
              "plan: a verdict for every board")
    tap.ok(all(row["why"] for row in rows.values()) and rows[name(4)]["opens"] is None,
           "plan: with a sentence, and when a window opens")
    tap.equal({board: row["risks"] for board, row in rows.items()},
              {name(2): ["only-of-its-type", "never-confirmed"],
               name(3): ["never-confirmed", "offline"],
               **{name(n): ["never-confirmed"] for n in (1, 4, 5, 6)}},
              "plan: and what is risky about it")
    tap.equal((plan["eta"]["ends"], plan["eta"]["from"], plan["eta"]["boards"]),
              (None, "assumed", 5), "plan: no end where a window does not open")
    tap.equal([wave["away"] for wave in plan["waves"]][-1], 1, "plan: who is away goes last")
    shown = fleet.run("plan", "--release", NEW)
    tap.ok(shown.returncode == 3 and "held, window: 1 board" in shown.stdout and
           "deferred, offline: 1 board" in shown.stdout and
           "update: 4 boards" in shown.stdout, "plan: groups by verdict for a person")
    rows = list(csv.reader(io.StringIO(fleet.run("plan", "--release", NEW, "-o",
                                                 "csv").stdout)))
    tap.ok(len(rows) == COUNT + 1 and "verdict" in rows[0], "plan: a row each in CSV")
    lines = fleet.run("plan", "--release", NEW, "-o", "jsonl").stdout.splitlines()
    tap.equal([json.loads(line)["board"] for line in lines], list(members(plan)),
              "plan: a line each")
    one = fleet.json("plan", "--release", NEW, "--select", "name=" + name(2), allowed=(3,))
    tap.equal(list(members(one)), [name(2)], "plan: only who is selected")
    fleet.ctl("power-on", 3)
    relist(fleet)
    fleet.wait_seen()


def exits(tap, fleet):
    done = fleet.run("plan", "--release", OLD)
    tap.equal(done.returncode, 0, "plan: nothing to do is 0")
    bad = ("release", "known-bad")
    fleet.run(*bad, "add", NEW, "--type", "wipy", "--reason", "heard of it")
    done = fleet.run("plan", "--release", NEW)
    tap.ok(done.returncode == 8 and "refused, known-bad: 6 boards" in done.stdout,
           "plan: all refused is 8")
    fleet.run(*bad, "clear", NEW, "--reason", "it was not so")
    third = make_image(fleet.path("third.bin"), "v1.8.8-dirty", "2017-03-01")
    fleet.run("release", "add", third)
    relist(fleet, count=COUNT + 1)
    plan = fleet.json("plan", "--release", "v1.8.8-dirty", allowed=(3,))
    note_codes(plan)
    tap.equal({risk["code"]: risk["boards"] for risk in plan["risks"]},
              {"modified-build": 7, "never-confirmed": 7, "no-way-back": 1, "offline": 1},
              "plan: a modified build, and a board that nobody has seen")
    relist(fleet)
    tap.equal(fleet.run("plan", "--release", "v7").returncode, 2, "plan: no such release")
    tap.equal(fleet.run("plan").returncode, 2, "plan: of what")


def moved(tap, fleet, path, want, what):
    """The start is refused, and says why."""
    done = fleet.run("rollout", "--plan", path, "--yes")
    tap.ok(done.returncode == 8 and all(word in done.stderr for word in want) and
           "nothing was started" in done.stderr, "moved: " + what)
    tap.ok("plan --release" in done.stderr, "moved: " + what + ", and the next step")


def bad_plans(tap, fleet, saved):
    """What no wipyd has saved, whoever made its digest."""
    def refused(what, change, body=None):
        plan = json.loads(json.dumps(saved))
        change(plan)
        plan["digest"] = digest(plan) if plan.get("boards") else ""
        status, problem = fleet.api("/v1/rollouts", dict(body or {}, plan=plan))
        tap.equal((status, problem["code"]), (400, "usage"), "no plan: " + what)

    refused("of another kind", lambda plan: plan.update(wipyd_plan=2))
    refused("of nothing", lambda plan: plan.update(boards=[]))
    refused("a wave left out", lambda plan: [row.update(wave=3) for row in plan["boards"]
                                             if row["wave"] == 2])
    refused("more waves than there can be", lambda plan: plan["boards"][0].update(wave=99))
    refused("an update in no wave", lambda plan: plan["boards"][0].update(wave=0))
    refused("a board twice", lambda plan: plan["boards"].append(plan["boards"][0]))
    refused("no verdict", lambda plan: plan["boards"][0].update(verdict="perhaps"))
    refused("with options beside it", lambda plan: None, {"soak_s": 3})


def fleet_moves(tap, fleet):
    path = fleet.path("tonight.json")
    done = fleet.run("plan", "--release", NEW, "--waves", "2,100%", "--soak", "1s",
                     "--save", path)
    tap.ok(done.returncode == 3 and "rollout --plan " + path in done.stdout,
           "saved, and how it is started")
    with open(path, encoding="utf-8") as file:
        saved = json.load(file)
    tap.equal(saved["digest"], digest(saved), "saved: a digest of what counts")
    tap.equal(len(saved["boards"]), COUNT, "saved: every board")
    tap.equal(fleet.run("plan", "--release", NEW, "--save", path).returncode, 2,
              "saved: nothing is written over")
    relist(fleet, count=COUNT - 1)
    moved(tap, fleet, path, [name(COUNT), "has left the inventory"], "a board removed")
    five = fleet.path("five.json")
    fleet.run("plan", "--release", NEW, "--save", five)
    relist(fleet)
    fleet.wait_seen()
    moved(tap, fleet, five, [name(COUNT), "was not; it runs " + OLD], "a board added")
    relist(fleet, odd=(2,))
    moved(tap, fleet, path, [name(2) + ": its type was nothing, and is odd"], "another type")
    relist(fleet)
    fleet.wait_seen()
    fleet.run("release", "known-bad", "add", NEW, "--type", "wipy", "--reason", "heard")
    moved(tap, fleet, path, ["in 6 points", "its verdict was update, and is known-bad"],
          "known-bad since")
    fleet.run("release", "known-bad", "clear", NEW, "--reason", "it was not so")
    fleet.run("release", "retire", NEW, "--reason", "a newer one")
    moved(tap, fleet, path, ["release " + NEW, "is retired"], "the release retired")
    fleet.run("release", "retire", NEW, "--back", "--reason", "no newer one")
    other = fleet.path("other.json")
    saved["images"][0]["sha256"] = 64 * "0"
    fleet.write(other, json.dumps(saved))
    tap.equal(fleet.run("rollout", "--plan", other, "--yes").returncode, 2,
              "moved: a file that was changed is no plan")
    saved["digest"] = digest(saved)
    fleet.write(other, json.dumps(saved))
    moved(tap, fleet, other, ["wipy: its image was 0000"], "another image")
    bad_plans(tap, fleet, saved)
    one = fleet.path("one.json")
    fleet.run("plan", "--release", NEW, "--select", "name=" + name(COUNT), "--save", one)
    relist(fleet, count=COUNT - 1)
    moved(tap, fleet, one, [name(COUNT) + ": has left"], "the only board removed")
    relist(fleet)
    fleet.wait_seen()
    tap.equal(fleet.run("rollout", "--plan", path, "--waves", "1,100%", "--yes").returncode,
              2, "moved: what stands in the plan is not said again")
    tap.equal(fleet.json("status")["rollouts"], [], "moved: nothing has begun")
    return path


def starts_it(tap, fleet, path):
    """A daemon that was killed in between and a board that is away change nothing."""
    with open(path, encoding="utf-8") as file:
        waves = {row["board"]: row["wave"] for row in json.load(file)["boards"]}
    first = next(board for board, wave in waves.items() if wave == 1)
    fleet.power_off(int(first[2:]))
    fleet.kill_daemon()
    fleet.start_daemon()
    done = fleet.run("rollout", "--plan", path, "--yes", "-o", "json")
    tap.equal(done.returncode, 0, "started: after a kill -9, with a board away")
    tap.equal([wave["size"] for wave in json.loads(done.stdout)["waves"]], [2, COUNT - 2],
              "started: in the waves that were saved")
    fleet.kill_daemon()
    fleet.start_daemon()
    fleet.ctl("power-on", int(first[2:]))
    fleet.wait_state("completed", "completed-with-exceptions")
    wait_until("all of them run it", lambda: all(
        NEW in fleet.board(n)["running"] for n in range(1, COUNT + 1)))


def changed_by_an_update(tap, fleet, path):
    """What was planned has been done meanwhile."""
    moved(tap, fleet, path, [name(1) + ": its version was " + OLD, "and is already"],
          "other firmware")
    back = fleet.json("plan", "--release", OLD, allowed=(3,))
    tap.equal((back["eta"]["from"], [pace["from"] for pace in back["pace"]]),
              ("site", ["site"]), "measured: the times of the boards that were updated")
    tap.ok(back["pace"][0]["pushes"] > 0 and back["eta"]["ends"] >= back["eta"]["begins"],
           "measured: and when it would be over")
    done_path = fleet.path("done.json")
    tap.equal(fleet.run("plan", "--release", NEW, "--save", done_path).returncode, 0,
              "nothing to do: saved all the same")
    fleet.power_off(2)
    done = fleet.run("rollout", "--plan", done_path, "--yes")
    tap.ok(done.returncode == 0 and "Nothing to do" in done.stdout,
           "nothing to do: also with a board away that ran it")
    fleet.ctl("power-on", 2)
    done = fleet.run("rollout", "--release", OLD, "--select", "name=" + name(1), "--waves",
                     "100%", "--yes")
    tap.equal(done.returncode, 0, "measured: one goes back")
    done = fleet.run("rollout", "--plan", path, "--yes")
    tap.ok(done.returncode == 8, "moved: a board belongs to another rollout")
    fleet.wait_state("completed")


def a_plan_and_its_start(tap):
    """One fleet for all of it: what is planned at first is started in the end."""
    fleet = Fleet(COUNT)
    fleet.ready()
    verdicts(tap, fleet)
    exits(tap, fleet)
    path = fleet_moves(tap, fleet)
    starts_it(tap, fleet, path)
    changed_by_an_update(tap, fleet, path)
    tap.equal(fleet.stop_daemon(), 0, "and the daemon ends in order")


if __name__ == "__main__":
    tap = Tap()
    tap.case(a_plan_and_its_start)
    tap.done()
