# SPDX-License-Identifier: MIT
"""The slot ledger against what virtual boards really hold, the safe-boot card, and the
loop through a hand: lost, rescued or reverted, pushed to again."""

import time

from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until

SLOTS = ["factory", "update1", "update2"]
THIRD = "v1.9.1"


def ready(**options):
    fleet = Fleet(1, **options)
    fleet.start_daemon()
    fleet.add_releases()
    fleet.wait_seen()
    return fleet


def ledger(fleet):
    return fleet.json("board", name(1))["board"]["ledger"]


def certain(guess):
    """The tag that it must be, or None."""
    return guess["one_of"][0]["tag"] if guess["certain"] else None


def truth(fleet):
    """The board's record as the ledger would name it, and the tags in its slots."""
    board = fleet.board(1)
    active, status, previous = bytes.fromhex(board["record_hex"].replace(" ", ""))[:3]
    record = {"active": SLOTS[active], "status": ["check", "ready", "trial"][status],
              "previous": SLOTS[previous]}
    return record, [board["slots"][slot] or "" for slot in SLOTS]


def holds(tap, fleet, when):
    """Nothing that the ledger claims is wrong."""
    claims, (record, slots) = ledger(fleet), truth(fleet)
    tap.ok(record in claims["records"], "%s: the record is among those it knows" % when)
    for slot, content in zip(claims["slots"], slots):
        if slot["state"] in ("good", "pushed"):
            tap.ok(content.startswith(slot["tag"]), "%s: %s holds %s" %
                   (when, slot["name"], slot["tag"]))
    tap.ok(claims["runs"] in (None, fleet.board(1)["slot"]), "%s: what runs" % when)
    return claims


def roll(fleet, release):
    fleet.rollout("--waves", "100%", release=release)
    fleet.wait_state("completed", "completed-with-exceptions", "halted")


def a_ledger_that_learns(tap):
    fleet = ready()
    first = holds(tap, fleet, "enrolled")
    tap.equal((first["boots"]["window2"]["certain"], first["next_push"]["burns_last_good"]),
              (False, False), "enrolled: little is certain, and nothing is in danger")
    roll(fleet, NEW)
    now = holds(tap, fleet, "one update")
    tap.equal([certain(now["boots"][key]) for key in ("plain", "window1", "window2")],
              [NEW, NEW, OLD], "one update: a reset and two windows are certain")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(ledger(fleet), now, "the ledger survives a restart")
    third = make_image(fleet.path("third.bin"), THIRD, "2017-06-11")
    fleet.run("release", "add", third)
    roll(fleet, THIRD)
    now = holds(tap, fleet, "two updates")
    tap.equal(certain(now["boots"]["window2"]), NEW, "two updates: previous")
    roll(fleet, OLD)
    now = holds(tap, fleet, "three updates")
    tap.equal((certain(now["boots"]["plain"]), certain(now["boots"]["window2"]),
               certain(now["next_push"]["holds"])), (OLD, THIRD, THIRD),
              "three updates: all of it is certain")
    tap.equal(now["next_push"]["burns_last_good"], False, "three updates: no danger")
    text = fleet.run("board", name(1)).stdout
    tap.ok("window 2" in text and "next push" in text and "overwrites" in text,
           "wipyctl board shows it")
    fleet.stop_daemon()


def lose(fleet, fault, release=NEW):
    fleet.ctl("fault", 1, fault)
    fleet.rollout("--waves", "100%", release=release)
    fleet.wait_state("halted", "completed-with-exceptions")
    fleet.run("rollout", "abort")
    wait_until("the rollout is over", lambda: fleet.status()["state"] in
               ("aborted", "completed-with-exceptions"))


def board(fleet):
    return fleet.json("board", name(1))["board"]


def event_names(fleet):
    return [event["name"] for event in board(fleet)["events"]]


def hold_pin(fleet, seconds):
    """As the card says: a reset, and the pin let go at the stated second."""
    fleet.ctl("pin", 1, "high")
    fleet.ctl("reset", 1)
    end = time.monotonic() + seconds
    wait_until("the stated second", lambda: time.monotonic() >= end)
    fleet.ctl("pin", 1, "low")


def reverted_by_the_pin(tap):
    fleet = ready(settings={"update": {"return": "4s"}})
    lose(fleet, "crash-at-boot")
    tap.equal(fleet.json("status")["needs_hands"], [name(1)], "lost: it needs hands")
    listed = fleet.json("rescue", "list")
    tap.equal([row["board"] for row in listed["needs_hands"]], [name(1)],
              "lost: rescue list names it")
    tap.ok(name(1) in fleet.run("rescue", "list").stdout, "lost: in the table as well")
    card = fleet.json("rescue", "card", name(1))["card"]
    window = card["windows"][card["window"] - 1]
    tap.equal((card["pin"], card["window"], window["release_ms"]), ("GP28", 2, 5000),
              "lost: the card names pin, window and second")
    tap.ok(OLD in window["boots"]["text"], "lost: and what will boot")
    text = fleet.run("rescue", "card", name(1)).stdout
    tap.ok("never to 5 V" in text and "www.wipy.io" in text and "reset switch" in text,
           "lost: the card as text")
    hold_pin(fleet, window["release_ms"] / 1000)
    wait_until("it is seen again", lambda: "returned" in event_names(fleet), 40)
    tap.equal(fleet.board(1)["slot"], "factory", "pin: the previous image runs")
    claims = holds(tap, fleet, "pin")
    tap.ok(not claims["boots"]["plain"]["certain"], "pin: the next reset is open")
    # Nobody has told the daemon which slot that is, so it pushes nothing by itself.
    status = fleet.json("status")
    tap.equal((status["needs_hands"], status["armed"], status["rollouts"]),
              ([name(1)], [name(1)], []), "pin: it needs hands until that is settled")
    hands = board(fleet)["hands"]
    tap.equal((hands["code"], hands["outcome"]), ("not-lasting", None), "pin: and why")
    fleet.ctl("fault", 1, "clear")
    text = fleet.run("rescue", "card", name(1)).stdout
    tap.ok("--release %s" % OLD in text and "--burn-last-good" in text,
           "pin: the card names the release that it runs")
    done = fleet.run("rollout", "--release", OLD, "--yes")
    tap.ok(done.returncode == 8 and "burns-last-good" in done.stdout + done.stderr,
           "pin: what may burn the last good image is refused")
    fleet.rollout("--waves", "100%", "--burn-last-good", release=OLD)
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "pin: with --burn-last-good it is done")
    tap.ok("reverted" in event_names(fleet), "pin: recorded as reverted")
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("reverted", []), "pin: the loop is closed")
    claims = holds(tap, fleet, "pushed again")
    tap.equal(certain(claims["boots"]["plain"]), OLD, "pushed again: and it stays so")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(board(fleet)["hands"]["outcome"], "reverted", "restart: it is remembered")
    fleet.stop_daemon()


def made_lasting(tap):
    """Window 3 boots the factory image, and what a push overwrites is certain."""
    fleet = ready(settings={"update": {"return": "4s"}})
    roll(fleet, NEW)
    fleet.run("release", "add", make_image(fleet.path("third.bin"), THIRD, "2017-06-11"))
    lose(fleet, "crash-at-boot", THIRD)
    mine = fleet.status()["id"]
    hold_pin(fleet, 8.5)
    fleet.ctl("fault", 1, "clear")
    wait_until("the loop is closed", lambda: "reverted" in event_names(fleet), 60)
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("reverted", []), "factory: pushed again by the daemon itself")
    tap.ok("returned" in event_names(fleet), "factory: it was seen before that")
    tap.equal((fleet.board(1)["running"][:6], fleet.board(1)["slot"]), (OLD, "update1"),
              "factory: what it ran is in a slot that counts")
    tap.equal(fleet.status()["id"], mine, "factory: the latest rollout is the person's")
    claims = holds(tap, fleet, "factory")
    tap.equal(certain(claims["boots"]["plain"]), OLD, "factory: and it stays so")
    started = [event["detail"] for event in fleet.json("events")["events"]
               if event["name"] == "rollout-started" and event["actor"] == "wipyd"]
    tap.equal(len(started), 1, "factory: the repair is an event: %s" % started)
    fleet.stop_daemon()


def back_from_a_trial(tap):
    """Our own firmware falls back at the reset, and spares what runs: pushed again."""
    fleet = ready(settings={"update": {"return": "4s"}}, family="esp8266")
    lose(fleet, "never-join")
    fleet.ctl("fault", 1, "clear")
    fleet.ctl("reset", 1)
    wait_until("the loop is closed", lambda: "reverted" in event_names(fleet), 60)
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("reverted", []), "trial: what it fell back to is made lasting")
    claims = holds(tap, fleet, "trial")
    tap.equal(certain(claims["boots"]["plain"]), OLD, "trial: and it stays so")
    fleet.stop_daemon()


def never_on_pycom(tap):
    """What the pin has started there is what the next upload would overwrite."""
    fleet = ready(settings={"update": {"return": "4s"}}, family="pycom")
    lose(fleet, "crash-at-boot")
    card = fleet.json("rescue", "card", name(1))["card"]
    window = card["windows"][card["window"] - 1]
    tap.equal((card["pin"], card["window"], window["release_ms"]), ("P12", 2, 4600),
              "pycom: the card names its pin, window and second")
    stors = fleet.board(1)["counters"]["stors"]
    hold_pin(fleet, window["release_ms"] / 1000)
    wait_until("it is seen again", lambda: "returned" in event_names(fleet), 40)
    fleet.run("poll", name(1))
    tap.equal((fleet.json("status")["needs_hands"], fleet.board(1)["counters"]["stors"]),
              ([name(1)], stors), "pycom: seen again, and nothing is pushed")
    tap.ok("pycom.bootmgr(" in fleet.run("rescue", "card", name(1)).stdout,
           "pycom: the card says how it is made lasting")
    fleet.stop_daemon()


def rescued_by_the_switch(tap):
    fleet = ready(settings={"update": {"return": "4s"}})
    lose(fleet, "never-join")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(fleet.json("status")["needs_hands"], [name(1)], "switch: it needs hands")
    fleet.ctl("fault", 1, "clear")
    fleet.ctl("reset", 1)
    wait_until("it is seen again", lambda: not fleet.json("status")["needs_hands"], 40)
    tap.ok("rescued" in event_names(fleet), "switch: recorded as rescued")
    tap.equal(board(fleet)["hands"]["outcome"], "rescued", "switch: on the board too")
    claims = holds(tap, fleet, "switch")
    tap.equal(certain(claims["boots"]["plain"]), NEW, "switch: and it stays so")
    fleet.stop_daemon()


def killed_in_a_push(tap):
    fleet = ready(board_options=["--rate", "20000"])
    fleet.rollout("--waves", "100%")
    wait_until("bytes flow", lambda: fleet.board(1)["counters"]["stor_bytes"] > 0)
    fleet.kill_daemon()
    fleet.start_daemon()
    fleet.wait_state("completed", "completed-with-exceptions", "halted")
    now = holds(tap, fleet, "killed")
    tap.equal((certain(now["boots"]["plain"]), certain(now["boots"]["window2"])),
              (NEW, OLD), "killed: the repair ends the doubt")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (a_ledger_that_learns, reverted_by_the_pin, made_lasting,
                 back_from_a_trial, never_on_pycom, rescued_by_the_switch,
                 killed_in_a_push):
        TAP.case(case)
    TAP.done()
