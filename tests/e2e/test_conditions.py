# SPDX-License-Identifier: MIT
"""Dirty and armed are conditions of the board: nothing but a complete push or a proven
reset ends them, whatever rollouts, reloads and restarts come between."""

import socket
import subprocess

from fleet import BUILD, Failed, Fleet, NEW, OLD, Tap, make_image, name, wait_until


def with_boards(whole, *boards):
    """The inventory with these (name, address) for its line of boards."""
    rows = ['  - {name: %s, address: "%s"}' % board for board in boards]
    return "\n".join(whole.splitlines()[:-1] + rows) + "\n"


def make_armed(fleet):
    """Board 1 gets the new image and is not reset."""
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")


def make_dirty(fleet, number=1):
    """The board's only push breaks off."""
    fleet.ctl("fault", number, "drop-after=1000")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(number))
    fleet.wait_state("halted", "completed-with-exceptions")
    fleet.run("rollout", "abort")
    wait_until("the rollout is over", lambda: fleet.status()["state"] in
               ("aborted", "completed-with-exceptions"))


def disarmed_by_the_abort(tap):
    fleet = Fleet(2, board_options=["--rate", "200000"]).ready()
    make_armed(fleet)
    task = fleet.tasks()[name(1)]
    tap.equal((task["state"], task["code"]), ("cancelled", "disarmed"),
              "abort: the board is disarmed")
    tap.equal(fleet.json("status")["armed"], [], "abort: nobody is armed")
    board = fleet.board(1)
    tap.ok(OLD in board["running"] and board["slots"]["update1"].startswith(OLD),
           "abort: what it runs stands in the slot that waits")
    tap.equal(board["counters"]["resets"], 0, "abort: it was not reset for that")
    fleet.ctl("reset", 1)
    wait_until("it is back", lambda: fleet.board(1)["state"] == "running")
    tap.ok(OLD in fleet.board(1)["running"], "abort: its next reset changes nothing")
    fleet.stop_daemon()


def disarmed_by_a_brake(tap):
    """Board 1 is being pushed to when board 2 fails: the rollout halts by itself."""
    fleet = Fleet(2, board_options=["--rate", "20000"]).ready()
    fleet.ctl("fault", 2, "refuse-login")
    fleet.ctl("fault", 2, "stall=user:1")  # until board 1 is being pushed to
    fleet.rollout("--waves", "100%")
    fleet.wait_state("halted")
    tap.equal(fleet.tasks()[name(2)]["state"], "failed", "halt: board 2 has failed")
    wait_until("board 1 is at rest", lambda: fleet.tasks()[name(1)]["state"] == "waiting")
    tap.equal(fleet.tasks()[name(1)]["code"], "paused", "halt: board 1 waits")
    tap.equal(fleet.json("status")["armed"], [], "halt: and is not armed")
    tap.ok(fleet.board(1)["slots"]["update1"].startswith(OLD), "halt: it was disarmed")
    fleet.ctl("fault", 2, "clear")
    fleet.run("rollout", "resume", "--reason", "seen to")
    end = fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1, "failed": 1}, "halt: goes on to its end")
    fleet.stop_daemon()


def armed_is_disarmed_by_a_push(tap):
    """What the board runs is in no release: nothing can be pushed back."""
    fleet = Fleet(2, board_options=["--rate", "200000"])
    fleet.start_daemon()
    fleet.run("release", "add", fleet.new_image)
    fleet.wait_seen()
    make_armed(fleet)
    tap.equal(fleet.json("status")["armed"], [name(1)], "armed: after the abort")
    tap.equal(fleet.tasks()[name(1)]["code"], "armed-on-abort", "armed: and says so")
    fleet.run("release", "add", fleet.old_image)
    # The way back: roll out what it runs. A look alone cures nothing.
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1), release=OLD)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "armed: pushed to, not just looked at")
    board = fleet.board(1)
    tap.ok(OLD in board["running"] and board["slots"]["update1"].startswith(OLD),
           "armed: the pushed image is overwritten")
    tap.equal(fleet.json("status")["armed"], [], "armed: no more")
    tap.ok("indistinguishable" in fleet.tasks()[name(1)]["evidence"],
           "armed: the evidence says that the images look alike")
    fleet.ctl("reset", 1)
    wait_until("it is back", lambda: fleet.board(1)["state"] == "running")
    tap.ok(OLD in fleet.board(1)["running"], "armed: its next reset boots the same")
    fleet.stop_daemon()


def dirty_survives_a_refused_push(tap):
    fleet = Fleet(2, settings={"update": {"attempts": 1}}).ready()
    make_dirty(fleet)
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: after the broken push")
    person = socket.create_connection((fleet.net + ".1", fleet.ftp), timeout=5)
    person.recv(64)
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_state("halted", "completed-with-exceptions")
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: after a push that never began")
    tap.equal(fleet.board(1)["counters"]["resets"], 0, "dirty: never reset")
    person.close()
    fleet.run("rollout", "abort")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: after a restart")
    whole = fleet.inventory()
    fleet.write(fleet.path("inventory.yaml"),
                whole.replace("[01:02]", "[02:02]").replace("[1:2]", "[2:2]"))
    done = fleet.run("inventory", "reload")
    tap.ok("power-cycle" in done.stdout + done.stderr,
           "dirty: a reload without the board warns")
    fleet.write(fleet.path("inventory.yaml"), whole)
    fleet.run("inventory", "reload")
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: after it left and came back")
    fleet.wait_seen()
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "dirty: after a look")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1), release=OLD)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "dirty: a complete push cures it")
    tap.equal(fleet.seen()[name(1)]["dirty"], False, "dirty: no more")
    fleet.stop_daemon()


def dirty_is_repaired_while_it_waits(tap):
    """The only place is taken when the rollout is paused."""
    fleet = Fleet(3, settings={"update": {"attempts": 1, "in-flight": 1}},
                  board_options=["--rate", "200000"]).ready()
    make_dirty(fleet, 2)
    before = [fleet.board(n)["counters"]["stors"] for n in (2, 3)]
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    tap.equal([fleet.tasks()[name(n)]["state"] for n in (2, 3)], ["waiting"] * 2,
              "repair: two wait when it is paused")
    fleet.wait_task(name(2), "held")
    tap.equal((fleet.json("status")["dirty"], fleet.board(2)["counters"]["stors"]),
              ([], before[0] + 1), "repair: the dirty one is pushed to all the same")
    tap.equal((fleet.tasks()[name(3)]["state"], fleet.board(3)["counters"]["stors"]),
              ("waiting", before[1]), "repair: the other one is not")
    tap.equal(fleet.board(2)["counters"]["resets"], 0, "repair: it is not reset, since that "
              "is no repair")
    fleet.run("rollout", "resume")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 3}, "repair: resumed, all are updated")
    fleet.stop_daemon()


def a_rename_takes_all_of_it_along(tap):
    """A second push before its reset kills a Pycom: armed is what the device is."""
    fleet = Fleet(2, family="pycom", board_options=["--rate", "60000"]).ready()
    wait_until("its unique id is known", lambda: fleet.json("board", name(1))["board"][
        "unique_id"])
    whole = fleet.inventory()
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    wait_until("bytes flow", lambda: fleet.board(1)["counters"]["stor_bytes"] > 0)
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    tap.equal(fleet.json("status")["armed"], [name(1)], "renamed: armed before")
    # The first look after the push teaches something; a second one no more.
    for _ in range(2):
        seen = fleet.seen()[name(1)]["last_seen"]
        wait_until("it is looked at", lambda: fleet.seen()[name(1)]["last_seen"] > seen)
    known = fleet.json("board", name(1))["board"]["ledger"]
    swapped = with_boards(whole, ("b-01", fleet.net + ".2"), ("b-02", fleet.net + ".1"))
    fleet.write(fleet.path("inventory.yaml"), swapped)
    done = fleet.run("inventory", "reload")
    tap.ok(done.returncode == 2 and "dirty or armed" in done.stderr,
           "swapped: no other board may step into its place")
    fleet.write(fleet.path("inventory.yaml"), whole.replace("b-[", "c-["))
    fleet.run("inventory", "reload")
    board = fleet.json("board", "c-01")["board"]
    tap.equal((board["conditions"], board["ledger"]), (["armed"], known),
              "renamed: so it is under its new name")
    tap.ok("board-renamed" in [event["name"] for event in board["events"]],
           "renamed: an event says so")
    fleet.kill_daemon()
    fleet.write(fleet.path("inventory.yaml"), whole.replace("b-[", "d-["))
    fleet.start_daemon()
    tap.equal(fleet.json("status")["armed"], ["d-01"],
              "renamed: also while the daemon was away")
    moved = with_boards(whole, ("e-01", "::ffff:%s.1" % fleet.net))
    fleet.write(fleet.path("inventory.yaml"), moved)
    fleet.run("inventory", "reload")
    wait_until("its unique id is read", lambda: fleet.json("status")["armed"] == ["e-01"])
    tap.ok(True, "renamed and moved: by its unique id")
    fleet.stop_daemon()


def read_anew(fleet, text):
    fleet.write(fleet.path("inventory.yaml"), text)
    return fleet.run("inventory", "reload")


def dirty_swapped_in_two_reloads(tap):
    """Nobody can be asked for an id: whose trap it is hangs on where it was last seen."""
    fleet = Fleet(2, settings={"update": {"attempts": 1}, "enrolment": {"login": False}}).ready()
    make_dirty(fleet)
    whole, net = fleet.inventory(), fleet.net
    away = with_boards(whole, ("b-01", net + ".77"), ("b-02", net + ".2"))
    swapped = with_boards(whole, ("b-01", net + ".2"), ("b-02", net + ".1"))
    tap.equal(read_anew(fleet, away).returncode, 0, "two reloads: it moves away")
    fleet.kill_daemon()
    fleet.start_daemon()
    done = read_anew(fleet, swapped)
    tap.ok(done.returncode == 2 and "dirty or armed" in done.stderr,
           "two reloads: the other one may not step into its place")
    tap.equal(read_anew(fleet, with_boards(whole, ("b-02", net + ".2"))).returncode, 0,
              "two reloads: it leaves the file")
    done = read_anew(fleet, swapped)
    tap.ok(done.returncode == 2 and "a new name" in done.stderr,
           "two reloads: nor then, and what can be done is said")
    done = read_anew(fleet, with_boards(whole, ("c-01", net + ".1"), ("b-02", net + ".2")))
    tap.equal(done.returncode, 0, "two reloads: a new name may")
    tap.equal(fleet.json("status")["dirty"], ["c-01"], "two reloads: and is dirty then")
    fleet.stop_daemon()


def swapped_in_two_reloads(tap):
    """The devices stay where they are: each name meets the other one's device."""
    fleet = Fleet(2).ready()
    wait_until("the ids are known", lambda: all(
        fleet.json("board", name(n))["board"]["unique_id"] for n in (1, 2)))
    whole, net = fleet.inventory(), fleet.net
    for one, two in ((".77", ".2"), (".77", ".1"), (".2", ".1")):
        read_anew(fleet, with_boards(whole, ("b-01", net + one), ("b-02", net + two)))
    wait_until("both are told apart", lambda: [board["access"] for board in
               fleet.seen().values()] == ["wrong-board"] * 2)
    ids = [fleet.json("board", name(n))["board"]["other_id"] for n in (1, 2)]
    tap.equal(ids, ["d03972000002", "d03972000001"], "swapped: asked who they are")
    fleet.kill_daemon()
    fleet.write(fleet.path("inventory.yaml"), whole)
    fleet.start_daemon()
    wait_until("put right while the daemon was away", lambda: [
        board["access"] for board in fleet.seen().values()] == ["login-ok"] * 2)
    tap.ok(True, "swapped: and asked again")
    fleet.stop_daemon()


def killed_and_gone_from_the_file(tap):
    fleet = Fleet(2, board_options=["--rate", "100000"]).ready()
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_task(name(1), "pushing")
    fleet.kill_daemon()
    whole = fleet.inventory()
    fleet.write(fleet.path("inventory.yaml"),
                whole.replace("[01:02]", "[02:02]").replace("[1:2]", "[2:2]"))
    fleet.start_daemon()
    fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(fleet.tasks()[name(1)]["state"], "skipped", "gone: its task is skipped")
    fleet.write(fleet.path("inventory.yaml"), whole)
    fleet.run("inventory", "reload")
    tap.equal(fleet.seen()[name(1)]["dirty"], True, "gone: it comes back dirty")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal((fleet.seen()[name(1)]["dirty"], fleet.tasks()[name(1)]["state"]),
              (True, "skipped"), "gone: and stays so after one more restart")
    fleet.stop_daemon()


def a_task_never_changes_its_device(tap):
    fleet = Fleet(2, board_options=["--rate", "200000"]).ready()
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    fleet.wait_task(name(1), "held")
    whole = fleet.inventory()
    swapped = with_boards(whole, ("b-01", fleet.net + ".2"), ("b-02", fleet.net + ".1"))
    fleet.write(fleet.path("inventory.yaml"), swapped)
    done = fleet.run("inventory", "reload")
    tap.ok(done.returncode == 2 and "take over" in done.stderr,
           "moved: another board may not take over the device")
    moved = with_boards(whole, ("b-01", fleet.net + ".77"), ("b-02", fleet.net + ".2"))
    fleet.write(fleet.path("inventory.yaml"), moved)
    tap.equal(fleet.json("inventory", "reload")["kept"], [name(1)],
              "moved: kept at its old address")
    fleet.run("rollout", "resume", "--reason", "seen to")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "moved: the task ends on its device")
    tap.ok(NEW in fleet.board(1)["running"] and OLD in fleet.board(2)["running"],
           "moved: the other device was left alone")
    wait_until("the new address is taken over", lambda: fleet.seen()[name(1)]["address"] ==
               fleet.net + ".77")
    tap.ok(True, "moved: then the new address holds")
    fleet.stop_daemon()


def release_gone_at_a_restart(tap):
    fleet = Fleet(2, settings={"update": {"soak": "3s"}}).ready()
    fleet.rollout("--waves", "100%")
    wait_until("both soak", lambda: all(
        task["state"] == "soaking" for task in fleet.tasks().values()))
    fleet.kill_daemon()
    path = fleet.path("state/releases/%s.json" % NEW)
    with open(path, encoding="utf-8") as file:
        whole = file.read()
    fleet.write(path, "{")
    fleet.start_daemon()
    now = fleet.status()
    tap.equal((now["state"], now["reason"]), ("halted", "no-release"),
              "release gone: halted, and says why")
    tap.equal(fleet.run("rollout", "resume").returncode, 8, "release gone: cannot go on")
    fleet.write(path, whole)
    fleet.run("release", "add", fleet.new_image)
    tap.equal(fleet.run("rollout", "resume", "--reason", "seen to").returncode, 0, "release back: goes on")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 2}, "release back: to the same end")
    fleet.stop_daemon()


def reload_while_somebody_waits(tap):
    """A board moves to another address and another site while a poll of it hangs."""
    fleet = Fleet(2, settings={"enrolment": {"login": False}}).ready()
    fleet.ctl("fault", 2, "silent")
    person = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "-o", "json", "poll", name(2)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until("the poll hangs", lambda: fleet.board(2)["counters"]["telnet_accepts"] > 0)
    lines = fleet.inventory().splitlines()
    fleet.write(fleet.path("inventory.yaml"), "\n".join(
        lines[:2] + ["sites: {a: {}, b: {}, c: {}}", "boards:",
                     '  - {name: b-01, address: "%s.1", site: c}' % fleet.net,
                     '  - {name: b-02, address: "%s.77", site: c}' % fleet.net]) + "\n")
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "waiting: the reload is taken")
    out, errors = person.communicate(timeout=60)
    tap.ok(person.returncode in (0, 4) and name(2) in out,
           "waiting: who waits is answered " + errors)
    tap.equal(fleet.seen()[name(2)]["site"], "c", "waiting: the new description holds")
    tap.equal(fleet.seen()[name(2)]["reach"], "never-seen",
              "waiting: and nothing is claimed of the new address")
    tap.equal(fleet.stop_daemon(), 0, "waiting: wipyd lives")


def held_and_reset_by_a_hand(tap):
    """Armed and held by a pause, with nothing to push back; a hand springs it."""
    fleet = Fleet(1, board_options=["--rate", "200000"])
    fleet.start_daemon()
    fleet.run("release", "add", fleet.new_image)
    fleet.wait_seen()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    fleet.wait_task(name(1), "held")
    tap.equal(fleet.json("status")["armed"], [name(1)], "held: it is armed")
    fleet.ctl("reset", 1)
    wait_until("the polls see what it runs", lambda: fleet.json("status")["armed"] == [])
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    tap.equal(fleet.json("status")["armed"], [], "held: it is not called armed again")
    tap.equal(fleet.tasks()[name(1)]["state"], "confirmed", "held: what it runs is seen to")
    fleet.stop_daemon()


def probed_with(fleet, probes):
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(defaults=probes))
    if fleet.run("inventory", "reload").returncode != 0:
        raise Failed("the reload is refused")


def a_trial_that_failed_its_soak(tap):
    """It runs an image that nobody has confirmed; the one before it is in its only other
    slot, so it answers 550 to the next upload."""
    fleet = Fleet(1, family="esp32")
    fleet.start_daemon()
    fleet.add_releases()
    for tag in ("v1.9.0", "v1.9.1"):
        fleet.run("release", "add", make_image(fleet.path(tag), tag, "2017-05-24",
                                               family="esp32"))
    fleet.wait_seen()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "confirmed")
    probed_with(fleet, ", probes: [{command: [/bin/false]}]")
    fleet.rollout("--waves", "100%", release="v1.9.0")
    fleet.wait_task(name(1), "failed")
    tap.equal(fleet.tasks()[name(1)]["code"], "probe-failed", "trial: failed out of its soak")
    fleet.run("rollout", "abort")
    wait_until("the rollout is over", lambda: fleet.status()["state"] in
               ("aborted", "completed-with-exceptions"))
    probed_with(fleet, "")
    before = fleet.board(1)["counters"]
    fleet.rollout("--waves", "100%", release="v1.9.1")
    fleet.wait_task(name(1), "confirmed", "failed")
    after = fleet.board(1)["counters"]
    tap.equal(fleet.tasks()[name(1)]["state"], "confirmed", "trial: the next image goes on")
    tap.equal(after["stors"] - before["stors"], 1, "trial: without an upload that is refused")
    tap.equal(after["resets"] - before["resets"], 2, "trial: it was reset first")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (disarmed_by_the_abort, disarmed_by_a_brake,
                 armed_is_disarmed_by_a_push, dirty_survives_a_refused_push,
                 dirty_is_repaired_while_it_waits,
                 a_rename_takes_all_of_it_along, dirty_swapped_in_two_reloads,
                 swapped_in_two_reloads, killed_and_gone_from_the_file,
                 a_task_never_changes_its_device,
                 release_gone_at_a_restart, reload_while_somebody_waits,
                 held_and_reset_by_a_hand, a_trial_that_failed_its_soak):
        TAP.case(case)
    TAP.done()
