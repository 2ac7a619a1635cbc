# SPDX-License-Identifier: MIT
"""Aborting in the mode freeze: nothing more is done to any board, not even to disarm or to
repair it; what runs ends and is said."""

import re

from fleet import Fleet, NEW, OLD, Tap, make_image, name


def one_board(fleet):
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))


def freeze(fleet):
    return fleet.run("rollout", "abort", "--mode", "freeze", "--reason", "look first")


def the_push_ends(tap):
    fleet = Fleet(2, board_options=["--rate", "100000"]).ready()
    one_board(fleet)
    fleet.wait_task(name(1), "pushing")
    tap.equal(freeze(fleet).returncode, 0, "in a push: frozen")
    end = fleet.wait_state("aborted")
    tap.equal(end["abort_mode"], "freeze", "in a push: the mode is kept")
    tap.equal(fleet.tasks()[name(1)]["code"], "armed-on-abort",
              "in a push: it ends, and the board stays armed")
    board = fleet.board(1)
    tap.ok(board["slots"]["update1"].startswith(NEW) and OLD in board["running"],
           "in a push: nothing was pushed back")
    tap.equal((board["counters"]["stors"], board["counters"]["resets"]), (1, 0),
              "in a push: one push, no reset")
    tap.equal(fleet.json("status")["armed"], [name(1)], "in a push: listed as armed")
    fleet.stop_daemon()


def from_keep_to_freeze(tap):
    fleet = Fleet(2, board_options=["--rate", "60000"]).ready()
    one_board(fleet)
    fleet.wait_task(name(1), "pushing")
    tap.equal(fleet.run("rollout", "abort").returncode, 0, "harder: first in the usual way")
    tap.equal(freeze(fleet).returncode, 0, "harder: then frozen")
    fleet.wait_state("aborted")
    tap.equal(fleet.board(1)["counters"]["stors"], 1, "harder: it is not disarmed")
    fleet.stop_daemon()


def a_look_alike_is_not_pushed_back(tap):
    """Nobody can tell which of two images runs: the wrong one would wait, unwatched."""
    fleet = Fleet(1, board_options=["--rate", "60000"]).ready()
    twin = make_image(fleet.path("twin.bin"), OLD, "2016-11-10", size=140004)
    fleet.run("release", "add", twin, "--name", "a-twin")
    one_board(fleet)
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    tap.equal(fleet.tasks()[name(1)]["code"], "armed-on-abort", "twin: it stays armed")
    tap.equal(fleet.json("status")["armed"], [name(1)], "twin: and is listed so")
    tap.equal(fleet.board(1)["counters"]["stors"], 1, "twin: nothing was pushed back")
    fleet.stop_daemon()


def the_dirty_stays_dirty(tap):
    fleet = Fleet(2, settings={"update": {"back-off": "20s"}}).ready()
    fleet.ctl("fault", 1, "drop-after=50000")
    one_board(fleet)
    fleet.wait_task(name(1), "backoff")
    freeze(fleet)
    fleet.wait_state("aborted")
    task = fleet.tasks()[name(1)]
    tap.equal((task["state"], task["code"]), ("cancelled", "frozen-dirty"),
              "dirty: its end says what it is")
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: the board too")
    tap.equal((fleet.board(1)["counters"]["stors"], fleet.board(1)["counters"]["resets"]),
              (1, 0), "dirty: no repair was begun")
    tap.ok("power-cycle" in fleet.run("report").stdout, "dirty: the report shouts")
    fleet.stop_daemon()


def killed_in_a_push(tap):
    fleet = Fleet(2, board_options=["--rate", "60000"]).ready()
    one_board(fleet)
    fleet.wait_task(name(1), "pushing")
    freeze(fleet)
    fleet.kill_daemon()
    fleet.start_daemon()
    fleet.wait_state("aborted")
    tap.equal(fleet.tasks()[name(1)]["code"], "frozen-dirty",
              "killed: what was torn is not repaired")
    tap.equal(fleet.board(1)["counters"]["stors"], 1, "killed: no second push")
    fleet.stop_daemon()


def after_the_reset(tap):
    fleet = Fleet(2, settings={"update": {"soak": "1500ms"}}).ready()
    one_board(fleet)
    fleet.wait_task(name(1), "soaking")
    freeze(fleet)
    end = fleet.wait_state("aborted")
    tap.equal(end["outcomes"], {"confirmed": 1},
              "after the reset: the board is watched to its end")
    fleet.stop_daemon()


def wrong_words(tap):
    fleet = Fleet(1).ready()
    one_board(fleet)
    done = fleet.run("rollout", "abort", "--mode", "gently")
    tap.equal(done.returncode, 2, "words: a mode that does not exist")
    tap.ok("keep, revert or freeze" in done.stderr, "words: those that do are named")
    fleet.wait_state("completed")
    tap.equal(fleet.run("rollout", "abort").returncode, 8, "words: nothing is left to abort")
    fleet.stop_daemon()


def said_what_is_waited_for(tap):
    fleet = Fleet(2)
    lines = fleet.inventory().splitlines()
    fleet.write(fleet.path("inventory.yaml"), "\n".join(
        lines[:2] + ["sites: {shut: {timezone: Etc/UTC, windows: [\"Mon 00:00-00:10\"], "
                     "blackout: [\"2020-01-01..2099-12-31\"]}, open: {}}", "boards:",
                     '  - {name: b-01, address: "%s.1", site: shut}' % fleet.net,
                     '  - {name: b-02, address: "%s.2", site: open}' % fleet.net]) + "\n")
    fleet.ready()
    fleet.rollout("--waves", "100%", "--soak", "60s")
    fleet.wait_task(name(2), "soaking")
    status = fleet.status()
    text, on = status["waits_for"]["text"], status["waits_for"]["on"]
    tap.ok(text.startswith("Wave 1 of 1 waits: "), "waits: the wave")
    tap.ok("1 board for the window of site shut, which does not open within 400 days (b-01)"
           in text, "waits: the window of a shut site")
    tap.ok("1 board to soak until 20" in text, "waits: the soak and its end")
    tap.equal([(group["why"], group["place"], group["names"]) for group in on],
              [("window", "site shut", [name(1)]), ("soak", None, [name(2)])],
              "waits: as fields")
    shown = re.sub(r"(\d)T(\d\d:\d\d:\d\dZ)", r"\1 \2", text)
    tap.ok(shown in fleet.run("rollout", "status", "--utc").stdout and
           shown in fleet.run("report", "--utc").stdout, "waits: status and report say it")
    fleet.run("rollout", "pause")
    tap.ok(fleet.status()["waits_for"]["text"].startswith("It is paused"),
           "waits: for a person")
    fleet.run("rollout", "abort")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (the_push_ends, from_keep_to_freeze, a_look_alike_is_not_pushed_back,
                 the_dirty_stays_dirty, killed_in_a_push, after_the_reset, wrong_words, said_what_is_waited_for):
        TAP.case(case)
    TAP.done()
