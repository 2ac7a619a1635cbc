# SPDX-License-Identifier: MIT
"""The slot ledger against what virtual boards really hold, the safe-boot card, and the
loop through a hand: lost, rescued or reverted, pushed to again."""

import socket
import os
import time

from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until

SLOTS = ["factory", "update1", "update2"]
THIRD = "v1.9.1"


def ledger(fleet):
    return fleet.json("board", name(1))["board"]["ledger"]


def certain(guess):
    """The tag that it must be, or None."""
    return guess["one_of"][0]["tag"] if guess["certain"] else None


def truth(fleet, names):
    """The board's record as the ledger would name it, and the tags in its slots."""
    board = fleet.board(1)
    active, status, previous = bytes.fromhex(board["record_hex"].replace(" ", ""))[:3]
    record = {"active": names[active], "status": ["check", "ready", "trial"][status],
              "previous": names[previous]}
    return record, [board["slots"][slot] or "" for slot in SLOTS]


def holds(tap, fleet, when):
    """Nothing that the ledger claims is wrong."""
    claims = ledger(fleet)
    names = [slot["name"] for slot in claims["slots"]]
    record, slots = truth(fleet, names)
    tap.ok(record in claims["records"], "%s: the record is among those it knows" % when)
    for slot, content in zip(claims["slots"], slots):
        if slot["state"] in ("good", "pushed"):
            tap.ok(content.startswith(slot["tag"]), "%s: %s holds %s" %
                   (when, slot["name"], slot["tag"]))
    runs = names[SLOTS.index(fleet.board(1)["slot"])]
    tap.ok(claims["runs"] in (None, runs), "%s: what runs" % when)
    return claims


def roll(fleet, release):
    fleet.rollout("--waves", "100%", release=release)
    fleet.wait_state("completed", "completed-with-exceptions", "halted")


def a_ledger_that_learns(tap):
    fleet = Fleet(1).ready()
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


def lamps_get_another(fleet):
    """The release OLD as it is, but with an image of its own for boards of type lamp."""
    lamp = make_image(fleet.path("lamp.bin"), "v1.8.5", "2016-10-26")
    text = fleet.run("release", "manifest", "--serial", "1", "--name", OLD,
                     fleet.old_image, lamp).stdout
    path = fleet.path("release.yaml")
    fleet.write(path, text.rstrip("\n") + "\n    type: lamp\n")
    return path, fleet.old_image, lamp


def retyped(fleet, kind):
    """What wipyctl says once the board is of that type."""
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(
        extra="types: {lamp: {}, desk: {}}\n").replace("{name:", "{type: %s, name:" % kind))
    fleet.run("inventory", "reload")
    return fleet.run("rescue", "card", name(1)).stdout


def reverted_by_the_pin(tap):
    fleet = Fleet(1, settings={"update": {"return": "4s"}})
    fleet.start_daemon()
    fleet.run("release", "add", *lamps_get_another(fleet))
    fleet.run("release", "add", fleet.new_image)
    fleet.wait_seen()
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
    tap.ok("--release %s" % OLD not in retyped(fleet, "lamp"),
           "pin: not one that would push another image to a board of its type")
    tap.ok("--release %s" % OLD in retyped(fleet, "desk"), "pin: of another type it does")
    fleet.run("release", "add", "--name", "twin", make_image(
        fleet.path("twin.bin"), OLD, "2016-11-10", size=90_000))
    text = fleet.run("rescue", "card", name(1)).stdout
    tap.ok("several that look the same" in " ".join(text.split()) and "--release" not in text,
           "pin: of two that look the same it names none")
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
    fleet = Fleet(1, settings={"update": {"return": "4s"}}).ready()
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
    fleet = Fleet(1, settings={"update": {"return": "4s"}}, family="esp8266").ready()
    lose(fleet, "never-join")
    fleet.ctl("fault", 1, "clear")
    fleet.ctl("reset", 1)
    wait_until("the loop is closed", lambda: "reverted" in event_names(fleet), 60)
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("reverted", []), "trial: what it fell back to is made lasting")
    claims = holds(tap, fleet, "trial")
    tap.equal(certain(claims["boots"]["plain"]), OLD, "trial: and it stays so")
    fleet.stop_daemon()


def types_at_its_prompt(fleet, lines):
    """Whether it heard all of them: the last one may end the connection."""
    prompts = (b"Login as: ", b'\xff\xfb"') + (b">>> ",) * len(lines)
    try:
        line = socket.create_connection((fleet.net + ".1", fleet.telnet), timeout=5)
        with line:
            for prompt, words in zip(prompts, ("micro", "python") + lines):
                seen = b""
                while prompt not in seen:
                    got = line.recv(4096)
                    if not got:
                        return False  # the daemon has its line
                    seen += got
                line.sendall(words.encode() + b"\r")
            while line.recv(4096):
                pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


def a_repair_in_vain(tap):
    """What befalls the board in its repair says nothing of an image that it ran before."""
    fleet = Fleet(1, settings={"update": {"return": "4s"}}, family="esp8266",
                  board_options=["--rate", "60000"]).ready()
    lose(fleet, "never-join")
    fleet.ctl("fault", 1, "clear")
    fleet.ctl("reset", 1)
    wait_until("the repair begins", lambda: fleet.board(1)["counters"]["stors"] == 2, 40)
    fleet.ctl("fault", 1, "never-join")
    wait_until("it is lost again", lambda: board(fleet)["hands"]["failed_repairs"] == 1, 40)
    bad = [entry["release"] for entry in fleet.json("release", "known-bad", "list")["known_bad"]]
    tap.equal(bad, [NEW], "in vain: the good old image is not known-bad")
    fleet.stop_daemon()


def repairs_that_break_off(tap):
    """A board behind a bad link, that comes and goes, is not pushed to each time."""
    fleet = Fleet(1, settings={"update": {"return": "4s", "attempts": 1}},
                  family="esp8266").ready()
    lose(fleet, "never-join")
    fleet.ctl("fault", 1, "clear")
    fleet.ctl("fault", 1, "drop-after=20000")
    fleet.ctl("reset", 1)
    wait_until("the repair breaks off",
               lambda: board(fleet)["hands"]["failed_repairs"] == 1, 40)
    fleet.ctl("power-off", 1)
    wait_until("it is gone", lambda: board(fleet)["reach"] == "offline", 40)
    fleet.ctl("power-on", 1)
    wait_until("it is back", lambda: board(fleet)["reach"] == "online", 40)
    fleet.run("poll", name(1))
    fleet.run("poll", name(1))
    started = [event["actor"] for event in fleet.json("events")["events"]
               if event["name"] == "rollout-started"]
    tap.equal((started, board(fleet)["conditions"]),
              (["wipyd", "uid %d" % os.getuid()], ["dirty", "needs-hands"]),
              "break off: it is not pushed to again at once")
    fleet.stop_daemon()


def never_on_pycom(tap):
    """What the pin has started there is what the next upload would overwrite."""
    fleet = Fleet(1, settings={"update": {"return": "4s"}}, family="pycom").ready()
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
    resets = fleet.board(1)["counters"]["resets"]
    for words in (("undo",), ("--release", NEW, "--waves", "100%", "--burn-last-good")):
        done = fleet.run("rollout", *words, "--yes")
        tap.ok(done.returncode == 8, "pycom: refused, it would be reset: %s" % words[0])
    tap.ok("not-lasting" in fleet.run("rollout", "undo", "--yes").stdout,
           "pycom: and why")
    tap.equal((fleet.board(1)["counters"]["resets"], fleet.board(1)["counters"]["stors"]),
              (resets, stors), "pycom: neither reset nor pushed to")
    resets = fleet.board(1)["counters"]["resets"]
    wait_until("it is switched", lambda: types_at_its_prompt(
        fleet, ("import pycom", "pycom.bootmgr(boot_partition=0)")) or
               fleet.board(1)["counters"]["resets"] > resets)
    fleet.wait_seen()
    tap.equal(fleet.json("status")["needs_hands"], [name(1)], "pycom: no look can tell")
    done = fleet.run("boards", "accept", name(1), "--reason", "bootmgr, and it came up")
    tap.equal((done.returncode, board(fleet)["conditions"], board(fleet)["hands"]["outcome"]),
              (0, [], "reverted"), "pycom: a person says so, and the loop is closed")
    claims = holds(tap, fleet, "pycom")
    tap.equal(certain(claims["boots"]["plain"]), OLD, "pycom: it stays so")
    fleet.stop_daemon()


def rescued_by_the_switch(tap):
    fleet = Fleet(1, settings={"update": {"return": "4s"}}).ready()
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
    fleet = Fleet(1, board_options=["--rate", "20000"]).ready()
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
                 back_from_a_trial, a_repair_in_vain, repairs_that_break_off,
                 never_on_pycom, rescued_by_the_switch, killed_in_a_push):
        TAP.case(case)
    TAP.done()
