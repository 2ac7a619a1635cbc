# SPDX-License-Identifier: MIT
"""What can go wrong with a wipy board (tests/data/wire_faults.txt), each row on a virtual
board of its own with a rollout of its own, all at the same time under one daemon; the
other families: test_wire_families.py.

ROWS="17 28/pycom" in the environment plays those only."""

import json
import os
import re
import socket
import time

from boards import Boards
from fleet import Failed, Fleet, PATIENCE, SOURCE, Tap, make_image, wait_until
from transcript import unescape

TABLE = os.path.join(SOURCE, "tests", "data", "wire_faults.txt")
FAMILIES = ("wipy", "pycom", "esp32", "esp8266")
OLD, NEW = "v1.8.6", "v1.8.7"
RATE = "200000"  # an upload lasts long enough for somebody to come in between
MOMENTS = ("push", "off", "hung", "halted", "reset", "soak", "backoff")
NUMBERS = ("stors", "resets")
CONDITIONS = {"dirty": "dirty", "armed": "armed", "hands": "needs-hands"}
# These boards go on sending, or hold the line, when we have closed: then it is cut.
NEVER_ENDS = ("23", "23b", "44", "16b")
WHOLE = 60  # seconds: nothing takes longer, or it hangs
SPARE = 30  # addresses behind the last board, for those that move


class Row:
    def __init__(self, fields, family):
        self.number, _, done, more, self.end, self.code, after = fields
        self.family = family
        self.name = "row-%s-%s" % (self.number, family)
        self.more = "" if more == "-" else more
        self.code = "" if self.code == "-" else self.code
        self.after = [word.strip() for word in after.split(",")]
        steps = [] if done == "-" else [step.strip() for step in done.split(",")]
        self.first = [step for step in steps if not step.startswith("@")]
        self.later = [step[1:].split(" ", 1) for step in steps if step.startswith("@")]
        if any(moment not in MOMENTS for moment, _ in self.later):
            raise Failed("%s: no such moment" % done)
        self.release = NEW
        if self.first and self.first[0].startswith("release "):
            self.release = self.first.pop(0).split(" ")[1]
        self.board = self.rollout = None  # its number in its process, and its rollout
        self.task = {"state": "", "code": ""}
        self.before = {}  # the board's counters when the rollout began


def read_table(tap, families):
    """Their rows with a board or an image; all 43 causes must be in the table."""
    with open(TABLE, encoding="ascii") as file:
        lines = [line for line in file if line.strip() and not line.startswith("#")]
    numbers = {int(re.match("[0-9]+", line)[0]) for line in lines}
    tap.equal([n for n in range(1, 44) if n not in numbers], [],
              "each of the 43 rows is shown, or it is said why not")
    tables = [[field.strip() for field in line.split("|")] for line in lines]
    return [Row(fields, family) for fields in tables if fields[1] != "-"
            for family in (FAMILIES if fields[1] == "all" else fields[1].split(" "))
            if family in families]


class Mixed(Fleet):
    """Boards of several families, a process each."""

    def __init__(self, rows):
        self.rows, self.hosts, self.links = rows, {}, []
        super().__init__(len(rows), settings={
            "poll": {"every": "1s", "retry": "300ms", "misses": 2},
            "update": {"attempts": 2, "back-off": "1s", "return": "5s", "in-flight": 500,
                       "look-every": "100ms"}})

    def start_boards(self):
        for family in sorted({row.family for row in self.rows}):
            mine = [row for row in self.rows if row.family == family]
            image = make_image(self.path(family + ".bin"), OLD, "2016-11-10",
                               family=family)
            self.hosts[family] = Boards(max(1, len(mine)), image, clock="real", options=[
                "--family", family, "--rate", RATE])
            for number, row in enumerate(mine, 1):
                row.board = number

    def inventory(self, extra="", defaults=""):
        lines = ["version: 1", "types:"]
        lines += ["  %s: {family: %s}" % (row.name, row.family) for row in self.rows]
        lines.append("boards:")
        for row in self.rows:
            host = self.hosts[row.family]
            ports = "telnet: %(telnet)d, ftp: %(ftp)d" % host.ports
            more = row.more or "ports: {}"
            if "ports:" not in more:
                more += ", ports: {}"
            more = re.sub(r"ports: \{(.*?)\}",
                          lambda m, p=ports: "ports: {%s}" % ", ".join(
                              filter(None, (p, m[1]))), more)
            lines.append("  - {name: %s, type: %s, address: %s, %s}" % (
                row.name, row.name, host.address(row.board), more))
        return "\n".join(lines) + "\n"

    def close(self):
        super().close()
        for host in self.hosts.values():
            host.close()
        self.hosts = {}

    def boards_now(self):
        return {board["name"]: board for board in self.api("/v1/boards")[1]["boards"]}

    def known_of(self, row):
        return self.api("/v1/boards/" + row.name)[1]["board"]

    def status_of(self, row):
        return self.hosts[row.family].control.words("status", row.board)

    # ---- what is done to boards

    def connect(self, row, port):
        host = self.hosts[row.family]
        end = time.monotonic() + 20 * PATIENCE
        while True:  # a look of the daemon may hold the line for a moment
            try:
                link = socket.create_connection(
                    (host.address(row.board), host.ports[port]), timeout=20 * PATIENCE)
                hear(link, b"220" if port == "ftp" else b"Login as: ")
                return link
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def type_at(self, row, data):
        """Somebody logs in, types, and leaves."""
        link = self.connect(row, "telnet")
        link.sendall(b"micro\r")
        hear(link, b'\xff\xfb"')
        link.sendall(b"python\r")
        hear(link, b">>> ")
        link.sendall(data)
        # what was typed has been taken once it is echoed, or is without an echo
        link.settimeout(0.3)
        try:
            while link.recv(4096):
                pass
        except OSError:
            pass
        link.close()

    def do(self, row, step):
        control = self.hosts[row.family].control
        if step.startswith("!"):
            command, *words = step[1:].split(" ")
            control.words(command, row.board, *words)
        elif step.startswith(">"):
            self.type_at(row, unescape(step[1:]))
        elif step == "abort":
            self.api("/v1/rollouts/%s/abort" % row.rollout, {"reason": "test"})
        elif step in ("telnet", "ftp"):
            self.links.append(self.connect(row, step))
        elif step.startswith("seen="):
            wait_until("%s is %s" % (row.name, step), lambda: step[5:] in [
                self.boards_now()[row.name][key] for key in ("access", "reach")])
        elif step == "move":
            control.words("fault", row.board, "move=" + self.hosts[row.family].address(
                self.hosts[row.family].count + SPARE))
        else:
            control.words("fault", row.board, step)

    def begin(self, row):
        row.before = dict(self.status_of(row)["counters"],
                          intrusions=self.known_of(row)["intrusions"])
        code, answer = self.api("/v1/rollouts", self.wish(row))
        if code == 201:
            row.rollout = answer["id"]
            return
        # nothing to do: the plan says why
        row.task = self.plan(row)["exceptions"][0]

    def plan(self, row):
        return self.api("/v1/rollouts", dict(self.wish(row), dry_run=True))[1]

    @staticmethod
    def wish(row):
        return {"release": row.release, "select": "name=" + row.name, "waves": "100%",
                "soak_s": 3}

    def look(self, row, now):
        """`now`: the board as the daemon lists it; a task that has ended is not there."""
        if row.rollout and now["task"]:
            row.task = {"state": now["task"]["state"], "code": now["task"]["reason"]}
        if row.rollout and (not now["task"] or row.task["state"] == "deferred"):
            row.task = self.api("/v1/rollouts/%s/tasks" % row.rollout)[1]["tasks"][0]

    def moment_is(self, row, moment):
        if moment in ("soak", "backoff"):
            return row.task["state"] == {"soak": "soaking"}.get(moment, moment)
        status = self.status_of(row)
        if moment == "push":
            return any(slot and slot["open"] and slot["size"] > 2000
                       for slot in status["slot_files"].values())
        return status["counters"]["resets"] >= 1 if moment == "reset" else \
            status["state"] == moment


def hear(link, text):
    got = b""
    while text not in got:
        piece = link.recv(4096)
        if not piece:
            raise ConnectionResetError("ended after %r" % got)
        got += piece


# ---- the run -------------------------------------------------------------------------


def judge_image(tap, fleet, row):
    path = fleet.path(row.name + ".bin")
    options = dict(zip(row.first[0].split(" ")[1::2], row.first[0].split(" ")[2::2]))
    make_image(path, NEW, "2017-01-08", family=row.family,
               **{k[2:]: v for k, v in options.items()})
    shown = fleet.run("-o", "json", "image", "info", path)
    added = fleet.run("release", "add", path)
    tap.equal((json.loads(shown.stdout)["images"][0]["verdict"], added.returncode != 0),
              (row.code, True), "%s: not taken, %s" % (row.number, row.code))


def add_releases(tap, fleet):
    """The old and the new one with an image for each family, and one for each alone."""
    for tag, date in ((OLD, "2016-11-10"), (NEW, "2017-01-08")):
        files = [make_image(fleet.path("%s-%s.bin" % (family, tag)), tag, date,
                            family=family) for family in FAMILIES]
        added = fleet.run("release", "add", "--name", tag, *files)
        tap.equal(added.returncode, 0, "%s is taken for all families %s" % (
            tag, added.stderr))
    for family in FAMILIES:
        fleet.json("release", "add", "--name", "only-" + family,
                   fleet.path("%s-%s.bin" % (family, NEW)))


def play(fleet, rows):
    """Until all rows are as the table says, or nothing moves any more."""
    end = time.monotonic() + WHOLE * PATIENCE
    open_rows = list(rows)
    while open_rows and time.monotonic() < end:
        time.sleep(0.02)  # asking without end would slow down what is asked
        now = fleet.boards_now()
        for row in list(open_rows):
            fleet.look(row, now[row.name])
            while row.later and fleet.moment_is(row, row.later[0][0]):
                fleet.do(row, row.later.pop(0)[1])
            if not row.later and is_over(row):
                open_rows.remove(row)


def is_over(row):
    return row.task["state"] in (
        "confirmed", "already", "refused", "skipped", "fell-back", "failed", "lost",
        "cancelled", "deferred")


def image_word(text):
    for word, tag in (("old", OLD), ("new", NEW)):
        if text.startswith(tag + " on") or " %s on" % tag in text:
            return word
    return "none"


def board_then(fleet, row):
    status = fleet.status_of(row)
    running = image_word(status["running"]) if status["state"] == "running" else "none"
    known = fleet.known_of(row)
    found = {"runs": running, "update1": image_word(
        status["slots"].get("update1") or "")}
    for number in NUMBERS:
        found[number] = str(status["counters"][number] - row.before[number])
    for word, condition in CONDITIONS.items():
        found[word] = condition in known["conditions"]
    found["intrusions"] = str(known["intrusions"] - row.before["intrusions"])
    return found


def judge(tap, fleet, row):
    found = board_then(fleet, row)
    want = dict(word.split("=") for word in row.after if "=" in word)
    want.update({word: word in row.after for word in CONDITIONS})
    got = {key: found[key] for key in want}
    title = "%s %s" % (row.number, row.family)
    tap.equal((row.task["state"], row.task["code"] or ""), (row.end, row.code),
              title + ": %s %s" % (row.end, row.code))
    if not tap.ok(got == want, title + ": the board then: " + ", ".join(row.after)):
        print("# got  %s" % got)
        print("# " + str(row.task.get("evidence")))


def play_table(tap, families):
    rows = read_table(tap, families)
    chosen = os.environ.get("ROWS", "").split()
    if chosen:
        rows = [row for row in rows if row.number in chosen or
                row.number + "/" + row.family in chosen]
    images = [row for row in rows if row.end == "not-taken"]
    rows = [row for row in rows if row.end != "not-taken"]
    fleet = Mixed(rows)
    fleet.write(fleet.path("lost.password"), "sesame\n")
    os.chmod(fleet.path("lost.password"), 0o600)
    fleet.start_daemon()
    add_releases(tap, fleet)
    for row in images:
        judge_image(tap, fleet, row)
    wait_until("each has been asked who it is", lambda: all(
        known["unique_id"] or known["access"] == "login-refused"
        for known in map(fleet.known_of, rows)))
    for row in rows:
        for step in row.first:
            fleet.do(row, step)
    for row in sorted(rows, key=lambda row: len(row.later)):  # nobody's moment is missed
        fleet.begin(row)
    play(fleet, rows)
    for row in rows:
        judge(tap, fleet, row)
    plain = [row for row in rows if row.end == "confirmed"]
    again = [fleet.plan(row)["boards"]["already"] for row in plain]
    tap.equal(again, [1] * len(plain), "32: planned once more, they run it already")
    tap.equal([row.name for row in rows if row.number not in NEVER_ENDS and
               fleet.status_of(row)["counters"]["client_resets"]], [],
              "no connection was reset by us")
    tap.equal(fleet.stop_daemon(), 0, "wipyd ends well")


def wipy(tap):
    play_table(tap, ("wipy",))


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(wipy)
    TAP.done()
