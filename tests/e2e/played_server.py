# SPDX-License-Identifier: MIT
"""Plays the server's side of recorded conversations to whoever connects: its bytes in the
segments and with the gaps that were recorded, and its ends. The client's side is matched
loosely: what it says decides which recorded answer comes."""

import re
import select
import socket
import struct
import threading
import time

from transcript import Images, read

IDLE = 60  # seconds: a client that says nothing for so long is forgotten
LOOK = 0.1  # how often a thread looks whether something has changed (seconds)
STOR, RESET, CTRL_C = b"STOR", b"machine.reset()", b"\x03"
CUT = struct.pack("ii", 1, 0)  # a close that resets
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
    gap, bytes), ("whole", gap): the client ended its data, ("cut", gap): the way between
    them reset the data, ("drop", gap): the server ended it, ("end", gap): it closed."""

    def __init__(self, said):
        self.said, self.items = said, []


class Talk:
    """One recorded connection; it was opened `pause` seconds after anything else."""

    def __init__(self, port, time_s, pause=0):
        self.port, self.pause, self.turns = port, pause, [Turn(b"")]
        self.last = time_s

    def add(self, event, *item):
        gap = event.time - self.last
        self.last = event.time
        self.turns[-1].items.append((item[0], gap) + item[1:])

    def never_ends(self):
        """For the next client: what ended it for this one was its own doing."""
        for turn in self.turns:
            turn.items = [item for item in turn.items if item[0] != "end"]


def talks_of(path):
    """The connections of a transcript, in the order in which they were opened."""
    talks, links, last = [], {}, 0
    for event in read(path, NoImages()).events:
        talk = links.get("" if event.link == "D" and "" in links else event.link)
        if event.kind == "connect" and event.link != "D":
            if event.text.startswith("ok"):
                links[event.link] = Talk(event.port, event.time, event.time - last)
                talks.append(links[event.link])
        elif talk and event.kind in ("send", "recv", "close"):
            add_event(talk, event)
            last = event.time
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
    elif event.kind == "close" and event.link == "D" and event.who == "C":
        talk.add(event, "cut" if event.text == "RST" else "whole")
    elif event.kind == "close" and event.link == "D":
        talk.add(event, "drop")
    elif event.kind == "close" and event.who == "S":
        talk.add(event, "end")


def key_of(said):
    """A line whatever ends it; of keys which they are, not how often."""
    line = said.rstrip(b"\r\n")
    if line and all(32 <= byte < 127 for byte in line):
        return line
    return bytes(sorted(set(said) - {13})) or said


def met_running(talk, typed):
    """What a client meets who logs in while that runs what was typed in `talk`: no prompt
    behind the login, what the program prints, then how it took the keys."""
    login = next(n for n, turn in enumerate(talk.turns)
                 if b"Login succeeded" in joined(turn))
    start = next(n for n, turn in enumerate(talk.turns) if turn.said == typed)
    met = Talk(talk.port, 0, talk.pause)
    welcome = Turn(talk.turns[login].said)
    for item in talk.turns[login].items:
        welcome.items.append(item)
        if b"information.\r\n" in joined(welcome):
            break
    echo = typed.count(b"\n") or typed.count(b"\r")
    for item in talk.turns[start].items:
        if echo > 0 and item[0] == "say":
            echo -= item[2].count(b"\n")
        else:
            welcome.items.append(item)
    met.turns = talk.turns[:login] + [welcome] + talk.turns[start + 1:]
    return met


class Ended(Exception):
    """The recorded server closed here, or the client did."""


class Stopped(Exception):
    pass


class PlayedBoard:
    """Listens on telnet and FTP at an address of its own. `lives`: the telnet talk at
    first and that behind each reset; none: nobody listens. `ftp`: one talk, or None where
    nobody listens. `book`: answers by what was said, from other recordings. `uploads`:
    turns, the last one again and again; of one that was cut the board takes `half` bytes
    at most. `trouble`: "taken", another client has telnet until release(); "taken-later",
    from the first upload on; "taken-once", from then until somebody comes to FTP again;
    "boots", the board starts anew when an upload is cut; "stops", its servers end then;
    "no-data", its data port is closed."""

    def __init__(self, address, ports, lives, ftp, book, uploads=(), half=0, trouble=""):
        self.address, self.ports, self.lives, self.book = address, ports, lives, book
        self.ftp, self.life, self.trouble = ftp, 0, trouble
        self.uploads, self.half, self.pushes = uploads, half, 0
        self.trapped = False  # a second STOR of one session (WIRE.md 2.11)
        self.stopping = False
        self.closed = {"telnet": trouble == "taken", "ftp": False}
        self.clients = {"telnet": 0, "ftp": 0}
        self.threads, self.data = [], None
        if lives:
            self.start(self.listen, "telnet", self.speak_telnet)
        if ftp:
            self.start(self.listen, "ftp", self.speak_ftp)
            self.data = None if trouble == "no-data" else self.open("data")

    def start(self, function, *words):
        thread = threading.Thread(target=function, args=words, daemon=True)
        self.threads.append(thread)
        thread.start()

    def release(self):
        """The other client leaves telnet."""
        self.closed["telnet"] = False

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
            if self.closed[port]:
                time.sleep(LOOK)
                continue
            with self.open(port) as listener:
                while not (self.stopping or self.closed[port]):
                    if not select.select([listener], [], [], LOOK)[0]:
                        continue
                    sock = listener.accept()[0]
                    self.clients[port] += 1
                    if port == "telnet":
                        listener.close()
                    self.serve(sock, speak)
                    break

    @staticmethod
    def serve(sock, speak):
        try:
            speak(sock)
        except (OSError, Ended, Stopped):
            pass
        sock.close()

    def wait(self, sock, seconds):
        end = time.monotonic() + seconds
        while not select.select([sock], [], [], LOOK)[0]:
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
            elif kind in ("drop", "cut") and data:
                if kind == "cut":
                    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT)
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
        talk = self.lives[self.life]
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
            turns = talk.turns if len(talk.turns) > 1 else self.lives[0].turns
            while at < len(turns) and not turns[at].items:
                at += 1  # the recorded client did not wait
            if at < len(turns):
                return turns[at], at + 1
        for number, turn in enumerate(talk.turns[at:], at):
            interrupt = key_of(turn.said) == CTRL_C
            if key_of(turn.said) == key_of(said):
                return turn, (number + 1 if interrupt else at)
            if interrupt and turn.items and not prompted:
                break  # a program runs: what comes behind needs this one first
        return (self.book.answer(said) if prompted or not logged_in else Turn(said)), at

    def reset(self, turn, sock):
        try:
            self.play(turn, sock)
        except Ended:
            pass
        sock.close()
        self.boot()
        raise Ended

    def boot(self):
        """The ports stay closed for as long as recorded."""
        self.life = min(self.life + 1, len(self.lives) - 1)
        time.sleep(self.lives[self.life].pause)

    # ---- FTP

    def speak_ftp(self, sock):
        if self.trouble == "taken-once" and self.pushes > 0:
            self.release()
        self.play(self.ftp.turns[0], sock)
        at, stored = 1, False
        while True:
            line = self.hear(sock)
            verb = line.split(b" ")[0].strip().upper()
            if verb == STOR and self.uploads:
                self.trapped = self.trapped or stored
                stored = True
                self.upload(sock)
            else:
                turn, at = self.command(at, verb)
                self.play(turn, sock)

    def upload(self, sock):
        turn = self.uploads[min(self.pushes, len(self.uploads) - 1)]
        self.pushes += 1
        self.closed["telnet"] = self.trouble in ("taken-later", "taken-once")
        self.wait(self.data, 5)
        data = self.data.accept()[0]
        if has_no_data(turn):
            data.close()
            data = None
        try:
            data = self.play(turn, sock, data)
        except Ended:
            self.cut_short(sock, data)
            raise
        if data:
            data.close()

    def cut_short(self, *socks):
        """The server has closed in the middle of an upload."""
        for sock in filter(None, socks):
            sock.close()
        if self.trouble == "boots":
            self.boot()
        elif self.trouble == "stops":
            self.closed = {"telnet": True, "ftp": True}

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
        if self.data:
            self.data.close()


def joined(turn):
    return b"".join(item[2] for item in turn.items if item[0] == "say")


def has_no_data(turn):
    """An upload for which the recorded server had no data connection."""
    return joined(turn) == b"150 \r\n" and not any(
        item[0] in ("take", "whole", "cut", "drop", "end") for item in turn.items)


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
