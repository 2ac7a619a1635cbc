# SPDX-License-Identifier: MIT
"""What virtual boards can be made to suffer: each fault word does what it says, over real
sockets, nearly all of it on the virtual clock."""

import os
import resource
import socket
import subprocess
import time

from boards import Boards, BoardsFailed
from fleet import BUILD, PATIENCE, Tap, make_image

OLD = "v1.8.6 on 2016-11-10; WiPy with CC3200"
NEW = "v1.8.7 on 2017-01-08; WiPy with CC3200"
IMAGE = "/flash/sys/mcuimg.bin"
GREETING = b'Type "help()" for more information.\r\n'
COUNT = 30


class Link:
    """A client's connection. Nothing is heard unless the boards' clock goes on."""

    def __init__(self, boards, number, port, address=None):
        self.boards = boards
        self.sock = socket.create_connection(
            (address or boards.address(number), boards.ports[port]), timeout=5)
        self.sock.setblocking(False)
        self.heard = b""
        self.end = None  # "closed" or "reset"

    def say(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def drain(self):
        while not self.end:
            try:
                piece = self.sock.recv(65536)
            except BlockingIOError:
                return
            except ConnectionResetError:
                self.end = "reset"
                return
            except BrokenPipeError:  # an end of file, then a reset
                self.end = "closed"
                return
            self.heard += piece
            if not piece:
                self.end = "closed"

    def hear(self, text, seconds=2.0, step=0.004):
        """True once `text` has come; None waits for the end."""
        if isinstance(text, str):
            text = text.encode()
        left = seconds
        while True:
            self.drain()
            if text is None and self.end or text is not None and text in self.heard:
                return True
            if left <= 0 or self.end:
                return False
            self.boards.clock.pass_time(min(step, left), [self.sock])
            left -= step

    def ask(self, text, answer, seconds=2.0):
        self.drain()
        self.heard = b""
        self.say(text)
        return self.hear(answer, seconds)

    def close(self):
        self.sock.close()


def telnet(boards, number, login=True):
    link = Link(boards, number, "telnet")
    if login:
        assert link.hear("Login as: ")
        assert link.ask("micro\r\n", b'Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb"')
        assert link.ask("python\r\n", GREETING)
    return link


def ftp(boards, number):
    link = Link(boards, number, "ftp")
    assert link.hear("220 ")
    assert link.ask("USER micro\r\n", "331 ")
    assert link.ask("PASS python\r\n", "230 ")
    return link


def open_data(boards, number, control, name=IMAGE):
    assert control.ask("PASV\r\n", "227 ")
    data = Link(boards, number, "data")
    boards.clock.pass_time(0.01, [])
    control.ask("STOR %s\r\n" % name, "150 ", 0.1)
    return data


def send_all(boards, data, payload):
    """False when the board's side ended before all was taken."""
    at = 0
    while at < len(payload):
        try:
            at += data.sock.send(payload[at:at + 1460])
        except BlockingIOError:
            boards.clock.pass_time(0.004, [])
        except (ConnectionResetError, BrokenPipeError):
            return False
        data.drain()
        if data.end:
            return False
    return True


def upload(boards, number, payload, name=IMAGE):
    """The control connection, and whether the board took everything."""
    control = ftp(boards, number)
    data = open_data(boards, number, control, name)
    control.heard = b""
    sent = send_all(boards, data, payload)
    if sent:
        data.sock.shutdown(socket.SHUT_WR)
    return control, data, sent


def seconds_until(boards, condition, limit=60.0, step=0.02):
    start = boards.clock.now()
    while not condition():
        if boards.clock.now() - start > limit:
            return None
        boards.clock.pass_time(step, [])
    return boards.clock.now() - start


class Case:
    """One board of the common fleet."""

    taken = 0

    def __init__(self):
        Case.taken += 1
        self.number = Case.taken

    def fault(self, *words):
        for word in words:
            BOARDS.control.words("fault", self.number, word)

    def status(self):
        return BOARDS.control.words("status", self.number)

    def ctl(self, command, *words):
        return BOARDS.control.words(command, self.number, *words)

    def install(self):
        """The new image in update 1, pending."""
        self.ctl("slot", "update1", NEW_IMAGE)
        self.ctl("record", "01000000")
        self.ctl("reset")


def refused(*words):
    try:
        BOARDS.control.words(*words)
    except BoardsFailed as answer:
        return str(answer)
    return ""


def is_refused(number, port, address=None):
    try:
        Link(BOARDS, number, port, address).close()
    except ConnectionRefusedError:
        return True
    return False


# ---- the clock and what can be set ---------------------------------------------------


def time_stands_still(tap):
    case = Case()
    link = Link(BOARDS, case.number, "telnet")
    time.sleep(0.1)
    link.drain()
    tap.equal(link.heard, b"", "clock: nothing comes while time stands still")
    before = BOARDS.control.words("clock")["clock_ms"]
    tap.ok(link.hear("Login as: "), "clock: sent ahead, the board talks")
    now = BOARDS.control.words("clock")["clock_ms"]
    tap.ok(4 <= now - before <= 20, "clock: in 4 to 20 ms of its time (%d)" % (now - before))
    start = time.monotonic()
    tap.equal(BOARDS.control.words("clock", "+5m")["clock_ms"], now + 300000,
              "clock: five minutes pass")
    tap.ok(time.monotonic() - start < 5 * PATIENCE, "clock: in no time")
    BOARDS.clock.ms += 300000
    tap.ok(link.hear(None, 1), "clock: the idle client was cut")
    start = time.monotonic()
    for _ in range(1000):
        BOARDS.clock.pass_time(0.004, [])
    tap.ok(time.monotonic() - start < 10 * PATIENCE, "clock: a thousand small steps")
    for word in ("5", "+", "+x", "+5d", "-5", "+99999h"):
        tap.ok("clock wants" in refused("clock", word), "clock: refuses " + word)


def what_can_be_set(tap):
    case = Case()
    case.ctl("rtc", "2015-08-09T00:00:00")
    case.ctl("record", "02010100")
    case.ctl("slot", "update1", NEW_IMAGE)
    case.ctl("slot", "update2", "torn")
    status = case.status()
    size = os.path.getsize(NEW_IMAGE)
    tap.equal((status["rtc"], status["record_hex"], status["slots"]["update1"]),
              ("2015-08-09T00:00:00", "02 01 01 00", NEW), "set: calendar, record, slot")
    tap.equal(status["slot_files"]["update1"], {"size": size, "md5": "ok", "open": False},
              "set: a slot's file")
    tap.equal(status["slot_files"]["update2"], {"size": 0, "md5": "bad", "open": True},
              "set: a torn slot")
    case.ctl("reset")
    BOARDS.clock.pass_time(2.5, [])
    tap.equal(case.status()["rtc"], "2015-08-09T00:00:02", "set: a reset keeps the time")
    case.ctl("power-off")
    case.ctl("power-on")
    BOARDS.clock.pass_time(1, [])
    tap.equal(case.status()["rtc"], "2015-01-01T00:00:01", "set: power does not")
    case.ctl("record", "none")
    case.ctl("slot", "update1", "absent")
    status = case.status()
    tap.equal((status["record_hex"], status["slot_files"]["update1"]), (None, None),
              "set: nothing")
    for words in (("rtc", "1", "tomorrow"), ("record", "1", "0201"), ("slot", "1", "x", "y"),
                  ("slot", "1", "update1", "/no/such/file"), ("record", "1"),
                  ("fault", "1", "hunger"), ("fault", "1", "drop-after=0"),
                  ("fault", "1", "stall=lunch:3"), ("fault", "1", "stall=pasv"),
                  ("fault", "1", "move=there"), ("fault", "1", "silent=1"),
                  ("reset", "31"), ("feed", "1")):
        tap.ok(refused(*words), "set: refuses " + " ".join(words))
    done = subprocess.run([BUILD + "/wipyboard", "ctl", BOARDS.path("ctl"), "reset", "99"],
                          capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stderr.count("\n")), (1, 1),
              "set: what the boards refuse is exit code 1 and one line")


def requests_in_one_piece(tap):
    link = socket.socket(socket.AF_UNIX)
    link.connect(BOARDS.path("ctl"))
    link.sendall(b'{"words":["clock","+1"]}\n' * 50 + b'{"words":["status","1"]}\nrubbish\n')
    link.shutdown(socket.SHUT_WR)
    lines = link.makefile("rb").read().splitlines()
    BOARDS.clock.ms += 50
    tap.equal(len(lines), 52, "control: one answer for each line")
    tap.ok(b'"number":1' in lines[50] and b"not understood" in lines[51],
           "control: in order")


# ---- power and uploads ---------------------------------------------------------------


def power_cut_at(tap):
    # of 344 operations: the slot is closed by the 342nd, the record follows
    for number in (1, 2, 3, 200, 341, 342, 343, 344):
        case = Case()
        case.fault("power-cut-at=%d" % number)
        control, data, _ = upload(BOARDS, case.number, PAYLOAD)
        tap.ok(not control.hear("226 ", 1), "power-cut-at=%d: no 226" % number)
        tap.equal((case.status()["state"], control.end, case.status()["faults"]),
                  ("off", None, []), "power-cut-at=%d: silent and dark" % number)
        torn = case.status()["slot_files"]["update1"]
        tap.equal(torn and torn["open"], None if number == 1 else number <= 342,
                  "power-cut-at=%d: whether the slot was closed" % number)
        case.ctl("power-on")
        BOARDS.clock.pass_time(1, [])
        status = case.status()
        tap.equal((status["running"], status["state"], status["record_hex"]),
                  (OLD, "running", "00 01 00 00"), "power-cut-at=%d: boots" % number)
        control.close()
        data.close()


def breaks_off(tap):
    for word, end in (("drop-after=5000", "closed"), ("rst-after=70001", "reset")):
        case = Case()
        case.fault(word)
        control, data, _ = upload(BOARDS, case.number, PAYLOAD)
        tap.ok(control.hear("226 "), word + ": 226 all the same")
        data.hear(None, 0.1)
        tap.equal(data.end, end, word + ": how the data connection ends")
        status = case.status()
        tap.equal((status["slot_files"]["update1"]["size"], status["record_hex"]),
                  (int(word.split("=")[1]), "01 00 00 00"), word + ": what the board got")
        tap.equal(status["faults"], [], word + ": once")
        tap.ok(control.ask("NOOP\r\n", "200 "), word + ": the session goes on")
        control.close()


def replies_that_never_come(tap):
    case = Case()
    case.fault("no-226", "no-quit")
    control, data, sent = upload(BOARDS, case.number, PAYLOAD)
    tap.ok(sent and data.hear(None, 1), "no-226: all is taken")
    tap.ok(not control.hear("226 ", 5), "no-226: nothing comes")
    tap.equal(case.status()["slots"]["update1"], NEW, "no-226: the slot is whole")
    tap.ok(control.ask("NOOP\r\n", "200 ") and b"226" not in control.heard,
           "no-226: other replies come")
    tap.ok(not control.ask("QUIT\r\n", "221", 5) and not control.end,
           "no-quit: nothing, and the connection stays")
    case.fault("clear")
    tap.ok(control.ask("QUIT\r\n", "221 ") and control.hear(None),
           "no-quit: answered after clear")


def corrupt_image(tap):
    case = Case()
    case.fault("corrupt-image")
    control, _, _ = upload(BOARDS, case.number, PAYLOAD)
    tap.ok(control.hear("226 "), "corrupt-image: 226")
    tap.equal(case.status()["slots"]["update1"], "bad", "corrupt-image: stored wrong")
    case.ctl("reset")
    BOARDS.clock.pass_time(1, [])
    tap.equal(case.status()["running"], OLD, "corrupt-image: falls back")


# ---- stalls --------------------------------------------------------------------------


def stalls_before_login(tap):
    case = Case()
    case.fault("stall=connect:3")
    link = Link(BOARDS, case.number, "telnet")
    took = seconds_until(BOARDS, lambda: link.hear("MicroPython", 0))
    tap.ok(2.9 < took < 3.2, "stall=connect: %.2f s until the banner" % took)
    tap.ok(is_refused(case.number, "telnet"), "stall=connect: then one client as ever")
    link.close()
    case.fault("clear", "stall=banner:4")
    BOARDS.clock.pass_time(0.1, [])
    link = Link(BOARDS, case.number, "telnet")
    BOARDS.clock.pass_time(0.05, [])
    tap.ok(is_refused(case.number, "telnet"), "stall=banner: the line is taken")
    took = seconds_until(BOARDS, lambda: link.hear("MicroPython", 0))
    tap.ok(3.8 < took < 4.2, "stall=banner: %.2f s" % took)
    tap.ok(link.hear("Login as: ", 0.1), "stall=banner: what follows comes with it")
    case.fault("clear", "stall=login:5", "stall=repl:6")
    tap.equal(sorted(case.status()["faults"]), ["stall=login:5", "stall=repl:6"],
              "stall: status names the phases")
    link.say("micro\r\n")
    took = seconds_until(BOARDS, lambda: link.hear("Password: ", 0))
    tap.ok(4.9 < took < 5.2, "stall=login: %.2f s, once" % took)
    BOARDS.clock.pass_time(0.05, [])
    tap.ok(link.ask("python\r\n", b">>> "), "stall=login: then no more")
    link.heard = b""
    link.say("2*21\r\n")
    took = seconds_until(BOARDS, lambda: link.hear("42", 0))
    tap.ok(5.9 < took < 6.2, "stall=repl: %.2f s" % took)
    link.close()


def stalls_of_ftp(tap):
    case = Case()
    control = Link(BOARDS, case.number, "ftp")
    control.hear("220 ")
    for word, line, answer in (("user", "USER micro", "331 "), ("pass", "PASS python", "230 "),
                               ("pasv", "PASV", "227 ")):
        case.fault("stall=%s:4" % word)
        control.say(line + "\r\n")
        took = seconds_until(BOARDS, lambda: control.hear(answer, 0))
        tap.ok(took and 3.9 < took < 4.2, "stall=%s: %s s" % (word, took))
    case.fault("clear", "stall=stor:2", "stall=data:3", "stall=226:9")
    data = Link(BOARDS, case.number, "data")
    BOARDS.clock.pass_time(0.01, [])
    control.say("STOR %s\r\n" % IMAGE)
    took = seconds_until(BOARDS, lambda: control.hear("150 ", 0))
    tap.ok(1.9 < took < 2.2, "stall=stor: %.2f s" % took)
    data.say(PAYLOAD[:3000])
    took = seconds_until(
        BOARDS, lambda: case.status()["slot_files"]["update1"]["size"] == 3000)
    tap.ok(2.9 < took < 3.2, "stall=data: %.2f s" % took)
    data.sock.shutdown(socket.SHUT_WR)
    BOARDS.clock.pass_time(0.1, [])
    tap.equal(case.status()["record_hex"], "01 00 00 00", "stall=226: the board is done")
    control.heard = b""
    took = seconds_until(BOARDS, lambda: control.hear("226 ", 0))
    tap.ok(8.7 < took < 9.2, "stall=226: %.2f s" % took)
    case.fault("clear", "stall=quit:7")
    control.say("QUIT\r\n")
    took = seconds_until(BOARDS, lambda: control.hear("221 ", 0))
    tap.ok(6.9 < took < 7.2, "stall=quit: %.2f s" % took)
    control.close()
    case.fault("clear")
    control = ftp(BOARDS, case.number)
    data = open_data(BOARDS, case.number, control)
    case.fault("stall=data:8")
    data.say(b"x" * 1000)
    took = seconds_until(BOARDS, lambda: control.hear("426 ", 0))
    tap.ok(4.9 < took < 5.2, "stall=data: longer than the board waits: 426 (%.2f s)" % took)


# ---- telnet --------------------------------------------------------------------------


def telnet_that_lies(tap):
    case = Case()
    case.fault("wrong-banner")
    link = telnet(BOARDS, case.number)
    link.drain()
    link.close()
    BOARDS.clock.pass_time(0.1, [])
    link = Link(BOARDS, case.number, "telnet")
    link.hear("Login as: ")
    tap.ok(link.heard.startswith(b"MicroPython v1.4.6-9-g0badbad on 2015-09-25; LaunchPad "
                                 b"with CC3200\r\n\xff\xfc\x01"), "wrong-banner: of another")
    tap.ok(b"v1.8.6" not in link.heard, "wrong-banner: not its own")
    link.close()
    case.fault("clear", "garbage")
    BOARDS.clock.pass_time(0.1, [])
    link = Link(BOARDS, case.number, "telnet")
    tap.ok(not link.hear(b"\n", 0.1) and len(link.heard) > 1000, "garbage: without a line end")
    case.fault("clear")
    tap.ok(link.hear(None, 1), "garbage: ends with clear")
    case.fault("silent")
    BOARDS.clock.pass_time(0.1, [])
    link = Link(BOARDS, case.number, "telnet")
    tap.ok(not link.hear("M", 5) and not link.end, "silent: nothing")
    link.close()
    case.fault("clear", "refuse-login")
    BOARDS.clock.pass_time(0.1, [])
    link = Link(BOARDS, case.number, "telnet")
    link.hear("Login as: ")
    link.ask("micro\r\n", b'Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb"')
    tap.ok(link.ask("python\r\n", "Invalid credentials"), "refuse-login: telnet")
    control = Link(BOARDS, case.number, "ftp")
    control.hear("220 ")
    tap.ok(control.ask("USER micro\r\n", "331 ") and control.ask("PASS python\r\n", "530 "),
           "refuse-login: FTP")
    control.close()
    link.close()


def somebody_else(tap):
    case = Case()
    case.fault("busy")
    tap.ok(is_refused(case.number, "telnet"), "busy: refused")
    tap.ok(ftp(BOARDS, case.number), "busy: FTP is there")
    BOARDS.clock.pass_time(301, [])
    tap.ok(is_refused(case.number, "telnet"), "busy: for longer than the board's patience")
    case.fault("clear")
    BOARDS.clock.pass_time(0.1, [])
    tap.ok(telnet(BOARDS, case.number), "busy: free after clear")


def refuse_telnet(tap):
    case = Case()
    case.fault("refuse-telnet")
    tap.ok(is_refused(case.number, "telnet"), "refuse-telnet: refused")
    # somebody sits on the port when the fault goes
    thief = socket.socket()
    thief.bind((BOARDS.address(case.number), BOARDS.ports["telnet"]))
    thief.listen(1)
    case.fault("clear")
    tap.equal(case.status()["faults"], [], "refuse-telnet: cleared")
    thief.close()
    BOARDS.clock.pass_time(1.1, [])
    tap.ok(telnet(BOARDS, case.number), "refuse-telnet: a taken port is tried again")


def wlan_event(tap):
    case = Case()
    for how in (lambda: case.fault("wlan-event"), lambda: case.ctl("wlan-event")):
        links = [telnet(BOARDS, case.number), ftp(BOARDS, case.number)]
        data = open_data(BOARDS, case.number, links[1])
        data.say(PAYLOAD[:10000])
        BOARDS.clock.pass_time(0.2, [])
        how()
        BOARDS.clock.pass_time(0.05, [])
        tap.ok(all(link.hear(None, 0.1) for link in links + [data]),
               "wlan-event: closes everything")
        tap.equal(case.status()["record_hex"][:5], "01 00", "wlan-event: the update is over")
        tap.ok(telnet(BOARDS, case.number).close() is None, "wlan-event: servers come back")
        BOARDS.clock.pass_time(0.1, [])


# ---- images, identity, place ---------------------------------------------------------


def images_that_fail(tap):
    case = Case()
    case.fault("crash-at-boot")
    case.install()
    BOARDS.clock.pass_time(2, [])
    tap.ok(is_refused(case.number, "ftp"), "crash-at-boot: no network")
    tap.equal(case.status()["state"], "halted", "crash-at-boot: halted")
    case.fault("clear", "never-join")
    case.ctl("reset")
    BOARDS.clock.pass_time(60, [])
    status = case.status()
    tap.equal((status["state"], status["running"], status["joined"],
               is_refused(case.number, "telnet")), ("running", NEW, False, True),
              "never-join: it runs, and nobody can tell")
    case.fault("clear")
    BOARDS.clock.pass_time(0.1, [])
    tap.ok(telnet(BOARDS, case.number).close() is None, "never-join: joins after clear")
    case.fault("crash-after=40")
    case.ctl("reset")
    BOARDS.clock.pass_time(39, [])
    link = telnet(BOARDS, case.number)
    BOARDS.clock.pass_time(2, [])
    tap.ok(not link.ask("1\r\n", "1", 5) and not link.end and
           is_refused(case.number, "ftp"), "crash-after: hangs, and says nothing")
    tap.equal(case.status()["state"], "hung", "crash-after: hung")
    case.ctl("record", "00010000")
    case.ctl("reset")
    BOARDS.clock.pass_time(60, [])
    tap.equal((case.status()["state"], case.status()["running"]), ("running", OLD),
              "crash-after: the factory image is good")


def another_board(tap):
    case = Case()
    case.fault("swap")
    BOARDS.clock.pass_time(1, [])
    link = Link(BOARDS, case.number, "telnet")
    link.hear("\n")
    tap.ok(link.heard.startswith(b"MicroPython v1.8.4-7-g0123abc on 2016-09-30; WiPy with"),
           "swap: another fingerprint")
    link.close()
    control, _, _ = upload(BOARDS, case.number, PAYLOAD)
    control.hear("226 ")
    control.close()
    case.ctl("reset")
    BOARDS.clock.pass_time(1, [])
    tap.equal(case.status()["running"], NEW, "swap: the other board takes an update")
    case.fault("clear")
    BOARDS.clock.pass_time(1, [])
    status = case.status()
    tap.equal((status["running"], status["slots"]["update1"]), (OLD, "empty"),
              "swap: the first one is as it was")


def another_place(tap):
    case = Case()
    place = BOARDS.address(COUNT + 7)
    case.fault("move=" + place)
    BOARDS.clock.pass_time(0.1, [])
    tap.ok(is_refused(case.number, "telnet") and is_refused(case.number, "ftp"),
           "move: nobody at the old place")
    link = Link(BOARDS, 0, "telnet", place)
    tap.ok(link.hear("Login as: "), "move: it is at the new one")
    tap.equal(case.status()["faults"], ["move=" + place], "move: status")
    case.fault("clear")
    tap.ok(link.hear(None), "move: closed when it goes")
    BOARDS.clock.pass_time(0.1, [])
    tap.ok(telnet(BOARDS, case.number), "move: back home")


# ---- fleets of their own -------------------------------------------------------------


def draws_are_repeatable(tap):
    days = []
    for _ in range(2):
        boards = Boards(8, OLD_IMAGE, options=["--faults", "seed=7,rate=2"])
        seen = []
        for _ in range(120):
            boards.control.words("clock", "+1m")
            seen += [(b["number"], b["drawn"]["count"], b["drawn"]["latest"], b["faults"])
                     for b in boards.control.words("status")["boards"]
                     if b["drawn"]["lasts"]]
        days.append((seen, [b["drawn"] for b in boards.control.words("status")["boards"]]))
        boards.close()
    tap.ok(days[0] == days[1], "faults at random: the same seed is the same day")
    count = sum(board["count"] for board in days[0][1])
    tap.ok(16 <= count <= 56, "faults at random: about two a board and hour (%d)" % count)
    words = {word.split("=")[0].split(":")[0] for _, _, word, _ in days[0][0]}
    tap.ok(len(words) > 5, "faults at random: of many kinds %s" % sorted(words))


def real_times(tap):
    boards = Boards(2, OLD_IMAGE, options=["--profile", "real", "--boot-ms", "3000"],
                    boot_ms=7000)
    boards.clock.pass_time(10, [])
    boards.control.words("reset", 1)
    took = seconds_until(boards, lambda: boards.control.words("status", 1)["joined"])
    tap.ok(6.9 < took < 7.6, "real: back %.2f s after a reset" % took)
    start = boards.clock.now()
    control, _, _ = upload(boards, 1, PAYLOAD)
    control.hear("226 ", 30)
    took = boards.clock.now() - start
    tap.ok(4.5 < took < 9, "real: %.1f s for an image of %d bytes" % (took, len(PAYLOAD)))
    boards.clock.pass_time(1, [])
    control.heard = b""
    control.say("NOOP\r\n")
    took = seconds_until(boards, lambda: control.hear("200 ", 0), step=0.001)
    tap.ok(0.003 < took < 0.025, "real: an answer after %d ms" % (took * 1000))
    boards.close()


def jitter_is_repeatable(tap):
    days = []
    for seed in (5, 5, 6):
        boards = Boards(3, OLD_IMAGE, options=["--latency-ms", "20", "--jitter-ms", "200",
                                               "--seed", str(seed)])
        times = []
        for number in (1, 2, 3) * 3:
            link = Link(boards, number, "ftp")
            times.append(seconds_until(boards, lambda: link.hear("220 ", 0), step=0.001))
            link.say("NOOP\r\n")
            times.append(seconds_until(boards, lambda: link.hear("332 ", 0), step=0.001))
            link.sock.shutdown(socket.SHUT_WR)
            link.hear(None)
            link.close()
        days.append(times)
        boards.close()
    tap.ok(days[0] == days[1] and days[0] != days[2], "jitter: the same from the same seed")
    tap.ok(all(0.019 <= t <= 0.23 for t in days[0]) and len(set(days[0])) > 9,
           "jitter: between 20 and 220 ms, of many lengths")


def watchdog(tap):
    """Our own firmware starts one around a trial: an image that crashes is left again."""
    path = make_image(BOARDS.path("esp32.bin"), "v1.22.2", "2024-02-22", family="esp32")
    boards = Boards(1, path, options=["--family", "esp32"])
    with open(path, "rb") as file:
        control, _, _ = upload(boards, 1, file.read(), "/flash/sys/appimg.bin")
    tap.ok(control.hear("226 "), "watchdog: an update")
    boards.control.words("fault", 1, "crash-at-boot")
    boards.control.words("reset", 1)
    boards.clock.pass_time(50, [])
    tap.equal(boards.control.words("status", 1)["state"], "halted", "watchdog: it crashes")
    boards.clock.pass_time(20, [])
    status = boards.control.words("status", 1)
    tap.equal((status["state"], status["slot"], status["family"]),
              ("running", "factory", "esp32"), "watchdog: it bites, the board falls back")
    boards.close()


def profiles(tap):
    path = BOARDS.path("profile.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("like: real\nboot-ms: fast\nlatency: 5\nfamily: [wipy]\n")

    def run(*words):
        return subprocess.run([BUILD + "/wipyboard", "--flash", BOARDS.path("f2"), *words],
                              capture_output=True, text=True, check=False, timeout=20)

    done = run("--profile", path)
    tap.equal(done.returncode, 2, "profile: mistakes are a wrong command line")
    for text in ("%s:2:10: boot-ms wants a number" % path,
                 "%s:3:1: unknown key 'latency'" % path, "%s:4:9: family wants" % path):
        tap.ok(text in done.stderr, "profile: says " + text.replace(path, "FILE"))
    tap.ok("No such file" in run("--profile", "/no/such").stderr, "profile: no such file")


def no_descriptor_left(tap):
    boards = Boards(1, OLD_IMAGE, clock="real")
    pid = boards.process.pid
    used = len(os.listdir("/proc/%d/fd" % pid))
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, limits[1]))
    before = cpu_ticks(pid)
    try:
        link = Link(boards, 1, "telnet")
        time.sleep(0.5)
        link.drain()
        ended = link.end
    except ConnectionResetError:
        time.sleep(0.5)
        ended = "reset"
    tap.equal(ended, "reset", "no descriptor left: the client is turned away")
    tap.ok(cpu_ticks(pid) - before <= 5, "no descriptor left: the process is at rest")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    link = Link(boards, 1, "telnet")
    time.sleep(0.3)
    link.drain()
    tap.ok(link.heard.startswith(b"MicroPython"), "no descriptor left: back when there are")
    boards.close()


def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


CASES = (time_stands_still, what_can_be_set, requests_in_one_piece, power_cut_at, breaks_off,
         replies_that_never_come, corrupt_image, stalls_before_login, stalls_of_ftp,
         telnet_that_lies, somebody_else, refuse_telnet, wlan_event, images_that_fail,
         another_board, another_place, draws_are_repeatable, real_times, jitter_is_repeatable,
         watchdog, profiles,
         no_descriptor_left)

if __name__ == "__main__":
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        OLD_IMAGE = make_image(folder + "/old.bin", "v1.8.6", "2016-11-10")
        NEW_IMAGE = make_image(folder + "/new.bin", "v1.8.7", "2017-01-08")
        with open(NEW_IMAGE, "rb") as image:
            PAYLOAD = image.read()
        BOARDS = Boards(COUNT, OLD_IMAGE)
        TAP = Tap()
        for one in CASES:
            TAP.case(one)
        TAP.equal(BOARDS.close(), 0, "the boards end in good order")
        TAP.done()
