# SPDX-License-Identifier: MIT
"""wipyctl against a fake daemon: boards, their events, their slots, and looking at them."""

import html.parser
import json
import os
import tempfile
import time

from cli_bench import (Fake, ID, NEWER, REPORT, board, done, expect, ok, problem,
                       rollout, run)


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
           and "v1.8.7-219-g0c821f7  2017-02-13 " in lines[5], "a line a board",
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
        expect(run(fake.path, "boards", "--as-of", "2026-11-20T12:00:00Z"), 0,
               out=["60 min"], name="when it was seen is told as of then")
        result = run(fake.path, "-o", "json", "boards", "--as-of", "2h")
        ok(json.loads(result.stdout)["gone"] == ["old-1", "old-2"], "JSON has the gone ones",
           result.stdout)
        sent = time.mktime(time.strptime(fake.requests[-1]["query"]["as-of"],
                                         "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
        ok(abs(time.time() - 7200 - sent) < 60, "a span is that long ago", sent)
        fake.server.routes["GET /v1/boards"] = lambda request: dict(
            then, next=None if "after" in request["query"] else "a")
        expect(run(fake.path, "boards", "--as-of", "2h"), 0, name="two pages of the past")
        pages = [r["query"]["as-of"] for r in fake.requests[-2:]]
        ok(pages[0] == pages[1], "both are of the same time", pages)
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


def test_rescue_wire():
    step = {"part": "step", "seen": "", "command": False}
    card = {"board": "b", "family": "esp8266", "release": "r", "sha256": "ab" * 32,
            "size": 3, "file": "esp8266-r.bin", "address": "0x0", "back": None,
            "lines": [dict(step, text="Hold it."), dict(step, text="Erase it."),
                      dict(step, command=True, text="esptool erase-flash"),
                      dict(step, text="Let go."),
                      dict(step, part="console", seen="boot mode:(1,", text="It waits.")]}
    routes = {"GET /v1/boards/b/wire": {"wire": card}, "GET /v1/images/" + "ab" * 32: b"\0\xff\n"}
    with Fake(routes) as fake, tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "f")
        result = run(fake.path, "rescue", "wire", "b", "--release", "r 1", "--save", file)
        expect(result, 0, out=["Wire card of b\n", "1. Hold it.\n", "2. Erase it.\n",
                               "      esptool erase-flash\n", "3. Let go.\n",
                               "boot mode:(1,: It waits.\n",
                               "saved as %s: that is esp8266-r.bin above\n" % file],
               name="a wire card")
        ok(fake.asked("GET", "/v1/boards/b/wire")[0]["query"] == {"release": "r 1"},
           "the release is asked for", fake.requests)
        with open(file, "rb") as saved:
            ok(saved.read() == b"\0\xff\n", "the image is saved as it is")
        routes["GET /v1/images/" + "ab" * 32] = b"12"
        expect(run(fake.path, "rescue", "wire", "b", "--save", file + "2"), 1,
               err=["2 bytes", "it has 3"], name="a cut image is not saved")
        ok(not os.path.exists(file + "2"), "and no file is left")
        routes["GET /v1/images/" + "ab" * 32] = problem(404, "no-such-image", "None.")
        expect(run(fake.path, "rescue", "wire", "b", "--save", file + "2"), 2,
               err=["None."], name="an image that is gone")
        routes["GET /v1/images/" + "ab" * 32] = b"123"
        expect(run(fake.path, "rescue", "wire", "b", "--save", folder + "/x/y"), 2,
               err=["/x/y: "], name="a folder that is not there")
    with Fake({"GET /v1/boards/w/wire": problem(422, "no-wire-card", "For ESP boards.")}) as fake:
        expect(run(fake.path, "rescue", "wire", "w"), 8, err=["For ESP boards."],
               name="a board without a wire card")


class Page(html.parser.HTMLParser):
    """Tags and texts of a page whose tags are all closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.bad = [], [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(tag)

    def handle_data(self, data):
        self.words += data


def test_rescue_page(card):
    """For a phone or for paper: nothing in it can become markup, nothing is fetched."""
    evil = "<script>alert('1')</script>&\""
    windows = [{"number": n + 1, "from_ms": start, "to_ms": end, "release_ms": start + 100,
                "blink_ms": blink, "boots": guess(evil)} for n, (start, end, blink) in
               enumerate(((500, 3500, 500), (3500, 6500, 250), (6500, 8000, 100)))]
    evil_card = dict(card, board=evil, pin=evil, windows=windows, window=2)
    evil_card["lines"] = [{"part": part, "seen": evil, "text": evil, "command": part == "next"}
                          for part in ("why", "step", "led", "next")]
    with Fake({"GET /v1/boards/b/card": {"card": evil_card}}) as fake:
        result = run(fake.path, "rescue", "card", "b", "-o", "html")
        page = Page(result.stdout)
        ok(result.returncode == 0 and not page.bad and not page.open,
           "a card as a page: every tag is closed", (page.bad, page.open, result.stderr))
        used = {tag for tag, _ in page.tags}
        ok(not used & {"script", "link", "img", "iframe", "object"} and
           "http" not in result.stdout.replace("http-equiv", ""), "it fetches nothing", used)
        ok(page.words.count(evil) >= 10, "what is said stands there as text",
           page.words.count(evil))
        leds = [attrs for tag, attrs in page.tags if attrs.get("class") == "led"]
        ok([sum(attrs["width"] == width for attrs in leds) for width in ("25", "12", "5")]
           == [3, 6, 8], "the LED is drawn as it toggles", leds)
        ok("let go at 3.6 s" in page.words and "2 (use this one)" in page.words and
           "prefers-color-scheme:dark" in result.stdout and "@media print" in result.stdout,
           "when to let go; light, dark and paper")
        for form, said in (("junit", "only a report"), ("xml", "no output form")):
            expect(run(fake.path, "rescue", "card", "b", "-o", form), 2, err=[said],
                   name="a card as " + form)
    with Fake({"GET /v1/boards/b/card": {"card": dict(card, windows=[])}}) as fake:
        result = run(fake.path, "rescue", "card", "b", "-o", "html")
        ok(result.returncode == 0 and "<svg" not in result.stdout and
           "Press it." in result.stdout, "windows that make no sense are not drawn")
        expect(run(fake.path, "rescue", "card", "b", "--release", "r"), 2,
               err=["it needs --save"], name="--release is about what is saved")


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
        answer = json.loads(result.stdout)
        rows = answer.pop("boards")
        ok(answer == {"dirty": sick[:1], "armed": sick[1:2], "needs_hands": sick[2:]},
           "as JSON", result.stdout)
        ok(rows == [dict(row, condition=condition) for row, condition in
                    zip(sick, ("dirty", "armed", "needs-hands"))],
           "and all of them in one list", rows)
    away = [dict(row, site=site, board=name) for row, site, name in
            zip(sick * 2, ("", "berlin", "oslo", "berlin"), ("n", "b2", "o", "b1"))]
    report = dict(REPORT, dirty=away[2:3], armed=[], needs_hands=away)
    with Fake({"GET /v1/report": report}) as fake:
        rows = json.loads(run(fake.path, "rescue", "list", "-o", "json").stdout)["boards"]
        ok([(row["site"], row["board"], row["condition"]) for row in rows] ==
           [("berlin", "b2", "needs-hands"), ("berlin", "b1", "needs-hands"),
            ("oslo", "o", "dirty, needs-hands"), ("", "n", "needs-hands")],
           "site by site, each board once, those without a site last", rows)
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
    test_rescue_page(card)
    test_rescue_wire()
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


if __name__ == "__main__":
    test_boards()
    test_board()
    test_ledger()
    test_rescue()
    test_as_of()
    test_events()
    test_events_leave()
    test_poll()
    test_poll_many()
    done()
