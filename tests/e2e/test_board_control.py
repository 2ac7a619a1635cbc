# SPDX-License-Identifier: MIT
"""How virtual boards are asked and told: clock, control socket, what can be set, command
lines, profiles."""

import os
import socket
import subprocess
import time

from board_bench import BENCH, Case, Link, NEW, refused
from fleet import BUILD, PATIENCE


def time_stands_still(tap):
    case = Case()
    link = Link(BENCH.boards, case.number, "telnet")
    time.sleep(0.1)
    link.drain()
    tap.equal(link.heard, b"", "clock: nothing comes while time stands still")
    before = BENCH.boards.control.words("clock")["clock_ms"]
    tap.ok(link.hear("Login as: "), "clock: sent ahead, the board talks")
    now = BENCH.boards.control.words("clock")["clock_ms"]
    tap.ok(4 <= now - before <= 20, "clock: in 4 to 20 ms of its time (%d)" % (now - before))
    start = time.monotonic()
    tap.equal(BENCH.boards.control.words("clock", "+5m")["clock_ms"], now + 300000,
              "clock: five minutes pass")
    tap.ok(time.monotonic() - start < 5 * PATIENCE, "clock: in no time")
    BENCH.boards.clock.ms += 300000
    tap.ok(link.hear(None, 1), "clock: the idle client was cut")
    start = time.monotonic()
    for _ in range(1000):
        BENCH.boards.clock.pass_time(0.004, [])
    tap.ok(time.monotonic() - start < 10 * PATIENCE, "clock: a thousand small steps")
    for word in ("5", "+", "+x", "+5d", "-5", "+99999h"):
        tap.ok("clock wants" in refused("clock", word), "clock: refuses " + word)


def what_can_be_set(tap):
    case = Case()
    case.ctl("rtc", "2015-08-09T00:00:00")
    case.ctl("record", "02010100")
    case.ctl("slot", "update1", BENCH.new_image)
    case.ctl("slot", "update2", "torn")
    status = case.status()
    size = os.path.getsize(BENCH.new_image)
    tap.equal((status["rtc"], status["record_hex"], status["slots"]["update1"]),
              ("2015-08-09T00:00:00", "02 01 01 00", NEW), "set: calendar, record, slot")
    tap.equal(status["slot_files"]["update1"], {"size": size, "md5": "ok", "open": False},
              "set: a slot's file")
    tap.equal(status["slot_files"]["update2"], {"size": 0, "md5": "bad", "open": True},
              "set: a torn slot")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(2.5, [])
    tap.equal(case.status()["rtc"], "2015-08-09T00:00:02", "set: a reset keeps the time")
    case.ctl("power-off")
    case.ctl("power-on")
    BENCH.boards.clock.pass_time(1, [])
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
    done = subprocess.run([BUILD + "/wipyboard", "ctl", BENCH.boards.path("ctl"), "reset", "99"],
                          capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stderr.count("\n")), (1, 1),
              "set: what the boards refuse is exit code 1 and one line")


def requests_in_one_piece(tap):
    link = socket.socket(socket.AF_UNIX)
    link.connect(BENCH.boards.path("ctl"))
    link.sendall(b'{"words":["clock","+1"]}\n' * 50 + b'{"words":["status","1"]}\nrubbish\n')
    link.shutdown(socket.SHUT_WR)
    lines = link.makefile("rb").read().splitlines()
    BENCH.boards.clock.ms += 50
    tap.equal(len(lines), 52, "control: one answer for each line")
    tap.ok(b'"number":1' in lines[50] and b"not understood" in lines[51],
           "control: in order")


class Client:
    """Of the control socket, by hand."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10 * PATIENCE)
        self.sock.connect(BENCH.boards.path("ctl"))

    def ask(self, line):
        self.sock.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            piece = self.sock.recv(65536)
            if not piece:
                return answer
            answer += piece
        return answer

    def rest(self):
        self.sock.shutdown(socket.SHUT_WR)
        return self.sock.makefile("rb").read().splitlines()


def clients_that_only_stay(tap):
    busy = Client()
    idle = []
    for _ in range(20):
        idle.append(Client())
        idle[-1].sock.sendall(b'{"words":')
        tap.ok(b"clock_ms" in busy.ask(b'{"words":["clock"]}\n'),
               "control: %d clients that say nothing" % len(idle))
    done = subprocess.run([BUILD + "/wipyboard", "ctl", BENCH.boards.path("ctl"), "status",
                           "1"], capture_output=True, text=True, check=False)
    tap.equal((done.returncode, done.stderr), (0, ""), "control: ctl is let in")
    tap.equal(idle[0].sock.recv(1), b"", "control: who came first has been sent away")
    tap.ok(b"error" in idle[-1].ask(b"\n"), "control: the latest is still there")


def lines_that_are_none(tap):
    clock = b'{"words":["clock"]}'
    longest = clock + b" " * (4095 - len(clock)) + b"\n"
    client = Client()
    tap.ok(b"clock_ms" in client.ask(longest), "control: a line of 4095 bytes")
    tap.ok(b"longer than 4095 bytes" in client.ask(b" " + longest), "control: of one more")
    client.sock.sendall(b"x" * 100000 + b"\n" + clock + b"\n" + clock)
    lines = client.rest()
    tap.ok(len(lines) == 3 and b"longer" in lines[0] and b"clock_ms" in lines[1] and
           b"has no line feed at its end" in lines[2],
           "control: one answer for each line, also for half a line (%s)" % lines)
    client = Client()
    client.sock.sendall(b"x" * 5000)
    tap.ok(b"no line feed" in b"".join(client.rest()), "control: half of a long line")
    tap.equal(Client().rest(), [], "control: nothing is no line")


def a_path_that_is_taken(tap):
    path = BENCH.boards.path("notes.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("mine")
    done = subprocess.run([BUILD + "/wipyboard", "--flash", BENCH.boards.path("f3"), "--image",
                           BENCH.old_image, "--address", BENCH.boards.address(200),
                           "--control", path], stdout=subprocess.DEVNULL, text=True,
                          stderr=subprocess.PIPE, check=False, timeout=20)
    tap.ok(done.returncode == 1 and "no socket has that name" in done.stderr,
           "control: a file has that name (%s)" % done.stderr.strip())
    with open(path, encoding="utf-8") as file:
        tap.equal(file.read(), "mine", "control: and keeps it")


def help_and_mistakes(tap):
    def run(*words):
        return subprocess.run([BUILD + "/wipyboard", *words], capture_output=True, text=True,
                              check=False, timeout=20)

    for words in (["--help"], ["-h"], ["ctl", "--help"], ["ctl", "-h"], ["image", "--help"],
                  ["image", "-h"], ["ctl", "SOCKET", "fault", "--help"],
                  ["image", "--tag", "v1", "--help"]):
        done = run(*words)
        tap.ok(done.returncode == 0 and done.stdout.startswith("usage: wipyboard") and
               not done.stderr, "help: " + " ".join(words))
    image = ["image", "--tag", "v1.1", "--date", "2017-01-08"]
    for words, text in (
            (["ctl"], "ctl wants a socket"), (["ctl", "SOCKET"], "ctl wants a command"),
            (["image", "--date", "d", "x"], "--tag is missing"),
            (["image", "--tag=v1", "x"], "--date is missing"),
            (image, "the file to make is missing"), (image + ["--tga"], "'--tga'"),
            (image + ["--md5"], "--md5 wants a value"), (image + ["x", "y"], "'y'"),
            (image + ["x", "--md5=no"], "'no'"), (image + ["x", "--size", "12"], "'12'"),
            (image + ["x", "--family", "wipi"], "'wipi'"),
            (image + ["x", "--checksum=bad"], "'bad'"), ([], "--flash is missing"),
            (["bogus"], "'bogus'"), (["--count"], "--count wants a value"),
            (["--count", "x"], "'x'"), (["--clock=slow"], "'slow'"),
            (["--faults", "rate=0"], "'rate=0'")):
        done = run(*words)
        tap.ok(done.returncode == 2 and text in done.stderr and not done.stdout,
               "mistake: %s (%s)" % (" ".join(words), done.stderr.strip()))


def profiles(tap):
    path = BENCH.boards.path("profile.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("like: real\nboot-ms: fast\nlatency: 5\nfamily: [wipy]\n")

    def run(*words):
        return subprocess.run([BUILD + "/wipyboard", "--flash", BENCH.boards.path("f2"), *words],
                              capture_output=True, text=True, check=False, timeout=20)

    done = run("--profile", path)
    tap.equal(done.returncode, 2, "profile: mistakes are a wrong command line")
    for text in ("%s:2:10: boot-ms wants a number" % path,
                 "%s:3:1: unknown key 'latency'" % path, "%s:4:9: family wants" % path):
        tap.ok(text in done.stderr, "profile: says " + text.replace(path, "FILE"))
    tap.ok("No such file" in run("--profile", "/no/such").stderr, "profile: no such file")


CASES = (time_stands_still, what_can_be_set, requests_in_one_piece,
         clients_that_only_stay, lines_that_are_none, a_path_that_is_taken,
         help_and_mistakes, profiles)

if __name__ == "__main__":
    BENCH.run(CASES, 8)
