# SPDX-License-Identifier: MIT
"""What tests of virtual boards share: a fleet on the virtual clock of which each case
takes the next board, and clients that hear only what the clock lets pass."""

import socket
import tempfile

from boards import Boards, BoardsFailed
from fleet import Tap, make_image

OLD = "v1.8.6 on 2016-11-10; WiPy with CC3200"
NEW = "v1.8.7 on 2017-01-08; WiPy with CC3200"
IMAGE = "/flash/sys/mcuimg.bin"
GREETING = b'Type "help()" for more information.\r\n'


class Bench:
    """The fleet, two images, and the bytes of the newer one."""

    boards = old_image = new_image = payload = None
    count = taken = 0

    def run(self, cases, count):
        with tempfile.TemporaryDirectory() as folder:
            self.old_image = make_image(folder + "/old.bin", "v1.8.6", "2016-11-10")
            self.new_image = make_image(folder + "/new.bin", "v1.8.7", "2017-01-08")
            with open(self.new_image, "rb") as image:
                self.payload = image.read()
            self.count = count
            self.boards = Boards(count, self.old_image)
            tap = Tap()
            for one in cases:
                tap.case(one)
            tap.equal(self.boards.close(), 0, "the boards end in good order")
            tap.done()


BENCH = Bench()


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


def put(boards, number, payload, name):
    """The control connection, when the file is there."""
    control, _, _ = upload(boards, number, payload, name)
    assert control.hear("226 "), name
    return control


def fetch(boards, number, control, name):
    """The file's bytes; None: there is none."""
    assert control.ask("PASV\r\n", "227 ")
    data = Link(boards, number, "data")
    boards.clock.pass_time(0.01, [])
    there = control.ask("RETR %s\r\n" % name, "150 ", 0.5)
    if there:
        assert control.hear("226 ") and data.hear(None)
    data.close()
    return data.heard if there else None


def seconds_until(boards, condition, limit=60.0, step=0.02):
    start = boards.clock.now()
    while not condition():
        if boards.clock.now() - start > limit:
            return None
        boards.clock.pass_time(step, [])
    return boards.clock.now() - start


class Case:
    """One board of the common fleet."""

    def __init__(self):
        BENCH.taken += 1
        self.number = BENCH.taken

    def fault(self, *words):
        for word in words:
            BENCH.boards.control.words("fault", self.number, word)

    def status(self):
        return BENCH.boards.control.words("status", self.number)

    def ctl(self, command, *words):
        return BENCH.boards.control.words(command, self.number, *words)

    def install(self):
        """The new image in update 1, pending."""
        self.ctl("slot", "update1", BENCH.new_image)
        self.ctl("record", "01000000")
        self.ctl("reset")


def refused(*words):
    try:
        BENCH.boards.control.words(*words)
    except BoardsFailed as answer:
        return str(answer)
    return ""


def is_refused(number, port, address=None):
    try:
        Link(BENCH.boards, number, port, address).close()
    except ConnectionRefusedError:
        return True
    return False
