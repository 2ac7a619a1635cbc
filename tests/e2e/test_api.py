#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API as a server: events as they happen, over a kill and without a gap; many who
follow them at once; who may do what; over TCP with TLS and tokens."""

import json
import os
import resource
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading

from fleet import BUILD, Fleet, PATIENCE, SANITIZED, Tap, name, wait_until
from sse import Follower

FOLLOWERS = 500


def all_numbers(fleet):
    events = fleet.json("events", "-n", "5000")["events"]
    return sorted(event["seq"] for event in events)


def resident_kb(process):
    with open("/proc/%d/status" % process.pid, encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def has_all(fleet, follower):
    wait_until("the follower has everything", lambda: follower.numbers() and
               follower.numbers()[-1] == all_numbers(fleet)[-1])


def follow_over_kills(tap, fleet):
    """A rollout is followed; the daemon is killed twice in it."""
    socket_path = fleet.path("wipyd.sock")
    first = Follower(socket_path, "?after=0")
    command = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", socket_path, "-o", "json", "events", "--follow",
         "--after", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    fleet.rollout("--waves", "1,100%")
    seen = []
    for least in (10, 25):
        wait_until("events come", lambda n=least: len(first.events) >= n)
        fleet.kill_daemon()
        wait_until("the stream ends", lambda: first.ended)
        seen += first.events
        fleet.start_daemon()
        first = Follower(socket_path, "?after=1", last_id=first.ids[-1])
    fleet.wait_state("completed")
    has_all(fleet, first)
    seen += first.events
    numbers = all_numbers(fleet)
    tap.equal([event["seq"] for event in seen], numbers,
              "over two kills no event is missing and none comes twice")
    listed = {event["seq"]: event for event in
              fleet.json("events", "-n", "5000")["events"]}
    tap.equal(seen, [listed[seq] for seq in numbers],
              "each is the object that the list has")
    tap.equal(first.head.lower().count("content-type: text/event-stream"), 1, "the type")

    # What wipyctl has seen of the same; it ends by Ctrl-C when it has the last one.
    heard = []
    while not heard or heard[-1]["seq"] < numbers[-1]:
        heard.append(json.loads(command.stdout.readline()))
    command.send_signal(signal.SIGINT)
    rest, errors = command.communicate(timeout=30 * PATIENCE)
    tap.equal([event["seq"] for event in heard], numbers,
              "wipyctl events --follow shows each once, over both kills")
    tap.equal((command.returncode, rest), (0, ""), "Ctrl-C ends it with exit code 0")
    tap.ok("does not answer; trying again" in errors and "is back" in errors,
           "it says that the daemon was away")
    return first


def follow_some(tap, fleet):
    socket_path = fleet.path("wipyd.sock")
    board = Follower(socket_path, "?after=0&board=" + name(2))
    rollout = Follower(socket_path, "?after=0&rollout=latest")
    listed = fleet.json("events", "-n", "5000")["events"][::-1]
    wanted = [event for event in listed if event["board"] == name(2)]
    wait_until("those of a board", lambda: board.events == wanted)
    tap.ok(True, "of one board")
    wanted = [event for event in listed if event["rollout"]]
    wait_until("those of a rollout", lambda: rollout.events == wanted)
    tap.ok(True, "of one rollout")
    board.close()
    rollout.close()
    shown = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", socket_path, "events", "--follow", "--after", "0",
         "--board", name(2)], stdout=subprocess.PIPE, text=True)
    tap.ok(name(2) in shown.stdout.readline(), "as lines too, from the oldest on")
    shown.send_signal(signal.SIGINT)
    tap.equal(shown.wait(30 * PATIENCE), 0, "until Ctrl-C")
    text = fleet.run("events", "--follow", "--count", "3")
    tap.equal(text.returncode, 2, "options that do not go together")


def ask_wrongly(tap, fleet):
    last = all_numbers(fleet)[-1]
    for query, last_id, status in (("?after=x", None, 400), ("?limit=5", None, 400),
                                   ("?since=2026-11-20T11:00:00Z", None, 400),
                                   ("?rollout=ffffffff", None, 404),
                                   ("?board=nix", None, 404),
                                   ("?board=b-01&board=b-02", None, 400),
                                   ("", "1e3", 400), ("", last + 1000, 409)):
        follower = Follower(fleet.path("wipyd.sock"), query, last_id)
        wait_until("an answer", lambda f=follower: f.head)
        tap.equal(follower.status(), status, "%s %s: %d" % (query, last_id, status))
        follower.close()
    typed = fleet.run("events", "--board", "b-0")
    tap.ok(typed.returncode == 2 and "no board 'b-0'" in typed.stderr and
           "did you mean 'b-0" in typed.stderr, "a name mistyped is no empty list")


def follow_many(tap, fleet, one):
    """All are told of the same event; requests are answered meanwhile."""
    before = resident_kb(fleet.daemon)
    followers = [Follower(fleet.path("wipyd.sock")) for _ in range(FOLLOWERS)]
    wait_until("all follow", lambda: all(follower.ids for follower in followers), 60)
    tap.equal({follower.status() for follower in followers}, {200},
              "%d follow at once" % FOLLOWERS)
    tap.equal(fleet.run("status").returncode, 0, "and requests are answered")
    fleet.power_off(1)
    wait_until("all hear of it", lambda: all(
        any(event["name"] == "board-reach" for event in follower.events)
        for follower in followers), 60)
    tap.ok(True, "each is told what happens")
    grown = resident_kb(fleet.daemon) - before
    print("# %d followers cost %d kB" % (FOLLOWERS, grown))
    tap.ok(grown < 64 * 1024 * PATIENCE, "their cost is bounded")
    has_all(fleet, one)
    numbers = [one.numbers()] + [follower.numbers() for follower in followers]
    tap.ok(all(got == list(range(got[0], got[-1] + 1)) for got in numbers),
           "nobody misses an event, nobody is told one twice")
    for follower in followers:
        follower.close()


def streams(tap):
    fleet = Fleet(3).ready()
    one = follow_over_kills(tap, fleet)
    follow_some(tap, fleet)
    ask_wrongly(tap, fleet)
    follow_many(tap, fleet, one)
    tap.equal(fleet.stop_daemon(), 0, "it stops with a follower")
    wait_until("the stream ends", lambda: one.ended)
    roles(tap, fleet)
    loopback(tap, fleet)
    with_tls(tap, fleet)
    fleet.write_settings({})
    follow_from_pruned(tap, fleet)
    follow_slowly(tap, fleet)
    fleet.close()


def fill(fleet, count):
    """So many events more than there would be: copies of one, with long details."""
    base = sqlite3.connect(fleet.path("state/wipyd.db"))
    columns = [row[1] for row in base.execute("PRAGMA table_info(events)")]
    last = base.execute("SELECT * FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    row = dict(zip(columns, last), detail="x" * 380)
    for _ in range(count):
        row["seq"] += 1
        base.execute("INSERT INTO events (%s) VALUES (%s)" % (
            ",".join(columns), ",".join("?" * len(columns))), list(row.values()))
    base.commit()
    base.close()


def follow_from_pruned(tap, fleet):
    status, answer = fleet.api("/v1/events/prune", {
        "before": "2099-01-01T00:00:00Z", "unexported": True})
    tap.ok(status == 200 and answer["upto"] > 1, "old events are pruned")
    late = Follower(fleet.path("wipyd.sock"), "?after=1")
    wait_until("an answer", lambda: late.head)
    tap.equal(late.status(), 410, "who stands before the oldest event is told so")
    late.close()
    oldest = Follower(fleet.path("wipyd.sock"), "?after=0")
    has_all(fleet, oldest)
    tap.equal(oldest.numbers()[0], answer["upto"] + 1, "after=0 is the oldest that is kept")
    oldest.close()


def follow_slowly(tap, fleet):
    """More than any socket takes in one go, to some who read nothing of it for a time."""
    fleet.stop_daemon()
    fill(fleet, 2000)
    fleet.start_daemon()
    before = resident_kb(fleet.daemon)
    path = fleet.path("wipyd.sock")
    slow = [Follower(path, "?after=0", waits=threading.Event()) for _ in range(20)]
    quick = Follower(path, "?after=0")
    fleet.power_off(2)
    has_all(fleet, quick)
    tap.equal(quick.numbers(), list(range(quick.numbers()[0], quick.numbers()[-1] + 1)),
              "who reads has everything, while others do not")
    grown = resident_kb(fleet.daemon) - before
    print("# 20 who read nothing of 1 MB cost %d kB" % grown)
    tap.ok(SANITIZED or grown < 8 * 1024, "what they have not taken is not kept for them")
    for follower in slow:
        follower.waits.set()
    wait_until("they have read", lambda: all(
        len(follower.events) >= len(quick.events) for follower in slow))
    tap.equal([follower.numbers() for follower in slow], [quick.numbers()] * 20,
              "they get it all when they read")
    for follower in (*slow, quick):
        follower.close()


# ---- who may do what

STRANGER = 65534  # a uid that is not the daemon's
GROUPS = {"viewer": 4001, "operator": 4002, "approver": 4003, "admin": 4004}


def answer_of(link, method, path, body=b"", headers=()):
    """(status, head, JSON) over a link that is open."""
    lines = ["%s %s HTTP/1.1" % (method, path), "Content-Length: %d" % len(body),
             "Connection: close", *headers]
    if not any(line.startswith("Host:") for line in headers):
        lines.append("Host: localhost")
    link.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    answer = b""
    try:
        while piece := link.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    head, text = answer.split(b"\r\n\r\n", 1)
    return int(head.split(b" ")[1]), head.decode(), json.loads(text)


def as_stranger(path, gids, *request):
    """The same, asked over the socket by a process of another user with those groups."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(gids[1:])
            os.setgid(gids[0])
            os.setuid(STRANGER)
            link = socket.socket(socket.AF_UNIX)
            link.connect(path)
            os.write(writing, json.dumps(answer_of(link, *request)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text)


def restart(fleet, settings):
    if fleet.daemon.poll() is None:
        fleet.stop_daemon()
    fleet.write(fleet.path("wipyd.log"), "")
    fleet.write_settings(settings)
    fleet.start_daemon()
    # Anybody may open it: what is tested is what comes then.
    os.chmod(fleet.dir, 0o711)
    os.chmod(fleet.path("wipyd.sock"), 0o666)


POLL = ("POST", "/v1/polls", b'{"boards":["b-02"]}')
PRUNE = ("POST", "/v1/events/prune", b'{"before":"2001-01-01T00:00:00Z"}')
PLAN = ("POST", "/v1/rollouts", b'{"release":"v1.8.7","dry_run":true}')
NO_PLAN = ("POST", "/v1/rollouts", b'{"release":"v1.8.7","dry_run":false}')
APPROVE = ("POST", "/v1/rollouts/latest/approve", b"{}")
STATUS = ("GET", "/v1/status")
HEALTH = ("GET", "/healthz")


def roles(tap, fleet):
    if os.getuid() != 0:
        tap.skip("roles by groups", "needs root, to be somebody else")
        return
    path = fleet.path("wipyd.sock")
    restart(fleet, {})
    own = os.getegid()
    for gids, request, status in (([4001], STATUS, 403), ([4001], HEALTH, 200),
                                  ([4001, own], STATUS, 200), ([own], POLL, 200),
                                  ([own], PRUNE, 200), ([4001], POLL, 403)):
        tap.equal(as_stranger(path, gids, *request)[0], status,
                  "without roles: groups %s: %s %s" % (gids, *request[:2]))
    restart(fleet, {"api": {"roles": {role: [gid] for role, gid in GROUPS.items()}}})
    tap.equal(fleet.run("poll", name(2)).returncode, 0, "the daemon's own user is admin")
    for role, request, status in (
            (None, HEALTH, 200), (None, STATUS, 403), (None, PLAN, 403),
            ("viewer", STATUS, 200), ("viewer", PLAN, 200), ("viewer", POLL, 403),
            ("viewer", NO_PLAN, 403),
            ("viewer", ("POST", "/v1/images", b"x" * 70000), 403),
            ("operator", STATUS, 200), ("operator", POLL, 200), ("operator", APPROVE, 403),
            ("operator", PRUNE, 403), ("approver", POLL, 200), ("approver", APPROVE, 409),
            ("approver", PRUNE, 403), ("admin", APPROVE, 409), ("admin", PRUNE, 200)):
        gids = [STRANGER, GROUPS[role]] if role else [STRANGER]
        got = as_stranger(path, gids, *request)
        tap.equal(got[0], status, "%s: %s %s" % (role, *request[:2]))
        if got[0] == 403:
            tap.equal(got[2]["code"], "role", "and why")
    tap.equal(as_stranger(path, [own], *STATUS)[0], 403,
              "with roles the daemon's group is one like others")
    said = as_stranger(path, [GROUPS["viewer"]], *POLL)[2]
    tap.ok("needs the role operator" in said["detail"] and "has viewer" in said["detail"]
           and "uid 65534" in said["detail"] and "wipyd.yaml" in said["hint"],
           "it says which role, who has which, and where they are given")


# ---- over TCP

def port_of(fleet):
    line = next(line for line in fleet.log().splitlines() if " listening " in line)
    return int(line.split("port=")[1].split()[0])


def link_to(port):
    return socket.create_connection(("127.0.0.1", port), 20 * PATIENCE)


def loopback(tap, fleet):
    restart(fleet, {"api": {"listen": "127.0.0.1:0"}})
    port = port_of(fleet)
    ours = ["Host: 127.0.0.1:%d" % port]
    for headers, request, status in (
            (ours, STATUS, 200), (["Host: LOCALHOST"], STATUS, 200),
            (["Host: [::1]:80"], STATUS, 200), (ours, PLAN, 200), (ours, POLL, 403),
            (["Host: evil.example"], STATUS, 421), (["Host: 127.0.0.1.evil"], STATUS, 421),
            (["Host: localhost.evil:80"], STATUS, 421), (["Host:"], STATUS, 421),
            (ours + ["Authorization: Bearer x"], STATUS, 401)):
        method, path, body = (*request, b"")[:3]
        got = answer_of(link_to(port), method, path, body, headers)
        tap.equal(got[0], status, "loopback: %s: %s %s" % (headers, method, path))
        if status >= 400:
            tap.equal(list(got[2]), ["status", "code", "title", "detail", "hint"],
                      "with all that a problem has")
    got = answer_of(link_to(port), *STATUS, b"", ours + ["Origin: http://evil.example"])
    tap.ok("access-control" not in got[1].lower(), "pages of others get nothing to read")
    url = "http://127.0.0.1:%d" % port
    tap.equal(fleet.run("--url", url, "boards").returncode, 2, "-S and --url: which one?")
    done = subprocess.run([BUILD + "/wipyctl", "--url", url, "poll", name(2)],
                          capture_output=True, text=True, timeout=60)
    tap.ok(done.returncode == 8 and "tcp 127.0.0.1 has viewer" in done.stderr,
           "wipyctl over the loopback may look and no more")


def make_certificate(fleet):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=wipyd", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    fleet.path("key.pem"), "-out", fleet.path("cert.pem")],
                   check=True, capture_output=True)
    os.chmod(fleet.path("key.pem"), 0o600)


def with_tls(tap, fleet):
    try:
        make_certificate(fleet)
    except FileNotFoundError:
        tap.skip("TLS", "needs openssl")
        return
    lines = []
    for role in ("viewer", "operator"):
        token = fleet.json("token", "the-" + role, role)
        lines.append("%(name)s %(role)s %(sha256)s\n" % token)
        fleet.write(fleet.path(role), token["token"] + "\n")
        os.chmod(fleet.path(role), 0o600)
    fleet.write(fleet.path("tokens"), "".join(lines))
    os.chmod(fleet.path("tokens"), 0o600)
    restart(fleet, {"api": {"listen": "0.0.0.0:0", "certificate": "cert.pem",
                            "key": "key.pem", "tokens": "tokens"}})
    port = port_of(fleet)
    over_tls(tap, fleet, port)
    wipyctl_over_tls(tap, fleet, port)
    tokens_anew(tap, fleet, port, lines)
    secrets = [open(fleet.path(role), encoding="utf-8").read().strip()
               for role in ("viewer", "operator")]
    tap.ok(not any(secret in fleet.log() for secret in secrets), "no token is logged")
    fleet.write_settings({"api": {"listen": "0.0.0.0:0", "tokens": "tokens"}})
    done = subprocess.run(fleet.daemon_command() + ["-t"], capture_output=True, text=True,
                          timeout=60)
    tap.ok(done.returncode == 2 and "needs TLS and tokens" in done.stderr,
           "wipyd -t refuses to be open to everybody")


def tokens_anew(tap, fleet, port, lines):
    """A token is taken back without a restart, whatever else is wrong in its file."""
    trust = ssl.create_default_context(cafile=fleet.path("cert.pem"))

    def status_of(role):
        link = trust.wrap_socket(link_to(port), server_hostname="127.0.0.1")
        return answer_of(link, *STATUS, b"", [bearer(fleet, role)])[0]

    link = trust.wrap_socket(link_to(port), server_hostname="127.0.0.1")
    follower = Follower(None, link=link, headers=[bearer(fleet, "viewer")])
    wait_until("it follows", lambda: follower.ids)
    fleet.write(fleet.path("tokens"), lines[1])
    fleet.daemon.send_signal(signal.SIGHUP)
    wait_until("the stream ends", lambda: follower.ended)
    tap.equal([status_of("viewer"), status_of("operator")], [401, 200],
              "a token that is taken back ends, with its stream; others stay")
    fleet.write(fleet.path("tokens"), "".join(lines))
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "a token is given back")
    tap.equal(status_of("viewer"), 200, "from the answer on")
    fleet.write(fleet.path("tokens"), lines[1] + "x\n")
    done = fleet.run("inventory", "reload")
    tap.equal(done.returncode, 2, "a fault in the file of tokens")
    tap.ok("tokens:2: expected NAME ROLE" in done.stderr, "is named by its line")
    tap.equal([status_of("viewer"), status_of("operator")], [401, 200],
              "it keeps nobody whose line is gone, and costs nobody else anything")
    os.chmod(fleet.path("tokens"), 0o644)
    done = fleet.run("inventory", "reload")
    tap.ok(done.returncode == 2 and "chmod 0600" in done.stderr, "a file open to others")
    tap.equal(status_of("operator"), 401, "speaks for nobody")
    os.chmod(fleet.path("tokens"), 0o600)
    fleet.write(fleet.path("tokens"), "".join(lines))


def bearer(fleet, role):
    with open(fleet.path(role), encoding="utf-8") as file:
        return "Authorization: Bearer " + file.read().strip()


def over_tls(tap, fleet, port):
    trust = ssl.create_default_context(cafile=fleet.path("cert.pem"))

    def link():
        return trust.wrap_socket(link_to(port), server_hostname="127.0.0.1")

    for headers, request, status in (
            ([], HEALTH, 200), ([], STATUS, 401), ([], POLL, 401),
            ([bearer(fleet, "viewer")], STATUS, 200), ([bearer(fleet, "viewer")], POLL, 403),
            ([bearer(fleet, "operator")], POLL, 200), ([bearer(fleet, "operator")], PRUNE, 403),
            (["Authorization: Bearer wipyd_0"], HEALTH, 401),
            (["Authorization: Basic eDp5"], STATUS, 401),
            ([bearer(fleet, "viewer")] + ["Host: any.example"], STATUS, 200)):
        method, path, body = (*request, b"")[:3]
        got = answer_of(link(), method, path, body, headers)
        tap.equal(got[0], status, "TLS: %s %s" % (method, path))
        if status == 401:
            tap.ok("www-authenticate: Bearer" in got[1], "and how one says who one is")
    plain = link_to(port)
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        tap.equal(plain.recv(100)[:4] == b"HTTP", False, "nothing in the open")
    except ConnectionResetError:
        tap.ok(True, "nothing in the open")
    follower = Follower(None, "?after=0", link=link(), host="x", headers=[bearer(fleet, "viewer")])
    has_all(fleet, follower)
    tap.equal(follower.numbers(), all_numbers(fleet), "events over TLS")
    follower.link.close()


def wipyctl_over_tls(tap, fleet, port):
    def ctl(role, *words):
        return subprocess.run([BUILD + "/wipyctl", *words], capture_output=True, text=True,
                              timeout=60, env=dict(
                                  os.environ, WIPYCTL_TOKEN_FILE=fleet.path(role),
                                  WIPYCTL_URL="https://127.0.0.1:%d" % port))

    trusted = ("--ca-file", fleet.path("cert.pem"))
    words = ("-o", "json", "release", "list")
    tap.equal(ctl("viewer", *trusted, *words).stdout, fleet.run(*words).stdout,
              "wipyctl over TLS shows the same")
    done = ctl("viewer", *trusted, "poll", name(2))
    tap.ok(done.returncode == 8 and "token the-viewer has viewer" in done.stderr,
           "a viewer's token may look and no more")
    tap.equal(ctl("operator", *trusted, "poll", name(2)).returncode, 0, "an operator's more")
    done = ctl("viewer", "boards")
    tap.ok(done.returncode == 8 and "--ca-file" in done.stderr,
           "a certificate that nobody vouches for is refused")
    os.chmod(fleet.path("viewer"), 0o644)
    done = ctl("viewer", *trusted, "boards")
    tap.ok(done.returncode == 2 and "chmod 0600" in done.stderr,
           "a token that others can read is not sent")


limits = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 4096), limits[1]))
tap = Tap()
tap.case(streams)
tap.done()
