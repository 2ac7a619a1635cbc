# SPDX-License-Identifier: MIT
"""Boards that were away while their rollout ran: it completes without them, and they catch
up when they are seen again, a few at once, with a brake of their own. And rollouts that
stand until their time is over."""

import resource
import signal
import socket

from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until


def catch_up(fleet):
    return fleet.status()["catch_up"]


def wait_catch_up(fleet, *states, seconds=30):
    return wait_until("the catch-up is " + " or ".join(states), lambda:
                      (lambda now: now if now["state"] in states else None)(
                          catch_up(fleet)), seconds)


def caught_up_after_the_end(tap):
    fleet = Fleet(4).ready()
    fleet.power_off(4)
    done = fleet.run("rollout", "--release", NEW, "--yes", "--waves", "1,100%", "--wait")
    tap.equal(done.returncode, 4, "after the end: --wait ends without the board, with 4")
    tap.ok("deferred: b-04\n" in done.stdout, "after the end: and names it")
    tap.ok("to be seen again (b-04)" in done.stdout, "after the end: and what comes of it")
    now = catch_up(fleet)
    tap.equal((now["state"], now["boards"], now["left"]), ("running", 1, 1),
              "after the end: it is waited for")
    tap.equal(fleet.status()["waits_for"]["on"], [
        {"why": "offline", "boards": 1, "names": ["b-04"], "place": None, "until": None,
         "bandwidth": False}], "after the end: said as a field too")
    tap.equal(fleet.seen()[name(4)]["task"], None, "after the end: nobody works on it")
    tap.ok("with v1.8.7 when it is seen again" in fleet.run("board", name(4)).stdout,
           "after the end: the board says what it waits for")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(catch_up(fleet)["left"], 1, "after the end: a restart forgets nothing")
    fleet.ctl("power-on", 4)
    wait_catch_up(fleet, "completed")
    end = fleet.status()
    tap.equal((end["state"], end["outcomes"]),
              ("completed-with-exceptions", {"confirmed": 4}),
              "after the end: it has caught up")
    tap.ok(NEW in fleet.board(4)["running"], "after the end: the board says so itself")
    tap.equal(end["waits_for"], None, "after the end: nobody is waited for any more")
    fleet.stop_daemon()


def one_hurt_board_stops_it(tap):
    fleet = Fleet(5, settings={"update": {"catch-up-in-flight": 1}}).ready()
    fleet.power_off(3, 4, 5)
    fleet.ctl("fault", 3, "corrupt-image")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed-with-exceptions")
    fleet.ctl("power-on", 3)
    now = wait_catch_up(fleet, "halted")
    tap.equal((now["reason"], now["hurt"], now["left"]), ("brake-catch-up", 1, 2),
              "brake: one that fell back halts the catch-up")
    tap.equal(fleet.status()["state"], "completed-with-exceptions",
              "brake: not the rollout, which had ended")
    tap.ok(any(e["name"] == "catch-up-state" and "b-03: fell-back" in e["detail"]
               for e in fleet.json("events")["events"]), "brake: the event names the board")
    fleet.ctl("power-on", 4)
    wait_until("b-04 is seen", lambda: fleet.seen()[name(4)]["reach"] == "online")
    tap.ok("the catch-up of rollout" in fleet.run("status").stdout,
           "brake: the status says what a person has to do")
    done = fleet.run("rollout", "resume")
    tap.equal(done.returncode, 2, "brake: nobody resumes without a reason")
    tap.ok("needs a reason" in done.stderr, "brake: and it says so")
    tap.equal((fleet.tasks()[name(4)]["state"], fleet.board(4)["counters"]["stors"]),
              ("deferred", 0), "brake: nobody caught up meanwhile")
    tap.equal(fleet.run("rollout", "resume", "--reason", "one bad card").returncode, 0,
              "brake: a reason resumes it")
    fleet.wait_task(name(4), "confirmed")
    details = [e["detail"] for e in fleet.json("events")["events"]
               if e["name"] == "catch-up-state"]
    tap.ok(any("one bad card; acknowledged: 1 that caught up" in d for d in details),
           "brake: the event keeps the reason and what was acknowledged")
    tap.equal(fleet.run("rollout", "abort").returncode, 0, "brake: aborted")
    wait_catch_up(fleet, "aborted")
    tap.equal(fleet.status()["outcomes"], {"confirmed": 3, "fell-back": 1, "cancelled": 1},
              "brake: who had not come back is left out")
    fleet.stop_daemon()


def nobody_was_there(tap):
    fleet = Fleet(3).ready()
    fleet.power_off(1, 2, 3)
    fleet.rollout("--waves", "1,100%")
    end = fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"deferred": 3}, "nobody there: no brake trips")
    for number in (1, 2, 3):
        fleet.ctl("power-on", number)
    wait_catch_up(fleet, "completed")
    tap.equal(fleet.status()["outcomes"], {"confirmed": 3}, "nobody there: all catch up")
    pushes = [e for e in fleet.json("events", "--rollout", fleet.status()["id"])["events"]
              if e["name"] == "task-state" and
              ("checking -> pushing" in e["detail"] or "-> confirmed" in e["detail"])]
    order = [e["board"] for e in sorted(pushes, key=lambda e: e["seq"])]
    tap.ok(order[0] == order[1], "nobody there: the first one alone, as a canary")
    fleet.stop_daemon()


def newer_rollout_goes_first(tap):
    fleet = Fleet(2).ready()
    fleet.power_off(2)
    fleet.rollout("--waves", "100%")
    first = fleet.wait_state("completed-with-exceptions")["id"]
    done = fleet.run("rollout", "--release", OLD, "--yes", "--waves", "100%")
    tap.equal(done.returncode, 0, "newer: may take a board that would catch up")
    then = fleet.json("rollout", "status", first)
    tap.equal((then["outcomes"], then["exceptions"][0]["code"]),
              ({"confirmed": 1, "cancelled": 1}, "superseded"), "newer: said in the older one")
    wait_until("the older one ends", lambda: fleet.json("rollout", "status", first)
               ["catch_up"]["state"] == "completed-with-exceptions")
    fleet.wait_state("completed-with-exceptions")
    fleet.ctl("power-on", 2)
    wait_catch_up(fleet, "completed")
    tap.ok(OLD in fleet.board(2)["running"], "newer: its release is what the board gets")
    fleet.stop_daemon()


def a_twin_came_back(tap):
    """Another board with the same banner: only its unique id tells."""
    fleet = Fleet(2).ready()
    wait_until("the ids are known", lambda: all(
        fleet.json("board", name(n))["board"]["unique_id"] for n in (1, 2)))
    fleet.power_off(2)
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed-with-exceptions")
    fleet.ctl("fault", 2, "swap")
    fleet.ctl("power-on", 2)
    fleet.wait_task(name(2), "refused")
    tap.equal((fleet.tasks()[name(2)]["code"], fleet.board(2)["counters"]["stors"]),
              ("wrong-board", 0), "twin: asked who it is, and never pushed to")
    fleet.stop_daemon()


def changed_while_it_was_away(tap):
    fleet = Fleet(2).ready()
    fleet.power_off(2)
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed-with-exceptions")
    third = make_image(fleet.path("third.bin"), "v1.9.0", "2017-06-01")
    fleet.ctl("slot", 2, "update1", third)
    fleet.ctl("record", 2, "01010000")
    fleet.ctl("power-on", 2)
    wait_catch_up(fleet, "completed-with-exceptions")
    tap.equal((fleet.tasks()[name(2)]["state"], fleet.tasks()[name(2)]["code"]),
              ("refused", "changed-by-others"), "changed: what others did is not undone")
    tap.equal(fleet.board(2)["counters"]["stors"], 0, "changed: no upload")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed", "completed-with-exceptions")
    tap.ok(NEW in fleet.board(2)["running"], "changed: a person's new rollout changes it")
    fleet.stop_daemon()


def refused_by_a_newer_rollout(tap):
    """It gets nothing of the newer one, so it still catches up with the older one."""
    fleet = Fleet(3).ready()
    rows = ['  - {name: b-%02d, address: "%s.%d", type: %s}\n' % (n, fleet.net, n, kind)
            for n, kind in ((1, "a"), (2, "b"), (3, "b"))]
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().split("boards:")[0] +
                "types: {a: {family: wipy}, b: {family: wipy}}\nboards:\n" + "".join(rows))
    fleet.run("inventory", "reload")
    third = make_image(fleet.path("third.bin"), "v1.9.0", "2017-06-01")
    fleet.run("release", "add", third)
    fleet.ctl("fault", 2, "corrupt-image")
    fleet.rollout("--waves", "100%", "--select", "name=b-02", release="v1.9.0")
    fleet.wait_state("halted")
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    fleet.power_off(3)
    fleet.rollout("--waves", "100%", "--select", "name=b-03")
    first = fleet.wait_state("completed-with-exceptions")["id"]
    fleet.rollout("--waves", "100%", release="v1.9.0")
    fleet.wait_state("completed-with-exceptions")
    tap.equal((fleet.tasks()[name(3)]["code"],
               fleet.json("rollout", "status", first)["catch_up"]["left"]),
              ("known-bad", 1), "refused: the older one keeps the board")
    fleet.ctl("power-on", 3)
    wait_until("it has caught up", lambda: fleet.json(
        "rollout", "status", first)["outcomes"] == {"confirmed": 1}, 30)
    tap.ok(NEW in fleet.board(3)["running"], "refused: and it catches up")
    fleet.stop_daemon()


def vanished_from_the_file(tap):
    fleet = Fleet(2).ready()
    fleet.power_off(2)
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed-with-exceptions")
    whole = fleet.inventory()
    fleet.write(fleet.path("inventory.yaml"),
                whole.replace("[01:02]", "[01:01]").replace("[1:2]", "[1:1]"))
    change = fleet.json("inventory", "reload")
    tap.equal((change["removed"], change["kept"]), ([name(2)], []),
              "vanished: a board that only would catch up is not kept")
    wait_catch_up(fleet, "completed-with-exceptions")
    tap.equal(fleet.tasks()[name(2)]["code"], "vanished", "vanished: its task has ended")
    fleet.stop_daemon()


def over_in_time(tap):
    fleet = Fleet(2).ready()
    fleet.power_off(2)
    fleet.rollout("--waves", "100%", "--expires", "4s")
    fleet.wait_state("completed-with-exceptions")
    wait_catch_up(fleet, "expired")
    tap.equal(fleet.tasks()[name(2)]["code"], "expired", "expiry: who was not seen in time")
    fleet.stop_daemon()


def paused_until_it_is_over(tap):
    fleet = Fleet(2, board_options=["--rate", "60000"],
                  settings={"update": {"in-flight": 1}}).ready()
    fleet.rollout("--waves", "100%", "--expires", "5s")
    wait_until("one is pushed to", lambda: any(
        task["state"] == "pushing" for task in fleet.tasks().values()))
    fleet.run("rollout", "pause")
    end = fleet.wait_state("expired")
    tap.equal(end["reason"], "expired", "stood too long: and says why")
    tap.equal(end["outcomes"], {"cancelled": 2}, "stood too long: nobody is left behind")
    tap.equal(sorted(t["code"] for t in fleet.tasks().values()), ["disarmed", "expired"],
              "stood too long: what was armed is disarmed, the other one never began")
    tap.equal(fleet.json("status")["armed"], [], "stood too long: nobody is armed")
    tap.ok("Its time was over" in fleet.json("report")["verdict"],
           "stood too long: the report says so")
    fleet.stop_daemon()


def ftp_is_taken(tap):
    fleet = Fleet(2, settings={"update": {"attempts": 1}}).ready()
    person = socket.create_connection((fleet.net + ".1", fleet.ftp), timeout=5)
    person.recv(64)
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("completed-with-exceptions", "halted", seconds=90)
    tap.equal(end["outcomes"], {"confirmed": 1, "deferred": 1},
              "FTP taken: no failure, no brake")
    tap.equal(fleet.tasks()[name(1)]["code"], "ftp-busy", "FTP taken: deferred, and says why")
    person.close()
    wait_catch_up(fleet, "completed")
    tap.equal(fleet.status()["outcomes"], {"confirmed": 2}, "FTP taken: caught up later")
    fleet.stop_daemon()


def a_newer_one_is_not_stored(tap):
    """A file size limit stands for a disk that is full at that moment: who was to catch up
    is again, after a rollout and after an undo that have not begun."""
    def limit(size):
        resource.prlimit(fleet.daemon.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))

    fleet = Fleet(2, settings={"enrolment": {"login": False}})
    fleet.start_daemon(preexec=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    fleet.add_releases()
    fleet.wait_seen()
    fleet.power_off(2)
    fleet.rollout("--waves", "100%")
    mine = fleet.wait_state("completed-with-exceptions")["id"]
    for words in (("--release", OLD), ("undo", mine)):
        limit(1)
        done = fleet.run("rollout", *words, "--yes")
        tap.equal((done.returncode, fleet.status()["id"]), (1, mine),
                  "not stored: it has not begun " + done.stderr)
        limit(resource.RLIM_INFINITY)
        wait_until("it can write again", lambda: not fleet.json("status")["read_only"])
        now = fleet.status()
        tap.equal((now["state"], now["catch_up"]["state"], now["catch_up"]["left"],
                   fleet.tasks()[name(2)]["state"]),
                  ("completed-with-exceptions", "running", 1, "deferred"),
                  "not stored: after %s: the board is waited for again" % words[0])
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(catch_up(fleet)["left"], 1, "not stored: and so after a restart")
    fleet.ctl("power-on", 2)
    wait_catch_up(fleet, "completed")
    tap.equal(fleet.status()["outcomes"], {"confirmed": 2}, "not stored: it catches up")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (caught_up_after_the_end, one_hurt_board_stops_it, nobody_was_there,
                 newer_rollout_goes_first, a_twin_came_back, changed_while_it_was_away,
                 refused_by_a_newer_rollout, vanished_from_the_file, over_in_time,
                 paused_until_it_is_over, ftp_is_taken, a_newer_one_is_not_stored):
        TAP.case(case)
    TAP.done()
