# SPDX-License-Identifier: MIT
"""What every command prints: as a table on terminals of 80 and 120 columns, as JSON and as
CSV, against one real fleet whose clocks stand still, compared with tests/data/golden/.
GOLDEN=write writes those files anew. A command without a case here is a failure."""

import concurrent.futures
import csv
import fcntl
import glob
import io
import json
import os
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios

import taken
from fleet import (BUILD, Failed, Fleet, SANITIZED, SOURCE, Tap, make_image, name,
                   wait_until)

FOLDER = os.path.join(SOURCE, "tests/data/golden")
LIBRARY = (glob.glob("/usr/lib/*/faketime/libfaketime.so.1") or [""])[0]
BEGINS, GOES_ON, LOOKS = ("2026-11-20 12:00:00", "2026-11-20 13:00:00",
                          "2026-11-20 13:30:00")
FORMS = ("80", "120", "json", "csv")

# Commands that change nothing of what another one shows: words of the row, command line.
# They run beside one another.
LOOK = (
    ("status", "status"),
    ("boards", "boards"),
    ("boards", "boards --select site=berlin"),
    ("board", "board b-06"),
    ("board", "board b-04 --as-of 2026-11-20T12:30:00Z"),
    ("why", "why b-04"),
    ("why", "why b-06"),
    ("boards sets", "boards sets"),
    ("release list", "release list"),
    ("release channels", "release channels"),
    ("release cancel", "release cancel stable"),
    ("release cancel", "release cancel 99"),
    ("release show", "release show v1.8.7"),
    ("release verify", "release verify v1.8.7"),
    ("release manifest", "release manifest {dir}/new.bin --serial 7"),
    ("release known-bad list", "release known-bad list"),
    ("image info", "image info {dir}/new.bin"),
    ("plan", "plan --release v1.8.7"),
    ("plan", "plan --release v1.8.6 --select site=berlin"),
    ("plan", "plan --release v1.8.7 --select site=berlin"),
    ("rollout status", "rollout status {first}"),
    ("rollout status", "rollout status {second}"),
    ("rollout history", "rollout history"),
    ("rollout watch", "rollout watch {first}"),
    ("rescue list", "rescue list"),
    ("rescue card", "rescue card b-04"),
    ("rescue wire", "rescue wire b-01"),
    # At the bench: what the two do is shown where they are tested.
    ("rescue run", "rescue run {dir}/no.card"),
    ("rescue close", "rescue close {dir}/no.receipt"),
    ("report", "report --rollout {first}"),
    ("events", "events --board b-06 -n 3"),
    ("token", "token ci viewer"),
    ("explain", "explain held"),
    ("completion", "completion bash"),
    ("help", "help boards"),
)

# One after the other, all of them in one form before the next: {n} is the form's number.
CHANGE = (
    ("poll", "poll b-05 b-03"),
    ("boards accept", "boards accept b-05 --reason known"),
    ("doctor", "doctor"),
    ("inventory check", "inventory check {dir}/inventory.yaml"),
    ("inventory diff", "inventory diff"),
    ("inventory reload", "inventory reload"),
    ("inventory scan", "inventory scan {net}.0/29 --telnet-port {telnet} --ftp-port {ftp}"),
    ("release add", "release add {dir}/third-{n}.bin"),
    ("release retire", "release retire v1.9.{n} --reason old"),
    ("release gc", "release gc --dry-run"),
    ("release known-bad add", "release known-bad add v1.9.{n} --type wipy --reason heard"),
    ("release known-bad clear", "release known-bad clear v1.9.{n} --reason wrong"),
    ("rollout", "rollout --release v1.8.6 --select name=b-01 --yes"),
    ("rollout approve", "rollout approve"),
    ("rollout pause", "rollout pause"),
    ("rollout resume", "rollout resume"),
    ("rollout abort", "rollout abort --reason enough"),
    ("rollout undo", "rollout undo {second} --yes"),
    ("events export", "events export {dir}/events-{n}.jsonl --until 2026-11-20T12:30:00Z"),
    ("events verify", "events verify --file {dir}/events-{n}.jsonl"),
    ("events prune", "events prune --keep 30d --yes"),
)

# What differs from run to run beyond what all outputs are rid of.
RANDOM = {
    "events": [(r"(?m)^ *\d+(?=  2026-|,2026-)", "SEQ"), (r'("seq": )\d+', r"\1SEQ")],
    "events export": [(r"\b\d{2,3}\b", "N"), (r"\b[0-9a-f]{64}\b", "CHAIN")],
    "events verify": [(r"\b\d{2,3}\b", "N"), (r"\b[0-9a-f]{64}\b", "CHAIN")],
    "events prune": [(r"\b\d{2,3}\b", "N")],
    "token": [(r"wipyd_[0-9a-f]{64}", "TOKEN"), (r"\b[0-9a-f]{64}\b", "DIGEST")],
    "doctor": [(r"(?ms)^\w+ +disk .*?(?=^\w+ +clock )", "DISK\n"),
               (r"/state has \d+ of \d+ MiB free", "/state has ROOM")],
    "board": [(r'("seq": )\d+', r"\1SEQ")],
}
# Tables with a user in them.
BY_NAME = ("release known-bad list", "release known-bad add", "release known-bad clear",
           "report")
HEAD = {"completion": 4}  # lines: it grows with every command

INVENTORY = """version: 1
defaults: {family: wipy, ports: {telnet: %d, ftp: %d}}
sites:
  berlin: {timezone: Europe/Berlin}
  munich: {timezone: Europe/Berlin}
boards:
  - {name: "b-[01:03]", address: "%s.[1:3]", site: berlin, labels: {room: b12}}
  - {name: "b-[04:06]", address: "%s.[4:6]", site: munich, labels: {room: c3}}
"""


def clock(stands):
    """What a program needs whose wall clock stands still."""
    return {"LD_PRELOAD": LIBRARY, "FAKETIME": stands, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC", "NO_COLOR": "1", "TERM": "xterm"}


class Golden(Fleet):
    """Two sites: one has taken a release but for a board that is away; the other has a
    board that a broken push made dirty, and waits for an approval."""

    SETTINGS = dict(Fleet.SETTINGS, update=dict(Fleet.SETTINGS["update"], attempts=1))
    SECOND = (100, 109)  # of the address

    def start_boards(self):
        for _ in range(20):  # addresses of one width
            self.net = "127.%d.%d" % (random.randint(*self.SECOND), random.randint(100, 250))
            self.telnet, self.ftp, self.pasv = random.sample(range(20000, 32000), 3)
            if self.spawn_boards():
                self.write(self.path("inventory.yaml"), self.inventory())
                return
        raise Failed("no free loopback addresses for the boards")

    def inventory(self, extra="", defaults=""):
        return INVENTORY % (self.telnet, self.ftp, self.net, self.net)

    def prepare(self):
        self.start_daemon(env=clock(BEGINS))
        self.add_releases()
        self.wait_seen()
        self.power_off(3)
        self.rollout("--waves", "1,100%", "--select", "site=berlin")
        self.wait_state("completed-with-exceptions")
        self.first = self.status()["id"]
        self.ctl("fault", 4, "drop-after=1000")
        self.rollout("--waves", "100%", "--select", "name=" + name(4))
        wait_until("a board needs hands", lambda: self.json("status")["needs_hands"])
        self.run("rollout", "abort", "--reason", "broken")
        self.wait_state("aborted")
        self.second = self.status()["id"]
        self.stop_daemon()
        self.write_settings({"policy": {"approval": "other-person"}})
        self.start_daemon(env=clock(GOES_ON))
        wait_until("all but one are seen again", lambda: sum(
            board["last_seen"] == "2026-11-20T13:00:00Z"
            for board in self.seen().values()) == 5)
        self.rollout("--select", "site=munich")
        self.third = self.status()["id"]
        self.others = Others(2)

    def words(self, line, number=0):
        return shlex.split(line.format(dir=self.dir, n=number, first=self.first[:8],
                                       second=self.second[:8], third=self.third[:8],
                                       net=self.others.net, telnet=self.others.telnet,
                                       ftp=self.others.ftp))

    # ---- one command in one form: (exit code, text)

    def look(self, form, line, number=0):
        words = [BUILD + "/wipyctl", "-S", self.path("wipyd.sock")] + self.words(line, number)
        environment = dict(os.environ, WIPYD=BUILD + "/wipyd", **clock(LOOKS))
        if form.isdigit():
            return self.draw(words, int(form), environment)
        done = subprocess.run(words + ["-o", form], capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL, env=environment)
        text = done.stdout.decode() + "".join(
            "2> %s\n" % said for said in done.stderr.decode().splitlines())
        return done.returncode, text

    @staticmethod
    def draw(words, columns, environment):
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=theirs,
                                   stderr=theirs, env=environment)
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            text += piece
            if not piece:
                break
        os.close(ours)
        return process.wait(60), text.decode()

    # ---- what differs from run to run

    def known(self, text):
        """Random ids, addresses and folders under names of the same length."""
        rollouts = self.api("/v1/rollouts?limit=1000")[1]["rollouts"]
        for number, line in enumerate(reversed(rollouts), 1):
            sign = "%x" % (number % 16)
            text = text.replace(line["id"], sign * 32).replace(line["id"][:8], sign * 8)
        for fleet, net, port in ((self, "127.100.200", 21001),
                                 (self.others, "127.100.201", 21003)):
            for was, becomes in ((fleet.dir, "/fleet"), (fleet.net, net),
                                 (fleet.net.replace(".", "-"), net.replace(".", "-"))):
                text = text.replace(was, becomes)
            for was, becomes in ((fleet.telnet, port), (fleet.ftp, port + 1)):
                text = re.sub(r"\b%d\b" % was, str(becomes), text)
        return re.sub(r"\buid \d+", "uid N", text)


class Others(Golden):
    """Boards that no daemon looks at."""

    SECOND = (110, 119)


def told(fleet, words, line, form, code, text):
    """How it stands in the file."""
    for pattern, becomes in RANDOM.get(words, ()):
        text = re.sub(pattern, becomes, text)
    if words in HEAD:
        text = "".join(text.splitlines(True)[:HEAD[words]])
    shown = line.format(dir="/fleet", n="N", first="1" * 8, second="2" * 8, third="3" * 8,
                        net="127.100.201", telnet=21003, ftp=21004)
    how = " (%s columns)" % form if form.isdigit() else " -o " + form
    return "$ wipyctl %s%s\n%sexit %d\n\n" % (shown, how, text.replace("\r\n", "\n"), code)


def check_csv(tap, line, text):
    text = "".join(part for part in text.splitlines(True) if not part.startswith("2> "))
    if not text:
        return
    rows = list(csv.reader(io.StringIO(text, newline="")))
    good = len(set(rows[0])) == len(rows[0]) and all(len(r) == len(rows[0]) for r in rows)
    if not good or text.count("\r\n") < len(rows):
        tap.ok(False, "%s: a header of different names, full records" % line)


def check_json(tap, line, text):
    text = "".join(part for part in text.splitlines(True) if not part.startswith("2> "))
    try:
        json.loads(text or "null")
    except ValueError as fault:
        tap.ok(False, "%s: JSON: %s" % (line, fault))


# Text in every form.
TEXTS = ("help", "completion", "release manifest", "events export")


def check_form(tap, words, line, form, text):
    if words in TEXTS:
        return
    if form == "csv":
        check_csv(tap, line, text)
    elif form == "json":
        check_json(tap, line, text)


def run_all(tap, fleet):
    """{words: text of the file}"""
    files, later = {}, {}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for words, line in LOOK:
            for form in FORMS:
                later[words, line, form] = pool.submit(fleet.look, form, line)
    seen = [(key, future.result()) for key, future in later.items()]
    for number, form in enumerate(FORMS):
        for words, line in CHANGE:
            seen.append(((words, line, form), fleet.look(form, line, number)))
    for (words, line, form), (code, text) in seen:
        taken.exit_code(code)
        check_form(tap, words, line, form, text)
        text = fleet.known(text)
        files[words] = files.get(words, "") + told(fleet, words, line, form, code, text)
    return files


def compare(tap, words, text):
    path = os.path.join(FOLDER, words.replace(" ", "-") + ".txt")
    if os.environ.get("GOLDEN") == "write":
        Fleet.write(path, text)
    want = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            want = file.read()
    if tap.ok(text == want, words + " prints what it has printed"):
        return
    got, want, last = text.splitlines(), want.splitlines(), ""
    for number, line in enumerate(got):
        last = line if line.startswith("$ ") else last
        if number >= len(want) or line != want[number]:
            print("# %s\n# got  %s\n# want %s" % (
                last, line, want[number] if number < len(want) else "nothing"))
            break
    print("# if that is as it should be: GOLDEN=write python3 " + sys.argv[0])


def rows_of_the_table():
    rows = set()
    for line in subprocess.run([BUILD + "/wipyctl", "help"], capture_output=True,
                               text=True, check=True).stdout.splitlines():
        match = re.match(r"  ([a-z].*?)(?:  |$)", line)
        if match:
            words = re.match(r"(?:[a-z-]+(?: |$))+", match[1] + " ")
            rows.add(words[0].strip())
    return rows


def longer_than_memory(tap, fleet):
    """After a restart the latest 20 rollouts are in memory, the others in the store alone."""
    want = {"release": "v1.8.6", "select": "name=b-01"}
    while len(fleet.json("rollout", "history", "--limit", "100")["rollouts"]) < 23:
        for _ in range(8):
            fleet.api("/v1/rollouts", want)
            fleet.api("/v1/rollouts/latest/abort", {"reason": "many"})
    fleet.stop_daemon()
    fleet.start_daemon(env=clock(GOES_ON))
    pages, after = [], ""
    while not pages or after:
        page = fleet.api("/v1/rollouts?limit=7" + after)[1]
        pages.append(page["rollouts"])
        after = page["next"] and "&after=" + page["next"]
    lines = [line for page in pages for line in page]
    tap.ok(len(lines) >= 23 and all(len(page) == 7 for page in pages[:-1]),
           "history: page by page")
    ids = fleet.run("-q", "rollout", "history", "--limit", "1000").stdout.split()
    tap.equal([line["id"] for line in lines], ids, "history: wipyctl joins the pages")
    tap.equal([(line["id"], line["outcomes"]) for line in lines[:-3:-1]],
              [(fleet.first, {"confirmed": 2, "deferred": 1}),
               (fleet.second, {"failed": 1})], "history: outcomes of the oldest too")
    tap.equal(len(fleet.run("-q", "rollout", "history").stdout.split()), 20,
              "history: 20 without --limit")
    tap.equal(fleet.api("/v1/rollouts?after=x")[0], 400, "history: a page behind nothing")


def every_command(tap):
    cases = {words for words, _ in LOOK + CHANGE}
    tap.equal(sorted(rows_of_the_table() - cases), [], "every command has a case here")
    tap.equal(sorted(cases - rows_of_the_table()), [], "and every case is of a command")
    if SANITIZED or not LIBRARY:
        tap.skip("what they print", "the programs are sanitized" if SANITIZED
                 else "faketime is not installed")
        return
    fleet = Golden(6)
    fleet.prepare()
    for number in range(len(FORMS)):
        make_image(fleet.path("third-%d.bin" % number), "v1.9.%d" % number, "2017-06-11")
    for words, text in sorted(run_all(tap, fleet).items()):
        if os.getuid() < 1000 and words in BY_NAME:
            tap.skip(words, "it is laid out for a user of four digits")
        else:
            compare(tap, words, text)
    left = {name[:-4] for name in os.listdir(FOLDER)} - {
        words.replace(" ", "-") for words in cases}
    tap.equal(sorted(left), [], "no file is left over")
    longer_than_memory(tap, fleet)
    tap.equal(fleet.stop_daemon(), 0, "and the daemon ends in order")


def be_somebody():
    """Who asked stands in some tables, and their width with it: root is user 1000 here."""
    somebody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if os.getuid() == 0 and shutil.which("unshare") and subprocess.run(
            somebody + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.execvp(somebody[0], somebody + [sys.executable] + sys.argv)


if __name__ == "__main__":
    be_somebody()
    TAP = Tap()
    TAP.case(every_command)
    TAP.done()
