# SPDX-License-Identifier: MIT
"""What a task has seen stays with it, also if wipyd is killed between the loss of a
board and its return."""

from fleet import Fleet, NEW, OLD, Tap, name, wait_until


def unseen(fleet, state):
    """The stored moments at which the board was first missed in that state."""
    return [event for event in fleet.json("events", "--board", name(1))["events"]
            if event["detail"].startswith("%s -> %s on unseen" % (state, state))]


def lost_and_killed(fleet, state):
    """The board goes in that state; wipyd is killed once that is known, and comes back."""
    fleet.wait_task(name(1), state)
    fleet.ctl("power-off", 1)
    wait_until("it is missed while " + state, lambda: unseen(fleet, state))
    task = fleet.tasks()[name(1)]
    fleet.kill_daemon()
    fleet.start_daemon()
    return task


def kept(task):
    return [task[key] for key in ("lost", "returned", "banner_before", "push_reply",
                                  "bytes_taken")]


def still_away(tap, fleet, before, title):
    tap.ok(before["lost"] and before["returned"] is None, title + ": when it was lost")
    tap.equal(kept(fleet.tasks()[name(1)]), kept(before),
              title + ": the same after the restart")


def kept_over_a_kill(tap):
    fleet = Fleet(1, board_options=["--boot-ms", "1500"],
                  settings={"update": {"soak": "2s"}}).ready()
    tap.equal(fleet.api("/v1/rollouts", {"release": NEW, "expires_s": 0})[0], 400,
              "a rollout without an end is refused")
    fleet.rollout("--waves", "100%")
    away = lost_and_killed(fleet, "returning")
    tap.equal((OLD in away["banner_before"], away["banner_after"]), (True, None),
              "its reset: none but the banner before it")
    still_away(tap, fleet, away, "its reset")
    fleet.ctl("power-on", 1)
    fleet.wait_task(name(1), "soaking")
    task = fleet.tasks()[name(1)]
    tap.ok(task["returned"] and task["returned"] >= task["lost"],
           "its reset: when it was back")
    tap.ok(OLD in task["banner_before"] and NEW in task["banner_after"],
           "its reset: the banners before and after")
    tap.ok("reply '226 " in task["push_reply"] and task["bytes_taken"] > 0 and
           str(task["bytes_taken"]) in task["push_reply"], "its reset: the FTP reply")

    still_away(tap, fleet, lost_and_killed(fleet, "soaking"), "its soak")
    fleet.ctl("power-on", 1)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "its soak: began again")
    tap.ok(end["expires"] is not None, "every rollout expires")
    went = [event for event in fleet.json("events", "--board", name(1))["events"]
            if "went-away" in event["detail"]]
    tap.equal((len(unseen(fleet, "soaking")), len(went)), (1, 1),
              "its soak: the first miss of a row is an event, and so is the return")
    task, shown = fleet.tasks()[name(1)], fleet.run("report", "--evidence").stdout
    row = fleet.json("report")["evidence"][0]
    tap.equal([row[key] for key in ("lost", "returned", "banner_after", "push_reply")],
              [task[key] for key in ("lost", "returned", "banner_after", "push_reply")],
              "the report has it all")
    tap.ok(all(text in shown for text in (
        name(1) + "  confirmed", task["banner_before"], task["banner_after"],
        task["push_reply"], "gone, back")), "and shows it")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(kept_over_a_kill)
    TAP.done()
