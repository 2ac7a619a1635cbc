# SPDX-License-Identifier: MIT
"""Records transcripts: plays the client's side of .txt files against one fresh board each,
on the virtual clock, and writes the files anew with what the board says.

    BUILD=build python3 tests/e2e/replay_record.py FILE.txt...

A file that has only the client's lines (C:, connects, closes, waits, ctl) is a script; a
complete one is recorded again. Read what comes out before you keep it: a recording shows
what the board does, not that it is right."""

import sys

from boards import Boards, BoardsFailed
from links import Fault
from replay import RECORDED_ADDRESS, RECORDED_PORT, STEP, Player, state_line
from replay_setup import POWER_ON
from test_replay import OwnImages
from transcript import Event, read, write_txt

# The board has answered when it has said nothing for so long (seconds).
QUIET = 0.04
# A note in a script: the client does not wait for the answer.
AT_ONCE = "at once"
# What may come behind the end of the script (seconds).
LAST_WORD = 1.0


class Recorder(Player):
    """Does what a script says and notes what comes back."""

    def __init__(self, boards, number, images):
        super().__init__(boards, number, images)
        self.out = []
        self.begun = self.clock.now()

    def note(self, kind, link="", data=b"", text="", line="", at=None):
        at = self.clock.now() if at is None else at
        self.out.append(Event(at - self.begun, kind, link, data, text, line=line))

    def pump(self):
        marks = {name: (link.used, link.ended) for name, link in self.links.items()}
        news = super().pump()
        fresh, ended = {}, []
        for name, (used, end) in marks.items():
            link = self.links[name]
            if len(link.got) > used and not link.left:
                fresh[name] = self.plain(bytes(link.got[used:]))
            link.used = len(link.got)
            if link.ended and not end and not link.left:
                ended.append(name)
        self.note_bytes(fresh)
        for name in sorted(ended, key=lambda name: name != "D"):
            how = "closes (FIN)" if self.links[name].ended[1] == "FIN" else \
                "resets the connection (RST)"
            self.note("close", name, line="S%s %s" % (name, how))
            self.links[name].close()
        return news

    def note_bytes(self, fresh):
        """Of one moment, in the order in which they were sent: 150, data, the rest."""
        begin = fresh.get("", b"")
        if begin.startswith(b"150 ") and "D" in fresh:
            cut = begin.index(b"\n") + 1
            fresh[""] = begin[cut:]
            self.note("recv", "", begin[:cut], line="S")
        for name in sorted(fresh, key=lambda name: name != "D"):
            if fresh[name]:
                self.note("recv", name, fresh[name], line="S" + name)

    def plain(self, data):
        """227 says the same in every transcript."""
        port = self.hosts.ports["data"]
        ours = self.hosts.address(self.number).replace(".", ",").encode()
        return data.replace(ours, RECORDED_ADDRESS).replace(
            b",%d,%d)" % (port // 256, port % 256), RECORDED_PORT)

    def until_quiet(self):
        quiet = self.clock.now()
        while self.clock.now() - quiet < QUIET or self.sending:
            before = len(self.out)
            self.pass_time(STEP)
            if len(self.out) > before or self.sending:
                quiet = self.clock.now()

    def record(self, transcript):
        """Waits of the script count from the answer to what was done before."""
        self.ctl("rtc", POWER_ON)
        events = [event for event in transcript.events if event.kind != "recv" and
                  not (event.kind == "close" and event.who == "S")]
        then, now = 0.0, self.clock.now()
        for event, following in zip(events, events[1:] + [None]):
            self.go_to(now + event.time - then)
            then, now = event.time, self.clock.now()
            self.step(event)
            if following and following.text == AT_ONCE:
                continue
            if event.kind in ("send", "connect", "close"):
                self.until_quiet()
                now = max([now] + [self.begun + e.time for e in self.out[-1:]])
        self.go_to(now + transcript.end - then + LAST_WORD)
        transcript.events = self.out
        # a wait at the end says that nothing comes; after the last close it says nothing
        transcript.end = self.clock.now() - self.begun - LAST_WORD if any(
            link.sock and not link.left for link in self.links.values()) else 0.0

    def step(self, event):
        text, line = event.text, event.line
        if event.kind == "connect":
            outcome = self.try_connect(event)
            line = line.rsplit(": ", 1)[0] + ": " + outcome
            self.note("connect", event.link, text=outcome, line=line)
            if outcome != "ok":
                self.refused.add(event.link)
            return
        if event.kind == "board":
            state = state_line(self.hosts.control.words("status", self.number))
            line = text[:text.index("bootinfo")] + state
        self.note(event.kind, event.link, event.data, text, line)
        if event.kind != "board":
            self.do(event, 0)


def main():
    code = 0
    with OwnImages() as images:
        for path in sys.argv[1:]:
            transcript = read(path, images)
            options = [] if transcript.family == "wipy" else ["--family",
                                                              transcript.family]
            boards = Boards(1, images.factory(transcript.family), options=options)
            try:
                Recorder(boards, 1, images).record(transcript)
                with open(path, "w", encoding="ascii") as file:
                    file.write(write_txt(transcript))
            except (Fault, BoardsFailed) as fault:
                print("%s: %s" % (path, fault), file=sys.stderr)
                code = 1
            finally:
                boards.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
