# SPDX-License-Identifier: MIT
"""Probes of a soak, from end to end: all kinds pass; a program that says no fails the canary
and halts the rollout; what cannot be asked confirms and says so; a daemon that dies in the
soak comes to the same end."""

import http.server
import os
import threading

from fleet import Fleet, NEW, Tap, name, wait_until

CHECK = """#!/bin/sh
read code < "$1/$2"
echo "asked about $2 at $3"
echo "$2" >> "$1/asked"
exit "$code"
"""


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):  # pylint: disable=arguments-differ
        pass


class Probed(Fleet):
    """A fleet whose boards are probed by a program; answer() says what it says."""

    more = ""

    def inventory(self, extra="", defaults=""):
        self.folder = os.path.join(self.dir, "answers")
        os.makedirs(self.folder, exist_ok=True)
        check = os.path.join(self.folder, "check")
        self.write(check, CHECK)
        os.chmod(check, 0o755)
        for number in range(1, self.count + 1):
            self.answer(number, 0)
        probes = ", probes: [{command: [%s, %s, '{name}', '{address}']}%s]" % (
            check, self.folder, self.more)
        return super().inventory(extra, defaults + probes)

    def answer(self, number, code):
        self.write(os.path.join(self.folder, name(number)), "%d\n" % code)

    def asked(self):
        try:
            with open(os.path.join(self.folder, "asked"), encoding="utf-8") as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0


def outcomes(probes):
    return {p["name"]: p["outcome"] for p in probes}


def every_kind(tap):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    class Everything(Probed):
        def inventory(self, extra="", defaults=""):
            self.more = (
                ", {tcp: %d}, {banner: true}, {repl: '1 + 1', expect: '2'}"
                ", {http: 'http://127.0.0.1:%d/health'}"
                ", {http: 'http://127.0.0.1:%d/other', expect: 404}"
                % (self.ftp, server.server_port, server.server_port))
            return super().inventory(extra, defaults)

    fleet = Everything(2).ready()
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 2}, "every kind: confirmed")
    tap.equal(end["probes"], [], "every kind: nothing to report")
    task = fleet.tasks()[name(1)]
    tap.equal(outcomes(task["probes"]),
              {"command": "pass", "tcp:%d" % fleet.ftp: "pass", "banner": "pass",
               "repl": "pass", "http": "pass", "http-2": "pass"},
              "every kind: each has passed")
    evidence = {p["name"]: p["evidence"] for p in task["probes"]}
    tap.equal(evidence["command"],
              ("exit 0: asked about %s at %s.1" % (name(1), fleet.net))[:47],
              "every kind: the program was told name and address")
    tap.equal((evidence["repl"], evidence["http-2"]), ("'2'", "HTTP 404"),
              "every kind: with their evidence")
    tap.ok("220" in evidence["banner"], "every kind: the greeting was seen")
    tap.ok(all(p["time"] for p in task["probes"]), "every kind: and their times")
    shown = fleet.run("board", name(1)).stdout
    tap.ok("latest probes:" in shown and "HTTP 404" in shown, "every kind: the board shows them")
    tap.equal(fleet.client_resets(), 0, "every kind: no connection was reset by us")
    fleet.stop_daemon()
    server.shutdown()


def one_line_for_all(tap):
    """A board listens again only a moment after we have left its telnet line."""
    class OneLine(Probed):
        def inventory(self, extra="", defaults=""):
            self.more = (", {tcp: %d}, {repl: '1', expect: '1'}, {repl: '2', expect: '2'}"
                         ", {tcp: %d}, {repl: '3', expect: '3'}" % (self.telnet,
                                                                   self.telnet))
            return super().inventory(extra, defaults)

    fleet = OneLine(2).ready()
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed", "completed-with-exceptions", "halted")
    said = [e["detail"] for e in fleet.json("events", "-n", "1000")["events"]
            if e["name"] == "task-probe" and "command" not in e["detail"]]
    tap.equal([s for s in said if "-> pass" not in s], [], "one line: never found taken by us")
    tap.equal(len(said), 10, "one line: each probe was asked once, and has passed")
    fleet.stop_daemon()


def canary_fails(tap):
    fleet = Probed(4).ready()
    for number in range(1, 5):
        fleet.answer(number, 1)
    fleet.rollout("--waves", "1,100%")
    end = fleet.wait_state("halted", "completed", "completed-with-exceptions")
    tap.equal((end["state"], end["reason"]), ("halted", "brake-canary"),
              "canary: a failed probe halts")
    tap.equal(end["outcomes"], {"failed": 1, "planned": 3}, "canary: nobody else was let in")
    board, code = [(e["board"], e["code"]) for e in end["exceptions"]][0]
    tap.equal(code, "probe-failed", "canary: with its reason")
    tap.equal([(p["board"], p["name"], p["outcome"]) for p in end["probes"]],
              [(board, "command", "fail")], "canary: the probe is named")
    tap.ok(fleet.asked() >= 3, "canary: it was asked more than once")
    shown = fleet.run("rollout", "status").stdout
    tap.ok("probes that did not pass:" in shown and "exit 1: asked about" in shown,
           "canary: rollout status shows it")
    events = [e for e in fleet.json("board", board)["board"]["events"]
              if e["name"] == "task-probe"]
    tap.ok(events and events[0]["detail"].startswith("command: unasked -> fail: exit 1"),
           "canary: an event tells it")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(outcomes(fleet.tasks()[board]["probes"]), {"command": "fail"},
              "canary: a restart forgets nothing")
    for number in range(1, 5):
        fleet.answer(number, 0)
    fleet.run("rollout", "resume", "--reason", "the checker was wrong")
    end = fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"failed": 1, "confirmed": 3}, "canary: resumed, the rest passes")
    fleet.stop_daemon()


def passes_at_last(tap):
    fleet = Probed(1, settings={"update": {"soak": "2s"}}).ready()
    fleet.answer(1, 1)
    fleet.rollout("--waves", "100%")
    wait_until("the probe fails once",
               lambda: outcomes(fleet.tasks()[name(1)]["probes"]) == {"command": "fail"})
    tap.equal(fleet.tasks()[name(1)]["state"], "soaking", "at last: a first failure fails nobody")
    fleet.answer(1, 0)
    end = fleet.wait_state("completed", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "at last: confirmed")
    fleet.stop_daemon()


def cannot_be_asked(tap):
    fleet = Probed(1).ready()
    fleet.answer(1, 3)
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("completed", "halted")
    task = fleet.tasks()[name(1)]
    tap.equal((task["state"], task["code"]), ("confirmed", "probe-unclear"),
              "unclear: confirmed, and it says so")
    tap.equal(outcomes(end["probes"]), {"command": "inconclusive"}, "unclear: shown")
    tap.ok("exit 3" in fleet.run("rollout", "status").stdout, "unclear: shown to people")
    fleet.stop_daemon()


def daemon_dies(tap):
    fleet = Probed(1, settings={"update": {"soak": "2s"}}).ready()
    fleet.answer(1, 1)
    fleet.rollout("--waves", "100%")
    wait_until("the probe fails once", lambda: fleet.asked() > 0)
    fleet.kill_daemon()
    fleet.start_daemon()
    end = fleet.wait_state("halted", "completed", "completed-with-exceptions")
    tap.equal(end["outcomes"], {"failed": 1}, "killed in the soak: the same end")
    tap.ok(NEW in fleet.board(1)["running"], "killed in the soak: it runs the new image")
    tap.equal(fleet.board(1)["counters"]["resets"], 1, "killed in the soak: nothing was reset")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (every_kind, one_line_for_all, canary_fails, passes_at_last, cannot_be_asked,
                 daemon_dies):
        TAP.case(case)
    TAP.done()
