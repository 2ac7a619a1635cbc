# SPDX-License-Identifier: MIT
"""Looking does no harm: no login, no reset connection, boards that send garbage, nothing,
or a megabyte without a line end, are told apart from boards that are off or busy."""

import socket
import time

from fleet import Fleet, OLD, Tap, name, wait_until

QUIET = {"enrolment": {"login": False}}


def polls_leave_no_trace(tap):
    fleet = Fleet(6, settings=QUIET)
    fleet.start_daemon()
    fleet.wait_seen()
    # At least three polls of each board.
    wait_until("each board was polled three times", lambda: all(
        board["counters"]["telnet_accepts"] >= 3
        for board in fleet.ctl("status")["boards"]))
    for _ in range(3):
        fleet.run("poll")
    boards = fleet.ctl("status")["boards"]
    tap.equal(sum(b["counters"]["client_resets"] for b in boards), 0,
              "polls: no connection was reset by us")
    tap.equal(sum(b["counters"]["logins"] for b in boards), 0, "polls: no login")
    seen = fleet.seen()[name(1)]
    tap.equal((seen["reach"], seen["access"], seen["version"]["tag"],
               seen["version"]["state"]), ("online", "open", OLD, "unmanaged"),
              "polls: what a banner tells")
    fleet.stop_daemon()


def enrolment_logs_in_once(tap):
    fleet = Fleet(2)
    fleet.start_daemon()
    wait_until("os.uname() is known", lambda: all(
        fleet.json("board", name(n))["board"]["uname"] for n in (1, 2)))
    wait_until("three more polls", lambda: fleet.board(1)["counters"][
        "telnet_accepts"] >= 5)
    tap.equal([b["counters"]["logins"] for b in fleet.ctl("status")["boards"]], [1, 1],
              "enrolment: one login each")
    detail = fleet.json("board", name(1))["board"]
    tap.equal((detail["access"], detail["intrusions"], detail["uname"]["machine"]),
              ("login-ok", 1, "WiPy with CC3200"), "enrolment: kept with the board")
    tap.equal(fleet.client_resets(), 0, "enrolment: no connection was reset by us")
    fleet.stop_daemon()


def login_where_asked_for(tap):
    fleet = Fleet(1, settings=QUIET)
    fleet.write(fleet.path("inventory.yaml"),
                fleet.inventory(defaults=", poll: {method: uname}"))
    fleet.start_daemon()
    wait_until("two logins", lambda: fleet.board(1)["counters"]["logins"] >= 2)
    tap.ok(True, "poll method uname: logs in at each poll")
    tap.equal(fleet.client_resets(), 0, "poll method uname: no connection was reset by us")
    fleet.stop_daemon()


def strange_boards(tap):
    fleet = Fleet(5, settings=QUIET)
    fleet.ctl("fault", 2, "garbage")
    fleet.ctl("fault", 3, "silent")
    fleet.ctl("fault", 4, "refuse-telnet")
    fleet.ctl("power-off", 5)
    fleet.start_daemon()
    fleet.wait_seen(1)
    answer = fleet.json("poll", allowed=(4,))
    status = {board["name"]: board["status"] for board in answer["boards"]}
    tap.equal(status[name(1)], "ok", "strange: the good one is seen")
    tap.ok(status[name(2)] in ("garbage", "too-long"), "strange: garbage is named")
    tap.equal(status[name(3)], "no-banner", "strange: silence on 23 and 21 is no banner")
    tap.equal(status[name(4)], "telnet-busy",
              "strange: a refusal on 23 with a 220 on 21 is busy")
    tap.equal([event["detail"] for event in fleet.json("events")["events"]
               if event["name"] == "board-version" and event["board"] == name(4)], [],
              "strange: what shows no version has none that could change")
    tap.equal(status[name(5)], "refused", "strange: a board that is off refuses")
    tap.ok(fleet.daemon.poll() is None, "strange: wipyd lives")
    tap.ok(fleet.seen()[name(1)]["reach"] == "online", "strange: and goes on polling")
    tap.equal(fleet.board(1)["counters"]["client_resets"], 0,
              "strange: the good one's connections are closed cleanly")
    # In a rollout they are exceptions with a code, not hangs.
    for word in ("clear", "garbage"):
        fleet.ctl("fault", 2, word)
    fleet.add_releases()
    fleet.rollout("--waves", "1,100%")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted", seconds=90)
    states = {e["board"]: (e["state"], e["code"]) for e in end["exceptions"]}
    tap.equal(states.get(name(2)), ("failed", "garbage"), "strange: garbage ends as failed")
    tap.equal(states.get(name(3), ("",))[0], "deferred", "strange: silence is deferred")
    tap.equal(states.get(name(5)), ("deferred", "offline"), "strange: off is deferred")
    tap.equal(end["outcomes"].get("confirmed"), 1, "strange: the good one is updated")
    fleet.stop_daemon()


def a_line_that_is_taken(tap):
    fleet = Fleet(1, settings=QUIET)
    fleet.start_daemon()
    fleet.wait_seen()
    person = None
    for _ in range(100):
        try:
            person = socket.create_connection((fleet.net + ".1", fleet.telnet), timeout=5)
            break
        except ConnectionRefusedError:
            time.sleep(0.02)  # a poll holds the line for milliseconds
    person.recv(64)
    wait_until("the board is busy", lambda: fleet.seen()[name(1)]["access"] == "busy")
    tap.equal(fleet.seen()[name(1)]["reach"], "online", "busy: is not offline")
    person.shutdown(socket.SHUT_WR)
    while person.recv(4096):
        pass
    person.close()
    wait_until("the board is open again", lambda: fleet.seen()[name(1)]["access"] == "open")
    tap.ok(True, "busy: ends with the other session")
    fleet.stop_daemon()


def one_after_the_other(tap):
    """A board listens again some milliseconds after a close: our own is no busy line."""
    fleet = Fleet(3, settings=dict(QUIET, poll={"every": "1h", "in-flight": 1}))
    fleet.start_daemon()
    said = [fleet.json("poll", name(1))["boards"][0]["status"] for _ in range(6)]
    tap.equal(said, ["ok"] * 6, "at once again: the line that we left is not busy")
    # A wish waits for its place as every poll does.
    fleet.ctl("fault", "all", "stall=banner:1")
    begun = time.monotonic()
    answer = fleet.json("poll", allowed=(4,))
    took = time.monotonic() - begun
    tap.equal({board["status"] for board in answer["boards"]}, {"ok"},
              "one in flight: all are polled")
    tap.ok(took > 2.5, "one in flight: one after the other, %.1f s" % took)
    fleet.stop_daemon()


def wrong_password(tap):
    fleet = Fleet(2, board_options=["--password", "secret"], settings=QUIET)
    fleet.start_daemon()
    fleet.wait_seen()
    answer = fleet.json("poll", "--uname", name(1), allowed=(4,))
    tap.equal(answer["boards"][0]["status"], "login-refused", "wrong password: named")
    tap.equal(fleet.seen()[name(1)]["access"], "login-refused", "wrong password: kept")
    fleet.add_releases()
    fleet.rollout("--waves", "1,100%")
    end = fleet.wait_state("halted", "completed", "completed-with-exceptions")
    tap.equal(end["state"], "halted", "wrong password: the canary halts the rollout")
    tap.equal([e["code"] for e in end["exceptions"]], ["login-refused"],
              "wrong password: with the reason")
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 0,
              "wrong password: nothing was pushed")
    fleet.stop_daemon()


def password_from_a_file(tap):
    fleet = Fleet(1, board_options=["--password", "open-sesame"])
    fleet.write(fleet.path("boards.password"), "open-sesame\n")
    import os
    os.chmod(fleet.path("boards.password"), 0o600)
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(
        defaults=", login: {password-file: boards.password}"))
    fleet.start_daemon()
    wait_until("the login works", lambda: fleet.seen()[name(1)]["access"] == "login-ok")
    tap.ok(True, "password file: logs in")
    everything = fleet.log() + fleet.run("-o", "json", "board", name(1)).stdout + \
        fleet.run("report").stdout
    tap.ok("open-sesame" not in everything, "password file: the password shows nowhere")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (polls_leave_no_trace, enrolment_logs_in_once, login_where_asked_for,
                 strange_boards, a_line_that_is_taken, one_after_the_other, wrong_password,
                 password_from_a_file):
        TAP.case(case)
    TAP.done()
