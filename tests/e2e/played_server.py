# SPDX-License-Identifier: MIT
"""Plays the server's side of recorded conversations to whoever connects: its bytes in the
segments and with the gaps that were recorded, and its ends. The client's side is matched
loosely: what it says decides which recorded answer comes."""

import re
import select
import socket
import threading
import time

from transcript import Images, read

IDLE = 60  # seconds: a client that says nothing for so long is forgotten
STOR, RESET = b"STOR", b"machine.reset()"
NO_SUCH_NAME = (b'Traceback (most recent call last):\r\n  File "<stdin>", line 1, in '
                b"<module>\r\nNameError: name not defined\r\n")


class NoImages(Images):
    """Of bulk bytes only the length counts here."""

    def bulk(self, text):
        found = re.search(r"bytes (\d+)\.\.(\d+)", text)
        if found:
            return bytes(int(found[2]) - int(found[1]) + 1)
        found = re.match(r"(\d+) bytes of ", text)
        if found:
            return bytes(int(found[1]))
        return bytes(190424) if "with byte" in text else super().bulk(text)


class Turn:
    """What the client said, and what came of it, in order: ("say", gap, bytes), ("take",
    bytes), ("whole",): the client ended its data, ("drop", gap): the server ended it,
    ("end", gap): the server closed."""

    def __init__(self, said):
        self.said, self.items = said, []


class Talk:
    """One recorded connection."""

    def __init__(self, port, time_s):
        self.port, self.begun, self.turns = port, time_s, [Turn(b"")]
        self.last, self.ended = time_s, None

    def add(self, event, *item):
        gap = event.time - self.last
        self.last = event.time
        self.turns[-1].items.append((item[0], gap) + item[1:])


def talks_of(path):
    """The connections of a transcript, in the order in which they were opened."""
    talks, links = [], {}
    for event in read(path, NoImages()).events:
        talk = links.get("" if event.link == "D" and "" in links else event.link)
        if event.kind == "connect" and event.link != "D":
            if event.text.startswith("ok"):
                links[event.link] = Talk(event.port, event.time)
                talks.append(links[event.link])
        elif talk and event.kind in ("send", "recv", "close"):
            add_event(talk, event)
            if event.kind == "close" and event.link != "D":
                links.pop(event.link, None)
    return talks


def add_event(talk, event):
    if event.kind == "send" and event.link == "D":
        talk.add(event, "take", len(event.data))
    elif event.kind == "send":
        talk.last = event.time
        talk.turns.append(Turn(event.data))
    elif event.kind == "recv" and event.link != "D":
        talk.add(event, "say", event.data)
    elif event.kind == "close" and event.link == "D":
        talk.add(event, "whole" if event.who == "C" else "drop")
    elif event.kind == "close" and event.who == "S":
        talk.add(event, "end")
        talk.ended = event.time


def key_of(said):
    """A line whatever ends it, or keys."""
    line = said.rstrip(b"\r\n")
    return line if line and all(32 <= byte < 127 for byte in line) else said


class Ended(Exception):
    """The recorded server closed here, or the client did."""


class Stopped(Exception):
    pass


class PlayedBoard:
    """Listens on telnet and FTP at an address of its own. `telnet`: the talks before and
    after a reset; `ftp`: one talk, or None where nobody listens; `book`: answers by what
    was said, from other recordings; `uploads`: turns, the last one again and again; of
    one that was cut the board takes `half` bytes at most."""

    def __init__(self, address, ports, telnet, ftp, book, uploads=(), half=0):
        self.address, self.ports, self.telnet, self.book = address, ports, telnet, book
        self.ftp, self.was_reset = ftp, False
        self.uploads, self.half, self.pushes = uploads, half, 0
        self.stopping = False
        self.threads = []
        if telnet:
            self.start(self.listen, "telnet", self.speak_telnet)
        if ftp:
            self.start(self.listen, "ftp", self.speak_ftp)
            self.data = self.open("data")

    def start(self, function, *words):
        thread = threading.Thread(target=function, args=words, daemon=True)
        self.threads.append(thread)
        thread.start()

    def open(self, port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind((self.address, self.ports[port]))
        listener.listen(2)
        return listener

    def listen(self, port, speak):
        """One client at a time; for others the telnet port is closed meanwhile."""
        while not self.stopping:
            listener = self.open(port)
            try:
                self.wait(listener)
                sock = listener.accept()[0]
            except Stopped:
                listener.close()
                return
            if port == "telnet":
                listener.close()
            try:
                speak(sock)
            except (OSError, Ended, Stopped):
                pass
            sock.close()
            listener.close()

    def wait(self, sock, seconds=None):
        end = time.monotonic() + (IDLE * 10 if seconds is None else seconds)
        while not select.select([sock], [], [], 0.1)[0]:
            if self.stopping or time.monotonic() > end:
                raise Stopped

    def hear(self, sock):
        self.wait(sock, IDLE)
        data = sock.recv(4096)
        if not data:
            raise Ended
        return data

    def play(self, turn, sock, data=None):
        for at, (kind, gap, *more) in enumerate(turn.items):
            if kind in ("say", "drop", "end") and gap > 0.0005:
                time.sleep(gap)
            if kind == "say":
                sock.sendall(more[0])
            elif kind == "take" and data:
                after = [item[0] for item in turn.items[at + 1:]]
                self.take(data, None if "whole" in after else min(more[0], self.half))
            elif kind == "drop" and data:
                data.close()
                data = None
            elif kind == "end":
                raise Ended
        return data

    def take(self, data, limit):
        """Until that many bytes, or the client's end."""
        taken = 0
        while limit is None or taken < limit:
            self.wait(data, IDLE)
            piece = data.recv(4096)
            if not piece:
                return
            taken += len(piece)

    # ---- telnet

    def speak_telnet(self, sock):
        talk = self.telnet[-1 if self.was_reset else 0]
        self.play(talk.turns[0], sock)
        at, logged_in, prompted = 1, False, False
        banner = talk.turns[0].items[0][2] if talk.turns[0].items else b""
        while True:
            said = self.hear(sock)
            turn, at = self.answer(talk, at, said, logged_in, prompted)
            logged_in = logged_in or b"Login succeeded" in joined(turn)
            prompted = prompted or joined(turn).endswith(b">>> ")
            if key_of(said) == RESET:
                self.reset(turn, sock)
            self.play(as_of(turn, banner), sock)

    def answer(self, talk, at, said, logged_in, prompted):
        """Before the login the recorded turns in their order, then by what was said; a
        board that has shown no prompt says what was recorded there, and nothing else."""
        if not logged_in:
            turns = talk.turns if len(talk.turns) > 1 else self.telnet[0].turns
            while at < len(turns) and not turns[at].items:
                at += 1  # the recorded client did not wait
            if at < len(turns):
                return turns[at], at + 1
        for turn in talk.turns[at:]:
            if key_of(turn.said) == key_of(said):
                return turn, at
        return (self.book.answer(said) if prompted or not logged_in else Turn(said)), at

    def reset(self, turn, sock):
        """The port stays closed for as long as recorded."""
        before, after = self.telnet[0], self.telnet[-1]
        try:
            self.play(turn, sock)
        except Ended:
            pass
        sock.close()
        self.was_reset = True
        if before.ended is not None and after.begun > before.ended:
            time.sleep(after.begun - before.ended)
        raise Ended

    # ---- FTP

    def speak_ftp(self, sock):
        self.play(self.ftp.turns[0], sock)
        at, data = 1, None
        while True:
            line = self.hear(sock)
            verb = line.split(b" ")[0].strip().upper()
            if verb == STOR and self.uploads:
                turn = self.uploads[min(self.pushes, len(self.uploads) - 1)]
                self.pushes += 1
                self.wait(self.data, 5)
                data = self.data.accept()[0]
            else:
                turn, at = self.command(at, verb)
            data = self.play(turn, sock, data)
            if verb == STOR and data:
                data.close()
                data = None

    def command(self, at, verb):
        for number in range(at, len(self.ftp.turns)):
            turn = self.ftp.turns[number]
            if turn.said.split(b" ")[0].strip().upper() == verb:
                return turn, (number + 1 if verb in (b"USER", b"PASS") else at)
        return self.book.answer(verb), at

    def close(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(timeout=5)
        if self.ftp:
            self.data.close()


def joined(turn):
    return b"".join(item[2] for item in turn.items if item[0] == "say")


def as_of(turn, banner):
    """os.uname() was recorded of one image: it names the one of this banner."""
    found = re.match(rb"MicroPython (\S+ on \S+); (.+?)\r\n", banner)
    if not found or b"sysname=" not in joined(turn):
        return turn
    copy = Turn(turn.said)
    text = re.sub(rb"version='[^']*'", b"version='%s'" % found[1], joined(turn))
    text = re.sub(rb"machine='[^']*'", b"machine='%s'" % found[2], text)
    copy.items = [("say", 0, text)]
    return copy


class Book:
    """Answers by what was said, out of any number of recordings; the first one counts."""

    def __init__(self, paths):
        self.turns = {}
        for path in paths:
            for talk in talks_of(path):
                for turn in talk.turns[1:]:
                    key = key_of(turn.said)
                    if talk.port == "ftp":
                        key = key.split(b" ")[0].upper()
                    if turn.items:
                        self.turns.setdefault(key, turn)

    def answer(self, said):
        key = key_of(said)
        if key in self.turns:
            return self.turns[key]
        turn = Turn(said)
        text = key + b"\r\n"
        if b"=" not in key:
            text += NO_SUCH_NAME
        turn.items = [("say", 0.004, text + b">>> ")]
        return turn
