#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a live daemon answers is what docs/openapi.yaml describes, to the last key."""

import http.client
import os
import socket
import sys

import openapi
import openmetrics
from fleet import Fleet, NEW, OLD, SOURCE, Tap, name, wait_until


class Asker:
    """Asks, and holds each answer against the file."""

    def __init__(self, tap, fleet):
        self.tap, self.fleet = tap, fleet
        self.doc = openapi.Openapi(SOURCE)
        self.asked = set()

    def ask(self, path, body=None, want=(200,)):
        method = "GET" if body is None else "POST"
        status, answer = self.fleet.api(path, body)
        self.asked.add((method, self.doc.find(method, path)[0]))
        faults = self.doc.faults(method, path, status, answer)
        if status not in want:
            faults.append("%d %s" % (status, answer))
        self.tap.equal(faults, [], "%s %s: %d" % (method, path, status))
        return answer


def validator_finds(tap):
    """What does not fit is found: the other cases rest on it."""
    doc = openapi.Openapi(SOURCE)
    good = {"status": "ok", "version": "1", "read_only": False}
    for change, fault in (({}, None), ({"more": 1}, "more is not in the file"),
                          ({"read_only": 0}, "0 is not boolean"),
                          ({"status": "well"}, "is none of"),
                          ({"version": None}, "None is not string")):
        found = doc.faults("GET", "/healthz", 200, dict(good, **change))
        tap.ok(not found if fault is None else len(found) == 1 and fault in found[0],
               "the validator: %s" % (fault or "what fits"))
    tap.equal(doc.faults("GET", "/healthz", 200, {"status": "ok", "version": "1"}),
              ["GET /healthz: no read_only"], "the validator: a key that is missing")
    board = {"events": [{"seq": 1}], "next": 1}
    tap.ok(any("/events/0: no time" in fault for fault in
               doc.faults("GET", "/v1/events", 200, board)), "the validator: within lists")


def plans_and_posts(asker):
    ask = asker.ask
    ask("/v1/inventory/reload", {"dry_run": True})
    ask("/v1/polls", {"boards": [name(1)], "method": "uname"})
    ask("/v1/images/fit", {"family": "wipy", "fingerprint": "v9 on 2020-01-01; x with y",
                           "sha256": "0" * 64, "size": 1,
                           "entry_point": 0})
    ask("/v1/images/gc", {"dry_run": True})
    plan = ask("/v1/rollouts", {"release": NEW, "members": True, "save": True,
                                "dry_run": True})
    ask("/v1/rollouts", {"plan": plan["saved"], "dry_run": True})
    ask("/v1/rollouts", {"release": "none-such"}, (404,))
    ask("/v1/rollouts", {"relaese": NEW}, (400,))
    ask("/v1/rollouts", {"release": NEW, "waves": "1,100%"}, (201,))
    ask("/v1/rollouts/latest/pause", {"reason": "for a look"})
    ask("/v1/rollouts/latest/tasks")
    ask("/v1/rollouts/latest/resume", {"reason": "go on"})
    ask("/v1/boards/%s/why" % name(2))
    asker.fleet.wait_state("completed-with-exceptions", "completed")


def lists(asker):
    ask, now = asker.ask, asker.fleet.json("report")["generated"]
    image = ask("/v1/releases")["releases"][0]["images"][0]["sha256"]
    ask("/v1/known-bad", {"image": image, "type": "wipy", "reason": "a try"})
    ask("/v1/known-bad", {"image": "ffffff", "type": "wipy", "reason": "x"},
        (404,))
    for path in ("/healthz", "/v1/status", "/v1/doctor", "/v1/boards", "/v1/boards?limit=1",
                 "/v1/boards?as-of=" + now, "/v1/known-bad", "/v1/doctor", "/v1/channels",
                 "/v1/events", "/v1/events?limit=2", "/v1/events/verify",
                 "/v1/events?select=family=wipy", "/v1/events/export?limit=3",
                 "/v1/events/export", "/v1/releases/" + NEW, "/v1/sets",
                 "/v1/releases/%s/verify" % OLD, "/v1/rollouts", "/v1/rollouts?limit=1",
                 "/v1/rollouts?as-of=" + now, "/v1/rollouts/latest",
                 "/v1/rollouts/latest/tasks", "/v1/selectors?select=name=b*",
                 "/v1/names?kind=board&prefix=b", "/v1/report",
                 "/v1/report?tasks=true&diff=" + now, "/v1/report?evidence=false"):
        ask(path)
    # One second behind the last change, all of it is in the past as it is now.
    wait_until("a second is over", lambda: asker.fleet.json("report")["generated"] > now)
    first = ask("/v1/rollouts")["rollouts"][-1]["id"]
    for path in ("/v1/rollouts/%s" % first, "/v1/rollouts/%s/tasks" % first):
        ask(path + "?as-of=" + now)
    for path in ("/v1/boards?limit=0", "/v1/boards?selct=x", "/v1/names?kind=x"):
        ask(path, want=(400,))
    for path in ("/v1/boards/none", "/v1/boards/none/card", "/v1/releases/none",
                 "/v1/rollouts/ffffffff", "/v1/downloads/7",
                 "/v1/boards?as-of=2001-01-01T00:00:00Z", "/v1/images/" + "f" * 64):
        ask(path, want=(404,))


def boards(asker):
    ask, now = asker.ask, asker.fleet.json("report")["generated"]
    for path in ("", "/why", "/card", "?as-of=" + now, "/why?as-of=" + now):
        for number in (1, asker.fleet.count):
            ask("/v1/boards/%s%s" % (name(number), path))
    ask("/v1/boards/%s/wire" % name(1), want=(422,))
    ask("/v1/boards/%s/card" % name(1), {"release": OLD}, (200, 422))
    ask("/v1/boards/%s/receipt" % name(1), {"code": "x"}, (400,))
    ask("/v1/boards/%s/accept" % name(1), {"reason": "mine"}, (409,))


def undo(asker):
    ask = asker.ask
    ask("/v1/rollouts/latest/undo", {"dry_run": True, "members": True})
    ask("/v1/rollouts/latest/abort", {"mode": "keep"})
    ask("/v1/rollouts/latest/approve", {}, (409,))
    ask("/v1/releases/%s/retire" % OLD, {"reason": "old"})
    ask("/v1/known-bad/clear", {"image": NEW, "reason": "a try"}, (404,))
    ask("/v1/events/prune", {"before": "2001-01-01T00:00:00Z", "dry_run": True})


def pages(asker):
    """Every list that is long comes in pages, which together are the list."""
    image = asker.ask("/v1/releases")["releases"][1]["images"][0]["sha256"]
    asker.ask("/v1/known-bad", {"image": image, "type": "wipy", "reason": "a try"})
    for path, key in (("/v1/boards", "boards"), ("/v1/rollouts/latest/tasks", "tasks"),
                      ("/v1/releases", "releases"), ("/v1/known-bad", "known_bad"),
                      ("/v1/rollouts", "rollouts")):
        whole, found, after = asker.ask(path), [], ""
        while after is not None:
            page = asker.ask("%s?limit=1%s" % (path, after))
            found += page[key]
            after = page["next"] and "&after=%s" % page["next"]
            asker.tap.ok(len(page[key]) <= 1 and len(found) <= len(whole[key]),
                         "%s: a page of one" % path)
        ids = ("name", "board", "number", "id")
        asker.tap.equal(*[[next(row[at] for at in ids if at in row) for row in rows]
                          for rows in (found, whole[key])],
                        "%s: the pages are the list" % path)
        asker.tap.equal(whole["next"], None, "%s: which is whole" % path)


def tags(asker):
    """What has not changed is not sent again."""
    path = asker.fleet.path("wipyd.sock")

    def get(what, tag):
        link = http.client.HTTPConnection("x")
        link.sock = socket.socket(socket.AF_UNIX)
        link.sock.connect(path)
        link.request("GET", what, headers={"If-None-Match": tag} if tag else {})
        answer = link.getresponse()
        found = answer.status, answer.getheader("ETag"), answer.read()
        link.close()
        return found
    for what in ("/v1/releases", "/v1/releases/" + NEW, "/v1/rollouts/latest/tasks",
                 "/v1/known-bad"):
        tag = get(what, None)[1]
        asker.tap.equal(get(what, tag), (304, tag, b""), what + ": 304 if it is the same")
        asker.tap.equal(get(what, '"none"')[:2], (200, tag), what + ": or 200")
    tag = get("/v1/known-bad", None)[1]
    asker.ask("/v1/known-bad/clear", {"image": NEW, "reason": "enough"})
    status, other, _ = get("/v1/known-bad", tag)
    asker.tap.ok(status == 200 and other != tag, "200 with another tag once it changed")


def check_metrics(asker):
    """What an OpenMetrics parser demands, and that the figures are those of the API."""
    tap, fleet = asker.tap, asker.fleet
    first, families = openmetrics.fetch(fleet.exchange)
    asker.asked.add(("GET", "/metrics"))
    status = asker.ask("/v1/status")
    for name_, key in (("reach", "reach"), ("access", "access"),
                       ("version", "versions")):
        got = {labels["state"]: value for labels, value in
               first["wipyd_boards_" + name_] if value}
        tap.equal(got, status[key], "boards by %s are those of the status" % name_)
    tap.equal([labels for labels, _ in first["wipyd_build_info"]],
              [{"version": status["version"]}], "the version is that of the status")
    ended = {labels["state"]: value for labels, value in
             first["wipyd_tasks_ended_total"] if value}
    tap.equal(ended, {"confirmed": 2}, "what became of the boards")
    pushes = {labels["result"]: value for labels, value in first["wipyd_pushes_total"]}
    tap.equal(pushes, {"ok": 2}, "pushes")
    size = os.path.getsize(fleet.new_image)
    tap.equal(first["wipyd_pushed_bytes_total"][0][1], 2 * size, "bytes pushed")
    polls = {labels["result"] for labels, _ in first["wipyd_polls_total"]}
    tap.ok("ok" in polls and len(polls) > 1, "polls, those in vain too: %s" % polls)
    for sample, least in (("wipyd_loop_gap_seconds_count", 100),
                          ("wipyd_store_commit_seconds_count", 5),
                          ("wipyd_store_commits_total", 5),
                          ("wipyd_store_database_bytes", 4096)):
        value = first[sample][0][1]
        tap.ok(value >= least, "%s is %d at least: %d" % (sample, least, value))
    tap.ok(not any("board" in labels for rows in first.values() for labels, _ in rows),
           "nothing is named by board")
    second, _ = openmetrics.fetch(fleet.exchange)
    tap.equal(openmetrics.not_monotonic(first, second, families), [],
              "what counts never falls")
    route = {"method": "GET", "route": "/v1/status", "status": "200"}
    tap.ok((route, [v for l, v in first["wipyd_api_requests_total"] if l == route][0] + 1)
           in second["wipyd_api_requests_total"], "requests are counted by route")


def metrics_by_board(asker):
    tap, fleet = asker.tap, asker.fleet
    fleet.write_settings({"api": {"metrics": {"per-board": True}}})
    fleet.stop_daemon()
    fleet.start_daemon()
    wait_until("the boards are seen", lambda: all(
        board["reach"] == ("offline" if board["name"] == name(3) else "online")
        for board in fleet.seen().values()))
    rows, _ = openmetrics.fetch(fleet.exchange)
    tap.equal(rows["wipyd_board_online"],
              [({"board": name(i), "site": ""}, 1.0 if i < 3 else 0.0)
               for i in (1, 2, 3)], "each board by name, once asked for")
    tap.equal(sum(value for _, value in rows["wipyd_pushed_bytes_total"]), 0,
              "what is counted begins anew")


def answers(tap):
    fleet = Fleet(3).ready()
    fleet.power_off(3)
    asker = Asker(tap, fleet)
    plans_and_posts(asker)
    lists(asker)
    boards(asker)
    pages(asker)
    tags(asker)
    check_metrics(asker)
    undo(asker)
    metrics_by_board(asker)
    gets = {("GET", path) for method, path, _ in asker.doc.operations()
            if method == "GET"}
    # Its good answers are bytes.
    gets.discard(("GET", "/v1/images/{sha256}"))
    tap.equal(sorted(gets - asker.asked), [], "every GET was asked")


def main():
    if not openapi.yaml:
        print("1..0 # SKIP no YAML for python (python3-yaml)")
        sys.exit(0)
    tap = Tap()
    for case in (validator_finds, answers):
        tap.case(case)
    tap.done()


main()
