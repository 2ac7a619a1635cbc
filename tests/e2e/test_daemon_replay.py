# SPDX-License-Identifier: MIT
"""wipyd against recorded servers: the recorded side of the server is played to it,
segments and gaps included, and it has to draw the right conclusions and never hang. What
is played, and what is not: played_rows.py."""

import glob
import os
import subprocess
import time

from fleet import BUILD, Failed, Fleet, SOURCE, Tap, wait_until
from played_rows import LOOKS, NEVER, NO_UNAME, PUSHES
from played_server import Book, PlayedBoard, RESET, STOR, joined, met_running, talks_of

SHARED = os.path.join(SOURCE, "..", "shared", "boards", "transcripts")
IMAGE = os.path.join(SOURCE, "..", "shared", "images", "wipy",
                     "wipy-20170213-v1.8.7-219-g0c821f7-dirty.bin")
OWN = os.path.join(SOURCE, "tests", "data", "transcripts")
SERVED = os.path.join(SOURCE, "tests", "data", "served")
# Where a recording has no telnet with a reset, or no upload, of its own; the second where
# the recordings are not there: there no upload is completed.
UPDATE = ("update_complete", "telnet_hard_reset")
HELLO = "ftp_hello"


def path_of(name):
    for folder, ending in ((SHARED, ".json"), (OWN, ".txt"), (SERVED, ".txt")):
        path = os.path.join(folder, name + ending)
        if os.path.exists(path):
            return path
    return None


def talks(name, port):
    return [talk for talk in talks_of(path_of(name)) if talk.port == port]


def has_reset(talk):
    return any(turn.said.strip() == RESET for turn in talk.turns)


def own_lives(name):
    """The telnet connection with the reset and the one behind it; the same twice without
    one; none if nobody resets."""
    telnet = talks(name, "telnet")
    for number, talk in enumerate(telnet):
        if has_reset(talk) and not name.startswith("vendor_"):
            return [talk, telnet[min(number + 1, len(telnet) - 1)]]
    return None


def met(name, number, typed=b""):
    talk = talks(name, "telnet")[number]
    return met_running(talk, typed) if typed else talk


def lives_of(row):
    update = next(own_lives(name) for name in UPDATE if path_of(name))
    return [met(*life) for life in row.lives] or own_lives(row.name) or update


def ftp_of(name, number=0):
    """Its own, or where it has none that of a complete update."""
    for source in (name,) + UPDATE[:1]:
        found = talks(source, "ftp") if path_of(source) else []
        if found:
            return found[number]
    return None


def stored(name, verb=STOR):
    """Its uploads, or what the recorded client sent in their place."""
    return [turn for talk in talks(name, "ftp") for turn in talk.turns
            if turn.said.startswith(verb)]


def uploads_of(row):
    """Those of its recording, else of a complete one."""
    turns = next(filter(None, (stored(name, row.verb) for name in (row.name,) + UPDATE
                               if path_of(name))), [])
    if isinstance(row.first, str):
        turns = [turn for turn in turns if joined(turn).startswith(row.first.encode())]
    else:
        turns = turns[row.first:]
    return turns[:1] + stored(row.then) if row.then else turns


class Played(Fleet):
    """A daemon, and played servers instead of boards."""

    SETTINGS = {
        "poll": {"every": "1d", "misses": 2}, "enrolment": {"login": False},
        "update": {"attempts": 2, "back-off": "500ms", "return": "10s", "soak": "500ms",
                   "look-every": "300ms", "in-flight": 100, "domain-share": "100%"},
    }

    def __init__(self, cases):
        self.cases, self.played = cases, {}
        super().__init__(len(cases))

    def spawn_boards(self):
        """Fleet has chosen the network and the ports."""
        return True

    def address(self, number):
        return "%s.%d" % (self.net, number)

    def inventory(self, extra="", defaults=""):
        lines = ["version: 1", "types:"]
        lines += ["  %s: {family: wipy}" % case for case in self.cases]
        lines += ["defaults: {ports: {telnet: %d, ftp: %d, data: %d}}" % (
            self.telnet, self.ftp, self.pasv), "boards:"]
        for number, case in enumerate(self.cases, 1):
            lines.append("  - {name: %s, type: %s, address: %s}" % (
                case, case, self.address(number)))
        return "\n".join(lines) + "\n"

    def play(self, case, lives, ftp, **more):
        number = self.cases.index(case) + 1
        ports = {"telnet": self.telnet, "ftp": self.ftp, "data": self.pasv}
        self.played[case] = PlayedBoard(self.address(number), ports, lives, ftp, BOOK,
                                        **more)

    def close(self):
        super().close()
        for board in self.played.values():
            board.close()
        self.played = {}


def present(tap, rows):
    kept = [row for row in rows if path_of(row.name)]
    for row in rows:
        if row not in kept:
            tap.skip(row.name, "the folder with the recordings is not there")
    return kept


def each_is_named(tap):
    """A recording that is in no list is a fault, and so is a row that nobody recorded."""
    if not os.path.isdir(SHARED):
        tap.skip("every recording is played or has a reason",
                 "the folder with the recordings is not there")
        return
    recorded = {os.path.basename(path)[:-5] for path in glob.glob(SHARED + "/*.json")}
    never = [name for _, names in NEVER for name in names.split()]
    played = {row.name for row in LOOKS + PUSHES}
    tap.equal(sorted(recorded - played - set(never)), [],
              "each of %d recordings is played (%d) or has a reason (%d)" % (
                  len(recorded), len(recorded & played), len(never)))
    tap.equal(sorted(set(never) & played), [], "none has a reason and is played")
    tap.equal(sorted(set(never) - recorded), [], "what has a reason exists")
    tap.equal([row.name for row in LOOKS + PUSHES if not path_of(row.name)], [],
              "what is played exists")


def looked_at(tap):
    rows = present(tap, LOOKS)
    fleet = Played([row.name for row in rows])
    for row in rows:
        number = row.talk if row.freed is None else row.freed
        talk = None if number is None else met(row.name, number, row.typed)
        if row.freed is not None:
            talk.never_ends()
        fleet.play(row.name, talk and [talk],
                   ftp_of(row.name) or ftp_of(HELLO) if row.ftp else None,
                   trouble="taken" if row.freed is not None else "")
    fleet.start_daemon()
    start = time.monotonic()
    answer = fleet.json("poll", "--uname", allowed=(4,))
    took = time.monotonic() - start
    status = {board["name"]: board for board in answer["boards"]}
    for row in rows:
        seen = status[row.name]
        tap.equal((seen["status"], seen["access"], seen["version"]["tag"]),
                  (row.status, row.access, row.tag), "look: %s: %s" % (row.name, row.why))
        uname = fleet.json("board", row.name)["board"]["uname"]
        tap.equal(uname["version"].split(" ")[0] if uname else None,
                  row.tag if row.status == "ok" and row.name not in NO_UNAME else None,
                  "look: %s: os.uname()" % row.name)
    tap.ok(took < 25, "look: nobody hangs (%.1f s)" % took)
    met_by_a_look(tap, fleet)
    seen_again(tap, fleet, [row for row in rows if row.freed is not None])
    tap.equal(fleet.stop_daemon(), 0, "look: wipyd ends well")
    fleet.close()


def met_by_a_look(tap, fleet):
    """A login that is asked for while the banner is read, which takes a second there."""
    name = "telnet_in_pieces"
    before = fleet.played[name].clients["telnet"]
    look = subprocess.Popen([BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "poll",
                             name], stdout=subprocess.DEVNULL)
    wait_until("a look has begun", lambda: fleet.played[name].clients["telnet"] > before)
    was = fleet.json("board", name)["board"]["intrusions"]
    fleet.json("poll", "--uname", name)
    tap.ok(fleet.json("board", name)["board"]["intrusions"] > was,
           "look: a login that was asked for while the banner was read comes behind it")
    look.wait()


def seen_again(tap, fleet, rows):
    """Those whose other client has left."""
    for row in rows:
        fleet.played[row.name].release()
        tap.equal(wait_until(row.name + " is back", lambda name=row.name: next(
            (board["access"] for board in fleet.json("poll", name, "--uname", allowed=(
                4,))["boards"] if board["status"] == "ok"), None)),
            "login-ok", "look: %s: seen when the other client has left" % row.name)


def pushed_to(tap):
    rows = present(tap, PUSHES)
    fleet = Played([row.name for row in rows])
    image = IMAGE if os.path.exists(IMAGE) else fleet.new_image
    for row in rows:
        fleet.play(row.name, lives_of(row), ftp_of(row.name, row.ftp),
                   uploads=uploads_of(row), half=os.path.getsize(image) // 2,
                   trouble=row.trouble)
    fleet.start_daemon()
    done = fleet.run("release", "add", "--name", "next", image)
    if done.returncode != 0:
        raise Failed(done.stderr)
    fleet.json("poll", allowed=(4,))
    rollouts = {row.name: begun(fleet, row.name) for row in rows}
    for row in rows:
        judge(tap, fleet, row, rollouts[row.name])
    fleet.stop_daemon()
    fleet.close()


def begun(fleet, name):
    code, answer = fleet.api("/v1/rollouts", {"release": "next", "waves": "100%",
                                              "select": "name=" + name})
    if code != 201:
        raise Failed("%s: %s" % (name, answer))
    return "/v1/rollouts/%s" % answer["id"]


def judge(tap, fleet, row, path):
    wait_until(row.name + " is over", lambda: fleet.api(path)[1]["state"] not in (
        "running", "aborting"), 60)
    task = fleet.api(path + "/tasks")[1]["tasks"][0]
    if not tap.ok((task["state"], task["code"] or "") == (row.state, row.code),
                  "push: %s: %s %s (%s)" % (row.name, row.state, row.code, row.why)):
        print("# got %(state)s %(code)s: %(evidence)s" % task)
    board, played = fleet.json("board", row.name)["board"], fleet.played[row.name]
    tap.equal((board["conditions"], played.pushes, played.trapped),
              (row.conditions, row.pushes, False), "push: %s: %d uploads, then %s" % (
                  row.name, row.pushes, row.conditions or "clean"))


if __name__ == "__main__":
    BOOK = Book(filter(None, map(path_of, ("telnet_machine_reset", "telnet_python_uname",
                                           "telnet_hard_reset", "ftp_simple_commands",
                                           "ftp_whole_session", UPDATE[0]))))
    TAP = Tap()
    for one in (each_is_named, looked_at, pushed_to):
        TAP.case(one)
    TAP.done()
