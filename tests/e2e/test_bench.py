# SPDX-License-Identifier: MIT
"""The bench: a card that is saved, a board that is brought back by `wipyctl rescue run`
without the daemon, and the receipt that closes the loop once the daemon has seen it."""

import json
import os
import pty
import resource
import signal
import subprocess
import threading

from fleet import BUILD, Fleet, NEW, OLD, Tap, name, wait_until


def board(fleet, number=1):
    return fleet.json("board", name(number))["board"]


def event_names(fleet, number=1):
    return [event["name"] for event in board(fleet, number)["events"]]


def at_bench(fleet, *words, number=1):
    """The command line: no socket is there."""
    return [BUILD + "/wipyctl", "-S", "/nowhere", "rescue", "run", *words, "--address",
            "%s.%d" % (fleet.net, number), "--telnet-port", str(fleet.telnet),
            "--ftp-port", str(fleet.ftp), "--timeout", "20s"]


def run_at_bench(fleet, *words, number=1):
    return subprocess.run(at_bench(fleet, *words, number=number), capture_output=True,
                          text=True, timeout=120, stdin=subprocess.DEVNULL)


def refused(tap, done, code, text, when):
    if not tap.ok(done.returncode == code and text in done.stderr, when):
        print("# %d %s%s" % (done.returncode, done.stdout, done.stderr))


def went(tap, done, when, *said):
    if not tap.ok(done.returncode == 0 and all(text in done.stdout for text in said), when):
        print("# %d %s%s" % (done.returncode, done.stdout, done.stderr))


def dirty(fleet, number):
    """A push that breaks off, and an abort that leaves it."""
    fleet.ctl("fault", number, "drop-after=1000")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(number))
    wait_until("it needs hands", lambda: "needs-hands" in board(fleet, number)["conditions"])
    fleet.run("rollout", "abort", "--mode", "freeze")
    wait_until("the rollout is over", lambda: fleet.status()["state"] in
               ("aborted", "completed-with-exceptions"))


def test_files(tap, fleet, card):
    """What is not a card, was cut, or was changed."""
    with open(card, encoding="utf-8") as file:
        text = file.read()
    sealed = json.loads(text)
    tap.equal((os.stat(card).st_mode & 0o777, len(sealed["card"]["code"])), (0o600, 32),
              "files: the code is for nobody else")
    for broken, said in ((text[:200], "line "), ("{}", "another kind"),
                         (text.replace("b-01", "b-02"), "was changed")):
        fleet.write(fleet.path("broken"), broken)
        refused(tap, run_at_bench(fleet, fleet.path("broken")), 2, said,
                "files: a card: " + said)
    refused(tap, run_at_bench(fleet, card, "--image", fleet.old_image), 8,
            "not the image of this card", "files: another image")
    refused(tap, fleet.run("rescue", "close", card), 2, "another kind",
            "files: a card is no receipt")
    refused(tap, fleet.run("rescue", "card", name(1), "--save", card), 2,
            "nothing is written over", "files: no card is, and none is made void by that")


def told_by(card):
    """What a bench would say of this card."""
    image = card["image"]
    return {"code": card["code"], "sha256": image["sha256"], "unique_id": "",
            "shows": "MicroPython %s on %s; %s with %s" %
                     (image["tag"], image["date"], image["board"], image["mcu"]),
            "proof": "reset proven"}


def the_whole_loop(tap):
    """Dirty; the wrong board and the right one at the bench; the receipt, once."""
    fleet = Fleet(2, settings={"update": {"attempts": 1}})
    fleet.write(fleet.path("inventory.yaml"),
                fleet.inventory(defaults=", release: %s" % NEW))
    fleet.ready()
    fleet.run("poll", "--uname")
    old = fleet.path("card0")
    fleet.run("rescue", "card", name(1), "--save", old)
    dirty(fleet, 1)
    with open(old, encoding="utf-8") as file:
        told_before = told_by(json.load(file)["card"])
    answer = fleet.api("/v1/boards/%s/receipt" % name(1), told_before)[1]
    tap.ok(answer.get("code") == "receipt-unknown" and "has pushed" in answer["detail"] and
           "dirty" in board(fleet)["conditions"],
           "close: what a bench did before a push of the daemon's explains nothing after it")
    card = fleet.path("card")
    went(tap, fleet.run("rescue", "card", name(1), "--save", card), "card: saved",
         "wipyctl rescue run")
    tap.ok("card-saved" in event_names(fleet), "card: that is an event")
    fleet.ctl("fault", 1, "clear")
    card = fleet.path("card2")
    fleet.run("rescue", "card", name(1), "--save", card)
    fleet.kill_daemon()
    test_files(tap, fleet, card)
    stors = fleet.board(2)["counters"]["stors"]
    refused(tap, run_at_bench(fleet, card, number=2), 8, "another unique id",
            "run: the wrong board is left alone")
    tap.equal(fleet.board(2)["counters"]["stors"], stors, "run: not a byte went to it")
    stors = fleet.board(1)["counters"]["stors"]
    refused(tap, run_at_bench(fleet, card, "--receipt", fleet.path("no/receipt")), 2,
            "can be written to", "run: there is no folder for its receipt")
    tap.equal(fleet.board(1)["counters"]["stors"], stors, "run: found before the push")
    resets = fleet.board(1)["counters"]["resets"]
    fleet.ctl("fault", 1, "drop-after=20000")
    went(tap, run_at_bench(fleet, card), "run: done, though an upload broke off",
         "the pin is not needed", "unique id", "once more", "It is back")
    now = fleet.board(1)
    tap.equal((now["running"].split()[0], now["counters"]["resets"] - resets), (NEW, 1),
              "run: a dirty wipy is pushed to first, then reset")
    tap.equal(now["counters"]["client_resets"], 0, "run: its connections are closed cleanly")
    refused(tap, run_at_bench(fleet, card), 2, "nothing is written over",
            "run: no receipt is written over")
    receipt = card + ".receipt"
    with open(receipt, encoding="utf-8") as file:
        sealed = json.load(file)
    fleet.ctl("power-off", 1)
    fleet.start_daemon()
    closes(tap, fleet, receipt, sealed["receipt"])
    fleet.stop_daemon()


def without_room(tap, fleet, receipt):
    """What could not be stored has not happened: neither a newer card nor the receipt."""
    no_limit = resource.RLIM_INFINITY
    resource.prlimit(fleet.daemon.pid, resource.RLIMIT_FSIZE, (1000, no_limit))
    refused(tap, fleet.run("rescue", "card", name(1), "--save", fleet.path("card3")), 1,
            "nothing was changed", "no room: no card is saved")
    for _ in range(2):
        refused(tap, fleet.run("rescue", "close", receipt), 1, "nothing was changed",
                "no room: the receipt is not spent")
    resource.prlimit(fleet.daemon.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))


def closes(tap, fleet, receipt, said):
    """Codes of no card and of another board's are refused; the right one, once."""
    words = {key: said[key] for key in ("code", "sha256", "shows", "unique_id", "proof")}
    for change, who, code, text in (
            ({"code": "0" * 32}, 1, "receipt-unknown", "no card of b-01"),
            ({}, 2, "receipt-unknown", "of a card of b-01"),
            ({"sha256": "0" * 64}, 1, "receipt-misfit", "another image"),
            ({"shows": said["shows"].replace(NEW, OLD)}, 1, "receipt-misfit", "running"),
            ({"unique_id": "00"}, 1, "receipt-misfit", "another board"),
            ({"code": "short"}, 1, "usage", "'code'")):
        answer = fleet.api("/v1/boards/%s/receipt" % name(who), dict(words, **change))[1]
        tap.ok(answer["code"] == code and text in answer["detail"],
               "close: refused: " + text)
    tap.ok("needs-hands" in board(fleet)["conditions"], "close: nothing is closed by that")
    fleet.kill_daemon()
    fleet.start_daemon()
    without_room(tap, fleet, receipt)
    went(tap, fleet.run("rescue", "close", receipt),
         "close: taken, also by a daemon that was started anew", "b-01: taken")
    tap.ok("needs-hands" in board(fleet)["conditions"], "close: it closes nothing by itself")
    fleet.ctl("power-on", 1)
    wait_until("it is rescued", lambda: "rescued" in event_names(fleet))
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("rescued", []), "close: the loop is closed by what the daemon sees")
    names = [event for event in event_names(fleet) if event in ("receipt", "rescued")]
    tap.equal(names, ["rescued", "receipt"], "close: first the receipt, then the look")
    detail = [event["detail"] for event in board(fleet)["events"]
              if event["name"] == "receipt"][0]
    tap.ok(NEW in detail and "reset proven" in detail, "close: what the bench says it saw")
    refused(tap, fleet.run("rescue", "close", receipt), 8, "spent", "close: once")


def drawn(fleet, card, number):
    """What a terminal is shown by `rescue run` while a person holds the pin."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(at_bench(fleet, card, "--yes", number=number), stdin=theirs,
                               stdout=theirs, stderr=theirs,
                               env=dict(os.environ, TERM="xterm", NO_COLOR="1"))
    os.close(theirs)
    seen = bytearray()

    def read():
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                return
            seen.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    wait_until("it asks for the reset", lambda: b"Press Enter" in seen)
    fleet.ctl("pin", number, "high")
    os.write(ours, b"\n")
    fleet.ctl("power-on", number)
    wait_until("let go", lambda: b"LET GO" in seen)
    fleet.ctl("pin", number, "low")
    code = process.wait(timeout=60)
    reader.join()
    os.close(ours)
    return code, seen.decode()


def held_by_its_pin(tap):
    """A board that hangs is started by its pin, with the windows drawn on a terminal."""
    fleet = Fleet(1, settings={"update": {"return": "2s"}}).ready()
    fleet.ctl("fault", 1, "crash-at-boot")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("halted", "completed-with-exceptions")
    fleet.run("rollout", "abort")
    card = fleet.path("card")
    fleet.run("rescue", "card", name(1), "--save", card)
    saved = json.load(open(card, encoding="utf-8"))["card"]
    tap.equal((saved["image"]["tag"], saved["window"]), (OLD, 2),
              "pin: it gets what is known to be good")
    fleet.kill_daemon()
    fleet.ctl("power-off", 1)
    fleet.ctl("fault", 1, "clear")
    code, text = drawn(fleet, card, 1)
    if not tap.ok(code == 0, "pin: done without a daemon"):
        print("# " + text[-900:].replace("\n", "\n# "))
    tap.ok("window 1, toggles every 500 ms" in text and
           "window 2, toggles every 250 ms: boots " + OLD in text and
           "LED (*)" in text and "LED ( )" in text and "[########" in text and "!" in text,
           "pin: the windows and the LED are drawn")
    tap.ok("\x1b[" in text, "pin: in place")
    tap.equal(fleet.board(1)["running"].split()[0], OLD, "pin: it runs the image")
    fleet.start_daemon()
    went(tap, fleet.run("rescue", "close", card + ".receipt"), "pin: the receipt is taken")
    wait_until("the loop is closed", lambda: board(fleet)["hands"]["outcome"])
    tap.equal((board(fleet)["hands"]["outcome"], board(fleet)["conditions"]),
              ("reverted", []), "pin: reverted, and its plain reset keeps that")
    tap.equal(fleet.json("status")["armed"], [], "pin: it is lasting")
    fleet.stop_daemon()


def killed_on_trial(fleet, card):
    """The bench goes away between the reset and the word that the image may stay."""
    with subprocess.Popen(at_bench(fleet, card, "--yes"), stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            if "Waiting for it to come back" in line:
                process.kill()
    wait_until("it is on trial", lambda: fleet.board(1)["record"]["status"] == "trial" and
               str(fleet.board(1)["running"]).startswith(NEW))


def broken_off(tap):
    """An upload that nothing but the board ends, and tries after it that find no login."""
    fleet = Fleet(1, board_options=["--rate", "60000"]).ready()
    fleet.run("poll", "--uname")
    card, other = fleet.path("card"), fleet.path("other")
    for release, path in ((NEW, card), (OLD, other)):
        fleet.run("rescue", "card", name(1), "--release", release, "--save", path)
    fleet.kill_daemon()
    fleet.ctl("fault", 1, "drop-after=60000")
    stors = fleet.board(1)["counters"]["stors"]
    with subprocess.Popen(at_bench(fleet, card), stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        wait_until("the upload", lambda: fleet.board(1)["counters"]["stors"] > stors)
        fleet.ctl("fault", 1, "refuse-login")
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT,
                       signal.SIGTSTP):
            process.send_signal(number)
        said, wrong = process.communicate(timeout=60)
    if not tap.ok(process.returncode == 1 and "the board is dirty" in wrong and
                  "do not reset it" in wrong,
                  "broken off: no signal ends it; dirty, though the later tries changed nothing"):
        print("# %d %s%s" % (process.returncode, said, wrong))
    fleet.ctl("fault", 1, "clear")
    went(tap, run_at_bench(fleet, card), "broken off: started again, it is cured")
    a_spare_at_its_place(tap, fleet, other)
    fleet.close()


def a_spare_at_its_place(tap, fleet, card):
    """A board of the same type answers where the inventory has the one at the bench."""
    fleet.ctl("fault", 1, "move=%s.50" % fleet.net)
    fleet.ctl("reset", 1)
    wait_until("it has moved", lambda: fleet.board(1)["address"].endswith(".50") and
               fleet.board(1)["running"])
    command = [BUILD + "/wipyboard", "--address", fleet.net + ".1", "--telnet-port",
               str(fleet.telnet), "--ftp-port", str(fleet.ftp), "--pasv-port",
               str(fleet.pasv + 1), "--flash", fleet.path("spare"), "--image",
               fleet.old_image, "--control", fleet.path("spare.sock"), "--password", "other"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.STDOUT) as spare:
        wait_until("the spare", lambda: os.path.exists(fleet.path("spare.sock")))
        fleet.ctl("fault", 1, "crash-at-boot")
        words = at_bench(fleet, card, number=50)
        words[words.index("20s")] = "3s"
        refused(tap, subprocess.run(words, capture_output=True, text=True, timeout=60,
                                    stdin=subprocess.DEVNULL), 7, "not come back",
                "a spare at its place: is not taken for it")
        spare.terminate()
    tap.ok(not os.path.exists(card + ".receipt"), "a spare at its place: no receipt")


def families(tap):
    """Our own firmware is told that the image may stay; a Pycom is reset first."""
    for family, resets in (("esp8266", 2), ("pycom", 4)):
        fleet = Fleet(1, family=family).ready()
        card = fleet.path("card")
        fleet.run("rescue", "card", name(1), "--release", NEW, "--save", card)
        fleet.kill_daemon()
        before = fleet.board(1)["counters"]
        refused(tap, run_at_bench(fleet, card), 2, "--yes is not given",
                family + ": without its unique id a person has to say that it is the one")
        if family == "pycom":
            fleet.ctl("fault", 1, "drop-after=20000")
            refused(tap, run_at_bench(fleet, card, "--yes"), 1, "push nothing more",
                    "pycom: an upload that broke off is not repeated")
            tap.equal(fleet.board(1)["counters"]["stors"] - before["stors"], 1,
                      "pycom: nor did anything else follow")
            went(tap, run_at_bench(fleet, card, "--yes", "--receipt", card + ".first"),
                 "pycom: done")
        else:
            killed_on_trial(fleet, card)
        stors = fleet.board(1)["counters"]["stors"]
        went(tap, run_at_bench(fleet, card, "--yes"),
             family + ": once more: what it runs is not pushed again", "nothing is pushed")
        if family == "pycom":
            tap.equal(fleet.board(1)["counters"]["stors"], stors, "pycom: not a byte")
        now = fleet.board(1)
        tap.equal((now["running"].split()[0], now["counters"]["resets"] - before["resets"]),
                  (NEW, resets), family + ": pushed and reset")
        fleet.ctl("reset", 1)
        wait_until("it boots", lambda: fleet.board(1)["running"])
        tap.equal(fleet.board(1)["running"].split()[0], NEW, family + ": it stays")
        fleet.start_daemon()
        fleet.run("rescue", "close", card + ".receipt")
        wait_until("the daemon has seen it", lambda: board(fleet)["version"]["tag"] == NEW)
        tap.ok("drift" not in event_names(fleet), family + ": known for what it is")
        fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (the_whole_loop, held_by_its_pin, families, broken_off):
        TAP.case(case)
    TAP.done()
