# SPDX-License-Identifier: MIT
"""A fake daemon for tests of wipyctl: canned answers in the shapes of docs/openapi.yaml.

The fake serves HTTP on a Unix socket in a folder of its own and keeps every request, so
that each case can check both what was asked and what was printed. TAP on stdout.
"""

import contextlib
import hashlib
import http.server
import inspect
import json
import os
import pty
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import taken

LIMIT_S = 60  # for a process that should have ended long ago
WIPYCTL = os.path.abspath(
    os.environ.get("WIPYCTL")
    or os.path.join(os.environ.get("top_builddir", "."), "wipyctl"))

count = 0
failed = 0


def ok(good, name, *details):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        for detail in details:
            for line in str(detail).splitlines():
                print("#", line)
    sys.stdout.flush()
    return good


# ---- the fake daemon ------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def address_string(self):
        return "unix"

    def answer(self):
        parts = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = {
            "method": self.command,
            "path": urllib.parse.unquote(parts.path),
            "raw": self.path,
            "query": dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)),
            "body": self.rfile.read(length),
            "headers": {k.lower(): v for k, v in self.headers.items()},
        }
        self.server.requests.append(request)
        route = self.server.routes.get(f"{self.command} {request['path']}")
        if callable(route):
            route = route(request)
        if route is None:
            route = problem(404, "no-such-path", "There is no such path.")
        if route == "close":
            self.close_connection = True
            return
        status, body = route if isinstance(route, tuple) else (200, route)
        if inspect.isgenerator(body):
            self.stream(body)
            return
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, pieces):
        """Events, as long as there are any."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        for piece in pieces:
            with contextlib.suppress(OSError):
                self.wfile.write(piece.encode())

    do_GET = do_POST = answer


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that left in the middle is part of the test


class Fake:
    def __init__(self, routes):
        self.folder = tempfile.mkdtemp(prefix="wipyctl-")
        self.path = os.path.join(self.folder, "s")
        self.server = Server(self.path, Handler)
        self.server.routes = routes
        self.server.requests = []
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        shutil.rmtree(self.folder)

    @property
    def requests(self):
        return self.server.requests

    def asked(self, method, path):
        return [r for r in self.requests if r["method"] == method and r["path"] == path]


@contextlib.contextmanager
def raw_server(data, hang_up=True):
    """A listener that answers every connection with these bytes and closes."""
    folder = tempfile.mkdtemp(prefix="wipyctl-")
    path = os.path.join(folder, "s")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                peer.recv(65536)
                for piece in data() if callable(data) else [data]:
                    peer.sendall(piece)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        shutil.rmtree(folder)


def problem(status, code, detail, hint="", **more):
    return status, {"status": status, "code": code, "title": "No.", "detail": detail,
                    "hint": hint, **more}


# ---- running wipyctl ------------------------------------------------------------------


def environment(path, **more):
    env = {k: v for k, v in os.environ.items()
           if k not in ("NO_COLOR", "WIPYCTL_SOCKET", "WIPYD", "COLUMNS")}
    env.update({"TZ": "UTC", "TERM": "xterm", **more})
    if path:
        env["WIPYCTL_SOCKET"] = path
    return env


def run(path, *args, env=None, stdin=""):
    done = subprocess.run([WIPYCTL, *args], env=environment(path, **(env or {})),
                          input=stdin, capture_output=True, text=True, timeout=LIMIT_S,
                          check=False)
    taken.exit_code(done.returncode)
    return done


class Terminal:
    """wipyctl on a pseudo terminal, all three descriptors."""

    def __init__(self, path, *args, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(WIPYCTL, [WIPYCTL, *args], environment(path, **(env or {})))
        self.text = ""
        self.hangs = False

    def until(self, want=None):
        """Reads until the text is there; None: until the end. The deadline is only for
        a program that hangs or never says it."""
        deadline = time.monotonic() + LIMIT_S
        while want is None or want not in self.text:
            left = max(0, deadline - time.monotonic())
            ready, _, _ = select.select([self.fd], [], [], left)
            self.hangs = not ready
            try:
                data = os.read(self.fd, 65536) if ready else b""
            except OSError:
                data = b""
            if not data:
                break
            self.text += data.decode(errors="replace")
        return want is None or want in self.text

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        self.until()
        if self.hangs:
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        code = os.waitstatus_to_exitcode(status)
        taken.exit_code(code)
        return code


def expect(result, code, out=(), err=(), name="", absent=()):
    good = result.returncode == code
    good = good and all(text in result.stdout for text in out)
    good = good and all(text in result.stderr for text in err)
    good = good and not any(text in result.stdout + result.stderr for text in absent)
    lines = result.stdout.split("\n") + result.stderr.split("\n")
    good = good and not any(line != line.rstrip() for line in lines)
    return ok(good, name, f"exit {result.returncode}, want {code}", result.stdout,
              "stderr:", result.stderr)


# ---- canned answers -------------------------------------------------------------------

ID = "3f2a9c10d4e5f60718293a4b5c6d7e8f"
NEWER = "v1.8.7-219-g0c821f7"


def board(name, **more):
    return {"name": name, "family": "wipy", "address": "10.1.2.3", "site": "berlin",
            "reach": "online", "access": "open",
            "version": {"state": "in-sync", "tag": NEWER, "date": "2017-02-13",
                        "board": "WiPy", "release": NEWER},
            "task": None, "last_seen": "2026-11-20T11:00:00Z", "dirty": False, **more}


STATUS = {
    "version": "0.1.0", "read_only": False,
    "verdict": "42 boards, 40 online; 30 of 42 run what they should; nothing needs a "
               "person.",
    "inventory": {"path": "/etc/wipyd/inventory.yaml", "boards": 42},
    "reach": {"online": 40, "offline": 2}, "access": {"open": 42},
    "versions": {"in-sync": 30, "behind": 12},
    "families": [{"name": "wipy", "boards": 42, "reach": {"online": 40, "offline": 2},
                  "versions": {"in-sync": 30, "behind": 12}, "needs_hands": []}],
    "sites": [{"name": "", "boards": 42, "reach": {"online": 40, "offline": 2},
               "versions": {"in-sync": 30, "behind": 12}, "needs_hands": []}],
    "firmware": [{"tag": NEWER, "date": "2017-02-13", "board": "WiPy", "count": 30},
                 {"tag": "v1.8.6-63-gc28fed6-dirty", "date": "2016-11-18",
                  "board": "WiPy", "count": 12}],
    "dirty": [], "armed": [], "needs_hands": [], "rollouts": []}
PLAN = {"release": NEWER, "boards": {"planned": 10, "already": 3, "refused": 1},
        "waves": [{"number": 1, "size": 1}, {"number": 2, "size": 9}],
        "exceptions": [{"board": "phat-01", "state": "refused", "code": "no-image",
                        "next_auto": "", "next_human": "add an image for esp8266"}]}


def rollout(state, reason=None, waves=("open", "closed"), outcomes=None, exceptions=()):
    outcomes = outcomes or {"pushing": 1, "planned": 9}
    return {"id": ID, "release": NEWER, "state": state, "reason": reason,
            "created": "2026-11-20T10:00:00Z", "since": "2026-11-20T10:30:00Z",
            "waves": [{"number": 1, "state": waves[0], "size": 1,
                       "outcomes": {"confirmed": 1}},
                      {"number": 2, "state": waves[1], "size": 9,
                       "outcomes": {"planned": 9}}],
            "outcomes": outcomes, "exceptions": list(exceptions)}


def task(name, state, **more):
    return {"board": name, "wave": 1, "state": state, "code": None, "attempt": 1,
            "since": "2026-11-20T10:30:00Z", "bytes_taken": 50, "size": 200,
            "proof": "none", "evidence": "", **more}


LOST = {"board": "lab-03", "state": "lost", "code": "no-return",
        "since": "2026-11-20T10:30:00Z", "next_auto": "polled on",
        "next_human": "go and look at it"}
REPORT = {
    "generated": "2026-11-20T11:00:00Z", "verdict": "9 of 10 boards run it; one is lost.",
    "rollout": rollout("completed-with-exceptions", waves=("passed", "passed"),
                       outcomes={"confirmed": 9, "lost": 1, "refused": 2},
                       exceptions=[LOST]),
    "boards": {"total": 42}, "firmware": STATUS["firmware"],
    "dirty": [{"board": "lab-07", "site": "berlin", "since": "2026-11-20T10:00:00Z",
               "code": "push-broken", "to_do": "Push to lab-07 again."}],
    "armed": [{"board": "lab-08", "site": "", "since": "2026-11-20T10:00:00Z",
               "code": "armed-on-abort", "to_do": "Decide about lab-08."}],
    "needs_hands": [{"board": "roof", "site": "paris", "since": "2026-11-20T09:00:00Z",
                     "code": "push-not-repaired", "to_do": "See the card of roof."},
                    {"board": "cellar", "site": "berlin", "code": "no-return",
                     "since": "2026-11-20T09:00:00Z", "to_do": "Go to the cellar."}],
    "brought_back": [{"board": "attic", "site": "paris", "outcome": "rescued",
                      "ended": "2026-11-20T09:00:00Z"}],
    "offline": [{"board": "young", "site": "berlin", "since": "2026-11-20T10:00:00Z",
                 "last_seen": "2026-11-20T09:59:00Z"},
                {"board": "old", "site": "berlin", "since": "2026-01-01T00:00:00Z",
                 "last_seen": "2025-12-31T00:00:00Z"}],
    "evidence": [{"board": "lab-01", "state": "confirmed", "proof": "outage",
                  "evidence": "banner 'MicroPython " + NEWER + "'",
                  "banner_before": "MicroPython v1.8.6", "banner_after": "MicroPython " + NEWER,
                  "push_reply": "FTP done: 99 bytes taken, reply '226 Done', complete",
                  "lost": "2026-11-20T10:05:00Z", "returned": None,
                  "probes": [{"name": "web", "outcome": "pass", "evidence": "HTTP 200",
                              "time": "2026-11-20T10:06:00Z"}]},
                 {"board": "lab-02", "state": "refused", "proof": "none",
                  "evidence": "rollout 3f2a", "banner_before": None, "banner_after": None,
                  "push_reply": None, "lost": None, "returned": None, "probes": []}]}


def lines_of_the_refused(path):
    shown = run(path, "report", "--evidence").stdout.split("lab-02  refused")[1]
    return len([line for line in shown.splitlines()[1:] if line])


def cc3200_image(tag="v1.8.7-219-g0c821f7", payload=1000, right=True):
    """Bytes that common/image takes for a CC3200 image of that version."""
    text = f"MicroPython {tag} on 2017-02-13; WiPy with CC3200\r\n".encode()
    body = (0x20040000).to_bytes(4, "little") + (0x20010101).to_bytes(4, "little") + text
    body += bytes(payload - len(body))
    digest = hashlib.md5(body).hexdigest()
    return body + (digest if right else "0" * 32).encode()


def done():
    """Ends the test."""
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if not os.access(WIPYCTL, os.X_OK):
    print(f"Bail out! there is no {WIPYCTL}; build it first")
    sys.exit(1)
