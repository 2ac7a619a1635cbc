# SPDX-License-Identifier: MIT
"""wipyctl doctor: what is wrong with an installation is found, with what to do."""

import json
import os

from fleet import BUILD, Failed, Fleet, Tap, wait_until


def doctor(fleet, code):
    """{check: finding}."""
    done = fleet.run("-o", "json", "doctor", env=dict(os.environ, WIPYD=BUILD + "/wipyd"))
    if done.returncode != code:
        raise Failed("doctor: %d %s %s" % (done.returncode, done.stdout, done.stderr))
    return {row["check"]: row for row in json.loads(done.stdout)["findings"]}


def nobody_answers(tap, fleet):
    rows = doctor(fleet, 9)
    tap.equal(rows["daemon"]["grade"], "bad", "no daemon: said, exit code 9")
    tap.ok("wipyd -t" in rows["files"]["text"], "no daemon: wipyd -t is asked")


def all_is_well(tap, fleet):
    rows = doctor(fleet, 4)
    grades = {check: row["grade"] for check, row in rows.items() if check != "disk"}
    tap.equal(grades, dict.fromkeys(
        ("daemon", "version", "clock-here", "settings", "inventory", "settings-file",
         "inventory-file", "state-folder", "database", "socket", "clock", "time-zones",
         "boards"), "ok") | {"signatures": "warn"}, "all is well but nobody signs")
    text = fleet.run("doctor").stdout
    tap.ok(all(check in text for check in rows) and rows["signatures"]["hint"][:20] in text,
           "the same as text")


def faults(tap, fleet):
    os.chmod(fleet.path("state"), 0o755)
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().replace("address", "adress"))
    fleet.ctl("power-off", 1)
    fleet.ctl("power-off", 2)
    wait_until("they are offline", lambda: all(
        board["reach"] == "offline" for board in fleet.seen().values()))
    rows = doctor(fleet, 4)
    tap.equal({check: rows[check]["grade"] for check in
               ("settings", "inventory", "state-folder", "database", "boards")},
              {"settings": "ok", "inventory": "bad", "state-folder": "bad",
               "database": "ok", "boards": "bad"}, "what is wrong is found")
    tap.ok("missing key 'address'" in rows["inventory"]["text"], "with the fault itself")
    tap.equal(rows["state-folder"]["hint"], "chmod 0700 " + fleet.path("state"),
              "and what to do")
    tap.ok("0 of 2 boards answer" in rows["boards"]["text"], "who answers at a site")
    os.chmod(fleet.path("state"), 0o700)


def examined(tap):
    fleet = Fleet(2)
    nobody_answers(tap, fleet)
    fleet.start_daemon()
    fleet.wait_seen()
    all_is_well(tap, fleet)
    faults(tap, fleet)
    tap.equal(fleet.stop_daemon(), 0, "the daemon ends in order")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(examined)
    TAP.done()
