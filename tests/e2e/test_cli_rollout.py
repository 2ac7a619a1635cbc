# SPDX-License-Identifier: MIT
"""wipyctl against a fake daemon: starting, watching and steering rollouts, and the report."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from cli_bench import (Fake, ID, LIMIT_S, LOST, NEWER, PLAN, REPORT, Terminal, WIPYCTL,
                       done, environment, expect, lines_of_the_refused, ok, problem,
                       rollout, run, task)


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


GROUP = {"code": None, "why": "It is updated in its wave.", "next_auto": "", "next_human": ""}
OUTLOOK = dict(
    PLAN, waves=[{"number": 1, "size": 1, "away": 0, "begins": "2026-11-20T10:00:00Z",
                  "ends": "2026-11-20T10:07:00Z"},
                 {"number": 2, "size": 9, "away": 2, "begins": "2026-11-20T10:07:00Z",
                  "ends": "2026-11-20T11:00:00Z"}],
    eta={"begins": "2026-11-20T10:00:00Z", "ends": "2026-11-20T11:00:00Z", "seconds": 3600,
         "boards": 8, "from": "assumed", "text": "by times that are assumed"},
    verdicts=[dict(GROUP, verdict="update", boards=1, names=["lab-01"]),
              dict(GROUP, verdict="deferred", code="offline", boards=2, why="It is silent.",
                   names=["lab-02", "lab-03"]),
              dict(GROUP, verdict="refused", code="no-image", boards=1, names=["phat-01"],
                   why="No image.", next_human="add an image for esp8266")],
    risks=[{"code": "never-confirmed", "boards": 10, "what": "Nobody knows.",
            "names": ["lab-01", "lab-02", "lab-03", "lab-04", "lab-05"],
            "next_human": "Begin small."}],
    members=[{"board": board, "site": "x", "family": "wipy", "type": "", "verdict": verdict,
              "code": code, "why": "", "wave": wave, "opens": None, "runs": "v1 on 2016",
              "risks": risks}
             for board, verdict, code, wave, risks in (
                 ("phat-01", "refused", "no-image", 0, []),
                 ("lab-01", "update", None, 1, ["never-confirmed"]),
                 ("lab-02", "deferred", "offline", 2, ["never-confirmed", "offline"]))])


def test_plan():
    with Fake(starting(OUTLOOK)) as fake:
        words = ["plan", "--release", "r", "--select", "site=x"]
        text = run(fake.path, *words, "--utc")
        expect(text, 3, out=["wave  1      1 board, over about 2026-11-20 10:07:00",
                             "wave  2      9 boards, 2 of them offline, over about",
                             "begun now it is over in about 60 min", "\n  by times that are assumed\n",
                             "  risk never-confirmed, 10 boards: lab-01, lab-02, lab-03 and 7 more\n"
                             "      Nobody knows. Begin small.\n",
                             "deferred, offline: 2 boards\n      It is silent.",
                             "refused, no-image: 1 board\n      No image. add an image for esp8266\n"],
               name="plan: waves, end, risks, groups")
        ok(json.loads(fake.requests[-1]["body"]) == {
            "dry_run": True, "release": "r", "select": "site=x", "members": True},
            "plan: of every board", fake.requests[-1]["body"])
        expect(run(fake.path, *words, "-o", "csv"), 3,
               out=["board,wave,site,family,type,verdict,code,runs,opens,risks,why",
                    "lab-02,2,x,wipy,,deferred,offline,v1 on 2016,,never-confirmed;offline,"],
               name="plan: as CSV")
        lines = run(fake.path, *words, "-o", "jsonl").stdout.splitlines()
        ok([json.loads(line)["board"] for line in lines] == ["phat-01", "lab-01", "lab-02"],
           "plan: a line each", lines)
        ok(json.loads(run(fake.path, *words, "-o", "json").stdout) == OUTLOOK,
           "plan: the document")
        expect(run(fake.path, *words, "-q"), 3, out=["phat-01\nlab-01\nlab-02\n"],
               name="plan: names alone")
        result = run(fake.path, "rollout", "--release", "r", "--yes")
        expect(result, 0, out=["over about", "  deferred (offline), 2 boards: lab-02, lab-03\n",
                               "add an image for esp8266"], absent=["v1 on 2016"],
               name="rollout: the same in short")
        expect(run(fake.path, "plan"), 2, err=["--release"], name="plan: of what?")
    codes = [({"planned": 0, "already": 5, "refused": 0}, 0),
             ({"planned": 0, "already": 5, "refused": 1}, 8)]
    for boards, code in codes:
        with Fake(starting(dict(OUTLOOK, boards=boards))) as fake:
            expect(run(fake.path, "plan", "--release", "r"), code, name=f"plan: {boards}")


def test_plan_saved():
    saved = {"wipyd_plan": 1, "release": NEWER, "boards": [{"board": "a"}, {"board": "b"}],
             "digest": "ab"}
    folder = tempfile.mkdtemp(prefix="wipyctl-plan.")
    path = os.path.join(folder, "plan.json")
    with Fake(starting(dict(OUTLOOK, saved=saved))) as fake:
        expect(run(fake.path, "plan", "--release", "r", "--save", path), 3,
               out=[f"saved as {path}: wipyctl rollout --plan {path}"], name="plan --save")
        ok(json.loads(fake.requests[-1]["body"]).get("save") is True, "asks for it")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        ok(json.loads(text) == saved and '\n{"board":"b"}\n' in text, "a board a line", text)
        expect(run(fake.path, "plan", "--release", "r", "--save", path), 2,
               err=["nothing is written over"], name="plan --save: not over a file")
        fake.requests.clear()
        expect(run(fake.path, "rollout", "--plan", path, "--yes"), 0, out=[ID],
               name="rollout --plan")
        ok([json.loads(r["body"]) for r in fake.requests] ==
           [{"dry_run": True, "plan": saved}, {"dry_run": False, "plan": saved}],
           "it is shown and started as it is", fake.requests)
        for words in (["--release", "r"], ["--select", "site=x"], ["--soak", "5m"],
                      ["--burn-last-good"]):
            expect(run(fake.path, "rollout", "--plan", path, *words, "--yes"), 2,
                   err=[words[0]], name="rollout --plan: not with " + words[0])
        expect(run(fake.path, "rollout", "--plan", path + ".not", "--yes"), 2,
               err=[path + ".not"], name="rollout --plan: no such file")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text[:40])
        expect(run(fake.path, "rollout", "--plan", path, "--yes"), 2,
               err=[path + ":", "this is no plan"], name="rollout --plan: half a file")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    large = dict(saved, boards=[{"board": "b" * 60, "runs": "x" * 100}] * 25000)
    with Fake(starting(dict(OUTLOOK, saved=large))) as fake:
        expect(run(fake.path, "plan", "--release", "r", "--save", path + ".large"), 8,
               err=["4 MiB", "--select"], name="plan --save: more than can be started")
        ok(not os.path.exists(path + ".large"), "and leaves nothing behind")
    moved = problem(409, "plan-moved", "It has moved, in 1 point")
    moved[1]["problems"] = ["lab-01: its version was a, and is b"]
    with Fake({"POST /v1/rollouts": moved}) as fake:
        expect(run(fake.path, "rollout", "--plan", path, "--yes"), 8,
               err=["It has moved", "\nlab-01: its version was a, and is b\n"],
               name="rollout --plan: the fleet has moved")
    shutil.rmtree(folder)


def test_rollout_notes():
    words = "word " * 40
    notes = "first \033[2Jline\n" + words + "\n" + "\n".join("line %d" % i for i in range(9))
    plan = dict(PLAN, notes=notes)
    with Fake(starting(plan)) as fake:
        expect(run(fake.path, "plan", "--release", "r"), 3,
               out=["  | first ?[2Jline\n", "  | " + words.strip() + "\n", "  | line 8\n",
                    "wave  1"], absent=["\033", "all of it"], name="notes: all of them")
        terminal = Terminal(fake.path, "rollout", "--release", "r")
        terminal.until("Start this rollout?")
        terminal.type("n\n")
        terminal.end()
        lines = terminal.text.replace("\r", "").split("\n")
        shown = [line for line in lines if line.startswith("  | ")]
        ok(len(shown) == 8 and all(len(line) <= 80 for line in shown) and
           "  ... all of it: wipyctl release show " + PLAN["release"] in lines,
           "notes: the beginning on a terminal", terminal.text)
        ok(shown[0] == "  | first ?[2Jline" and
           " ".join(line[4:].strip() for line in shown[1:4]) == words.strip(),
           "notes: cut between words, and harmless", shown)


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
        expect(run(fake.path, *words, "--dry-run", "--waves", "1,100%", "--burn-last-good"), 3,
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
        expect(run(fake.path, "plan", "--release", "r"), 3,
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
            asked = [r["path"] for r in fake.requests if "events" not in r["path"]]
            ok(f"/v1/rollouts/{ID}" in paths and asked[2].endswith(ID),
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


def test_watch_hears():
    """Nobody asks again before an event says so."""
    changed, over = threading.Event(), threading.Event()

    def events(_):
        def pieces():
            yield "retry: 2000\nid: 7\n\n"
            changed.wait(LIMIT_S)
            yield "id: 8\nevent: rollout-state\ndata: {}\n\n"
            over.wait(LIMIT_S)
        return pieces()

    def show(_):
        return ended("completed")[0] if changed.is_set() else RUNNING[0]

    routes = dict(watched(RUNNING), **{"GET /v1/events": events,
                                       f"GET /v1/rollouts/{ID}": show})
    with Fake(routes) as fake:
        child = subprocess.Popen([WIPYCTL, "rollout", "watch", ID], text=True,
                                 env=environment(fake.path), stdout=subprocess.PIPE)
        child.stdout.readline()
        while len(fake.asked("GET", f"/v1/rollouts/{ID}")) < 2:  # once it hears, to be sure
            time.sleep(0.01)
        changed.set()
        begin = time.monotonic()
        text, _ = child.communicate(timeout=LIMIT_S)
        asked = fake.asked("GET", "/v1/events")
        ok(child.returncode == 0 and "running -> completed" in text
           and [one["query"] for one in asked] == [{"rollout": ID}]
           and time.monotonic() - begin < 10,
           "watch: an event wakes it", child.returncode, text, asked)
        over.set()


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
    tasks = [task(f"lab-{i:02}", "pushing") for i in range(19)]
    shown = (rollout("running", exceptions=[LOST]), tasks)
    with Fake(watched(shown, shown, ended("completed"))) as fake:
        terminal = Terminal(fake.path, "rollout", "watch")
        code = terminal.end()
        ok(code == 0 and "\033[K" in terminal.text and "A\r" in terminal.text
           and "and 2 more under way" in terminal.text and "pushing" in terminal.text
           and "lab-17" not in terminal.text and "wave  1 [####" in terminal.text
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
               out=["lab-01  confirmed, reset proven by outage",
                    "banner before   MicroPython v1.8.6", "226 Done", "not since",
                    "banner after    MicroPython " + NEWER, "probe web", "pass: HTTP 200",
                    "lab-02  refused, reset proven by none", "rollout 3f2a"],
               name="report --evidence")
        ok(fake.requests[-1]["query"] == {"rollout": "3f2a"}, "of one rollout")
        ok(lines_of_the_refused(fake.path) == 1, "nothing is shown that was not seen")
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


if __name__ == "__main__":
    test_rollout_start()
    test_rollout_asks()
    test_plan()
    test_plan_saved()
    test_rollout_notes()
    test_rollout_undo()
    test_watch()
    test_watch_hears()
    test_wait()
    test_watch_live()
    test_wait_interrupted()
    test_steer()
    test_resume_needs_a_reason()
    test_report()
    done()
