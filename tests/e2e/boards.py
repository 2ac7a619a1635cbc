# SPDX-License-Identifier: MIT
"""One wipyboard process on loopback addresses of its own, its control socket, and its
clock: the real one, or the virtual one that passes only when it is told to."""

import json
import os
import random
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from fleet import BUILD, PATIENCE


class BoardsFailed(Exception):
    pass


class Control:
    """The control socket; asks over one connection for as long as the process keeps it."""

    def __init__(self, path):
        self.path = path
        self.link = None
        self.lock = threading.Lock()

    def words(self, *words):
        line = json.dumps({"words": [str(word) for word in words]}).encode() + b"\n"
        with self.lock:
            answer = self.exchange(line)
            if not answer:  # the other end had closed it since
                answer = self.exchange(line)
        if not answer:
            raise BoardsFailed("wipyboard ended before it answered %r" % (words,))
        reply = json.loads(answer)
        if "error" in reply:
            raise BoardsFailed("%s: %s" % (" ".join(map(str, words)), reply["error"]))
        return reply

    def exchange(self, line):
        if not self.link:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(60 * PATIENCE)
            link.connect(self.path)
            self.link = link
        answer = bytearray()
        try:
            self.link.sendall(line)
            while not answer.endswith(b"\n"):
                piece = self.link.recv(65536)
                if not piece:
                    break
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            answer = bytearray()
        if not answer:
            self.link.close()
            self.link = None
        return bytes(answer)


class RealClock:
    """Seconds. `pass_time` sleeps until one of the sockets has news or time is up."""

    virtual = False

    def now(self):
        return time.monotonic()

    def pass_time(self, seconds, sockets):
        if sockets:
            select.select(sockets, [], [], seconds)
        else:
            time.sleep(seconds)


class VirtualClock:
    """Milliseconds as whole numbers, so that nothing is lost in rounding."""

    virtual = True

    def __init__(self, control):
        self.control = control
        self.ms = 0

    def now(self):
        return self.ms / 1000

    def pass_time(self, seconds, _sockets):
        ms = max(1, round(seconds * 1000))
        self.control.words("clock", "+%dms" % ms)
        self.ms += ms


class Boards:
    """`count` boards, all powered, servers listening. Board k is at address(k)."""

    def __init__(self, count, factory, clock="virtual", options=(), boot_ms=300):
        self.count, self.dir = count, tempfile.mkdtemp(prefix="wipyd-boards.")
        self.clock_kind, self.factory = clock, factory
        self.options = ["--boot-ms", str(boot_ms)] + list(options)
        self.boot_ms = boot_ms
        self.process = self.control = self.clock = None
        for _ in range(20):  # a network and ports that nobody uses
            self.net = [127, random.randint(128, 250), random.randint(1, 200)]
            self.ports = dict(zip(("telnet", "ftp", "data"),
                                  random.sample(range(20000, 32000), 3)))
            if self.spawn():
                break
        else:
            raise BoardsFailed("no free loopback addresses for the boards")

    def path(self, name):
        return os.path.join(self.dir, name)

    def address(self, number):
        low = self.net[2] * 256 + number
        return "127.%d.%d.%d" % (self.net[1], low // 256, low % 256)

    def spawn(self):
        command = [BUILD + "/wipyboard", "--count", str(self.count), "--address",
                   self.address(1), "--telnet-port", str(self.ports["telnet"]),
                   "--ftp-port", str(self.ports["ftp"]), "--pasv-port",
                   str(self.ports["data"]), "--flash", self.path("flash"), "--image",
                   self.factory, "--control", self.path("ctl")] + self.options
        if self.clock_kind == "virtual":
            command += ["--clock", "virtual"]
        with open(self.path("log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        self.control = Control(self.path("ctl"))
        self.clock = RealClock()
        if self.clock_kind == "virtual":
            self.let_them_boot()
        # one word on stdout says that all listen; its end says that the process did
        ready = self.process.stdout.readline().startswith(b"ready")
        if not ready:
            self.process.wait()
        return ready

    def let_them_boot(self):
        end = time.monotonic() + 20 * PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            try:
                self.clock = VirtualClock(self.control)
                self.clock.pass_time(self.boot_ms / 1000 + 1, [])
                return
            except OSError:  # not there yet
                time.sleep(0.01)
            except BoardsFailed:  # it ended: the address is taken
                return

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self):
        """The exit code of the process."""
        self.process.terminate()
        try:
            code = self.process.wait(timeout=30 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        if not os.environ.get("WIPY_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)
        return code
