# SPDX-License-Identifier: MIT
"""Plays the client's side of a transcript against a board and compares what the board
says, when, and in which order; how it closes, what it refuses, and its boot record and
slots where the transcript looks at them. What is compared how exactly: tests/data/README.md.

The bounds stand here and nowhere else."""

import errno
import re
import socket
import time

from deviations import Deviations
from fleet import PATIENCE
from links import Fault, Link, outstanding
from transcript import escape, join_answers

# An answer may come this much earlier or later than it was recorded (seconds, share of
# the gap in front of it).
BOUND, SHARE = 0.06, 0.10
# A board takes 512 bytes each 4 ms at best (README of the recordings); one that is faster
# answers a bulk transfer earlier by this much a byte.
BULK, BULK_TIME = 2000, 0.004 / 512
# A board that sends to somebody who does not read stops after so many bytes or fewer:
# what fits on the way is the kernel's affair.
UNREAD = 16384
# From reset until servers listen is a setting; a connection may have to wait for it.
BOOT = 2.0
# On the real clock the machine may be busy; too early stays too early.
REAL_LATE = 1.0 * PATIENCE
# A step of the virtual clock: where an answer is due, and where nothing is.
STEP, STRIDE = 0.002, 0.02
# Real seconds for the kernel to move bytes, and for a connection to be queued or not.
SETTLE, CONNECT = 0.002, 0.3
# Asked for and granted twice: holds the largest upload at once, as the recordings did.
SEND_BUFFER = 212992
FAULTS_MAX = 3
# One server speaks on both: what comes first is of interest.
ORDERED = {"", "D"}
# What 227 says in every recording.
RECORDED_ADDRESS, RECORDED_PORT = b"192,168,1,1", b",7,232)"


def due_after(gap, clock):
    """How much later than `gap` an answer may be."""
    return max(BOUND, gap * SHARE) if clock.virtual else REAL_LATE + gap * SHARE


class Player:
    """Plays on one board. `hosts`: Boards; `number`: which of them."""

    def __init__(self, hosts, number, images=None):
        self.hosts, self.number, self.images = hosts, number, images
        self.clock = hosts.clock
        self.links = {}
        self.old = []       # links that were replaced; they drain until the end
        self.sending = []   # [link, bytes left]
        self.refused = set()  # names of links that never came to be
        self.faults = []
        self.at = None      # the event that is being played, for the report
        self.bulk_links = []
        self.early = 0.0    # how much earlier than recorded a transfer may end
        self.boot = 0.0     # how much later a connection may succeed
        self.cut = False    # power was cut: how connections end is the kernel's affair
        self.loose = False  # the client's log, not the wire: only the bytes count
        self.ended_at = 0.0

    # ---- time

    def pump(self):
        now = self.clock.now()
        news = [link.pump(now) for link in self.all_links()]
        return any(news)

    def all_links(self):
        """Data first: where both have news at one moment, data was sent first."""
        return self.old + [self.links[name] for name in sorted(self.links, key=lambda
                           name: name != "D")]

    def send_more(self):
        for entry in list(self.sending):
            link, data = entry
            try:
                while data and link.sock:
                    entry[1] = data = data[link.sock.send(data):]
            except BlockingIOError:
                continue
            except OSError:
                data = b""  # the board has closed; that is judged where it is recorded
            if not data or not link.sock:
                self.sending.remove(entry)

    def pass_time(self, seconds):
        self.send_more()
        socks = [link.sock for link in self.links.values() if link.sock
                 and link.reading and not link.ended]
        self.clock.pass_time(seconds, socks)
        if self.clock.virtual and self.bytes_on_the_way():
            time.sleep(SETTLE / 4)
        self.pump()

    def bytes_on_the_way(self):
        """Some bytes of ours are in the kernel still: it needs real time, not ours."""
        return self.sending or any(
            link.sock and not link.ended and outstanding(link.sock)
            for link in self.all_links())

    def go_to(self, then):
        """Lets time pass until `then`."""
        while self.clock.now() < then - 0.0005:
            self.pass_time(min(STRIDE, then - self.clock.now()))

    # ---- the client's side

    def connect(self, event, deadline):
        outcome = self.try_connect(event)
        want = event.text.split(" ")[0]
        while want == "ok" and outcome == "refused" and self.clock.now() < deadline:
            self.pass_time(STEP)
            outcome = self.try_connect(event)
        if want == "timed":
            want = "timed out"
        self.refused.discard(event.link)
        if outcome == want != "ok" and event.link not in self.links:
            self.refused.add(event.link)  # the client drops the socket later
        if outcome != want:
            raise Fault("connect to %s: %s, recorded: %s" % (event.port, outcome, want))

    def try_connect(self, event):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if "not reading" in event.text:  # the board's bytes shall stay on its side
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        target = (self.hosts.address(self.number), self.hosts.ports[event.port])
        end = time.monotonic() + CONNECT * PATIENCE
        while True:
            code = sock.connect_ex(target)
            if code in (0, errno.EISCONN):
                break
            if code == errno.ECONNREFUSED:
                sock.close()
                return "refused"
            if time.monotonic() > end:
                sock.close()
                return "timed out"
            time.sleep(0.001)
        if event.link in self.links:
            self.old.append(self.links[event.link])
        self.links[event.link] = Link(sock, "not reading" not in event.text)
        if "not reading" in event.text:
            self.early += UNREAD * BULK_TIME
        return "ok"

    def link(self, event):
        if event.link not in self.links:
            raise Fault("there is no connection %s%s" % (event.who or "C", event.link))
        return self.links[event.link]

    def send(self, event):
        link = self.link(event)
        if link.ended:
            raise Fault("the board has closed the connection (%s)" % link.ended[1])
        if len(event.data) >= BULK:
            self.early += len(event.data) * BULK_TIME + BOUND
            self.bulk_links.append(link)
        self.sending.append([link, event.data])
        self.send_more()

    def leave(self, event):
        """The client closes. What the board says to that is not recorded."""
        if event.link in self.refused:
            return
        link = self.link(event)
        while any(entry[0] is link for entry in self.sending) and event.text != "RST":
            self.pass_time(STEP)
        if event.text == "RST":
            link.close(reset=True)
        elif link.sock and not link.ended:
            try:
                link.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        link.left = event.text != "half"

    def do(self, event, gap):
        if event.kind == "connect":
            self.connect(event, self.clock.now() + self.boot +
                         due_after(gap, self.clock))
        elif event.kind == "send":
            self.send(event)
        elif event.kind == "close":
            self.leave(event)
        elif event.kind == "board":
            if "power on" in event.text:
                self.ctl("power-off")
                self.ctl("power-on")
                self.go_to(self.clock.now() + gap)
            self.look(event)
        elif event.kind == "ctl":
            self.ctl(*event.text.split(" "))
        else:
            self.take_note(event)

    def ctl(self, command, *words):
        if command == "slot" and words[1] not in ("absent", "torn"):
            words = (words[0], self.images.path(words[1]))
        self.hosts.control.words(command, self.number, *words)
        if command in ("power-off", "power-on"):
            self.cut = command == "power-off"

    def take_note(self, event):
        """Notes are for the reader; these are also something that was done."""
        if event.text == "power cut":
            self.ctl("power-off")
        elif "WLAN event" in event.text:
            self.ctl("wlan-event")
        elif "servers up again" in event.text:
            self.boot = BOOT
        elif re.match(r"\d+ bytes of \d+ received", event.text):
            self.check_unread(event)

    # ---- the board's side

    def look(self, event):
        status = self.hosts.control.words("status", self.number)
        got = state_line(status)
        want = event.text[event.text.index("bootinfo"):]
        if got != want:
            raise Fault("the board's state:\n  recorded %s\n  ours     %s" % (want, got))

    def check_unread(self, event):
        """A transfer that was not read: how much fits on the way is the kernel's
        affair, that it was cut is the board's."""
        if "D" not in self.links:
            raise Fault("there is no data connection")
        link = self.links["D"]
        link.reading = True
        total = int(re.search(r"of (\d+) received", event.text)[1])
        self.pump()
        if not link.ended or len(link.got) >= total:
            raise Fault("%d of %d bytes came, ended: %s" % (len(link.got), total,
                                                            link.ended))
        link.used = len(link.got)
        link.close()

    def expect(self, events):
        """Events of the board, until the next one of the client."""
        last = None
        for event in join_answers(events):
            self.at = event
            gap = event.time - self.ref_then
            if event.kind == "recv":
                at = self.expect_bytes(event, gap)
            else:
                at = self.expect_end(event, gap)
            if ORDERED >= {event.link, last} and at < self.ref_now and \
                    self.clock.virtual and not self.loose and event.link != last:
                raise Fault("comes %.0f ms before what was in front of it" % (
                    1000 * (self.ref_now - at)))
            last = event.link
            self.ref_then = getattr(event, "until", event.time)
            self.ref_now = max(at, self.ref_now)

    def wait_for(self, condition, limit):
        while not condition() and self.clock.now() < limit:
            left = limit - self.clock.now()
            self.pass_time(STEP if left < 0.5 else STRIDE)
        return condition()

    def check_early(self, at, gap, what):
        first = self.ref_now + gap - max(BOUND, gap * SHARE) - self.early
        if at < first and not self.loose:
            raise Fault("%s comes %.2f s after what was before it, recorded: %.2f s"
                        % (what, at - self.ref_now, gap))

    def expect_bytes(self, event, gap):
        link = self.link(event)
        until = gap + event.until - event.time
        want, first = event.data, link.used
        if len(want) >= BULK:
            self.early += len(want) * BULK_TIME + BOUND

        def whole():
            here = bytes(link.got[first:first + len(want)])
            return len(here) == len(want) or not want.startswith(here) or link.ended

        self.wait_for(whole, self.ref_now + until + due_after(until, self.clock) +
                      self.early)
        got = bytes(link.got[first:first + len(want)])
        if got != want:
            # what is left of the answer may still be on its way: show it whole
            self.wait_for(lambda: False, self.clock.now() + BOUND)
            got = bytes(link.got[first:])
            link.used = len(link.got)
            if got == want:
                raise Fault("S%s: %s comes later than %.2f s" % (
                    event.link, escape(want[:40]), until))
            raise Fault(difference(want, got, link.ended))
        link.used += len(want)
        self.check_early(link.arrived(first + 1), gap, "S%s: %s" % (
            event.link, escape(want[:40])))
        if not event.link and all(link.reading for link in self.links.values()):
            self.early = 0.0  # the main connection: the transfer is answered
        return link.arrived(link.used)

    def expect_end(self, event, gap):
        link = self.link(event)
        if self.cut:  # a board without power says nothing; a process that ended does
            link.close()
            return self.ref_now
        self.wait_for(lambda: link.ended, self.ref_now + gap +
                      due_after(gap, self.clock) + self.early)
        if not link.ended:
            raise Fault("S%s does not close" % event.link)
        at, how = link.ended
        # a close with bytes unread is a FIN or an RST by the kernel's rules
        if how != event.text and link not in self.bulk_links:
            raise Fault("S%s ends with %s, recorded: %s" % (event.link, how, event.text))
        if len(link.got) > link.used and not link.left and not self.loose:
            raise Fault("S%s says more before it closes: %s" % (
                event.link, escape(bytes(link.got[link.used:][:200]))))
        self.check_early(at, gap, "the end of S%s" % event.link)
        link.close()
        return at

    def passive(self, event):
        """227 names the board's address and port: the recorded ones stand for ours."""
        if event.kind != "recv" or b"227 (" not in event.data:
            return event
        port = self.hosts.ports["data"]
        ours = self.hosts.address(self.number).replace(".", ",").encode()
        event.data = event.data.replace(RECORDED_ADDRESS, ours).replace(
            RECORDED_PORT, b",%d,%d)" % (port // 256, port % 256))
        return event

    # ---- a whole conversation

    def play(self, transcript, deviations=None):
        """The faults found, as texts; none: it went as recorded."""
        deviations = deviations or Deviations()
        name = transcript.name
        self.ref_then, self.ref_now = 0.0, self.clock.now()
        events = [self.passive(deviations.apply(name, event)) for event in
                  join_answers(transcript.events)]
        pending = []
        for event in events:
            if event.kind == "recv" or (event.kind == "close" and event.who == "S"):
                pending.append(event)
                continue
            self.guard(self.expect, pending)
            pending = []
            self.at = event
            self.guard(self.act, event)
            if len(self.faults) >= FAULTS_MAX:
                break
        else:
            self.guard(self.expect, pending)
            self.guard(self.finish, transcript)
        for link in self.all_links():
            link.close()
        return self.faults

    def act(self, event):
        gap = event.time - self.ref_then
        if "power on" not in event.text:  # power comes first, then it takes that long
            self.go_to(self.ref_now + gap)
        before = self.clock.now()
        self.do(event, gap)
        self.ref_then, self.ref_now = event.time, before
        if event.kind == "connect":
            self.boot, self.ref_now = 0.0, self.clock.now()

    def finish(self, transcript):
        self.go_to(self.ref_now + max(0.0, transcript.end - self.ref_then))
        self.go_to(self.clock.now() + BOUND)
        for name, link in self.links.items():
            rest = bytes(link.got[link.used:])
            if link.left or self.loose:
                continue
            if rest:
                raise Fault("S%s says more: %s" % (name, escape(rest[:200])))
            if link.ended and link.sock and not self.cut:
                raise Fault("S%s closes at the end" % name)

    def guard(self, step, argument):
        """A fault is noted with the place where it was found; the play goes on."""
        try:
            step(argument)
        except Fault as fault:
            self.faults.append("entry %d, %s: %s" % (self.at.number, self.at.line[:60],
                                                     fault))
            for link in self.links.values():
                link.used = len(link.got)
            self.ref_then = getattr(self.at, "until", self.at.time)
            self.ref_now = self.clock.now()


def state_line(status):
    """The board's state in the words of the transcripts."""
    parts = []
    for name, slot in (("factimg", "factory"), ("updtimg1", "update1"),
                       ("updtimg2", "update2")):
        file = status["slot_files"][slot]
        if not file:
            parts.append(name + " absent")
            continue
        parts.append("%s %d bytes md5-%s%s" % (
            name, file["size"], file["md5"], " open-not-closed" if file["open"] else ""))
    return "bootinfo %s; %s" % (status["record_hex"] or "(none)", ", ".join(parts))


def difference(want, got, ended):
    same = 0
    while same < min(len(want), len(got)) and want[same] == got[same]:
        same += 1
    head = "..." if same > 60 else ""
    start = max(0, same - 60)
    text = "after %d of %d bytes:\n  recorded %s%s\n  ours     %s%s" % (
        same, len(want), head, escape(want[start:same + 300]), head,
        escape(got[start:same + 300]))
    if ended:
        text += "\n  (closed: %s)" % ended[1]
    return text
