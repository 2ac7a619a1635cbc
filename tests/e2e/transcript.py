# SPDX-License-Identifier: MIT
"""Conversations with a board as lists of events, read from .txt and .json files and written
as .txt. Both formats are described in tests/data/README.md; nothing here opens a socket.

An event is what happened at one moment: the client or the server sent bytes on a link, a
link was opened or closed, the board's state was looked at, or something was done to it."""

import json
import os
import re

# Gaps of more than this are written down, smaller ones are part of one answer (seconds).
GAP = 0.05
# Between two sends on one link that stand in a .txt file one below the other: the board
# shall see two segments.
BETWEEN_SENDS = 0.02


class BadTranscript(Exception):
    pass


class MissingImage(Exception):
    """A bulk range of an image that this machine does not have."""


class Event:
    """kind: send, recv (link, data) | connect (link, port, text: the outcome) |
    close (link, who, text: FIN, half or RST) | board, ctl, note (text).
    link is "" for the main connection, else D, T, 2 ... as in the file."""

    def __init__(self, time, kind, link="", data=b"", text="", who="", port="", line=""):
        self.time, self.kind, self.link, self.data = time, kind, link, data
        self.text, self.who, self.port, self.line = text, who, port, line
        self.number = 0  # of its line in the .txt file or of its entry in the .json file


# ---- bytes ----------------------------------------------------------------------------

ESCAPES = {"\\\\": b"\\", "\\r": b"\r", "\\n": b"\n", "\\t": b"\t"}


def unescape(text):
    out = bytearray()
    for piece in re.findall(r"\\x[0-9a-f]{2}|\\.|[^\\]", text):
        if piece.startswith("\\x"):
            out.append(int(piece[2:], 16))
        elif piece in ESCAPES:
            out += ESCAPES[piece]
        elif len(piece) == 1 and " " <= piece <= "~":
            out += piece.encode()
        else:
            raise BadTranscript("bytes are not written as they should be: %r" % piece)
    return bytes(out)


def escape(data):
    names = {0x5C: "\\\\", 0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t"}
    return "".join(names.get(b) or (chr(b) if 0x20 <= b < 0x7F else "\\x%02x" % b)
                   for b in data)


class Images:
    """Files that bulk ranges name, by file name, from any number of folders."""

    def __init__(self, *folders):
        self.folders = [folder for folder in folders if folder]

    def path(self, name):
        for folder in self.folders:
            if os.path.isfile(os.path.join(folder, name)):
                return os.path.join(folder, name)
        raise MissingImage(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def bulk(self, text):
        """The bytes that stand between < and > in a transcript."""
        text = re.sub(r", sent in blocks of \d+$", "", text)
        found = re.fullmatch(r"(?:cut-)?(\S+) bytes (\d+)\.\.(\d+)", text)
        if found and not text.startswith("bytes "):
            return self.read(found[1])[int(found[2]):int(found[3]) + 1]
        found = re.fullmatch(r"(\S+) with byte (\d+) changed", text)
        if found:
            data = bytearray(self.read(found[1]))
            data[int(found[2])] ^= 0xFF
            return bytes(data)
        found = re.fullmatch(r"(\d+) bytes of ([0-9a-f]{2})", text)
        if found:
            return bytes([int(found[2], 16)]) * int(found[1])
        found = re.fullmatch(r"bytes 00\.\.ff (\d+) times and (\d+) times (.)", text)
        if found:
            return bytes(range(256)) * int(found[1]) + found[3].encode() * int(found[2])
        raise BadTranscript("what bytes is '%s'?" % text)


# ---- notes ----------------------------------------------------------------------------

CONNECT = re.compile(r"(telnet|ftp|data)(?: \((second|third) client\))?: "
                     r"connect port (\d+): (.+)")
CLOSE = re.compile(r"([CS])([A-Z0-9]*) (closes \(FIN\)|closes its sending side \(FIN\)|"
                   r"resets the connection \(RST\))")
HOW = {"closes (FIN)": "FIN", "closes its sending side (FIN)": "half",
       "resets the connection (RST)": "RST"}
CLIENTS = {None: "", "second": "2", "third": "3"}
OUTCOMES = {"Connection refused": "refused"}


def read_note(time, text, vendor=False):
    found = CONNECT.fullmatch(text)
    if found:
        link = "D" if found[1] == "data" else CLIENTS[found[2]]
        if vendor and found[1] == "telnet":
            link = "T"
        return Event(time, "connect", link, port=found[1],
                     text=OUTCOMES.get(found[4], found[4]), line=text)
    found = CLOSE.fullmatch(text)
    if found:
        return Event(time, "close", found[2], who=found[1], text=HOW[found[3]], line=text)
    if text.startswith("board") and "bootinfo" in text:
        return Event(time, "board", text=text, line=text)
    if text.startswith("ctl "):
        return Event(time, "ctl", text=text[4:], line=text)
    return Event(time, "note", text=text, line=text)


def read_bytes(time, who, link, text, data, line):
    bulk = text.startswith("<") and text.endswith(">")
    return Event(time, "send" if who == "C" else "recv", link, data,
                 text=text[1:-1] if bulk else "", line=line)


# ---- files ----------------------------------------------------------------------------

class Transcript:
    def __init__(self, path, events, title=""):
        self.path, self.events, self.title = path, events, title
        self.name = os.path.basename(path).rsplit(".", 1)[0]
        self.family = "wipy"


def read_txt(path, images):
    """Times are as good as the waits in the file: gaps under GAP are not written there."""
    transcript = Transcript(path, [])
    now = 0.0
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        try:
            if line.startswith("# family "):
                transcript.family = line[9:]
                continue
            if line.startswith("# wait "):
                now += float(re.fullmatch(r"# wait ([0-9.]+) s", line)[1])
                continue
            event = read_line(now, line, images)
        except (BadTranscript, TypeError, ValueError) as fault:
            raise BadTranscript("%s:%d: %s" % (path, number, fault)) from fault
        last = transcript.events[-1] if transcript.events else event
        if last.kind == event.kind == "send" and last.link == event.link and \
                last.time == now:
            event.time = now = now + BETWEEN_SENDS
        event.number = number
        transcript.events.append(event)
    if transcript.events and transcript.events[0].kind == "note":
        transcript.title = transcript.events.pop(0).text
    transcript.end = now
    return transcript


def read_line(now, line, images):
    if line.startswith("# "):
        return read_note(now, line[2:])
    found = re.fullmatch(r"([CS])([A-Z0-9]*): (.*)", line)
    if not found:
        raise BadTranscript("a line begins with '# ', 'C: ' or 'S: '")
    text = found[3]
    if text.startswith("<") and text.endswith(">"):
        data = images.bulk(text[1:-1])
    else:
        data = unescape(text)
    return read_bytes(now, found[1], found[2], text, data, line)


def read_json(path, images):
    transcript = Transcript(path, [])
    vendor = transcript.name.startswith("vendor_")
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    for number, (where, text, time) in enumerate(entries, 1):
        if where == "#":
            event = read_note(time, text, vendor)
        else:
            bulk = text.startswith("<")
            data = images.bulk(text[1:-1]) if bulk else bytes.fromhex(text)
            event = read_bytes(time, where[0], where[1:], text if bulk else "", data,
                               where + ": " + (text if bulk else escape(data)))
        event.number = number
        transcript.events.append(event)
    transcript.end = entries[-1][2] if entries else 0.0
    return transcript


def read(path, images):
    return (read_json if path.endswith(".json") else read_txt)(path, images)


# ---- writing --------------------------------------------------------------------------

def write_txt(transcript):
    """The .txt form; bytes of the server that belong together are joined, then cut behind
    each line end."""
    lines = ["# " + transcript.title]
    if transcript.family != "wipy":
        lines.append("# family " + transcript.family)
    last = 0.0
    for event in join_answers(transcript.events):
        if event.time - last > GAP:
            lines.append("# wait %.2f s" % (event.time - last))
        last = event.until
        if event.kind in ("send", "recv"):
            lines += byte_lines(event)
        else:
            lines.append("# " + event.line)
    if transcript.end - last > GAP:
        lines.append("# wait %.2f s" % (transcript.end - last))
    return "\n".join(lines) + "\n"


def join_answers(events):
    """Neighbours that the server sent on one link within GAP become one."""
    joined = []
    for event in events:
        event.until = event.time
        last = joined[-1] if joined else None
        if last and last.kind == event.kind == "recv" and last.link == event.link and \
                event.time - last.until <= GAP:
            last.data += event.data
            last.until = event.time
            continue
        if event.kind == "recv":
            copy = Event(event.time, "recv", event.link, event.data, event.text,
                         line=event.line)
            copy.number, copy.until = event.number, event.time
            event = copy
        joined.append(event)
    return joined


def byte_lines(event):
    """No line ends with a blank: editors and mailers cut those off."""
    head = ("C" if event.kind == "send" else "S") + event.link + ": "
    if event.text:
        return [head + "<" + event.text + ">"]
    pieces = [event.data]
    if event.kind == "recv":
        pieces = re.findall(rb"[^\n]*\n|[^\n]+", event.data)
    return [head + re.sub(" $", r"\\x20", escape(piece)) for piece in pieces]
