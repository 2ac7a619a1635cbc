# SPDX-License-Identifier: MIT
"""`wipyctl why` and `wipyctl report` over one rollout in which everything happens: a board
is updated, one is lost, one is offline, and three wait for the window of their site. The
report says the same numbers in every form; the page opens in a browser where there is one."""

import csv
import html.parser
import io
import json
import os
import shutil
import subprocess
import time
import xml.etree.ElementTree

from fleet import Failed, Fleet, NEW, OLD, Tap, name, wait_until

HOUR = 3600
EVIL = "<script>alert(1)</script> & \"seen\""


def hours(first, last):
    now = time.time()
    return "-".join(time.strftime("%H:00", time.gmtime(now + part * HOUR))
                    for part in (first, last))


class Sites(Fleet):
    """Boards 1 to 3 at site day, 4 to 6 at site night, which is shut for hours; those are
    to run NEW."""

    def inventory(self, extra="", defaults=""):
        night = "night: {timezone: Etc/UTC, release: %s, windows: [\"%s\"]}" % (
            NEW, hours(8, 10))
        return ("version: 1\ndefaults: {family: wipy, ports: {telnet: %d, ftp: %d}}\n"
                "sites: {day: {}, %s}\nboards:\n"
                "  - {name: \"b-[01:03]\", address: \"%s.[1:3]\", site: day}\n"
                "  - {name: \"b-[04:06]\", address: \"%s.[4:6]\", site: night}\n" %
                (self.telnet, self.ftp, night, self.net, self.net))


def why(fleet, number, *words):
    return fleet.json("why", name(number), *words)["why"]


def codes(answer):
    return [hold["code"] for hold in answer["holds"]]


class Page(html.parser.HTMLParser):
    """The values of an HTML report: rows of each section by the titles of their cells, and
    every tag there is."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.title, self.captions = {}, [], None, 0
        self.section, self.bars, self.text, self.open = None, [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "section" and "id" in attrs:
            self.section = attrs["id"]
        elif tag == "tr":
            self.rows.setdefault(self.section, []).append({})
        elif tag == "svg" and "aria-label" in attrs:
            self.bars.append((self.section, attrs["aria-label"]))
        self.title = attrs.get("data-title") if tag == "td" else self.title

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise Failed("</%s> closes something else" % tag)
        if tag == "td":
            self.title = None

    def handle_data(self, data):
        self.text += data
        if self.title and self.rows.get(self.section):
            row = self.rows[self.section][-1]
            row[self.title] = row.get(self.title, "") + data

    def of(self, section):
        return [row for row in self.rows.get(section, []) if row]


def scene(tap):
    """The rollout, and what `why` says of each of its boards."""
    fleet = Sites(6, settings={"update": {"return": "3s"}}).ready()
    first = why(fleet, 1)
    tap.equal((codes(first), first["should"]["from"], first["should"]["state"]),
              ([], "none", "unmanaged"), "why: nobody says what it should run")
    last = why(fleet, 4)
    tap.equal((codes(last), last["should"]["from"], last["should"]["release"]),
              (["no-rollout"], "site", NEW), "why: its site says it, and no rollout works")
    tap.equal([step["command"] for step in last["person"]],
              ["wipyctl rollout --release %s --select name=%s" % (NEW, name(4))],
              "why: what can be typed")
    tap.ok(last["runs"]["since"] and last["next"]["at"], "why: since when, and what is next")
    fleet.power_off(3)
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    fleet.ctl("fault", 2, "crash-at-boot")
    wait_until("a second is over", lambda: time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime()) != then)
    fleet.rollout("--waves", "100%")
    fleet.wait_state("halted")
    fleet.wait_task(name(1), "confirmed", "soaking")
    halted = why(fleet, 4)
    tap.equal(codes(halted)[0], "halted", "why: its rollout is halted")
    tap.ok("(brake-lost)" in halted["text"], "why: and by what")
    ident = fleet.status()["id"][:8]
    tap.ok("wipyctl rollout resume %s --reason TEXT" % ident in
           [step["command"] for step in halted["person"]], "why: how it goes on")
    done = fleet.run("rollout", "resume", "--reason", EVIL)
    tap.equal(done.returncode, 0, "resumed: " + done.stderr)
    wait_until("they wait for the window", lambda: [fleet.tasks()[name(n)]["code"]
               for n in (4, 5, 6)] == ["window"] * 3)
    fleet.wait_task(name(1), "confirmed")
    return fleet, then


def whys(tap, fleet, then):
    shut = why(fleet, 5)
    hold = shut["holds"][0]
    tap.equal((hold["code"], hold["until"]), ("window", fleet.tasks()[name(5)]["opens"]),
              "why: a window, and when it opens")
    tap.ok("window of site night" in hold["text"] and "Etc/UTC" in hold["text"] and
           shut["next"]["at"] == hold["until"], "why: in local time too")
    lost = why(fleet, 2)
    tap.ok("needs-hands" in codes(lost) and lost["person"][0]["command"] ==
           "wipyctl rescue card " + name(2), "why: a lost board has its card")
    tap.equal(codes(why(fleet, 3))[0], "offline", "why: offline")
    good = why(fleet, 1)
    tap.equal((codes(good), good["should"]["from"], good["should"]["state"]),
              ([], "confirmed", "in-sync"), "why: what a rollout has confirmed")
    before = fleet.json("why", name(1), "--as-of", then)
    tap.ok(before["why"]["text"].startswith("As of " + then) and
           before["why"]["runs"]["image"]["tag"].startswith(OLD),
           "why: as it was")
    text = fleet.run("why", name(5)).stdout
    tap.ok("held by     window until" in text and "should run  " + NEW in text,
           "why: the facts as lines")
    done = fleet.run("why", "nobody")
    tap.equal((done.returncode, "no board 'nobody'" in done.stderr), (2, True),
              "why: an unknown board")


def numbers(rollout):
    """{wave: (size, done)} and {state: count} by the JSON."""
    waves = {wave["number"]: (wave["size"], sum(wave["outcomes"].get(state, 0) for state in
                                                ("confirmed", "already")))
             for wave in rollout["waves"]}
    return waves, rollout["outcomes"]


def same_numbers(tap, fleet):
    """Each form, read by a parser that is not ours."""
    report = fleet.json("report", "--evidence")
    waves, outcomes = numbers(report["rollout"])
    exceptions = sorted(row["board"] for row in report["rollout"]["exceptions"])
    tap.equal((outcomes, exceptions),
              ({"confirmed": 1, "lost": 1, "deferred": 1, "waiting": 3}, [name(2), name(3)]),
              "json: what happened")
    line = json.loads(fleet.run("report", "-o", "jsonl").stdout)
    tap.equal(numbers(line["rollout"]), (waves, outcomes), "jsonl: the same")

    rows = list(csv.DictReader(io.StringIO(fleet.run("report", "-o", "csv").stdout)))
    section = {}
    for row in rows:
        section.setdefault(row["section"], []).append(row)
    tap.equal({int(row["number"]): (int(row["size"]), int(row["done"]))
               for row in section["wave"]}, waves, "csv: waves")
    tap.equal({row["state"]: int(row["count"]) for row in section["outcome"]}, outcomes,
              "csv: outcomes")
    tap.equal(sorted(row["board"] for row in section["exception"]), exceptions,
              "csv: exceptions")
    tap.equal([row["board"] for row in section["needs-hands"]], [name(2)], "csv: hands")

    page = Page(fleet.run("report", "-o", "html", "--evidence").stdout)
    tap.equal(page.open, [], "html: every tag is closed")
    tap.equal({int(row["WAVE"]): int(row["BOARDS"]) for row in page.of("wave")},
              {number: wave[0] for number, wave in waves.items()}, "html: waves")
    tap.equal([words for where, words in page.bars if where == "wave"],
              ["%d done, 1 failed, 1 held up, 3 to come" % waves[1][1]], "html: the bar")
    tap.equal({row["OUTCOME"]: int(row["BOARDS"]) for row in page.of("outcome")}, outcomes,
              "html: outcomes")
    tap.equal(sorted(row["BOARD"] for row in page.of("exception")), exceptions,
              "html: exceptions")
    tap.equal([row["BOARD"] for row in page.of("offline")], [name(3)], "html: offline")
    tap.equal(sum(int(row["BOARDS"].split(" ")[0]) for row in page.of("firmware")),
              sum(row["count"] for row in report["firmware"]), "html: firmware")
    tags = [tag for tag, _ in page.tags]
    tap.equal((tags.count("script"), [at for _, attrs in page.tags for at in attrs
                                      if at in ("src", "href")]), (0, []),
              "html: no script, and nothing from elsewhere")
    tap.equal(tags.count("table"), tags.count("caption"), "html: each table has a caption")
    tap.ok(EVIL in page.text, "html: a reason is shown, and is no markup")

    junit = xml.etree.ElementTree.fromstring(fleet.run("report", "-o", "junit").stdout)
    suites = {suite.get("name"): suite for suite in junit}
    suite = suites["wave 1"]
    tap.equal((int(suite.get("tests")), int(suite.get("failures")),
               int(suite.get("skipped"))), (waves[1][0], outcomes["lost"], 4),
              "junit: a suite for the wave")
    tap.equal([case.get("name") for case in suite if case.find("failure") is not None],
              [name(2)], "junit: who failed")
    tap.equal(suite.find("testcase/failure").get("type"), report["rollout"]["exceptions"]
              [0]["code"], "junit: by which code")

    text = fleet.run("report").stdout
    tap.ok("confirmed" in text and "1 of 2 begun (50 %)" in text, "text: denominators")
    tap.ok("who asked, who approved" in text and "resumed" in text, "text: approvals")
    tap.equal([row["what"] for row in report["approvals"]], ["asked", "resumed"],
              "json: approvals")
    tap.equal(sorted(fleet.run("report", "--quiet").stdout.split()), [name(2), name(3)],
              "quiet: who needs a person")


def parts(tap, fleet, then):
    part = fleet.json("report", "--site", "night")
    tap.equal((part["boards"]["total"], part["rollout"]["outcomes"], part["offline"]),
              (3, {"waiting": 3}, []), "--site: its boards alone")
    typo = fleet.run("report", "--site", "nigth")
    tap.ok(typo.returncode == 2 and "no site 'nigth' (did you mean 'night'?)" in typo.stderr,
           "--site: a wrong one is no all-clear " + typo.stderr)
    part = fleet.json("report", "--select", "name=%s" % name(1), "--rollout",
                      fleet.status()["id"][:6])
    tap.equal((part["boards"]["total"], part["rollout"]["outcomes"]), (1, {"confirmed": 1}),
              "--select: those that match")
    changes = fleet.json("report", "--diff", then)["changes"]
    tap.equal(([(row["board"], row["from"]["tag"][:6], row["to"]["tag"][:6])
                for row in changes["versions"]],
               [(row["board"], row["code"]) for row in changes["new"]], changes["added"]),
              ([(name(1), OLD, NEW)], [(name(2), "needs-hands")], []),
              "--diff: other firmware, and what is new")
    fleet.ctl("power-on", 3)
    wait_until("it is seen again", lambda: fleet.seen()[name(3)]["reach"] == "online")
    changes = fleet.json("report", "--diff", then)["changes"]
    tap.ok((name(3), "offline") in [(row["board"], row["code"])
                                    for row in changes["healed"]], "--diff: what healed")
    since = fleet.json("report", "--since", "2099-01-01T00:00:00Z")
    tap.equal((since["rollout"]["exceptions"], since["approvals"], since["evidence"],
               len(since["needs_hands"])), ([], [], [], 1),
              "--since: nothing older, but for who is in danger")
    path = fleet.path("report.html")
    done = fleet.run("report", "-o", "html", "--save", path, "--diff", then)
    with open(path, encoding="utf-8") as file:
        tap.equal((done.returncode, done.stdout, file.read().rstrip().endswith("</html>")),
                  (0, "", True), "--save: to a file")
    done = fleet.run("report", "--save", fleet.path("missing/report.txt"))
    tap.equal((done.returncode, "could not be written" in done.stderr), (1, True),
              "--save: where it cannot be written")
    done = fleet.run("boards", "-o", "html")
    tap.equal((done.returncode, "only a report" in done.stderr), (2, True),
              "-o html: of a report only")
    done = fleet.run("report", "--diff", "2001-01-01T00:00:00Z")
    tap.ok(done.returncode != 0 and "history begins" in done.stderr,
           "--diff: before anything was known")
    return path


def in_a_browser(tap, path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return tap.skip("browser: the page opens", "chromium is not installed")
    done = subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
         "--user-data-dir=" + path + ".profile", "file://" + path],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    page = Page(done.stdout.decode("utf-8", "replace"))
    tap.equal((done.returncode, len(page.of("wave")), "Report of the fleet" in page.text),
              (0, 1, True), "browser: the page opens")
    return None


def why_and_report(tap):
    fleet, then = scene(tap)
    whys(tap, fleet, then)
    same_numbers(tap, fleet)
    in_a_browser(tap, os.path.realpath(parts(tap, fleet, then)))
    fleet.stop_daemon()


if __name__ == "__main__":
    tap = Tap()
    tap.case(why_and_report)
    tap.done()
