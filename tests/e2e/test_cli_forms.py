# SPDX-License-Identifier: MIT
"""The forms of wipyctl's output against a fake daemon: table, wide, json, jsonl, csv,
--quiet; what is cut and what is left out on a narrow terminal."""

import csv
import fcntl
import io
import json
import os
import struct
import subprocess
import termios

from cli_bench import (Fake, ID, LIMIT_S, NEWER, STATUS, WIPYCTL, board, done, environment,
                       expect, ok, rollout, run)

BOARDS = {"boards": [board("lab-1"), board("lab,2", site="a \"b\"", last_seen=None),
                     board("=lab-3", dirty=True, task={
                         "rollout": ID, "state": "held", "attempt": 2,
                         "reason": "window"})], "next": None}


def on_terminal(path, columns, *args, rows=24):
    """What wipyctl draws on a terminal of that size."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen([WIPYCTL, *args], stdin=theirs, stdout=theirs,
                               stderr=theirs, env=environment(path, NO_COLOR="1"))
    os.close(theirs)
    text = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    process.wait(LIMIT_S)
    os.close(ours)
    return text.decode().replace("\r\n", "\n")


def read_csv(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_lists():
    with Fake({"GET /v1/boards": BOARDS}) as fake:
        answer = run(fake.path, "boards", "-o", "csv")
        rows = read_csv(answer.stdout)
        ok(subprocess.run([WIPYCTL, "boards", "-o", "csv"], env=environment(fake.path),
                          capture_output=True).stdout.count(b"\r\n") == 4,
           "csv: records end as RFC 4180 has it")
        ok(rows[0][:4] == ["name", "family", "site", "address"] and all(
            len(row) == len(rows[0]) for row in rows), "csv: a header, full records", rows)
        first = [dict(zip(rows[0], row)) for row in rows[1:]]
        ok([row["name"] for row in first] == ["lab-1", "lab,2", "=lab-3"]
           and first[1]["site"] == 'a "b"' and '"a ""b"""' in answer.stdout,
           "csv: commas and quotes come through", answer.stdout)
        ok(first[0]["last_seen"] == "2026-11-20T11:00:00Z" and first[1]["last_seen"] == ""
           and first[2]["dirty"] == "true" and first[2]["task.reason"] == "window"
           and first[0]["task.state"] == "",
           "csv: the values of the API, empty where there is none", first)
        ok("note: 1 value begins with =, +, - or @" in answer.stderr,
           "csv: a value that a spreadsheet would run is left as it is, and said",
           answer.stderr)
        lines = run(fake.path, "boards", "-o", "jsonl").stdout.splitlines()
        ok([json.loads(line) for line in lines] == BOARDS["boards"],
           "jsonl: an object of the list a line", lines)
        expect(run(fake.path, "-q", "boards"), 0, out=["lab-1\nlab,2\n=lab-3\n"],
               absent=["NAME"], name="--quiet: names alone")
        expect(run(fake.path, "-q", "-o", "json", "boards"), 0, absent=["{"],
               name="--quiet goes before -o")
        wide = run(fake.path, "boards", "-o", "wide").stdout
        ok("ADDRESS" in wide and "10.1.2.3" in wide and "RELEASE" in wide,
           "wide: every column", wide)
        fake.server.routes["GET /v1/boards"] = {"boards": [], "next": None}
        ok(run(fake.path, "boards", "-o", "csv").stdout.startswith("name,family"),
           "csv: the header also without rows")
        ok([run(fake.path, "boards", *form).stdout for form in
            (("-o", "jsonl"), ("-q",))] == ["", ""], "jsonl, quiet: nothing is nothing")


def test_narrow():
    many = {"boards": [board("laboratory-%02d" % i, site="berlin-adlershof",
                             task={"rollout": ID, "state": "soaking", "attempt": 1,
                                   "reason": None}) for i in range(3)], "next": None}
    with Fake({"GET /v1/boards": many}) as fake:
        drawn = {columns: on_terminal(fake.path, columns, "boards")
                 for columns in (40, 60, 80, 100, 160)}
        for columns, text in drawn.items():
            ok(all(len(line) <= columns for line in text.splitlines())
               and text.count("\n") == 4,
               f"{columns} columns: no line is longer", text)
        heads = {columns: text.splitlines()[0].split() for columns, text in drawn.items()}
        ok(heads[160] == ["NAME", "FAMILY", "SITE", "REACH", "ACCESS", "VERSION",
                          "FIRMWARE", "BUILT", "TASK", "SEEN"], "where there is room all stay",
           heads[160])
        ok("ACCESS" not in heads[60] and "TASK" in heads[60] and heads[40][0] == "NAME"
           and "REACH" in heads[40], "columns go in their order", heads)
        ok("~" in drawn[80] and "~" not in drawn[160], "first they are cut", drawn[80])
        wide = on_terminal(fake.path, 60, "boards", "-o", "wide")
        ok("ADDRESS" in wide and "~" not in wide, "wide: nothing is cut", wide)


def test_objects():
    full = board("lab-1", labels={"room": "b12", "shelf": "3"}, conditions=["dirty", "armed"],
                 events=[{"seq": 1}, {"seq": 2}], probes=[], hands=None)
    history = {"rollouts": [dict(rollout("completed"), undo_of=None, repair=False),
                            dict(rollout("running"), id="4" + ID[1:], repair=True)],
               "next": None}
    with Fake({"GET /v1/boards/lab-1": {"board": full},
               "GET /v1/rollouts/latest": rollout("halted"),
               "GET /v1/rollouts": history,
               "POST /v1/rollouts/latest/pause": rollout("paused")}) as fake:
        rows = read_csv(run(fake.path, "board", "lab-1", "-o", "csv").stdout)
        values = dict(zip(*rows))
        ok(len(rows) == 2 and values["version.tag"] == NEWER and values["labels.room"] == "b12"
           and values["conditions"] == "dirty;armed" and values["events"] == "2"
           and values["probes"] == "" and values["hands"] == "",
           "csv of one object: paths, texts joined, others counted", values)
        line = run(fake.path, "board", "lab-1", "-o", "jsonl").stdout
        ok(line.count("\n") == 1 and json.loads(line) == full, "jsonl: the object", line)
        ok(json.loads(run(fake.path, "board", "lab-1", "-o", "json").stdout)
           == {"board": full}, "json: the daemon's document")
        expect(run(fake.path, "-q", "board", "lab-1"), 0, out=["lab-1\n"], name="quiet")
        expect(run(fake.path, "-q", "rollout", "status"), 0, out=[ID + "\n"],
               absent=["halted"], name="quiet: the id")
        answer = run(fake.path, "-q", "rollout", "pause")
        ok((answer.returncode, answer.stdout, answer.stderr) == (0, "", ""),
           "quiet: an action says nothing", answer)
        expect(run(fake.path, "-q", "rollout", "resume"), 2, err=["wipyctl: "],
               name="quiet: but what went wrong")
        expect(run(fake.path, "rollout", "history"), 0,
               out=["3f2a9c10  rollout  " + NEWER, "4f2a9c10  repair", "0/10", "completed"],
               name="the history")
        ok(fake.asked("GET", "/v1/rollouts")[-1]["query"]["limit"] == "20",
           "as many as fit a screen", fake.requests[-1])
        expect(run(fake.path, "rollout", "history", "--limit", "1", "-q"), 0, out=[ID],
               absent=["4f2a9c10"], name="the history: so many")
        expect(run(fake.path, "rollout", "history", "--limit", "0"), 2,
               err=["from 1 to 10000"], name="the history: none is too few")


def test_screen():
    """The status fits the screen, whatever there is."""
    sites = [{"name": "site-%02d" % i, "boards": 50, "reach": {"online": 40},
              "versions": {"in-sync": 50 - i, "behind": i},
              "needs_hands": ["lab-%02d" % i] if i % 3 == 0 else []} for i in range(12)]
    with Fake({"GET /v1/status": dict(STATUS, sites=sites, dirty=["a", "b"])}) as fake:
        drawn = {size: on_terminal(fake.path, size[0], "status", rows=size[1])
                 for size in ((80, 24), (120, 40), (60, 30))}
        for (columns, rows), text in drawn.items():
            ok(text.count("\n") < rows and all(
                len(line) <= columns for line in text.splitlines()),
               f"{columns}x{rows}: nothing scrolls", text)
        text = drawn[80, 24]
        ok(text.index("site site-09") < text.index("site site-06")
           and "and 10 more: wipyctl boards --select site=NAME" in text
           and "needs hands: at 1 more site  wipyctl rescue list\n" in text,
           "what is cut is counted, with the command that shows it", text)
        ok(text.index("dirty: ") < text.index("needs hands: "), "dirty first", text)


if __name__ == "__main__":
    test_lists()
    test_narrow()
    test_objects()
    test_screen()
    done()
