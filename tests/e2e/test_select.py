# SPDX-License-Identifier: MIT
"""Selectors against a daemon: what they mean, saved ones, how they are explained; and
completion, in each shell that is installed."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import time

from fleet import BUILD, OLD, PATIENCE, Failed, Fleet, NEW, Tap, wait_until

SETS = """sets:
  canaries: "site=berlin, name=b-[01:02]"
  rest: "! @canaries"
"""


def inventory(fleet, sets=SETS):
    def entry(name, number, text):
        return '  - {name: "%s", address: "%s.%s"%s}\n' % (name, fleet.net, number, text)

    return ("version: 1\n"
            "defaults: {family: wipy, ports: {telnet: %d, ftp: %d}}\n"
            "types: {bench: {family: wipy}}\n"
            "sites: {berlin: {}, paris: {}}\n%sboards:\n" % (fleet.telnet, fleet.ftp, sets)
            + entry("b-[01:03]", "[1:3]", ", site: berlin, type: bench, "
                    "labels: {room: b12, note: \"a b\"}")
            + entry("b-04", "4", ", site: berlin, access-point: ap-1, labels: {room: b13}")
            + entry("b-[05:06]", "[5:6]", ", site: paris"))


def begin():
    fleet = Fleet(6, settings={"update": {"attempts": 1}})
    fleet.write(fleet.path("inventory.yaml"), inventory(fleet))
    fleet.ready()
    return fleet


def numbers(fleet, text, *words):
    """The boards that the selector means: "1234"."""
    done = fleet.run("boards", "-q", "--select", text, *words)
    if done.returncode != 0:
        return done.stderr.strip()
    return "".join(name[-1] for name in done.stdout.split())


def boards_are_selected(tap, fleet):
    for text, want in (
            ("", "123456"), ("site=berlin", "1234"), ("name=b-[02:05]", "2345"),
            ("site=berlin, room!=b12", "4"), ("room not in (b12)", "456"),
            ("access-point=ap-1 | site=paris", "456"), ("type=bench ! name=b-01", "23"),
            ("note=a b", "123"), ('note="a b"', "123"), ("note=\"a *\"", ""),
            ("version=" + OLD, "123456"), ("version=v1.8.*", "123456"),
            ("version!=" + OLD, ""), ("release=" + OLD, "123456"),
            ("target=", "123456"), ("state in (online, dirty)", "123456"),
            ("version-state=unmanaged", "123456"), ("family=wipy", "123456"),
            ("@canaries", "12"), ("@rest", "3456"), ("@canaries | site=paris", "1256"),
            ("site=berlin ! @canaries", "34"), ("not (@rest, site=berlin)", "1256")):
        tap.equal(numbers(fleet, text), want, "boards: " + text)
    for text, said in (
            ("romo=b12", "selector: column 1: no board has a label 'romo' "
             "(did you mean 'room'?)"),
            ("site=berlin, state=lots", "column 20: no board can have the value 'lots' "
             "(did you mean 'lost'?)"),
            ("@canary", "there is no saved selector 'canary'"),
            ("site=berlin room=b12", "column 13: expected ',', '|', '!' or the end")):
        done = fleet.run("boards", "--select", text)
        tap.ok(done.returncode == 2 and said in done.stderr, "faults: " + text)
        if said not in done.stderr:
            print("# " + done.stderr)


def readings_are_explained(tap, fleet):
    text = "@canaries | site=paris, ! name=b-05"
    answer = fleet.json("boards", "--select", text, "--explain")
    tap.equal([(part["depth"], part["is"], part["text"], part["boards"])
               for part in answer["parts"]],
              [(0, "or", "site=berlin, name=b-[01:02] | site=paris, not name=b-05", 3),
               (1, "set", "@canaries", 2),
               (2, "and", "site=berlin, name=b-[01:02]", 2),
               (3, "term", "site=berlin", 4), (3, "term", "name=b-[01:02]", 2),
               (1, "and", "site=paris, not name=b-05", 1),
               (2, "term", "site=paris", 2), (2, "not", "not name=b-05", 5),
               (3, "term", "name=b-05", 1)], "explain: the parts")
    tap.equal((answer["select"], answer["boards"], answer["of"]), (text, 3, 6),
              "explain: the whole")
    shown = fleet.run("rollout", "--release", NEW, "--select", text, "--explain")
    tap.equal((shown.returncode, shown.stdout.splitlines()[1:4]),
              (0, ["     3  any of", "     2    @canaries", "     2      all of"]),
              "explain: the tree, and nothing is started")
    tap.equal(fleet.api("/v1/rollouts")[1]["rollouts"], [], "explain: no rollout")
    tap.ok("every board is meant" in fleet.run("boards", "--explain").stdout,
           "explain: without a selector")


def sets_are_checked(tap, fleet):
    tap.equal([(each["name"], each["boards"])
               for each in fleet.json("boards", "sets")["sets"]],
              [("canaries", 2), ("rest", 4)], "sets: listed")
    wrong = ('sets:\n  a: "@b"\n  b: "site=berlin | @a"\n  c: "rom=b12"\n'
             '  d: "site=berlin,"\n  e: [x]\n')
    fleet.write(fleet.path("wrong.yaml"), inventory(fleet, wrong))
    done = fleet.run("inventory", "check", fleet.path("wrong.yaml"))
    said = re.findall(r"wrong.yaml:(\d+:\d+): (.*)", done.stdout + done.stderr)
    tap.equal((done.returncode, [where for where, _ in said]),
              (2, ["6:6", "7:6", "8:6", "9:6", "10:6"]), "sets: each fault and its place")
    for (_, text), part in zip(said, ("a saved selector contains itself",
                                      "a saved selector contains itself",
                                      "in @c, column 1: no board has a label 'rom'",
                                      "in @d, column 13: expected a term",
                                      "expected a selector")):
        tap.ok(part in text, "sets: " + text)
    fleet.write(fleet.path("inventory.yaml"),
                inventory(fleet, SETS.replace("01:02", "01:03")))
    check = fleet.run("inventory", "diff")
    tap.ok("saved selectors added, removed or changed: canaries" in check.stdout,
           "sets: a reload says which have changed")


def rollouts_keep_their_boards(tap, fleet):
    """After the reload @canaries is b-01 to b-03; the rollout began before it."""
    fleet.write(fleet.path("inventory.yaml"), inventory(fleet))
    fleet.rollout("--select", "@canaries", "--waves", "100%")
    fleet.write(fleet.path("inventory.yaml"),
                inventory(fleet, SETS.replace("01:02", "01:03")))
    fleet.run("inventory", "reload")
    tap.equal(numbers(fleet, "@canaries"), "123", "rollout: the set is another one now")
    done = fleet.wait_state("completed")
    tap.equal((sorted(fleet.tasks()), done["select"]),
              (["b-01", "b-02"], "site=berlin, name=b-[01:02]"),
              "rollout: its boards stay, and what the set meant is kept")
    tap.equal(numbers(fleet, "state=confirmed"), "12", "state: of the latest task")
    tap.equal(numbers(fleet, "version=" + NEW), "12", "version: what they show now")


def hands_are_selected(tap, fleet):
    """One board gets half an image, and there is no second attempt."""
    fleet.ctl("fault", 6, "drop-after=1000")
    fleet.rollout("--select", "name=b-06", "--waves", "100%")
    wait_until("it needs hands", lambda: numbers(
        fleet, "state=dirty, state=needs-hands") == "6")
    for text, want in (("site=paris", ["b-06"]), ("site=berlin", []),
                       ("state=dirty ! name=b-05", ["b-06"])):
        listed = fleet.json("rescue", "list", "--select", text)
        tap.equal(sorted({row["board"] for row in listed["boards"]}), want,
                  "rescue list: " + text)


def events_are_selected(tap, fleet):
    def selected(text, count):
        return fleet.json("events", "-n", str(count), "--select", text)["events"]

    some, few = selected("site=paris", 1000), selected("@canaries", 3)
    page = fleet.api("/v1/events?limit=1&select=site%3Dparis")[1]
    every = fleet.json("events", "-n", "1000")["events"]  # it may have grown meanwhile

    def want(first, *boards):
        return [event for event in every
                if event["board"] in boards and event["seq"] <= first["seq"]]

    tap.equal(some, want(some[0], "b-05", "b-06"), "events: of the boards of a site")
    tap.ok(len(some) >= 2, "events: there are some")
    tap.equal(page["next"], page["events"][0]["seq"],
              "events: a page ends where the next one begins")
    tap.equal(few, want(few[0], "b-01", "b-02", "b-03")[:3],
              "events: as many as were asked for")
    order = [event["seq"] for event in reversed(some) if event["seq"] > 1]
    with open(fleet.path("followed"), "w", encoding="utf-8") as file:
        follower = subprocess.Popen(
            [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "events", "--follow",
             "--after", "1", "-o", "jsonl", "--select", "site=paris"], stdout=file)

    def followed():
        with open(fleet.path("followed"), encoding="utf-8") as file:
            return [json.loads(line)["seq"] for line in file if line.endswith("\n")]

    try:
        wait_until("they are followed", lambda: len(followed()) >= len(order))
    finally:
        follower.terminate()
        follower.wait()
    tap.equal(followed()[:len(order)], order, "events: followed")


def names_are_given(tap, fleet):
    def names(query):
        return fleet.api("/v1/names?" + query)[1].get("names")

    tap.equal(names("kind=board&prefix=b-0&limit=2"), ["b-01", "b-02"], "names: boards")
    tap.equal(names("kind=release"), [OLD, NEW], "names: releases")
    tap.equal(names("kind=set"), ["canaries", "rest"], "names: saved selectors")
    tap.equal(names("kind=key&prefix=r"), ["reach", "release", "room"], "names: keys")
    tap.equal(names("kind=value&key=room"), ["b12", "b13"], "names: of a label")
    tap.equal(names("kind=value&key=site&prefix=p"), ["paris"], "names: of a key")
    tap.equal(fleet.api("/v1/names?kind=x")[0], 400, "names: no such kind")


def complete(fleet, *words, socket=None):
    done = subprocess.run([BUILD + "/wipyctl", "complete", "--", *words],
                          capture_output=True, text=True, timeout=20,
                          env=dict(os.environ, WIPYCTL_SOCKET=socket or
                                   fleet.path("wipyd.sock")))
    if done.returncode != 0 or done.stderr:
        return done.stderr or done.returncode
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def words_are_completed(tap, fleet):
    for words, want in (
            (["rollout", "pa"], ["pause"]), (["compl"], ["completion"]),
            (["board", "b-0"], ["b-%02d" % n for n in range(1, 7)]),
            (["board", "b-01", ""], []), (["poll", "b-01", "b-06"], ["b-06"]),
            (["boards", "--se"], ["--select"]), (["boards", "--select=@c"],
                                                 ["--select=@canaries"]),
            (["boards", "--select", "ver"], ["version=", "version-state="]),
            (["boards", "--select", "site=b"], ["site=berlin"]),
            (["boards", "--select", "site=berlin,room="],
             ["site=berlin,room=b12", "site=berlin,room=b13"]),
            (["boards", "--select", "site=berlin or @r"], ["site=berlin or @rest"]),
            (["boards", "--select", "@rest ! si"], ["@rest ! site="]),
            (["boards", "--select", "@rest not si"], ["@rest not site="]),
            (["boards", "--select", "not si"], ["not site="]),
            (["boards", "--select", "site!=p"], ["site!=paris"]),
            (["boards", "--select", "(site=paris|note=a"], ["(site=paris|note=a b"]),
            (["boards", "--select", "room not in (b12,b"],
             ["room not in (b12,b12", "room not in (b12,b13"]),
            (["-o", "j"], ["json", "jsonl"]), (["report", "-o", "ju"], ["junit"]), (["--output=c"], ["--output=csv"]),
            (["rollout", "--release", "v1.8.6"], [OLD]),
            (["release", "show", NEW], [NEW]), (["rollout", "status", "la"], ["latest"]),
            (["rollout", "abort", "--mode", "fr"], ["freeze"]),
            (["completion", "z"], ["zsh"]), (["explain", "dir"], ["dirty"]),
            (["image", "info", "x"], [":files"]), (["help", "poll"], ["poll"]),
            (["nonsense", ""], []), (["--nonsense", "sta"], ["status"])):
        got = complete(fleet, *words)
        tap.equal(sorted(set(got)), sorted(want), "complete: " + " ".join(words))
    tap.equal(complete(fleet, "-S", fleet.path("wipyd.sock"), "board", "b-04",
                       socket="/nowhere"), ["b-04"], "complete: the socket that is named")


def silent_without_a_daemon(tap, fleet):
    fleet.write(fleet.path("state-sets"), "")
    tap.equal(complete(fleet, "board", "b", socket="/nowhere"), [],
              "complete: no names without a daemon")
    tap.equal(complete(fleet, "sta", socket="/nowhere"), ["status"],
              "complete: words without a daemon")
    begun = time.monotonic()
    os.kill(fleet.daemon.pid, 19)  # SIGSTOP
    try:
        tap.equal(complete(fleet, "boards", "--select", ""), [],
                  "complete: nothing from a daemon that hangs")
    finally:
        os.kill(fleet.daemon.pid, 18)  # SIGCONT
    took = time.monotonic() - begun
    tap.ok(took < 0.3 * PATIENCE + 0.1, "complete: ... and soon (%.3f s)" % took)


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, fleet, argv, env):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(fleet.dir)
            os.execvpe(argv[0], argv, dict(
                os.environ, PATH=BUILD + ":" + os.environ["PATH"], TERM="dumb",
                WIPYCTL_SOCKET=fleet.path("wipyd.sock"), HOME=fleet.dir, **env))
        self.text = ""

    def read_until(self, what):
        end = time.monotonic() + 20 * PATIENCE
        while not re.search(what, self.text):
            if not select.select([self.file], [], [], max(0, end - time.monotonic()))[0]:
                raise Failed("the terminal never showed %r: %r" % (what, self.text[-500:]))
            self.text += os.read(self.file, 4096).decode(errors="replace")
        found = re.search(what, self.text)
        self.text = self.text[found.end():]
        return found

    def say(self, text):
        os.write(self.file, text.encode())

    def completed(self, typed):
        """What stands on the line after the tab: the line is echoed, not run."""
        self.say(typed + "\t")
        self.say("\x01echo '<<'\x05 '>>'\r")
        return self.read_until(r"(?s)\n<< ?(.*?) ?>>")[1].strip()

    def close(self):
        os.close(self.file)
        os.waitpid(self.pid, 0)


TYPED = (("wipyctl rollout pau", "wipyctl rollout pause"),
         ("wipyctl board b-04", "wipyctl board b-04"),
         ("wipyctl boards --sel", "wipyctl boards --select"),
         ("wipyctl boards --select site=ber", "wipyctl boards --select site=berlin"),
         ("wipyctl boards --select=@can", "wipyctl boards --select=@canaries"),
         ("wipyctl release show v1.8.7", "wipyctl release show v1.8.7"))


def in_a_shell(tap, fleet, shell, argv, setup, env=None):
    if not shutil.which(shell):
        tap.skip("completion in " + shell, shell + " is not installed")
        return
    terminal = Terminal(fleet, argv, env or {})
    try:
        terminal.say(setup + "; echo rea''dy\r")
        terminal.read_until("\nready")
        for typed, want in TYPED:
            tap.equal(terminal.completed(typed), want, "%s: %s" % (shell, typed))
    finally:
        terminal.close()


def shells_complete(tap, fleet):
    script = subprocess.run([BUILD + "/wipyctl", "completion", "bash"],
                            capture_output=True, text=True, check=True).stdout
    if shutil.which("shellcheck"):
        said = subprocess.run(["shellcheck", "-s", "bash", "-"], input=script,
                              capture_output=True, text=True)
        tap.equal(said.stdout, "", "bash: shellcheck has nothing to say")
    else:
        tap.skip("bash: shellcheck", "shellcheck is not installed")
    in_a_shell(tap, fleet, "bash", ["bash", "--norc", "--noprofile", "-i"],
               "source <(wipyctl completion bash)", {"PS1": "$ "})
    in_a_shell(tap, fleet, "zsh", ["zsh", "-f", "-i"],
               "PS1='$ '; unsetopt zle_bracketed_paste prompt_sp 2>/dev/null; "
               "autoload -Uz compinit; compinit -u -D; "
               "source <(wipyctl completion zsh); bindkey -e")
    if not shutil.which("fish"):
        tap.skip("completion in fish", "fish is not installed")
        return
    for typed, want in TYPED:
        done = subprocess.run(
            ["fish", "--no-config", "-c", "wipyctl completion fish | source; "
             "complete -C '%s'" % typed], capture_output=True, text=True, timeout=20,
            env=dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"], HOME=fleet.dir,
                     WIPYCTL_SOCKET=fleet.path("wipyd.sock")))
        got = [line.split("\t")[0] for line in done.stdout.splitlines()]
        tap.equal((got, done.stderr), ([want.rsplit(" ", 1)[1]], ""), "fish: " + typed)


def selectors(tap):
    fleet = begin()
    boards_are_selected(tap, fleet)
    readings_are_explained(tap, fleet)
    sets_are_checked(tap, fleet)
    rollouts_keep_their_boards(tap, fleet)
    hands_are_selected(tap, fleet)
    events_are_selected(tap, fleet)
    names_are_given(tap, fleet)
    words_are_completed(tap, fleet)
    silent_without_a_daemon(tap, fleet)
    shells_complete(tap, fleet)
    tap.equal(fleet.stop_daemon(), 0, "the daemon ends as it should")


TAP = Tap()
TAP.case(selectors)
TAP.done()
