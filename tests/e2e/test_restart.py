# SPDX-License-Identifier: MIT
"""kill -9 of wipyd while a board is pushed to, reset and soaking, each followed by a
restart: the same outcome as without it, and no dirty board is ever reset."""

from fleet import Fleet, NEW, Tap, name, wait_until


def run_with_kill(tap, title, state, rate="400000", boot_ms="600"):
    fleet = Fleet(4, board_options=["--rate", rate, "--boot-ms", boot_ms],
                  settings={"update": {"soak": "1s"}})
    fleet.ready()
    fleet.rollout("--waves", "1,100%")
    wait_until("a board is " + state, lambda: any(
        task["state"] == state for task in fleet.tasks().values()))
    fleet.kill_daemon()
    fleet.start_daemon()
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted", seconds=90)
    tap.equal((end["state"], end["outcomes"]), ("completed", {"confirmed": 4}),
              title + ": the same end as without it")
    boards = fleet.ctl("status")["boards"]
    tap.ok(all(NEW + " on" in board["running"] for board in boards),
           title + ": every board runs the new image")
    # A board that boots a torn image would have deleted it and fallen back: then it would
    # have needed more resets than pushes that ended well.
    tap.ok(all(board["slots"]["update1"].startswith(NEW) for board in boards),
           title + ": no board ever booted a torn image")
    tap.equal(fleet.stop_daemon(), 0, title + ": ends well")


def killed_while_pushing(tap):
    run_with_kill(tap, "killed while pushing", "pushing", rate="100000")


def killed_while_resetting(tap):
    run_with_kill(tap, "killed while resetting", "resetting")


def killed_while_returning(tap):
    run_with_kill(tap, "killed while returning", "returning", boot_ms="1500")


def killed_while_soaking(tap):
    run_with_kill(tap, "killed while soaking", "soaking")


def killed_again_and_again(tap):
    fleet = Fleet(4, board_options=["--rate", "400000", "--boot-ms", "400"],
                  settings={"update": {"attempts": 10}})
    fleet.ready()
    fleet.rollout("--waves", "1,100%")
    for _ in range(6):
        before = {board: task["state"] for board, task in fleet.tasks().items()}
        wait_until("something moves", lambda: {
            board: task["state"] for board, task in fleet.tasks().items()} != before or
            fleet.status()["state"] != "running")
        fleet.kill_daemon()
        fleet.start_daemon()
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted", seconds=90)
    tap.equal(end["outcomes"], {"confirmed": 4}, "killed six times: the same end")
    fleet.stop_daemon()


def orderly_stop_lets_a_push_end(tap):
    fleet = Fleet(1, board_options=["--rate", "100000"]).ready()
    fleet.rollout("--waves", "100%")
    wait_until("bytes flow", lambda: fleet.tasks()[name(1)]["bytes_taken"] > 0)
    tap.equal(fleet.stop_daemon(), 0, "orderly stop: ends with 0")
    board = fleet.board(1)
    tap.ok(board["slots"]["update1"].startswith(NEW), "orderly stop: the push was completed")
    tap.equal(board["counters"]["resets"], 0, "orderly stop: no reset any more")
    fleet.start_daemon()
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "orderly stop: goes on afterwards")
    tap.equal(fleet.board(1)["counters"]["stors"], 1, "orderly stop: with the one push")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (killed_while_pushing, killed_while_resetting, killed_while_returning,
                 killed_while_soaking, killed_again_and_again,
                 orderly_stop_lets_a_push_end):
        TAP.case(case)
    TAP.done()
