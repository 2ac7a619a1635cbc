# SPDX-License-Identifier: MIT
"""Rollouts from end to end: the happy path, a board that falls back, one that dies, one
whose connection breaks in the middle of the push; pause, resume, abort."""

import os

from fleet import Failed, Fleet, NEW, OLD, Tap, name, wait_until


def in_wave(fleet, wave, state="planned"):
    """A board of that wave and its number."""
    for board, task in sorted(fleet.tasks().items()):
        if task["wave"] == wave and task["state"] == state:
            return board, int(board.split("-")[1])
    raise Failed("no board of wave %d is %s" % (wave, state))


def happy_path(tap):
    fleet = Fleet(8).ready()
    fleet.rollout("--waves", "1,25%,100%", "--soak", "1s")
    image = fleet.json("release", "show", NEW)["release"]["images"][0]["sha256"]
    wait_until("the first one has it", lambda: {"soaking", "confirmed"} & {
        task["state"] for task in fleet.tasks().values()})
    os.rename(fleet.path("state/images/%s.bin" % image), fleet.path("away.bin"))
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.ok(b" 404 " in fleet.exchange("/v1/images/" + image),
           "happy path: the image was held for all waves, and no longer")
    os.rename(fleet.path("away.bin"), fleet.path("state/images/%s.bin" % image))
    tap.equal(end["state"], "completed", "happy path: completed")
    tap.equal(end["outcomes"], {"confirmed": 8}, "happy path: all confirmed")
    tap.equal([(w["number"], w["state"], w["size"]) for w in end["waves"]],
              [(1, "passed", 1), (2, "passed", 1), (3, "passed", 6)],
              "happy path: three waves passed")
    tap.equal(end["exceptions"], [], "happy path: no exceptions")
    tap.equal({b["version"]["tag"] for b in fleet.seen().values()}, {NEW},
              "happy path: wipyd sees the new tag everywhere")
    tap.equal({b["version"]["release"] for b in fleet.seen().values()}, {NEW},
              "happy path: the release is named")
    boards = fleet.ctl("status")["boards"]
    tap.ok(all(NEW + " on 2017-01-08" in b["running"] for b in boards),
           "happy path: the boards say so themselves")
    tap.equal([b["counters"]["stors"] for b in boards], [1] * 8,
              "happy path: one push each")
    tap.equal([b["counters"]["resets"] for b in boards], [1] * 8,
              "happy path: one reset each")
    tap.equal({t["proof"] in ("outage", "fingerprint") for t in fleet.tasks().values()},
              {True}, "happy path: every reset is proven")
    tap.equal(fleet.client_resets(), 0, "happy path: no connection was reset by us")
    detail = fleet.json("board", name(1))["board"]
    tap.equal(detail["uname"]["version"], NEW + " on 2017-01-08",
              "happy path: os.uname() is kept")
    tap.equal(detail["uname"]["release"], "1.2.0", "happy path: with its constant release")
    again = fleet.run("rollout", "--release", NEW, "--yes")
    tap.equal(again.returncode, 0, "happy path: once more is nothing to do")
    tap.equal(fleet.stop_daemon(), 0, "happy path: wipyd ends with 0")


def one_falls_back(tap):
    fleet = Fleet(8).ready()
    fleet.rollout("--waves", "1,100%")
    board, number = in_wave(fleet, 2)
    fleet.ctl("fault", number, "corrupt-image")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["state"], "completed-with-exceptions", "falls back: ends with exceptions")
    tap.equal(end["outcomes"], {"confirmed": 7, "fell-back": 1}, "falls back: counted")
    tap.equal([(e["board"], e["state"], e["code"]) for e in end["exceptions"]],
              [(board, "fell-back", "fell-back")], "falls back: named with its code")
    tap.ok(OLD in fleet.board(number)["running"], "falls back: the board runs the old image")
    tap.ok(fleet.tasks()[board]["proof"] in ("outage", "mark"),
           "falls back: said only after a proven reset")
    tap.equal(fleet.run("rollout", "watch").returncode, 4, "falls back: exit code 4")
    fleet.stop_daemon()


def falls_back_before_it_is_seen_gone(tap):
    # A board that is back before anybody looks: only the name set in the REPL can tell.
    fleet = Fleet(2, board_options=["--boot-ms", "20"],
                  settings={"update": {"look-every": "1s"}}).ready()
    fleet.ctl("fault", 1, "corrupt-image")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    end = fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"fell-back": 1}, "fast fall-back: seen")
    tap.equal(fleet.tasks()[name(1)]["proof"], "mark", "fast fall-back: proven by the mark")
    tap.equal(fleet.board(1)["counters"]["resets"], 1, "fast fall-back: one reset")
    fleet.stop_daemon()


def one_dies(tap):
    fleet = Fleet(8, settings={"update": {"return": "3s"}}).ready()
    fleet.rollout("--waves", "1,25%,100%")
    board, number = in_wave(fleet, 2)
    fleet.ctl("fault", number, "crash-at-boot")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["state"], "halted", "one dies: the rollout halts")
    tap.equal(end["reason"], "brake-lost", "one dies: by the brake of one lost board")
    tap.equal([(e["board"], e["state"]) for e in end["exceptions"]], [(board, "lost")],
              "one dies: named as lost")
    tap.equal([w["state"] for w in end["waves"]], ["passed", "tripped", "closed"],
              "one dies: the third wave never opens")
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 2,
              "one dies: nobody else was touched")
    status = fleet.json("status")
    tap.equal(status["needs_hands"], [board], "one dies: it needs hands")
    tap.equal(fleet.run("rollout", "watch").returncode, 5, "one dies: exit code 5")
    fleet.ctl("fault", number, "clear")
    fleet.ctl("reset", number)
    wait_until("the board is back", lambda: fleet.json("status")["needs_hands"] == [])
    tap.ok(True, "one dies: healed once it is seen again")
    fleet.run("rollout", "resume", "--reason", "seen to")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["state"], "completed-with-exceptions", "one dies: resumed to its end")
    tap.equal(end["outcomes"], {"confirmed": 7, "lost": 1},
              "one dies: the others are confirmed")
    fleet.stop_daemon()


def connection_drops_in_the_push(tap):
    fleet = Fleet(4).ready()
    fleet.ctl("fault", 2, "drop-after=50000")
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 4}, "dropped push: all confirmed")
    counters = fleet.board(2)["counters"]
    tap.equal(counters["stors"], 2, "dropped push: pushed again")
    tap.equal(counters["resets"], 1, "dropped push: before its only reset")
    tap.equal(fleet.tasks()[name(2)]["attempt"], 2, "dropped push: counted as an attempt")
    fleet.stop_daemon()


def not_repaired(tap):
    # Dirty, and the board takes no more uploads: it needs hands and is never reset.
    fleet = Fleet(3, settings={"update": {"attempts": 2}}).ready()
    fleet.rollout("--waves", "1,100%", "--soak", "2s")
    board, number = in_wave(fleet, 2)
    fleet.ctl("fault", number, "drop-after=50000")
    wait_until("the push breaks", lambda: fleet.tasks()[board]["state"] == "backoff" and
               fleet.ctl("fault", number, "drop-after=40000") is not None)
    fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(fleet.tasks()[board]["code"], "push-not-repaired", "not repaired: its code")
    seen = fleet.seen()[board]
    tap.equal(seen["dirty"], True, "not repaired: stays dirty")
    tap.equal(fleet.board(number)["counters"]["resets"], 0, "not repaired: never reset")
    report = fleet.run("report").stdout
    tap.ok("power-cycle" in report and board in report, "not repaired: the report shouts")
    # A later rollout cures it: the same slot is written again.
    fleet.rollout("--waves", "100%", "--select", "name=" + board)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "not repaired: cured by a new rollout")
    tap.equal(fleet.seen()[board]["dirty"], False, "not repaired: clean again")
    fleet.stop_daemon()


def one_is_offline(tap):
    fleet = Fleet(4).ready()
    fleet.power_off(4)
    fleet.rollout("--waves", "1,100%", "--soak", "2s")
    fleet.wait_task(name(4), "deferred")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 3, "deferred": 1}, "offline: deferred")
    tap.equal([(e["board"], e["code"]) for e in end["exceptions"]], [(name(4), "offline")],
              "offline: said so")
    fleet.stop_daemon()


def offline_comes_back(tap):
    fleet = Fleet(3, settings={"update": {"soak": "3s"}}).ready()
    fleet.power_off(3)
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(3), "deferred")
    fleet.ctl("power-on", 3)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 3}, "offline: updated when it is back in time")
    fleet.stop_daemon()


def pause_resume_abort(tap):
    fleet = Fleet(6).ready()
    fleet.rollout("--waves", "1,50%,100%", "--soak", "2s")
    wait_until("the first board soaks", lambda: any(
        t["state"] == "soaking" for t in fleet.tasks().values()))
    tap.equal(fleet.run("rollout", "pause", "--reason", "lunch").returncode, 0, "pause: done")
    tap.equal(fleet.status()["state"], "paused", "pause: paused")
    wait_until("the first board is confirmed", lambda: any(
        t["state"] == "confirmed" for t in fleet.tasks().values()))
    tap.equal(fleet.status()["waves"][1]["state"], "closed", "pause: the next wave stays closed")
    fleet.stop_daemon()
    fleet.start_daemon()
    tap.equal(fleet.status()["state"], "paused", "pause: survives a restart")
    fleet.run("rollout", "resume", "--reason", "seen to")
    fleet.wait_task(in_wave(fleet, 3)[0], "planned")
    wait_until("the second wave soaks", lambda: sum(
        t["state"] == "soaking" for t in fleet.tasks().values()) == 2)
    tap.equal(fleet.run("rollout", "abort").returncode, 0, "abort: done")
    end = fleet.wait_state("aborted")
    tap.equal(end["outcomes"], {"confirmed": 3, "cancelled": 3},
              "abort: what was under way ended, the rest was never touched")
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 3,
              "abort: three pushes in all")
    tap.equal(fleet.run("rollout", "watch").returncode, 6, "abort: exit code 6")
    tap.equal(fleet.run("rollout", "resume").returncode, 8, "abort: is final")
    fleet.stop_daemon()


def pause_holds_what_is_staged(tap):
    # Pausing while bytes flow: the push ends, the board is armed and held, not reset.
    fleet = Fleet(2, board_options=["--rate", "60000"]).ready()
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    fleet.wait_task(name(1), "held")
    tap.equal(fleet.board(1)["counters"]["resets"], 0, "held: not reset")
    tap.equal(fleet.json("status")["armed"], [name(1)], "held: armed")
    fleet.run("rollout", "resume", "--reason", "seen to")
    end = fleet.wait_state("completed", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "held: goes on after the resume")
    tap.equal(fleet.json("status")["armed"], [], "held: armed no more")
    fleet.stop_daemon()


def second_rollout_is_refused(tap):
    fleet = Fleet(2).ready()
    fleet.rollout("--waves", "1,100%", "--soak", "3s")
    done = fleet.run("rollout", "--release", NEW, "--yes")
    tap.equal(done.returncode, 8, "second rollout: refused")
    tap.ok("belongs to the active rollout" in done.stderr, "second rollout: says which")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (happy_path, one_falls_back, falls_back_before_it_is_seen_gone, one_dies,
                 connection_drops_in_the_push, not_repaired, one_is_offline,
                 offline_comes_back, pause_resume_abort, pause_holds_what_is_staged,
                 second_rollout_is_refused):
        TAP.case(case)
    TAP.done()
