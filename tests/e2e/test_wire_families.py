# SPDX-License-Identifier: MIT
"""What can go wrong with Pycom, ESP32 and ESP8266 boards: their rows of
tests/data/wire_faults.txt, played as test_wire_faults.py plays those of wipy boards; and
what takes two boards, or a third attempt."""

from fleet import Fleet, NEW, OLD, Tap, name
from test_wire_faults import play_table

SLOW = ["--rate", "100000"]


def table(tap):
    play_table(tap, ("pycom", "esp32", "esp8266"))


def halted(tap, family):
    """Board 1 is being pushed to when board 2 fails: the rollout halts by itself."""
    fleet = Fleet(2, family=family, board_options=SLOW).ready()
    fleet.ctl("fault", 2, "refuse-login")
    fleet.ctl("fault", 2, "stall=user:1")  # until board 1 is being pushed to
    fleet.rollout("--waves", "100%")
    fleet.wait_state("halted")
    fleet.wait_task(name(1), "waiting", "held")
    task, board = fleet.tasks()[name(1)], fleet.board(1)
    said = (task["state"], fleet.json("status")["armed"], board["counters"]["stors"],
            board["counters"]["resets"], board["slots"]["update1"].split(" ")[0])
    fleet.stop_daemon()
    return said


def esp_is_disarmed_by_a_brake(tap):
    tap.equal(halted(tap, "esp32"), ("waiting", [], 2, 0, OLD),
              "halt, ESP32: what it runs stands in the slot that waits")


def pycom_stays_armed(tap):
    tap.equal(halted(tap, "pycom"), ("held", [name(1)], 1, 0, NEW),
              "halt, Pycom: never pushed to again, and listed")


def pycom_heals_by_a_reset(tap):
    fleet = Fleet(2, family="pycom", board_options=SLOW).ready()
    fleet.ctl("fault", 1, "drop-after=50000")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    counters = fleet.board(1)["counters"]
    tap.equal((end["outcomes"], counters["stors"], counters["resets"]),
              ({"confirmed": 1}, 2, 2), "Pycom: broken, reset, pushed again, reset")
    seen = [e["detail"].split(",")[0].split(" on ")[0] for e in
            reversed(fleet.json("board", name(1))["board"]["events"])
            if e["name"] == "task-state"]
    between = seen[seen.index("pushing -> backoff"):]
    tap.ok("checking -> resetting" in between[:between.index("checking -> pushing")],
           "Pycom: between two pushes there is a reset")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (table, esp_is_disarmed_by_a_brake, pycom_stays_armed,
                 pycom_heals_by_a_reset):
        TAP.case(case)
    TAP.done()
