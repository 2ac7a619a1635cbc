# SPDX-License-Identifier: MIT
"""Two daemons on one state folder: the second refuses, says why, and disturbs nothing;
when the first one is gone, killed even, the second may have it."""

import subprocess
import time

from fleet import BUILD, Fleet, NEW, PATIENCE, Tap, name, wait_until


def second(fleet):
    """A daemon with a socket of its own on the same state folder."""
    command = fleet.daemon_command()
    command[command.index("-S") + 1] = fleet.path("second.sock")
    return command


def the_second_refuses(tap):
    fleet = Fleet(2, board_options=["--rate", "100000"]).ready()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    for command, what in ((second(fleet), "another socket"),
                          (fleet.daemon_command(), "the same socket")):
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                              check=False)
        tap.ok(done.returncode not in (0, -6, -11), "%s: exit code %d" % (
            what, done.returncode))
        tap.ok(time.monotonic() - start < 10 * PATIENCE, what + ": at once")
        said = done.stdout + done.stderr
        if not tap.ok(fleet.path("state") in said or "wipyd.sock" in said,
                      what + ": names what is taken"):
            print("# " + said)
    tap.equal(fleet.run("status").returncode, 0, "the first one answers")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    boards = fleet.ctl("status")["boards"]
    tap.equal((end["outcomes"], [b["counters"]["stors"] for b in boards]),
              ({"confirmed": 2}, [1, 1]), "and its pushes were not disturbed")
    tap.ok(all(NEW + " on" in board["running"] for board in boards), "nor its boards")
    fleet.kill_daemon()
    heir = subprocess.Popen(second(fleet), stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    fleet.processes.append(heir)
    wait_until("the other one has it", lambda: subprocess.run(
        [BUILD + "/wipyctl", "-S", fleet.path("second.sock"), "status"],
        capture_output=True, check=False).returncode == 0)
    tap.ok(heir.poll() is None, "after a kill of the first the other one may have it")
    heir.terminate()
    tap.equal(heir.wait(timeout=60), 0, "and ends well")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(the_second_refuses)
    TAP.done()
