#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wipyctl against a fake daemon: canned answers in the shapes of docs/api.md.

The fake serves HTTP on a Unix socket in a folder of its own and keeps every request, so
that each case can check both what was asked and what was printed. TAP on stdout.
"""

import contextlib
import hashlib
import http.server
import json
import os
import pty
import select
import shutil
import signal
import socket
import socketserver
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import esp_image
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
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

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
    "inventory": {"path": "/etc/wipyd/inventory.yaml", "boards": 42},
    "reach": {"online": 40, "offline": 2}, "access": {"open": 42},
    "versions": {"in-sync": 30, "behind": 12},
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
                  "evidence": "MicroPython " + NEWER}]}


def cc3200_image(tag="v1.8.7-219-g0c821f7", payload=1000, right=True):
    """Bytes that common/image takes for a CC3200 image of that version."""
    text = f"MicroPython {tag} on 2017-02-13; WiPy with CC3200\r\n".encode()
    body = (0x20040000).to_bytes(4, "little") + (0x20010101).to_bytes(4, "little") + text
    body += bytes(payload - len(body))
    digest = hashlib.md5(body).hexdigest()
    return body + (digest if right else "0" * 32).encode()


# ---- cases ----------------------------------------------------------------------------


def test_no_daemon():
    for args in (["status"], ["boards"], ["rollout", "watch"], ["inventory", "check"],
                 ["release", "list"], ["poll", "a"]):
        expect(run("/nonexistent/socket", *args), 9,
               err=["/nonexistent/socket", "systemctl status wipyd", "-S PATH"],
               name="no daemon: " + " ".join(args))
    expect(run("/wrong", "-S", "/nonexistent/named", "status"), 9,
           err=["/nonexistent/named"], absent=["/wrong"], name="-S outweighs the environment")
    expect(run("/" + "x" * 200, "status"), 2, err=["too long"], name="socket path too long")


def test_usage():
    expect(run(None, "statsu"), 2, err=["did you mean 'status'?", "hint: "],
           name="an unknown command")
    expect(run(None, "rollout", "wacth"), 2, err=["hint: its use: wipyctl help rollout\n"],
           name="an unknown word behind a command")
    expect(run(None, "-o", "jsn"), 2, err=["'jsn'", "table and json"], name="-o wrong")
    expect(run(None, "rollout", "--release", "r", "--soak", "5"), 2,
           err=["'5' is not a span of time"], name="--soak without a unit")
    expect(run(None, "rollout"), 2, err=["--release"], name="rollout without a release")
    expect(run(None, "rollout", "--release", "r", "--timeout", "5s"), 2, err=["--wait"],
           name="--timeout without --wait")
    expect(run(None, "--version"), 0, out=["wipyctl "], name="--version")
    expect(run(None, "help"), 0, out=["rollout watch [ID]", "-S, --socket PATH"],
           name="help")
    expect(run(None, "rollout", "--help"), 0,
           out=["--waves W", "see also:", "rollout abort [ID]"], name="help of a command")
    expect(run(None, "help", "inventory"), 0, out=["inventory check [FILE]"],
           name="help of a group")
    expect(run(None, "help", "bogus"), 2, err=["bogus"], name="help on nothing")


def test_explain():
    expect(run(None, "explain", "held"), 0,
           out=["task state held\n", "  deadline ",
                "goes        on release, if running -> waiting",
                "on cancel -> cancelled (armed-on-abort)\n", "by a person resume or abort"],
           name="explain a state: what it means, where it goes, what to do")
    expect(run("/nonexistent/socket", "explain", "offline"), 0,
           out=["reach state offline\n", "\nreason offline\n", "-> deferred\n"],
           name="explain a word of two machines, without a daemon")
    expect(run(None, "explain", "push-not-repaired"), 0,
           out=["reason push-not-repaired", "could not be repeated", "said when",
                "not power-cycle"],
           name="explain a reason code")
    expect(run(None, "explain", "in-sync"), 0,
           out=["version state in-sync", "said when   any on looked, if right -> in-sync"],
           name="explain what is derived: what tells it")
    expect(run(None, "explain", "image-md5"), 0,
           out=["error image-md5", "MD5 trailer", "never pushed", "wipyctl image info"],
           name="explain an error code")
    for code, text in (("0", "done"), ("5", "halted"), ("9", "no daemon"),
                       ("130", "Ctrl-C")):
        expect(run(None, "explain", code), 0, out=["exit-code " + code, text],
               name="explain exit code " + code)
    expect(run(None, "explain", "touched"), 0, out=["guard touched", "may be dirty"],
           name="explain a word of a guard")
    expect(run(None, "explain", "defered"), 2,
           err=["no state or code 'defered'", "did you mean deferred?"],
           name="explain a word that is not there")
    expect(run(None, "explain", "brake-"), 2, err=["brake-lost, brake-canary, "],
           name="explain the beginning of several words")
    expect(run(None, "explain", "x\x1b[2J"), 2, absent=["\x1b"], name="explain rubbish")
    expect(run(None, "explain", "a", "b"), 2, name="explain two words")
    everything = json.loads(run(None, "explain", "-o", "json").stdout)["words"]
    ok(len(everything) > 200 and all(word["meaning"] for word in everything),
       "explain lists every word with its meaning", len(everything))
    bad = [word["word"] for word in everything
           if word["word"] not in json.dumps(json.loads(
               run(None, "explain", word["word"], "-o", "json").stdout)["explained"])]
    ok(bad == [], "every word that is listed is explained", bad)
    held = json.loads(run(None, "explain", "held", "-o", "json").stdout)
    ok(held["word"] == "held" and [list(entry) for entry in held["explained"]] == [
        ["kind", "machine", "word", "meaning", "deadline", "next_auto", "next_human",
         "rows"]] and held["explained"][0]["rows"][0]["event"] == "release",
       "explain as JSON", held)


def test_status():
    with Fake({"GET /v1/status": STATUS}) as fake:
        expect(run(fake.path), 0,
               out=["42 boards in /etc/wipyd/inventory.yaml", "online 40, offline 2",
                    "in-sync 30, behind 12", NEWER, "No rollout is under way.",
                    "needs a person\n  nothing\n"], absent=["\033"],
               name="wipyctl alone is the status")
        result = run(fake.path, "status", "-o", "json")
        ok(json.loads(result.stdout) == STATUS and result.stdout.endswith("}\n")
           and list(json.loads(result.stdout)) == list(STATUS),
           "the status as JSON, in the order received", result.stdout)
        ok(fake.requests[0]["headers"].get("user-agent", "").startswith("wipyctl/"),
           "the client names itself")
    sick = dict(STATUS, dirty=["lab-07"], armed=["lab-08"], needs_hands=["roof", "cellar"],
                read_only=True, access={"open": 40, "login-refused": 2},
                rollouts=[{"id": ID, "release": NEWER, "state": "halted"}])
    with Fake({"GET /v1/status": sick}) as fake:
        expect(run(fake.path, "status"), 0,
               out=["dirty: lab-07 (do not power-cycle)",
                    "needs hands: roof and cellar: see wipyctl report\n",
                    "armed: lab-08", "rollout 3f2a9c10 halted", "login-refused: 2 boards",
                    "The disk is full"], absent=["  nothing", "go there"],
               name="a status with troubles")
        many = dict(sick, dirty=[f"lab-{i:03}" for i in range(500)])
        fake.server.routes["GET /v1/status"] = many
        expect(run(fake.path, "status"), 0, out=["lab-007 and 492 more"],
               absent=["lab-008"], name="many names are counted")


def test_hostile_text():
    evil = "lab\033]0;owned\007\n\u009b31m\u202e"
    with Fake({"GET /v1/boards": {"boards": [board(evil, site=evil)], "next": None}}) as fake:
        result = run(fake.path, "boards")
        ok(not any(c in result.stdout for c in "\033\007\u009b\u202e")
           and result.stdout.count("\n") == 2 and "lab?]0;owned??" in result.stdout,
           "a board's text does not drive the terminal", repr(result.stdout))
        terminal = Terminal(fake.path, "boards", "-o", "json")
        terminal.end()
        ok("\u009b" not in terminal.text and "\033" not in terminal.text,
           "nor does it in JSON", repr(terminal.text))
    with Fake({"GET /v1/status": problem(404, "no-such-x", "bad\033[2J\ntwo", "\007")}) as fake:
        result = run(fake.path, "status")
        ok(result.stderr == "wipyctl: bad?[2J?two\nhint: ?\n", "nor in an error",
           repr(result.stderr))


def test_boards():
    names = [f"lab-{i:02}" for i in range(5)]

    def page(request):
        after = request["query"].get("after", "")
        rest = [n for n in names if n > after]
        return {"boards": [board(n) for n in rest[:2]],
                "next": rest[1] if len(rest) > 2 else None}

    with Fake({"GET /v1/boards": page}) as fake:
        result = run(fake.path, "boards", "-o", "json", "--select", "site=k\u00f6ln,a=b c")
        answer = json.loads(result.stdout)
        ok(list(answer) == ["boards"] and [b["name"] for b in answer["boards"]] == names,
           "JSON holds the boards of all pages and no next", result.stdout)
        ok([r["query"].get("select") for r in fake.requests]
           == ["site=k\u00f6ln,a=b c"] * 3, "the selector goes with every page",
           fake.requests)
        result = run(fake.path, "boards")
        lines = result.stdout.splitlines()
        ok(len(lines) == 6 and lines[0].split()[:3] == ["NAME", "FAMILY", "SITE"]
           and "v1.8.7-219-g0c821f7 (2017-02-13)" in lines[5], "a line a board",
           result.stdout)
        fake.server.routes["GET /v1/boards"] = {"boards": [], "next": None}
        expect(run(fake.path, "boards", "--select", "name=x"), 0, out=["No board matches."],
               name="no board")
        fake.server.routes["GET /v1/boards"] = {"boards": [board("a")], "next": "a"}
        expect(run(fake.path, "boards"), 1, err=["again and again"],
               name="a daemon that turns in circles")
        fake.server.routes["GET /v1/boards"] = {"boards": 7}
        expect(run(fake.path, "boards"), 1, err=["no 'boards' in it"], name="a wrong shape")
        fake.server.routes["GET /v1/boards"] = {"boards": [7, None, {}, {"version": []}],
                                                "next": None}
        expect(run(fake.path, "boards"), 0, name="rows of wrong shapes read as empty")
        fake.server.routes["GET /v1/boards"] = {
            "boards": [board("a", dirty=True, task={"rollout": ID, "state": "dirty",
                                                    "attempt": 2, "reason": None}),
                       board("b", task={"rollout": ID, "state": "backoff", "attempt": 2,
                                        "reason": "push-broken"})], "next": None}
        expect(run(fake.path, "boards"), 0, out=["DIRTY", "backoff: push-broken"],
               name="tasks")


def test_board():
    full = board("lab/1", type="phat", labels={"room": "b12"}, telnet_port=23, ftp_port=21,
                 target=NEWER, conditions=["dirty"], since="2026-11-20T10:00:00Z",
                 intrusions=3, unique_id="d03972000001", other_id="d03972000002",
                 uname={"release": "1.2.0", "version": "v", "machine": "m"},
                 events=[{"time": "2026-11-20T10:00:01Z", "actor": "uid 1000",
                          "board": "lab/1", "rollout": ID, "name": "task-state",
                          "detail": "pushing -> staged; 226"}])
    with Fake({"GET /v1/boards/lab/1": {"board": full}}) as fake:
        expect(run(fake.path, "board", "lab/1", "--utc"), 0,
               out=["condition   dirty", "since 2026-11-20 10:00:00Z", "room=b12",
                    "telnet 23, ftp 21", "release 1.2.0", "intrusions", "d03972000001",
                    "d03972000002: another board", "task-state",
                    "pushing -> staged; 226"], name="everything about a board")
        ok(fake.requests[0]["raw"] == "/v1/boards/lab%2F1", "the name is encoded",
           fake.requests[0]["raw"])
        expect(run(fake.path, "board", "lab/1", env={"TZ": "XXX-3"}), 0,
               out=["since 2026-11-20 13:00:00\n"], name="local time")
        result = run(fake.path, "board", "lab/1", "-o", "json")
        ok(json.loads(result.stdout) == {"board": full}, "a board as JSON", result.stdout)
        hands = {"code": "no-return", "since": "2026-11-20T09:00:00Z", "outcome": None,
                 "ended": None}
        ended = dict(hands, outcome="rescued", ended="2026-11-20T09:30:00Z")
        for conditions, more, out, absent in (
                (["dirty", "armed"], {"to_do": "Leave it alone."},
                 ["condition   dirty\n", "condition   armed\n",
                  "to do       Leave it alone.\n"], ["hand needed"]),
                (["needs-hands"], {"to_do": "Go there.", "hands": hands},
                 ["hand needed no-return since 2026-11-20 09:00:00Z\n"], []),
                ([], {"to_do": None, "hands": ended},
                 ["no-return since 2026-11-20 09:00:00Z, rescued 2026-11-20 09:30:00Z\n"],
                 ["condition", "to do"])):
            fake.server.routes["GET /v1/boards/c"] = {
                "board": dict(full, conditions=conditions, **more)}
            expect(run(fake.path, "board", "c", "--utc"), 0, out=out, absent=absent,
                   name=f"a board that is {conditions}")
        fake.server.routes["GET /v1/boards/x"] = problem(
            404, "no-such-board", "There is no board 'x'.", "see: wipyctl boards")
        result = run(fake.path, "board", "x")
        ok(result.returncode == 2 and result.stdout == "" and result.stderr
           == "wipyctl: There is no board 'x'.\nhint: see: wipyctl boards\n",
           "no such board", result.stderr)


def test_as_of():
    then = {"boards": [board("a")], "next": None, "as_of": "2026-11-20T10:00:00Z",
            "gone": ["old-1", "old-2"]}
    past = dict(rollout("running"), as_of="2026-11-20T10:00:00Z")
    with Fake({"GET /v1/boards": then, "GET /v1/boards/a": {"board": board("a")},
               "GET /v1/rollouts/latest": past}) as fake:
        expect(run(fake.path, "boards", "--as-of", "2026-11-20T10:00:00Z"), 0,
               out=["not in the inventory now: old-1 and old-2"], name="boards as of a time")
        ok(fake.requests[-1]["query"]["as-of"] == "2026-11-20T10:00:00Z",
           "the time is sent", fake.requests[-1])
        result = run(fake.path, "-o", "json", "boards", "--as-of", "2h")
        ok(json.loads(result.stdout)["gone"] == ["old-1", "old-2"], "JSON has the gone ones",
           result.stdout)
        sent = time.mktime(time.strptime(fake.requests[-1]["query"]["as-of"],
                                         "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        ok(abs(time.time() - 7200 - sent) < 60, "a span is that long ago", sent)
        expect(run(fake.path, "board", "a", "--as-of", "1d"), 0, absent=["events"],
               name="a board as of a time, without today's events")
        expect(run(fake.path, "rollout", "status", "--as-of", "5m"), 0, out=["running"],
               name="a rollout as of a time")
        ok(all("as-of" in r["query"] for r in fake.requests), "each asks for its time",
           fake.requests)
        asked = len(fake.requests)
        expect(run(fake.path, "boards", "--as-of", "yesterday"), 2,
               err=["--as-of: 'yesterday' is not a time", "2026-11-20T11:00:00Z"],
               name="a time that is none")
        ok(len(fake.requests) == asked, "and nothing is asked")
        expect(run(fake.path, "status", "--as-of", "1d"), 2, name="not for every command")
        fake.server.routes["GET /v1/boards"] = dict(then, boards=[])
        expect(run(fake.path, "boards", "--as-of", "1d"), 0,
               out=["was known then", "old-1"], name="no board then")


def test_events_leave():
    """Exporting and pruning, where the daemon or the disk does not do its part."""
    def event(seq):
        return {"seq": seq, "time": "2026-11-20T10:00:01Z", "actor": "wipyd", "cause": "x",
                "board": "", "rollout": None, "name": "n\u009b", "detail": "d",
                "chain": f"{seq:02d}" * 32}

    def page(request):
        after = int(request["query"].get("after", "0"))
        if after == 3:
            return None if fails else dict(rest, events=[event(4)], next=None)
        return dict(rest, events=[event(n) for n in (1, 2, 3)], next=0 if loops else 3)

    rest = {"after": 0, "chain": "00" * 32, "last": 4, "exported": 0}
    fails = loops = False
    routes = {"GET /v1/events/export": page, "POST /v1/events/exported": {"exported": 4}}
    with Fake(routes) as fake:
        path = os.path.join(fake.folder, "e.jsonl")
        expect(run(fake.path, "events", "export", path, "--since", "2026-11-20T10:00:00Z"),
               0, out=["4 events, 1 to 4", "04" * 32], name="an export of two pages")
        ok(json.loads(fake.requests[-1]["body"]) ==
           {"after": 0, "last": 4, "chain": "04" * 32}, "it is noted")
        ok(fake.asked("GET", "/v1/events/export")[0]["query"]["since"] ==
           "2026-11-20T10:00:00Z" and fake.asked("GET", "/v1/events/export")[1]["query"] ==
           {"limit": "5000", "after": "3", "last": "4"}, "the range stays the same")
        ok(os.stat(path).st_mode & 0o777 == 0o600, "nobody else may read it")
        with open(path, "rb") as file:
            text = file.read()
        ok(text.count(b"\n") == 6 and b"\xc2" not in text, "a line each, in ASCII", text)
        expect(run(fake.path, "events", "verify", "--file", path), 1,
               out=["NOT INTACT: " + path + ":2: event 1 does not follow"],
               name="values that are made up")
        os.unlink(path)
        routes["POST /v1/events/exported"] = {"exported": 0}
        expect(run(fake.path, "events", "export", path), 0,
               out=["does not count as exported yet"], name="a gap before it")
        os.unlink(path)
        fails = True
        expect(run(fake.path, "events", "export", path), 2, name="a page that fails")
        ok(not os.path.exists(path), "half a file is not left there")
        fails, loops = False, True
        before = len(fake.requests)
        run(fake.path, "events", "export", "-")
        ok(len(fake.requests) == before + 1, "what goes nowhere is not noted")
        expect(run(fake.path, "events", "export", "/dev/full"), 2, err=["exists"],
               name="a file that is there is not written to")
        expect(run(fake.path, "events", "verify", "--file", fake.folder + "/none"), 2,
               err=["no such file"], name="no file to verify")
        expect(run(fake.path, "events", "prune"), 2, err=["--before", "--keep"],
               name="prune: what is to go")
        expect(run(fake.path, "events", "prune", "--keep", "1d", "--before", "2d"), 2,
               err=["--before"], name="prune: one of the two")
        plan = {"pruned": False, "first": 1, "upto": 4, "upto_time": "2026-11-20T10:00:01Z",
                "chain": "04" * 32, "exported": 3}
        routes["POST /v1/events/prune"] = plan
        expect(run(fake.path, "events", "prune", "--keep", "1d", "--unexported"), 2,
               out=["Events 1 to 4 go", "No file has all of them"], err=["--yes"],
               name="prune: what no file has")
        ok([json.loads(r["body"])["dry_run"] for r in
            fake.asked("POST", "/v1/events/prune")] == [True], "prune: nothing without a yes")
        routes["POST /v1/events/prune"] = problem(409, "events-not-intact", "Changed.")
        expect(run(fake.path, "events", "prune", "--keep", "1d", "--yes"), 8,
               err=["Changed."], name="prune: evidence stays")


def test_events():
    rows = [{"seq": n, "time": "2026-11-20T10:00:01Z", "actor": "board lab-1",
             "cause": "poll", "board": "lab-1", "rollout": None, "name": "board-reach",
             "detail": "online -> offline"} for n in range(2500, 0, -1)]

    def page(request):
        after = int(request["query"].get("after", "9999"))
        rest = [row for row in rows if row["seq"] < after]
        limit = int(request["query"]["limit"])
        return {"events": rest[:limit],
                "next": rest[limit - 1]["seq"] if len(rest) > limit else None}

    verdict = {"intact": True, "checkpoint": 0, "verified": 2500, "last": 2500,
               "chain": "ab" * 32, "fault": None}
    with Fake({"GET /v1/events": page, "GET /v1/events/verify": verdict}) as fake:
        result = run(fake.path, "events", "--utc")
        lines = result.stdout.splitlines()
        ok(len(lines) == 101 and lines[0].split() == ["SEQ", "TIME", "BY", "CAUSE", "BOARD",
                                                      "EVENT", "DETAIL"]
           and lines[1].split()[0] == "2500" and "poll" in lines[1], "a hundred events",
           result.stdout[:300])
        result = run(fake.path, "-o", "json", "events", "-n", "2300")
        ok([row["seq"] for row in json.loads(result.stdout)["events"]]
           == list(range(2500, 200, -1)), "so many of them, page by page")
        result = run(fake.path, "-o", "json", "events", "-n", "9000")
        ok(len(json.loads(result.stdout)["events"]) == 2500, "no more than there are")
        expect(run(fake.path, "events", "--board", "lab-1", "--rollout", "latest",
                   "--since", "2026-11-20T10:00:00Z", "-n", "1"), 0, name="filters")
        ok(fake.requests[-1]["query"] == {"limit": "1", "board": "lab-1",
                                          "rollout": "latest",
                                          "since": "2026-11-20T10:00:00Z"},
           "they are sent", fake.requests[-1])
        expect(run(fake.path, "events", "-n", "0"), 2, err=["--count: '0'"],
               name="a count that is none")
        expect(run(fake.path, "events", "verify"), 0,
               out=["2500 events verified, from checkpoint 0 to event 2500", "abab"],
               absent=["NOT"], name="an intact chain")
        fake.server.routes["GET /v1/events/verify"] = dict(
            verdict, intact=False, verified=6, last=6,
            fault={"code": "altered", "first": 7, "last": 7, "what": "event 7 is not it"})
        expect(run(fake.path, "events", "verify"), 1,
               out=["NOT INTACT: event 7 is not it", "6 events verified"],
               name="a chain that was changed")
        fake.server.routes["GET /v1/events/verify"] = {}
        expect(run(fake.path, "events", "verify"), 1, name="not said to be intact")
        fake.server.routes["GET /v1/events"] = {"events": [], "next": None}
        expect(run(fake.path, "events"), 0, out=["No such events."], name="no events")


def guess(*tags):
    return {"certain": len(tags) == 1, "text": " or ".join(tags) or "what is not known",
            "one_of": [{"state": "good", "tag": tag, "date": "2016-11-10"} for tag in tags]}


def test_ledger():
    record = {"active": "update2", "status": "ready", "previous": "update1"}
    ledger = {"kind": "classic", "runs": "update2", "records": [record],
              "slots": [{"name": "factory", "state": "unknown", "tag": None, "date": None},
                        {"name": "update1", "state": "pushed", "tag": "v1", "date": "d"},
                        {"name": "update2", "state": "good", "tag": "v2", "date": "d"}],
              "next_push": {"slots": ["update1"], "holds": guess("v1"), "kills": False,
                            "burns_last_good": True, "may_be_refused": False},
              "boots": {"plain": guess("v2"), "window1": guess("v2"),
                        "window2": guess("v1", "v0"), "window3": guess()}}
    with Fake({"GET /v1/boards/b": {"board": board("b", events=[], ledger=ledger)}}) as fake:
        expect(run(fake.path, "board", "b"), 0,
               out=["factory     unknown\n", "update1     pushed v1 (d)\n",
                    "update2     good v2 (d), runs\n", "update2, ready, previous update1",
                    "overwrites update1: v1; the last known to be good",
                    "reset       boots v2\n", "window 2    boots v1 or v0\n",
                    "window 3    boots what is not known\n"],
               name="the slots, the record and what each window boots")
    ledger["records"] = [record, dict(record, previous="factory")]
    with Fake({"GET /v1/boards/b": {"board": board("b", events=[], ledger=ledger)}}) as fake:
        expect(run(fake.path, "board", "b"), 0, out=["one of 2: its past"],
               absent=["previous update1"], name="a record that may be one of several")
    with Fake({"GET /v1/boards/b": {"board": board("b", events=[], ledger=None)}}) as fake:
        expect(run(fake.path, "board", "b"), 0, absent=["slots:"], name="no ledger yet")


def test_rescue():
    sick = [{"board": name, "site": "berlin", "since": "2026-11-20T09:00:00Z",
             "code": "push-not-repaired", "to_do": "See to %s." % name}
            for name in ("d-1", "a-1", "h-1")]
    report = dict(REPORT, dirty=sick[:1], armed=sick[1:2], needs_hands=sick[2:])
    with Fake({"GET /v1/report": report}) as fake:
        result = run(fake.path, "rescue", "list")
        expect(result, 0, out=["See to d-1.", "push-not-repaired", "rescue card NAME"],
               name="rescue list")
        places = [result.stdout.find(name) for name in ("d-1", "a-1", "h-1")]
        ok(-1 < places[0] < places[1] < places[2], "the dirty ones first", places)
        result = run(fake.path, "rescue", "list", "-o", "json")
        ok(json.loads(result.stdout) == {"dirty": sick[:1], "armed": sick[1:2],
                                         "needs_hands": sick[2:]}, "as JSON", result.stdout)
    with Fake({"GET /v1/report": dict(REPORT, dirty=[], armed=[], needs_hands=[])}) as fake:
        expect(run(fake.path, "rescue", "list"), 0, out=["No board needs a person."],
               name="nobody needs rescue")
    window = {"from_ms": 100, "to_ms": 3100, "release_ms": 1600, "blink_ms": 500}
    card = {"board": "b", "pin": "P12", "window": 1,
            "windows": [dict(window, number=1, boots=guess("v1"))],
            "lines": [{"part": "step", "seen": "", "text": "Press it."},
                      {"part": "step", "seen": "", "text": "Wait."},
                      {"part": "led", "seen": "steady", "text": "It has crashed."},
                      {"part": "why", "seen": "", "text": "It is lost."}]}
    with Fake({"GET /v1/boards/b/card": {"card": card}}) as fake:
        result = run(fake.path, "rescue", "card", "b")
        expect(result, 0, out=["Safe-boot card of b\n", "1. Press it.\n", "2. Wait.\n",
                               "steady: It has crashed.\n", "1.6 s", "500 ms"],
               name="a card")
        ok(result.stdout.find("It is lost.") < result.stdout.find("Press it."),
           "what is wrong stands first")
        result = run(fake.path, "rescue", "card", "b", "-o", "json")
        ok(json.loads(result.stdout) == {"card": card}, "a card as JSON", result.stdout)
    with Fake({"GET /v1/boards/x/card": problem(404, "no-such-board", "None.")}) as fake:
        expect(run(fake.path, "rescue", "card", "x"), 2, err=["None."], name="no such board")


def test_poll():
    answers = {"boards": [board("a", status="ok", detail=""),
                          board("b", status="no-banner", detail="closed at once")]}
    listed = {"boards": [board("a"), board("b")], "next": None}
    with Fake({"POST /v1/polls": answers, "GET /v1/boards": listed}) as fake:
        expect(run(fake.path, "poll", "a", "b"), 4,
               out=["no-banner", "closed at once", "1 of 2 boards answered\n"],
               name="a board that does not answer is named")
        run(fake.path, "poll", "--select", "site=x", "--uname")
        run(fake.path, "poll")
        bodies = [json.loads(r["body"]) for r in fake.asked("POST", "/v1/polls")]
        names = {"boards": ["a", "b"]}
        ok(bodies == [dict(names, method="banner"), dict(names, method="uname"),
                      dict(names, method="banner")], "names, method", bodies)
        ok([r["query"].get("select") for r in fake.asked("GET", "/v1/boards")]
           == ["site=x", None], "the selector chooses the names", fake.requests)
        ok(fake.requests[0]["headers"]["content-type"] == "application/json",
           "the body is JSON", fake.requests[0]["headers"])
        expect(run(fake.path, "poll", "-o", "json"), 4, out=['"status": "no-banner"'],
               name="a board that does not answer, in JSON")
        expect(run(fake.path, "poll", "a", "--select", "x"), 2, err=["not both"],
               name="names and selector exclude each other")
        expect(run(fake.path, "poll", os.fsdecode(b"\xff")), 2, err=["UTF-8"],
               name="a name that is not UTF-8")
        expect(run(fake.path, "help", "poll"), 0, out=["code is 4"], name="help of poll")
        fake.server.routes["POST /v1/polls"] = {
            "boards": [answers["boards"][0], board("c", status="in-rollout", detail="")]}
        expect(run(fake.path, "poll"), 0,
               out=["1 of 2 boards answered, 1 not asked: in a rollout\n"],
               name="a board in a rollout is none that did not answer")
        fake.server.routes["POST /v1/polls"] = {"boards": answers["boards"][:1]}
        expect(run(fake.path, "poll", "-o", "json"), 0, out=['"status": "ok"'],
               name="all answered")
        fake.requests.clear()
        fake.server.routes["GET /v1/boards"] = {"boards": [], "next": None}
        expect(run(fake.path, "poll", "--select", "name=nope"), 2,
               err=["no board matches the selector 'name=nope'; `wipyctl boards` lists"],
               name="a selector that matches no board")
        expect(run(fake.path, "poll"), 0, out=["0 of 0"], name="a fleet without boards")
        ok(not fake.asked("POST", "/v1/polls"), "and nothing was polled", fake.requests)


def test_poll_many():
    names = [f"lab-{i:04}" for i in range(2500)]

    def page(request):
        rest = [n for n in names if n > request["query"].get("after", "")]
        return {"boards": [board(n) for n in rest[:900]],
                "next": rest[899] if len(rest) > 900 else None}

    def polls(request):
        asked = json.loads(request["body"])["boards"]
        return {"boards": [board(n, status="offline" if n == names[1700] else "ok",
                                 detail="") for n in asked]}

    with Fake({"GET /v1/boards": page, "POST /v1/polls": polls}) as fake:
        expect(run(fake.path, "poll"), 4, out=["2499 of 2500 boards answered\n", names[-1]],
               name="more boards than one request takes")
        asked = [json.loads(r["body"])["boards"] for r in fake.asked("POST", "/v1/polls")]
        ok([len(some) for some in asked] == [1000, 1000, 500]
           and sum(asked, []) == names, "each is asked once, at most 1000 a request",
           [len(some) for some in asked])
        result = run(fake.path, "poll", "-o", "json", *names[:1001])
        ok(result.returncode == 0
           and [b["name"] for b in json.loads(result.stdout)["boards"]] == names[:1001],
           "as many names, one document", result.returncode, result.stdout[:200])
        fake.server.routes["POST /v1/polls"] = lambda request: (
            polls(request) if "lab-0000" in json.loads(request["body"])["boards"]
            else problem(404, "no-such-board", "There is no board 'lab-1000'."))
        expect(run(fake.path, "poll"), 2, err=["no board 'lab-1000'"],
               name="a request in the middle that is refused")


def test_inventory(folder):
    diff = {"applied": False, "added": ["a"], "removed": ["b"], "changed": ["c"],
            "kept": ["d"], "notes": ["The site x has no boards."]}
    none = {"applied": True, "added": [], "removed": [], "changed": [], "kept": [],
            "notes": []}
    with Fake({"POST /v1/inventory/reload": diff}) as fake:
        expect(run(fake.path, "inventory", "check"), 3,
               out=["+ a\n", "- b\n", "~ c\n", "= d (", "note: The site x has no boards."],
               name="inventory check: changes")
        ok(json.loads(fake.requests[0]["body"]) == {"dry_run": True}, "a dry run")
        expect(run(fake.path, "inventory", "reload"), 0, out=["reloaded: 1 added"],
               name="inventory reload")
        ok(json.loads(fake.requests[1]["body"]) == {"dry_run": False}, "not a dry run")
        fake.server.routes["POST /v1/inventory/reload"] = none
        expect(run(fake.path, "inventory", "check"), 0, out=["no changes"],
               name="inventory check: nothing")
        fake.server.routes["POST /v1/inventory/reload"] = problem(
            422, "config", "inventory.yaml has 2 faults.",
            problems=["inventory.yaml:12:9: unknown key 'adress'", "inventory.yaml:14:1: x"])
        expect(run(fake.path, "inventory", "check"), 2,
               err=["inventory.yaml has 2 faults.",
                    "\ninventory.yaml:12:9: unknown key 'adress'\ninventory.yaml:14:1: x\n"],
               name="inventory check: faults, one a line")
    wipyd = os.path.join(folder, "wipyd")
    with open(wipyd, "w", encoding="utf-8") as script:
        script.write("#!/bin/sh\necho \"asked: $*\"\necho fault >&2\nexit 2\n")
    os.chmod(wipyd, stat.S_IRWXU)
    result = run(None, "inventory", "check", "some file.yaml", env={"WIPYD": wipyd})
    expect(result, 2, out=["asked: -t -i some file.yaml\n"], err=["fault\n"],
           name="a file is checked by wipyd -t")
    result = run(None, "inventory", "check", "f", env={"WIPYD": wipyd + "-none"})
    expect(result, 1, err=["cannot run", "wipyd -t"], name="without a wipyd")


def test_known_bad():
    entry = {"number": 1, "sha256": "ab12" * 16, "release": "spring", "type": "phat",
             "board": "lab-01", "rollout": ID, "code": "no-return",
             "since": "2026-11-20T10:00:00Z", "cleared": None, "cleared_by": None,
             "cleared_reason": None}
    gone = dict(entry, cleared="2026-11-21T10:00:00Z", cleared_by="uid 1000",
                cleared_reason="bad cable")
    routes = {"GET /v1/known-bad": {"known_bad": [entry]},
              "POST /v1/known-bad/clear": {"known_bad": [gone]},
              "POST /v1/boards/lab-01/accept": {"board": board("lab-01")}}
    with Fake(routes) as fake:
        expect(run(fake.path, "release", "known-bad", "--utc"), 0,
               out=["spring", "ab12ab12ab12 ", "phat", "lab-01", "no-return",
                    "2026-11-20 10:00:00Z"], absent=["by uid"], name="release known-bad")
        result = run(fake.path, "release", "known-bad", "-o", "json")
        ok(json.loads(result.stdout) == {"known_bad": [entry]}, "known-bad as JSON")
        clear = ("release", "known-bad", "clear", "spring")
        expect(run(fake.path, *clear), 2, err=["--reason"], name="known-bad clear: no reason")
        expect(run(fake.path, *clear, "--type", "phat", "--reason", "bad cable"), 0,
               out=["by uid 1000: bad cable"], name="known-bad clear")
        asked = fake.asked("POST", "/v1/known-bad/clear")
        ok([json.loads(r["body"]) for r in asked] == [
            {"image": "spring", "type": "phat", "reason": "bad cable"}],
           "known-bad clear: what is asked", asked)
        expect(run(fake.path, "boards", "accept", "lab-01"), 2, err=["--reason"],
               name="boards accept: no reason")
        expect(run(fake.path, "boards", "accept", "lab-01", "--reason", "replaced"), 0,
               out=["lab-01 is accepted"], name="boards accept")
        asked = fake.asked("POST", "/v1/boards/lab-01/accept")
        ok([json.loads(r["body"]) for r in asked] == [{"reason": "replaced"}],
           "boards accept: what is asked", asked)
        fake.server.routes["GET /v1/known-bad"] = {"known_bad": []}
        expect(run(fake.path, "release", "known-bad"), 0, out=["No image has lost"],
               name="release known-bad: none")


def test_images(folder):
    def file(name, data):
        path = os.path.join(folder, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    good = file("good.bin", cc3200_image())
    bad = file("bad.bin", cc3200_image(right=False))
    odd = file("odd.bin", cc3200_image("v1.8.6-63-gc28fed6-dirty", payload=1024))
    big = file("big.bin", bytes(4 * 1024 * 1024 + 1))
    expect(run(None, "image", "info", good), 0,
           out=["CC3200 image", "1032 of at most 196608 bytes", "0x20040000", "0x20010101",
                "right", NEWER + " on 2017-02-13; WiPy with CC3200", "verdict", "ok: fit"],
           name="image info: fit, without a daemon")
    expect(run(None, "image", "info", odd), 0, out=["md5-engine: ", "modified: "],
           name="image info: warnings have sentences")
    expect(run(None, "image", "info", good, bad), 8, out=["image-md5: ", "0" * 32],
           name="image info: one of two is not fit")
    expect(run(None, "image", "info", bad, "/nonexistent"), 2, err=["/nonexistent"],
           name="image info: no such file")
    result = run(None, "image", "info", "-o", "json", odd, bad)
    images = json.loads(result.stdout)["images"]
    ok(result.returncode == 8 and images[0]["file"] == odd
       and images[0]["warnings"] == ["md5-engine", "modified"]
       and images[0]["verdict"] == "ok" and images[0]["md5"]["right"] is True
       and images[0]["stack_pointer"] == 0x20040000 and images[0]["size"] == 1056
       and images[1]["verdict"] == "image-md5"
       and list(images[0])[1:] == ["family", "kind", "size", "stack_pointer",
                                   "entry_point", "md5", "tag", "date", "board", "mcu",
                                   "esp", "warnings", "verdict"]
       and images[0]["esp"] is None,
       "image info as JSON", result.stdout)
    esp_images(file)
    release_add(good, bad, big)


def esp_images(file):
    esp32 = file("esp32.bin", esp_image.make("ESP32", "v1.11", "2021-01-12"))
    stock = file("stock.bin", esp_image.make("ESP8266", "v1.11", "2021-01-12", mark=b""))
    expect(run(None, "image", "info", esp32), 0,
           out=["ESP32 image", "0x40100004", "2, with their proofs ", "SHA-256       right",
                "yes, this project's firmware", "none, a push adds it", "ok: fit"],
           name="image info: an ESP32 image")
    expect(run(None, "image", "info", stock), 8,
           out=["esp8266", "checksum      right", "no mark", "no-endpoints: "],
           name="image info: a stock ESP8266 image")
    esp = json.loads(run(None, "image", "info", "-o", "json", stock).stdout)["images"][0]["esp"]
    ok((esp["flash_mode"], esp["flash_size"], esp["checksum_right"], esp["marked"],
        esp["pycom_release"]) == ("QIO", "512KB", True, False, None),
       "image info: what ESP images have, as JSON", str(esp))


def release_add(good, bad, big):
    with open(good, "rb") as source:
        data = source.read()
    release = {"name": "spring", "added": "2026-11-20T11:00:00Z", "images": [
        {"family": "wipy", "sha256": "ab" * 32, "size": len(data), "tag": NEWER,
         "date": "2017-02-13", "board": "WiPy", "mcu": "CC3200", "warnings": ["modified"]}]}
    routes = {
        "POST /v1/images": (201, {"sha256": "ab" * 32, "image": {}}),
        "POST /v1/releases": (201, {"release": release, "warning": "Other bytes do too."}),
        "GET /v1/releases": {"releases": [release]}}
    with Fake(routes) as fake:
        expect(run(fake.path, "release", "add", "--name", "spring", good), 0,
               out=["release spring", NEWER, "abababababab", "warning (wipy): ",
                    "warning: Other bytes do too."], name="release add")
        ok(fake.requests[0]["body"] == data
           and fake.requests[0]["headers"]["content-type"] == "application/octet-stream"
           and "expect" not in fake.requests[0]["headers"], "the bytes are uploaded")
        ok(json.loads(fake.requests[1]["body"])
           == {"name": "spring", "images": ["ab" * 32]}, "then the release is made")
        asked = len(fake.requests)
        expect(run(fake.path, "release", "add", good, bad), 8,
               err=[bad, "MD5 trailer", "nothing was uploaded"], name="release add: bad image")
        expect(run(fake.path, "release", "add", big), 8, err=["4 MiB"],
               name="release add: too long")
        expect(run(fake.path, "release", "add", "/nonexistent"), 2, err=["/nonexistent"],
               name="release add: no such file")
        ok(len(fake.requests) == asked, "and nothing was uploaded", fake.requests)
        expect(run(fake.path, "release", "list"), 0,
               out=["RELEASE", "spring", NEWER, "modified"], name="release list")
        result = run(fake.path, "release", "list", "-o", "json")
        ok(json.loads(result.stdout) == {"releases": [release]}, "release list as JSON")
        fake.server.routes["POST /v1/images"] = problem(422, "image-family", "Another.")
        expect(run(fake.path, "release", "add", good), 8, err=[good + ": Another."],
               name="the daemon refuses the image")
        fake.server.routes["GET /v1/releases"] = {"releases": []}
        expect(run(fake.path, "release", "list"), 0, out=["no releases yet"],
               name="no releases")


def starting(plan=None, then=None):
    """The plan for a dry run, a rollout for the real thing."""
    def route(request):
        if json.loads(request["body"])["dry_run"]:
            return plan or PLAN
        return then or (201, rollout("running"))
    return {"POST /v1/rollouts": route}


def test_rollout_start():
    begin = ["rollout", "--release", "v1.8.7", "--select", "site=x", "--waves", "1,100%",
             "--soak", "5m"]
    with Fake(starting()) as fake:
        expect(run(fake.path, *begin, "--yes"), 0,
               out=["10 boards planned, 3 already run it, 1 refused", "wave  1      1 board\n",
                    "wave  2      9 boards\n", "phat-01", "add an image for esp8266", ID],
               name="the plan is shown, then it starts")
        bodies = [json.loads(r["body"]) for r in fake.requests]
        want = {"release": "v1.8.7", "select": "site=x", "waves": "1,100%", "soak_s": 300}
        ok(bodies == [dict(want, dry_run=True), dict(want, dry_run=False)],
           "what is planned is what is started", bodies)
        fake.requests.clear()
        expect(run(fake.path, *begin), 2, out=["10 boards planned"], err=["--yes"],
               name="without a terminal and without --yes nothing starts")
        ok(len(fake.requests) == 1, "and only the plan was asked for", fake.requests)
        result = run(fake.path, "rollout", "--release", "r", "--yes", "-o", "json")
        ok(json.loads(result.stdout) == rollout("running") and "10 boards planned"
           in result.stderr, "JSON is the rollout alone", result.stdout, result.stderr)
        ok(json.loads(fake.requests[-1]["body"]) == {"dry_run": False, "release": "r"},
           "what is not said is left to the daemon", fake.requests[-1]["body"])
        run(fake.path, "rollout", "--release", "r", "--yes", "--burn-last-good")
        ok(json.loads(fake.requests[-1]["body"]).get("burn_last_good") is True,
           "--burn-last-good is handed on", fake.requests[-1]["body"])
    plans = [("all run it already", {"planned": 0, "already": 5, "refused": 0}, 0),
             ("all are refused", {"planned": 0, "already": 0, "refused": 5}, 8),
             ("some run it, the rest is refused",
              {"planned": 0, "already": 1, "refused": 5}, 8),
             ("no board matches", {"planned": 0, "already": 0, "refused": 0}, 2)]
    for name, boards, code in plans:
        with Fake(starting(dict(PLAN, boards=boards, waves=[]))) as fake:
            expect(run(fake.path, *begin, "--yes"), code, name=name)
            ok(len(fake.requests) == 1, name + ": nothing starts")
    refusals = [("no such release", problem(404, "no-such-release", "None."), 2),
                ("two releases", problem(409, "ambiguous-release", "a or b?"), 2),
                ("another rollout", problem(409, "active", "lab-01 belongs to b2."), 8),
                ("the disk is full", problem(507, "disk-full", "Full."), 1)]
    for name, answer, code in refusals:
        with Fake({"POST /v1/rollouts": answer}) as fake:
            expect(run(fake.path, *begin, "--yes"), code, err=[answer[1]["detail"]],
                   absent=["{"], name=name)


def test_rollout_asks():
    for typed, code, posts in (("y\n", 0, 2), ("n\n", 8, 1), ("\n", 8, 1), ("\x04", 8, 1)):
        with Fake(starting()) as fake:
            terminal = Terminal(fake.path, "rollout", "--release", "r")
            asked = terminal.until("Start this rollout?")
            terminal.type(typed)
            got = terminal.end()
            ok(asked and got == code and len(fake.requests) == posts,
               f"asked on a terminal, answered {typed!r}", got, terminal.text)


def test_rollout_undo():
    step = {"board": "lab-01", "wave": 1, "tag": "v1.8.6", "date": "2016-11-10",
            "method": "push", "statement": "", "risk": "It is pushed again.",
            "burns_last_good": False}
    plan = dict(PLAN, undo_of=ID, steps=[step, dict(step, board="phat-02", method="switch",
                                                    statement="wipy.safeboot(2)")])
    path = f"POST /v1/rollouts/{ID}/undo"
    undo = {path: lambda request: plan if json.loads(request["body"])["dry_run"]
            else (201, rollout("running"))}
    with Fake(undo) as fake:
        words = ["rollout", "undo", ID]
        expect(run(fake.path, *words, "--plan", "--waves", "1,100%", "--burn-last-good"), 3,
               out=["undo of rollout " + ID[:8], "1 refused", "with nothing to take back",
                    "v1.8.6 (2016-11-10)", "wipy.safeboot(2)", "It is pushed again."],
               name="undo: the plan says how each board goes back")
        ok([json.loads(r["body"]) for r in fake.requests]
           == [{"dry_run": True, "waves": "1,100%", "burn_last_good": True}],
           "undo: and nothing starts", fake.requests)
        expect(run(fake.path, *words), 2, err=["--yes"], name="undo: not unasked")
        expect(run(fake.path, *words, "--yes"), 0, out=["undo " + ID + " has started"],
               name="undo: started")
        expect(run(fake.path, *words, "--release", "r"), 2, err=["--release"],
               name="undo: of what ran, not of what is named")
    nothing = dict(plan, boards={"planned": 0, "already": 3, "refused": 0}, steps=[])
    with Fake({path: nothing}) as fake:
        expect(run(fake.path, "rollout", "undo", ID, "--yes"), 0,
               out=["no board runs what the rollout has brought"], name="undo: nothing to do")
    with Fake({path: problem(409, "not-possible", "It runs.")}) as fake:
        expect(run(fake.path, "rollout", "undo", ID, "--yes"), 8, err=["It runs."],
               name="undo: of one that runs")
    with Fake(starting()) as fake:
        expect(run(fake.path, "rollout", "--release", "r", "--plan"), 3,
               out=["10 boards planned"], name="a plan of any rollout")
        ok(len(fake.requests) == 1, "which starts nothing", fake.requests)


def watched(*steps):
    """Routes that show one step after another; the last one stays. A step is a rollout
    and its tasks."""
    at = {"step": -1}

    def show(_):
        at["step"] = min(at["step"] + 1, len(steps) - 1)
        answer = steps[at["step"]]
        return answer if isinstance(answer, str) else answer[0]

    def tasks(_):
        return {"tasks": steps[at["step"]][1]}

    routes = {f"GET /v1/rollouts/{name}": show for name in (ID, "latest")}
    routes.update({f"GET /v1/rollouts/{name}/tasks": tasks for name in (ID, "latest")})
    return routes


RUNNING = (rollout("running"), [task("a", "pushing"), task("b", "planned")])
FLYING = (rollout("running", waves=("passed", "open")),
          [task("a", "confirmed"), task("b", "backoff", code="push-broken", attempt=2)])


def ended(state, reason=None, **more):
    return (rollout(state, reason, waves=("passed", "passed"), **more),
            [task("a", "confirmed"), task("b", "lost", code="no-return")])


def test_watch():
    ends = [("completed", 0), ("completed-with-exceptions", 4), ("halted", 5),
            ("aborted", 6)]
    for state, code in ends:
        with Fake(watched(RUNNING, FLYING, ended(state))) as fake:
            result = run(fake.path, "rollout", "watch", "--utc")
            expect(result, code,
                   out=["wave 1 of 2 (1 board)  open -> passed\n",
                        "wave 2 of 2 (9 boards)  closed -> open\n",
                        "10:30:00Z  a  pushing -> confirmed\n",
                        "10:30:00Z  b  planned -> backoff: push-broken, attempt 2\n",
                        f"running -> {state}"], absent=["\033"],
                   name=f"watch, line by line, to {state}")
            paths = {r["path"] for r in fake.requests}
            ok(f"/v1/rollouts/{ID}" in paths and fake.requests[2]["path"].endswith(ID),
               "'latest' is resolved once", paths)
    with Fake(watched((rollout("paused", "paused"), []), ended("completed"))) as fake:
        expect(run(fake.path, "rollout", "watch", "3f2a"), 2, name="watch: no such rollout")
        fake.server.routes["GET /v1/rollouts/3f2a"] = \
            fake.server.routes["GET /v1/rollouts/latest"]
        expect(run(fake.path, "rollout", "watch", "3f2a"), 0, out=["paused -> completed"],
               name="a paused rollout is waited for")
    with Fake(watched(RUNNING, ended("completed"))) as fake:
        result = run(fake.path, "rollout", "watch", "-o", "json")
        ok(json.loads(result.stdout)["state"] == "completed", "watch as JSON: the end",
           result.stdout)
    with Fake(watched(RUNNING)) as fake:
        expect(run(fake.path, "rollout", "watch", "--timeout", "0"), 7,
               err=["has not ended"], name="watch --timeout")
    with Fake(watched(RUNNING, "close", "close", ended("completed"))) as fake:
        expect(run(fake.path, "rollout", "watch"), 0, err=["does not answer; trying again"],
               name="a daemon that restarts does not end the watching")
    with Fake(watched(RUNNING, ({"state": 7}, []))) as fake:
        expect(run(fake.path, "rollout", "watch"), 1, err=["makes no sense"],
               name="a rollout that makes no sense does")


def test_wait():
    for state, code in (("completed", 0), ("halted", 5)):
        routes = watched(RUNNING, FLYING, ended(state))
        routes.update(starting())
        with Fake(routes) as fake:
            expect(run(fake.path, "rollout", "--release", "r", "--yes", "--wait"), code,
                   out=[f"rollout {ID} has started", "a  pushing -> confirmed"],
                   name=f"rollout --wait to {state}")
    routes = watched(RUNNING)
    routes.update(starting())
    with Fake(routes) as fake:
        expect(run(fake.path, "rollout", "--release", "r", "--yes", "--wait", "--timeout",
                   "1s"), 7, name="rollout --wait --timeout")


def test_watch_live():
    tasks = [task(f"lab-{i:02}", "pushing") for i in range(12)]
    shown = (rollout("running", exceptions=[LOST]), tasks)
    with Fake(watched(shown, shown, ended("completed"))) as fake:
        terminal = Terminal(fake.path, "rollout", "watch")
        code = terminal.end()
        ok(code == 0 and "\033[K" in terminal.text and "A\r" in terminal.text
           and "and 4 more" in terminal.text and "pushing" in terminal.text
           and "lab-08" not in terminal.text and "wave  1 [####" in terminal.text
           and "go and look at it" in terminal.text, "watch on a terminal redraws in place",
           repr(terminal.text))
    with Fake(watched(shown, ended("completed"))) as fake:
        terminal = Terminal(fake.path, "rollout", "watch", env={"TERM": "dumb"})
        code = terminal.end()
        ok(code == 0 and "\033" not in terminal.text, "a dumb terminal gets lines",
           repr(terminal.text))
    with Fake(watched(shown)) as fake:
        terminal = Terminal(fake.path, "rollout", "watch")
        seen = terminal.until("under way")
        os.kill(terminal.pid, signal.SIGINT)
        code = terminal.end()
        ok(seen and code == 0 and "The rollout goes on." in terminal.text,
           "Ctrl-C ends the watching only", code, repr(terminal.text))
    with Fake(watched(shown)) as fake:
        child = subprocess.Popen([WIPYCTL, "rollout", "watch"], text=True,
                                 env=environment(fake.path), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=LIMIT_S)
        ok(child.returncode == 0 and "The rollout goes on." in errors
           and all(r["method"] == "GET" for r in fake.requests),
           "Ctrl-C without a terminal", child.returncode, errors)


def test_wait_interrupted():
    begin = ["rollout", "--release", "r", "--yes", "--wait"]
    routes = dict(watched(RUNNING), **starting())
    with Fake(routes) as fake:
        terminal = Terminal(fake.path, *begin)
        seen = terminal.until("under way")
        os.kill(terminal.pid, signal.SIGINT)
        code = terminal.end()
        ok(seen and code == 130 and "The rollout goes on." in terminal.text,
           "Ctrl-C while waiting is not 'completed'", code, repr(terminal.text))
    with Fake(dict(watched(RUNNING), **starting())) as fake:
        child = subprocess.Popen([WIPYCTL, *begin], text=True, env=environment(fake.path),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while "running: " not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=LIMIT_S)
        ok(child.returncode == 130 and "The rollout goes on." in errors,
           "nor is it without a terminal", child.returncode, errors)
    with Fake(dict(watched(RUNNING, FLYING, ended("halted")), **starting())) as fake:
        child = subprocess.Popen([WIPYCTL, *begin], env=environment(fake.path),
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child.stdout.close()
        ok(child.wait(LIMIT_S) == 5, "who waits gets the end without reading on",
           child.returncode)
    expect(run(None, "help", "rollout"), 0, out=["130"], name="help tells the exit code")
    expect(run(None, "help", "rollout", "watch"), 0, out=["exit code is 0"],
           name="and that of watching")
    expect(run(None, "help", "rollout", "abort"), 0,
           out=["nothing is reset any more", "listed as armed"], name="help of abort")


def test_wipyboard_ctl():
    wipyboard = os.path.join(os.path.dirname(WIPYCTL), "wipyboard")

    def ctl(*words):
        return subprocess.run([wipyboard, "ctl", *words], capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)

    with raw_server(b'{"error": "there is no board \'9\'"}\n') as path:
        result = ctl(path, "reset", "9")
        ok(result.returncode == 1 and result.stderr == "wipyboard: there is no board '9'\n",
           "wipyboard ctl: what the boards refuse is a failure", result.returncode,
           result.stderr)
        for name, result, sentence in (
                ("no command", ctl(path), "ctl wants a command behind the socket"),
                ("no UTF-8", ctl(path, os.fsdecode(b"\xff")), "not valid UTF-8"),
                ("a long path", ctl("/" + "x" * 200, "status"), "path is too long")):
            ok(result.returncode == 2 and result.stdout == "" and path not in result.stderr
               and result.stderr.startswith("wipyboard: ") and sentence in result.stderr,
               "wipyboard ctl, wrong use: " + name, result.returncode, result.stderr)
    result = ctl(path, "status")
    ok(result.returncode == 1 and path in result.stderr, "wipyboard ctl: nobody answers",
       result.returncode, result.stderr)


def test_steer():
    state = rollout("paused", "paused")
    routes = {f"POST /v1/rollouts/{i}/{v}": state for v in ("pause", "resume", "abort")
              for i in ("latest", "3f2a")}
    routes["GET /v1/rollouts/latest"] = rollout("running", exceptions=[LOST])
    with Fake(routes) as fake:
        for verb in ("pause", "resume", "abort"):
            expect(run(fake.path, "rollout", verb, "3f2a", "--reason", "b\u00fcro"), 0,
                   out=["rollout 3f2a9c10 paused"], name="rollout " + verb)
        bodies = [json.loads(r["body"]) for r in fake.requests]
        ok(bodies == [{"reason": "b\u00fcro"}] * 3, "with the reason", bodies)
        run(fake.path, "rollout", "pause")
        ok(fake.requests[-1]["path"] == "/v1/rollouts/latest/pause"
           and json.loads(fake.requests[-1]["body"]) == {"reason": ""},
           "without an id the latest one", fake.requests[-1])
        expect(run(fake.path, "rollout", "status"), 0,
               out=["id " + ID, "wave  1 [###", "1 of 1 begun (100 %)", "9 of 10 boards (90 %)",
                    "lab-03", "no-return", "go and look at it"], name="rollout status")
        result = run(fake.path, "rollout", "status", "-o", "json")
        ok(json.loads(result.stdout) == routes["GET /v1/rollouts/latest"],
           "rollout status as JSON", result.stdout)
        fake.server.routes["POST /v1/rollouts/latest/resume"] = problem(
            409, "not-paused", "The rollout is running.", "")
        expect(run(fake.path, "rollout", "resume"), 8, err=["The rollout is running."],
               absent=["hint:"], name="a refusal without a hint")
        fake.server.routes["POST /v1/rollouts/3f2a/abort"] = state
        run(fake.path, "rollout", "abort", "3f2a", "--mode", "freeze")
        ok(json.loads(fake.requests[-1]["body"]) == {"reason": "", "mode": "freeze"},
           "rollout abort in a mode", fake.requests[-1])


def test_resume_needs_a_reason():
    halted = rollout("halted", "paused")
    late = rollout("completed-with-exceptions")
    late["catch_up"] = {"state": "halted", "boards": 3, "confirmed": 1, "left": 2,
                        "until": "2026-12-20T00:00:00Z"}
    late["waits_for"] = {"text": "The catch-up waits.", "wave": None, "on": []}
    routes = {"GET /v1/rollouts/latest": halted, "GET /v1/rollouts/3f2a": late,
              "POST /v1/rollouts/latest/resume": rollout("running"),
              "POST /v1/rollouts/3f2a/resume": late}
    with Fake(routes) as fake:
        for typed, code, reason in (("seen to\n", 0, "seen to"), ("\n", 8, None)):
            before = len(fake.requests)
            terminal = Terminal(fake.path, "rollout", "resume")
            asked = terminal.until("Why may it go on")
            terminal.type(typed)
            got = terminal.end()
            posts = [json.loads(r["body"]) for r in fake.requests[before:]
                     if r["method"] == "POST"]
            ok(asked and got == code and posts == ([{"reason": reason}] if reason else []),
               f"resume asks on a terminal, answered {typed!r}", (got, posts), terminal.text)
        terminal = Terminal(fake.path, "rollout", "resume", "3f2a")
        asked = terminal.until("Why may it go on")
        terminal.type("seen to\n")
        ok(asked and terminal.end() == 0, "for a catch-up too", terminal.text)
        expect(run(fake.path, "rollout", "status", "3f2a"), 0,
               out=["catch-up of 3 deferred boards: halted, 1 done, 2 to come: each when it "
                    "is seen again, until 2026-12-20", "\nThe catch-up waits.\n"],
               name="what it waits for, and its catch-up")
        fake.server.routes["POST /v1/rollouts/latest/resume"] = problem(
            400, "reason-needed", "It needs a reason.", "say why")
        expect(run(fake.path, "rollout", "resume"), 2, err=["It needs a reason.", "say why"],
               name="without a terminal the daemon says so")


def test_report():
    with Fake({"GET /v1/report": REPORT}) as fake:
        result = run(fake.path, "report", "--utc")
        expect(result, 0, out=["9 of 10 begun (90 %)", "2 of 12 boards (16 %)",
                               "site berlin", "polled on",
                               "71 %"], absent=["evidence", "\033"], name="report")
        parts = ["do not power-cycle: 1 dirty board,", REPORT["verdict"], "wave  1", "\noutcomes\n",
                 "\nexceptions\n", "armed:", "offline, the longest first", "needs hands",
                 "firmware on the fleet"]
        places = [result.stdout.find(part) for part in parts]
        ok(-1 not in places and places == sorted(places), "the report has its order",
           places, result.stdout)
        text = result.stdout
        ok(text.find("old ") < text.find("young ") and
           text.find("site berlin") < text.find("cellar") < text.find("site paris")
           < text.find("roof"), "by age and by site", text)
        ok("Go to the cellar." in text and "Push to lab-07 again." in text
           and "Decide about lab-08." in text, "the report says what to do", text)
        ok(-1 < text.find("brought back by a hand") < text.find("attic"),
           "and who is back", text)
        both = dict(REPORT, dirty=REPORT["dirty"] + [REPORT["needs_hands"][0]])
        fake.server.routes["GET /v1/report"] = both
        result = run(fake.path, "report")
        place = result.stdout.find("needs hands, site by site")
        ok(-1 < place < result.stdout.find("cellar", place)
           and "dirty as well, do not reset: roof\n" in result.stdout
           and "site paris" not in result.stdout,
           "nobody is sent to reset a dirty board", result.stdout)
        fake.server.routes["GET /v1/report"] = dict(
            both, needs_hands=REPORT["needs_hands"][:1])
        expect(run(fake.path, "report"), 0, out=["dirty as well, do not reset: roof"],
               absent=["Go to the cellar."], name="only dirty boards need hands")
        fake.server.routes["GET /v1/report"] = REPORT
        expect(run(fake.path, "report", "--rollout", "3f2a", "--evidence"), 0,
               out=["RESET PROVEN BY", "outage", "MicroPython " + NEWER],
               name="report --evidence")
        ok(fake.requests[-1]["query"] == {"rollout": "3f2a"}, "of one rollout")
        result = run(fake.path, "report", "-o", "json")
        ok(json.loads(result.stdout) == REPORT, "report as JSON")
        calm = {"generated": "2026-11-20T11:00:00Z", "verdict": "No rollout yet.",
                "rollout": None, "boards": {"total": 0}, "firmware": [], "dirty": [],
                "armed": [], "needs_hands": [], "brought_back": [], "offline": [],
                "evidence": []}
        fake.server.routes["GET /v1/report"] = calm
        result = run(fake.path, "report")
        ok(result.stdout == "No rollout yet.\n\nfirmware on the fleet\n  none seen yet\n",
           "a report of nothing", result.stdout)


def test_colors():
    with Fake({"GET /v1/status": STATUS}) as fake:
        for name, args, env, colored in (
                ("colours on a terminal", [], {}, True),
                ("--no-color", ["--no-color"], {}, False),
                ("NO_COLOR", [], {"NO_COLOR": "1"}, False),
                ("an empty NO_COLOR means nothing", [], {"NO_COLOR": ""}, True)):
            terminal = Terminal(fake.path, "status", *args, env=env)
            code = terminal.end()
            ok(code == 0 and ("\033[" in terminal.text) == colored, name,
               repr(terminal.text))


def test_rubbish():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    answers = [
        ("not HTTP", b"220 Micropython FTP Server\r\n", "does not speak"),
        ("closed at once", b"", "closed the connection"),
        ("closed in the middle", head + b"Content-Length: 100\r\n\r\n{", "closed the conn"),
        ("not JSON", head + b"Content-Length: 5\r\n\r\nhello", "makes no sense"),
        ("JSON, but a list", head + b"Content-Length: 2\r\n\r\n[]", "makes no sense"),
        ("empty", head + b"Content-Length: 0\r\n\r\n", "makes no sense"),
        ("500 without words", b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n",
         "HTTP status 500 and no explanation"),
        ("a redirect", b"HTTP/1.1 302 X\r\nLocation: http://example.net/\r\n"
         b"Content-Length: 0\r\n\r\n", "HTTP status 302"),
        ("deep JSON", head + b"Content-Length: 100000\r\n\r\n" + b"[" * 100000,
         "makes no sense"),
    ]
    for name, data, sentence in answers:
        with raw_server(data) as path:
            expect(run(path, "status"), 1, err=[sentence], absent=["example.net"],
                   name="a daemon that answers rubbish: " + name)

    def flood():
        yield head + b"\r\n"
        for _ in range(80):
            yield b" " * (1 << 20)

    with raw_server(flood) as path:
        expect(run(path, "status"), 1, err=["more than 64 MiB"], name="an answer without end")


def test_closed_pipe():
    many = {"boards": [board(f"lab-{i:05}") for i in range(4000)], "next": None}
    with Fake({"GET /v1/boards": many}) as fake:
        for args in (["boards"], ["boards", "-o", "json"]):
            child = subprocess.Popen([WIPYCTL, *args], env=environment(fake.path),
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            child.stdout.read(1)
            child.stdout.close()
            errors = child.stderr.read()
            child.stderr.close()
            ok(child.wait(LIMIT_S) == 0 and errors == b"", "a closed pipe ends it quietly",
               child.returncode, errors)
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([WIPYCTL, "boards"], env=environment(fake.path),
                                    stdout=full, stderr=subprocess.PIPE, text=True,
                                    timeout=LIMIT_S, check=False)
        ok(result.returncode == 1 and "no space is left" in result.stderr,
           "a full disk is said", result.stderr)


def main():
    if not os.access(WIPYCTL, os.X_OK):
        print(f"Bail out! there is no {WIPYCTL}; build it first")
        return 1
    test_no_daemon()
    test_usage()
    test_explain()
    test_status()
    test_hostile_text()
    test_boards()
    test_board()
    test_ledger()
    test_rescue()
    test_as_of()
    test_events()
    test_events_leave()
    test_poll()
    test_poll_many()
    with tempfile.TemporaryDirectory(prefix="wipyctl-") as folder:
        test_inventory(folder)
        test_known_bad()
        test_images(folder)
    test_rollout_start()
    test_rollout_asks()
    test_rollout_undo()
    test_watch()
    test_wait()
    test_watch_live()
    test_wait_interrupted()
    test_steer()
    test_resume_needs_a_reason()
    test_report()
    test_colors()
    test_rubbish()
    test_closed_pipe()
    test_wipyboard_ctl()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
