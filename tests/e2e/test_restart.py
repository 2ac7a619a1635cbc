# SPDX-License-Identifier: MIT
"""kill -9 of wipyd while a board is pushed to, reset and soaking, each followed by a
restart: the same outcome as without it, and no dirty board is ever reset. Who watches sees
it, and goes on watching."""

import tmux
from fleet import BUILD, Fleet, NEW, Tap, name, wait_until


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
    tap.ok(end["eta"] is None and end["rate"]["boards"] == 4,
           "killed six times: what was done is counted, nothing is left %s" % end["rate"])
    few = fleet.api("/v1/rollouts/latest/tasks?state=confirmed,lost&limit=3")[1]
    none = fleet.api("/v1/rollouts/latest/tasks?state=pushing")[1]
    tap.equal((len(few["tasks"]), few["total"], none["tasks"], none["total"]), (3, 4, [], 0),
              "tasks: those of some states, and how many there are")
    tap.equal(fleet.api("/v1/rollouts/latest/tasks?state=confirmed,flying")[0], 400,
              "tasks: of no state")
    fleet.stop_daemon()


def check_frame(tap, lines, columns, rows, what):
    """One frame, at the top or the bottom of nothing but itself."""
    heads = [line for line in lines if line.startswith("rollout ")]
    tap.ok(len(heads) == 1 and lines[0] == heads[0] and len(lines) < rows and
           all(len(line) <= columns for line in lines), what)
    if len(heads) != 1 or lines[0] != heads[0]:
        print("# " + "\n# ".join(lines))


def watched_in_a_terminal(tap):
    if tmux.MISSING:
        tap.skip("watch in a terminal", "tmux is not installed")
        return
    fleet = Fleet(24, board_options=["--rate", "30000", "--boot-ms", "400"],
                  settings={"update": {"soak": "1s", "in-flight": 22}})
    fleet.ready()
    fleet.rollout("--waves", "2,100%")
    screen = tmux.Screen(fleet.dir, "%s/wipyctl -S %s rollout watch" % (
        BUILD, fleet.path("wipyd.sock")))
    lines = screen.wait("wave 2 of 2, ", "boards/", " left, until ", "pushing ", " KiB/s",
                        " more under way", "Wave 2 of 2 waits")
    check_frame(tap, lines, 80, 24, "terminal: 80 by 24")
    screen.resize(120, 40)
    lines = screen.wait(name(15) + " ", "by times that were measured", "wave  2 ")
    check_frame(tap, lines, 120, 40, "terminal: resized to 120 by 40")
    fleet.kill_daemon()
    screen.wait("The daemon does not answer; trying again.")
    screen.resize(60, 12)
    check_frame(tap, screen.wait("wave  2 ", "does not answer"), 60, 12,
                "terminal: made small while the daemon is away")
    fleet.start_daemon()
    check_frame(tap, screen.wait("The daemon is back.", "wave  2 "), 60, 12,
                "terminal: the daemon is back, the same frame goes on")
    screen.press("C-c")
    screen.wait("The rollout goes on.", "ended with 0")
    screen.close()
    tap.equal(fleet.status()["state"], "running", "terminal: Ctrl-C leaves it running")
    fleet.kill_daemon()


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
                 killed_while_soaking, killed_again_and_again, watched_in_a_terminal,
                 orderly_stop_lets_a_push_end):
        TAP.case(case)
    TAP.done()
