# SPDX-License-Identifier: MIT
"""Real processes for end-to-end tests: wipyboard, wipyd and wipyctl on loopback addresses
of their own. Everything waits for a condition with a deadline; nothing just sleeps."""

import atexit
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import taken

BUILD = os.path.abspath(os.environ.get("BUILD") or os.environ.get("top_builddir", "build"))
SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
SANITIZED = os.environ.get("wipy_sanitized", "no") == "yes"
PATIENCE = 4 if SANITIZED else 1  # sanitizers make everything slower

OLD, NEW = "v1.8.6", "v1.8.7"


class Failed(Exception):
    pass


def wait_until(what, condition, seconds=20):
    """Returns what the condition gives once it is true."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed("timed out: " + what)
        time.sleep(0.02)


def make_image(path, tag, date="2017-01-08", **options):
    command = [BUILD + "/wipyboard", "image", "--tag", tag, "--date", date]
    for name, value in options.items():
        command += ["--" + name, str(value)]
    subprocess.run(command + [path], check=True, stdout=subprocess.DEVNULL)
    return path


class Fleet:
    """N boards named b-01..., one daemon, one folder."""

    latest = None  # what a failed case is explained with

    SETTINGS = {
        "poll": {"every": "1s", "retry": "200ms", "misses": 2},
        "update": {"look-every": "100ms", "return": "20s", "back-off": "200ms",
                   "soak": "300ms", "domain-share": "100%"},
    }

    def __init__(self, count=6, board_options=(), settings=None, factory=None,
                 inventory=None, family="wipy"):
        self.count, self.family = count, family
        self.case = taken.case
        self.dir = tempfile.mkdtemp(prefix="wipyd-e2e.")
        self.board_options = ["--family", family] + list(board_options)
        self.processes = []
        self.daemon = self.boards = None
        Fleet.latest = self
        atexit.register(self.close)
        self.old_image = factory or make_image(self.path("old.bin"), OLD, "2016-11-10",
                                               family=family)
        self.new_image = make_image(self.path("new.bin"), NEW, "2017-01-08",
                                    family=family)
        self.start_boards()
        self.write_settings(settings or {})
        self.write(self.path("inventory.yaml"), inventory or self.inventory())

    def path(self, name):
        return os.path.join(self.dir, name)

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def write_settings(self, changes):
        merged = {key: dict(value) for key, value in self.SETTINGS.items()}
        for key, value in changes.items():
            merged.setdefault(key, {}).update(value)
        # JSON is YAML.
        self.write(self.path("wipyd.yaml"), json.dumps(merged))

    def inventory(self, extra="", defaults=""):
        return (
            "version: 1\n"
            "defaults: {family: %s, ports: {telnet: %d, ftp: %d}%s}\n"
            "boards:\n"
            "  - {name: \"b-[01:%02d]\", address: \"%s.[1:%d]\"}\n%s"
            % (self.family, self.telnet, self.ftp, defaults, self.count, self.net,
               self.count, extra))

    # ---- processes

    def start_boards(self):
        """A network and ports nobody uses: chosen at random, tried until they are free."""
        for _ in range(20):
            self.net = "127.%d.%d" % (random.randint(64, 120), random.randint(1, 250))
            self.telnet, self.ftp, self.pasv = random.sample(range(20000, 32000), 3)
            if self.spawn_boards():
                return
        raise Failed("no free loopback addresses for the boards")

    def spawn_boards(self):
        log = open(self.path("boards.log"), "w", encoding="utf-8")
        self.boards = subprocess.Popen(
            [BUILD + "/wipyboard", "--count", str(self.count), "--address",
             self.net + ".1", "--telnet-port", str(self.telnet), "--ftp-port",
             str(self.ftp), "--pasv-port", str(self.pasv), "--flash",
             self.path("flash"), "--image", self.old_image, "--control",
             self.path("boards.sock")] + self.board_options,
            stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(self.boards)

        def ready():
            with open(self.path("boards.log"), encoding="utf-8") as file:
                return "ready" in file.read() or self.boards.poll() is not None

        wait_until("the boards start", ready)
        return self.boards.poll() is None

    def daemon_command(self):
        return [BUILD + "/wipyd", "-c", self.path("wipyd.yaml"), "-i",
                self.path("inventory.yaml"), "-S", self.path("wipyd.sock"), "-s",
                self.path("state")]

    def start_daemon(self, wait=True, preexec=None, env=None):
        log = open(self.path("wipyd.log"), "a", encoding="utf-8")
        self.daemon = subprocess.Popen(self.daemon_command(), stderr=log,
                                       stdout=log, preexec_fn=preexec,
                                       env=dict(os.environ, **(env or {})))
        self.processes.append(self.daemon)
        if wait:
            wait_until("wipyd answers", lambda: self.daemon.poll() is not None or
                       self.run("status").returncode == 0)
            if self.daemon.poll() is not None:
                raise Failed("wipyd ended at its start: " + self.log()[-500:])

    def ready(self):
        """The daemon runs, knows both releases and has seen every board."""
        self.start_daemon()
        self.add_releases()
        self.wait_seen()
        return self

    def log(self):
        with open(self.path("wipyd.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def kill_daemon(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def stop_daemon(self):
        """The orderly end; its exit code."""
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
        return self.daemon.wait(timeout=90 * PATIENCE)

    def explain(self):
        """What a person needs to understand a failure."""
        said = []
        if os.path.exists(self.path("wipyd.log")):
            said += self.log().splitlines()[-15:]
        for words in (["boards"], ["rollout", "status"]):
            try:
                said += self.run(*words).stdout.splitlines()[:12]
            except (OSError, subprocess.SubprocessError) as fault:
                said.append(str(fault))
        return said

    def close(self):
        if not os.path.exists(self.dir):
            return
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        taken.store(self.path("state/wipyd.db"), self.case)
        if os.environ.get("WIPY_KEEP"):
            print("# kept: " + self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- talking to them

    def run(self, *words, **options):
        done = subprocess.run([BUILD + "/wipyctl", "-S", self.path("wipyd.sock")] +
                              list(words), capture_output=True, text=True, timeout=120,
                              **options)
        taken.exit_code(done.returncode)
        return done

    def json(self, *words, allowed=()):
        done = self.run("-o", "json", *words)
        if done.returncode != 0 and done.returncode not in allowed:
            raise Failed("wipyctl %s: %d %s" % (" ".join(words), done.returncode,
                                                done.stderr))
        return json.loads(done.stdout)

    def ctl(self, *words):
        done = subprocess.run([BUILD + "/wipyboard", "ctl", self.path("boards.sock")] +
                              [str(word) for word in words], capture_output=True,
                              text=True, timeout=30)
        if done.returncode != 0:
            raise Failed("ctl %s: %s" % (words, done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def board(self, number):
        """The virtual board as it says it is."""
        return self.ctl("status", number)

    def client_resets(self):
        return sum(board["counters"]["client_resets"]
                   for board in self.ctl("status")["boards"])

    def seen(self):
        return {board["name"]: board for board in self.json("boards")["boards"]}

    def wait_seen(self, count=None):
        count = self.count if count is None else count
        wait_until("%d boards are seen" % count, lambda: sum(
            board["reach"] == "online" for board in self.seen().values()) >= count)

    def power_off(self, *numbers):
        """And waits until the daemon knows."""
        for number in numbers:
            self.ctl("power-off", number)
        wait_until("they are offline", lambda: all(
            self.seen()[name(number)]["reach"] == "offline" for number in numbers))

    def add_releases(self):
        for image in (self.old_image, self.new_image):
            done = self.run("release", "add", image)
            if done.returncode != 0:
                raise Failed("release add: " + done.stderr)

    def rollout(self, *words, release=NEW):
        done = self.run("rollout", "--release", release, "--yes", *words)
        if done.returncode != 0:
            raise Failed("rollout: %d %s" % (done.returncode, done.stderr))

    def status(self):
        return self.json("rollout", "status")

    def exchange(self, path, body=None):
        """The daemon's answer, past wipyctl, to a GET, or with a body to a POST."""
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(20 * PATIENCE)
        link.connect(self.path("wipyd.sock"))
        head = "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % (
            "GET" if body is None else "POST", path)
        if body is not None:
            head += "Content-Length: %d\r\n" % len(body)
        link.sendall(head.encode() + b"\r\n" + (body or b""))
        answer = b""
        while True:
            piece = link.recv(65536)
            if not piece:
                break
            answer += piece
        link.close()
        return answer

    def api(self, path, body=None):
        """(status, JSON); the body is sent as JSON."""
        answer = self.exchange(path, None if body is None else json.dumps(body).encode())
        head, text = answer.split(b"\r\n\r\n", 1)
        return int(head.split(b" ")[1]), json.loads(text)

    def tasks(self):
        """Of the latest rollout, by board."""
        return {task["board"]: task
                for task in self.api("/v1/rollouts/latest/tasks")[1]["tasks"]}

    def wait_state(self, *states, seconds=60):
        return wait_until("the rollout is " + " or ".join(states), lambda:
                          (lambda now: now if now["state"] in states else None)(
                              self.status()), seconds)

    def wait_task(self, board, *states, seconds=40):
        return wait_until("%s is %s" % (board, " or ".join(states)), lambda: self.tasks()
                          [board]["state"] in states, seconds)


def name(number):
    return "b-%02d" % number


class Tap:
    """Each case is a function that raises Failed, or returns a sentence to skip."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, condition, text):
        self.count += 1
        self.failed += not condition
        print("%sok %d - %s" % ("" if condition else "not ", self.count, text), flush=True)
        return condition

    def equal(self, got, want, text):
        if not self.ok(got == want, text):
            print("# got  %r\n# want %r" % (got, want), flush=True)

    def skip(self, text, why):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, text, why), flush=True)

    def case(self, function):
        title = taken.case = function.__name__.replace("_", " ")
        try:
            function(self)
        except Exception as fault:  # a broken case must not hide the others
            self.ok(False, "%s: %s" % (title, fault))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            for line in Fleet.latest.explain() if Fleet.latest else []:
                print("# | " + line)

    def done(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)
