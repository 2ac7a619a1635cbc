# SPDX-License-Identifier: MIT
"""wipyctl against a fake daemon: how it is used and refuses, the fleet on one screen,
firmware, and what no daemon may do to a terminal."""

import hashlib
import json
import os
import shutil
import stat
import struct
import subprocess
import tempfile

import esp_image
from cli_bench import (Fake, ID, LIMIT_S, NEWER, STATUS, Terminal, WIPYCTL, board,
                       cc3200_image, done, environment, expect, ok, problem, raw_server,
                       run)


def test_no_daemon():
    for args in (["status"], ["boards"], ["rollout", "watch"], ["inventory", "diff"],
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
    expect(run(None, "-o", "jsn"), 2,
           err=["'jsn' (did you mean 'json'?)", "table, wide, json, jsonl and csv"],
           name="-o wrong")
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
    expect(run(None, "help", "inventory"), 0, out=["inventory check FILE"],
           name="help of a group")
    expect(run(None, "release", "known-bad"), 2,
           err=["'release known-bad' needs another word behind it",
                "hint: its commands: wipyctl help release known-bad\n"],
           name="a group of two words without its word")
    expect(run(None, "help", "release", "known-bad"), 0,
           out=["release known-bad list", "release known-bad clear RELEASE|SHA-256"],
           absent=["release gc"], name="help of a group of two words")
    expect(run(None, "help", "release", "bogus"), 2,
           err=["no help on 'release bogus'"], name="help on no word of a group")
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
               out=[STATUS["verdict"].rsplit(" ", 1)[0], "online 40, offline 2",
                    "family wipy      42      40  ############....  in-sync 30, behind 12",
                    NEWER, "No rollout is under way.",
                    "needs a person\n  nothing\n"], absent=["\033", "site"],
               name="wipyctl alone is the status")
        result = run(fake.path, "status", "-o", "json")
        ok(json.loads(result.stdout) == STATUS and result.stdout.endswith("}\n")
           and list(json.loads(result.stdout)) == list(STATUS),
           "the status as JSON, in the order received", result.stdout)
        ok(fake.requests[0]["headers"].get("user-agent", "").startswith("wipyctl/"),
           "the client names itself")
    sick = dict(STATUS, dirty=["lab-07"], armed=["lab-08"], needs_hands=["roof", "cellar"],
                read_only=True, access={"open": 40, "login-refused": 2},
                sites=[dict(STATUS["sites"][0], name=site, needs_hands=[name])
                       for site, name in (("berlin", "roof"), ("munich", "cellar"))],
                rollouts=[{"id": ID, "release": NEWER, "state": "halted", "wave": 2,
                           "waves": 4, "outcomes": {"confirmed": 3, "lost": 1}}])
    with Fake({"GET /v1/status": sick}) as fake:
        expect(run(fake.path, "status"), 0,
               out=["dirty: lab-07: do not power-cycle  wipyctl rescue card lab-07\n",
                    "needs hands: berlin: roof  wipyctl rescue list --select site=berlin\n",
                    "armed: lab-08", "site munich",
                    "[############!!!!] 3/4 halted, wave 2 of 4\n",
                    "halted: rollout 3f2a9c10  wipyctl report --rollout 3f2a9c10\n",
                    "login-refused: 2 boards", "the disk is full"],
               absent=["  nothing", "go there"],
               name="a status with troubles")
        many = dict(sick, dirty=[f"lab-{i:03}" for i in range(500)])
        fake.server.routes["GET /v1/status"] = many
        expect(run(fake.path, "status"), 0, out=["lab-002 and 497 more", "--select state=dirty\n"],
               absent=["lab-003"], name="many names are counted")


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


def test_inventory(folder):
    diff = {"applied": False, "added": ["a"], "removed": ["b"], "changed": ["c"],
            "kept": ["d"], "notes": ["The site x has no boards."]}
    none = {"applied": True, "added": [], "removed": [], "changed": [], "kept": [],
            "notes": []}
    with Fake({"POST /v1/inventory/reload": diff}) as fake:
        expect(run(fake.path, "inventory", "diff"), 3,
               out=["+ a\n", "- b\n", "~ c\n", "= d (", "note: The site x has no boards."],
               name="inventory diff: changes")
        ok(json.loads(fake.requests[0]["body"]) == {"dry_run": True}, "a dry run")
        expect(run(fake.path, "inventory", "reload"), 0, out=["reloaded: 1 added"],
               name="inventory reload")
        ok(json.loads(fake.requests[1]["body"]) == {"dry_run": False}, "not a dry run")
        fake.server.routes["POST /v1/inventory/reload"] = none
        expect(run(fake.path, "inventory", "diff"), 0, out=["no changes"],
               name="inventory diff: nothing")
        fake.server.routes["POST /v1/inventory/reload"] = problem(
            422, "config", "inventory.yaml has 2 faults.",
            problems=["inventory.yaml:12:9: unknown key 'adress'", "inventory.yaml:14:1: x"])
        expect(run(fake.path, "inventory", "diff"), 2,
               err=["inventory.yaml has 2 faults.",
                    "\ninventory.yaml:12:9: unknown key 'adress'\ninventory.yaml:14:1: x\n"],
               name="inventory diff: faults, one a line")
    wipyd = os.path.join(folder, "wipyd")
    with open(wipyd, "w", encoding="utf-8") as script:
        script.write("#!/bin/sh\necho \"asked: $*\"\necho fault >&2\nexit 2\n")
    os.chmod(wipyd, stat.S_IRWXU)
    result = run(None, "inventory", "check", "some file.yaml", env={"WIPYD": wipyd})
    expect(result, 2, err=["asked: -t -i some file.yaml\n", "fault\n"],
           name="a file is checked by wipyd -t")
    result = run(None, "inventory", "check", "f", env={"WIPYD": wipyd + "-none"})
    expect(result, 1, err=["cannot run", "wipyd -t"], name="without a wipyd")


def test_known_bad():
    entry = {"number": 1, "sha256": "ab12" * 16, "release": "spring", "type": "phat",
             "board": "lab-01", "rollout": ID, "code": "no-return",
             "since": "2026-11-20T10:00:00Z", "added_by": None, "added_reason": None,
             "cleared": None, "cleared_by": None, "cleared_reason": None}
    added = dict(entry, board="", rollout=None, code=None, added_by="uid 7",
                 added_reason="it \033[31m burns")
    gone = dict(entry, cleared="2026-11-21T10:00:00Z", cleared_by="uid 1000",
                cleared_reason="bad cable")
    routes = {"GET /v1/known-bad": {"known_bad": [entry]},
              "POST /v1/known-bad": {"known_bad": [added]},
              "POST /v1/known-bad/clear": {"known_bad": [gone]},
              "POST /v1/boards/lab-01/accept": {"board": board("lab-01")}}
    with Fake(routes) as fake:
        expect(run(fake.path, "release", "known-bad", "list", "--utc"), 0,
               out=["spring", "ab12ab12ab12 ", "phat", "lab-01", "no-return",
                    "2026-11-20 10:00:00Z"], absent=["by uid"], name="release known-bad list")
        result = run(fake.path, "release", "known-bad", "list", "-o", "json")
        ok(json.loads(result.stdout) == {"known_bad": [entry]}, "known-bad as JSON")
        add = ("release", "known-bad", "add", "spring", "--reason", "it burns")
        expect(run(fake.path, *add), 2, err=["--type"], name="known-bad add: no type")
        expect(run(fake.path, *add, "--type", "phat"), 0, out=["by uid 7: it ?[31m burns"],
               absent=["\033"], name="known-bad add")
        asked = fake.asked("POST", "/v1/known-bad")
        ok([json.loads(r["body"]) for r in asked] == [
            {"image": "spring", "reason": "it burns", "type": "phat"}],
           "known-bad add: what is asked", asked)
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
        expect(run(fake.path, "release", "known-bad", "list"), 0, out=["No image has lost"],
               name="release known-bad list: none")


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
    expect(run(None, "image", "info", odd), 0, out=["md5-engine: ", "modified-build: "],
           name="image info: warnings have sentences")
    expect(run(None, "image", "info", good, bad), 8, out=["image-md5: ", "0" * 32],
           name="image info: one of two is not fit")
    expect(run(None, "image", "info", bad, "/nonexistent"), 2, err=["/nonexistent"],
           name="image info: no such file")
    result = run(None, "image", "info", "-o", "json", odd, bad)
    images = json.loads(result.stdout)["images"]
    ok(result.returncode == 8 and images[0]["file"] == odd
       and images[0]["warnings"] == ["md5-engine", "modified-build"]
       and images[0]["verdict"] == "ok" and images[0]["md5"]["right"] is True
       and images[0]["stack_pointer"] == 0x20040000 and images[0]["size"] == 1056
       and images[1]["verdict"] == "image-md5"
       and list(images[0])[1:] == ["family", "kind", "size", "stack_pointer",
                                   "entry_point", "md5", "tag", "date", "board", "mcu",
                                   "esp", "warnings", "verdict", "families", "types",
                                   "same_fingerprint", "not_asked"]
       and images[0]["esp"] is None,
       "image info as JSON", result.stdout)
    strange = os.path.join(os.fsencode(os.path.dirname(good)), b"caf\xe9-\xc3\xa9.bin")
    shutil.copy(good, strange)
    result = run(None, "image", "info", "-o", "json", strange)
    images = json.loads(result.stdout)["images"]
    ok(result.returncode == 0 and [os.path.basename(image["file"]) for image in images]
       == ["caf?-\u00e9.bin"], "image info as JSON: a name that is no text", result.stdout)
    esp_images(file)
    where_it_fits(good, bad, odd, file("bootloader.bin", boot_loader()))
    release_add(good, bad, big)


def boot_loader():
    """That of a WiPy: it reads the factory image, and has no version to show."""
    head = struct.pack("<II", 0x20004000, 0x20004101)
    return head + b"\xd3" * 1000 + b"/sys/factimg.bin\0" + b"\xd3" * 1000


def where_it_fits(good, bad, odd, loader):
    """Families by the bytes, types by a daemon where there is one."""
    expect(run("/nonexistent/socket", "image", "info", good), 0,
           out=["wipy: yes\n", "esp8266: no, image-family: ",
                "not asked: no daemon answers at /nonexistent/socket"],
           name="image info: types are not asked without a daemon")
    for words in (["image", "info", loader], ["release", "add", loader]):
        with Fake({}) as fake:
            done = run(fake.path, *words)
        text = done.stdout + done.stderr
        ok(done.returncode == 8 and "boot loader" in text and not fake.requests,
           " ".join(words[:2]) + ": bootloader.bin is named and refused", text)
    pipe = os.path.join(os.path.dirname(bad), "pipe")
    os.mkfifo(pipe)
    expect(run(None, "image", "info", pipe), 2, err=["pipe is not a regular file"],
           name="image info: a pipe is not waited for")
    expect(run(None, "image", "info", bad), 8, out=["wipy: no, image-md5: "],
           absent=["fits type"], name="image info: nobody is asked about one that is not fit")
    answer = {"types": [{"type": "wipy", "boards": 1, "code": None, "why": None},
                        {"type": "old", "boards": 30, "code": "version-not-accepted",
                         "why": "Not that one."}],
              "same_fingerprint": [{"release": "spring", "sha256": "ab" * 32}]}
    with Fake({"POST /v1/images/fit": answer}) as fake:
        expect(run(fake.path, "image", "info", good), 0,
               out=["wipy: yes (1 board)\n",
                    "old: no (30 boards), version-not-accepted: Not that one.\n",
                    "same-fingerprint: release spring has other bytes (abababababab)"],
               name="image info: with a daemon")
        done = run(fake.path, "image", "info", "-o", "json", good, odd)
        first, second = json.loads(done.stdout)["images"]
        ok(first["types"] == answer["types"] and second["types"] == answer["types"]
           and first["same_fingerprint"] == answer["same_fingerprint"]
           and first["warnings"] == ["same-fingerprint"]
           and second["warnings"] == ["md5-engine", "modified-build", "same-fingerprint"]
           and first["families"] == [{"family": "wipy", "code": None}] + [
               {"family": name, "code": "image-family"}
               for name in ("pycom", "esp32", "esp8266")],
           "image info: with a daemon, as JSON", done.stdout)
        with open(good, "rb") as opened:
            sha256 = hashlib.sha256(opened.read()).hexdigest()
        ok(json.loads(fake.requests[0]["body"]) == {
            "family": "wipy", "fingerprint": NEWER + " on 2017-02-13; WiPy with CC3200",
            "sha256": sha256, "size": 1032, "entry_point": 0x20010101, "one_way": False},
           "image info: what is asked", str(fake.requests[0]["body"]))
        fake.server.routes["POST /v1/images/fit"] = {"types": [], "same_fingerprint": 7}
        expect(run(fake.path, "image", "info", good), 0, out=["no board of this family"],
               absent=["same-fingerprint"], name="image info: no such boards")
        fake.server.routes["POST /v1/images/fit"] = problem(503, "stopping", "It stops.")
        fake.requests.clear()
        expect(run(fake.path, "image", "info", good, odd), 0, out=["not asked: It stops."],
               name="image info: a daemon that cannot answer is no failure")
        ok(len(fake.requests) == 1, "image info: nor asked again: it is away",
           str(fake.requests))
        fake.server.routes["POST /v1/images/fit"] = problem(500, "internal", "It stumbled.")
        fake.requests.clear()
        expect(run(fake.path, "image", "info", good, odd), 0,
               out=["not asked: It stumbled."], name="image info: one that fails")
        ok(len(fake.requests) == 2, "image info: is asked for each", str(fake.requests))
        turns = [problem(400, "usage", "Not so."), answer]
        fake.server.routes["POST /v1/images/fit"] = lambda request: turns.pop(0)
        images = json.loads(run(fake.path, "image", "info", "-o", "json", good, bad,
                                odd).stdout)["images"]
        ok([(image["types"], image["not_asked"]) for image in images]
           == [(None, "Not so."), (None, None), (answer["types"], None)],
           "image info: what fits is known of each that was answered", str(images))
    done = run("/nonexistent/socket", "image", "info", "-o", "json", good, bad, odd)
    images = json.loads(done.stdout)["images"]
    ok(all(image["types"] is None and image["same_fingerprint"] is None for image in images)
       and [str(image["not_asked"])[:17] for image in images]
       == ["no daemon answers", "None", "no daemon answers"],
       "image info: without a daemon, as JSON: of each why", done.stdout)


def esp_images(file):
    esp32 = file("esp32.bin", esp_image.make("ESP32", "v1.11", "2021-01-12"))
    stock = file("stock.bin", esp_image.make("ESP8266", "v1.11", "2021-01-12", mark=b""))
    expect(run(None, "image", "info", esp32), 0,
           out=["ESP32 image", "0x40080004", "2, with their proofs ", "SHA-256       right",
                "yes, this project's firmware", "none, a push adds it", "ok: fit"],
           name="image info: an ESP32 image")
    expect(run(None, "image", "info", stock), 8,
           out=["esp8266", "checksum      right", "no mark", "no-endpoints: "],
           name="image info: a stock ESP8266 image")
    esp = json.loads(run(None, "image", "info", "-o", "json", stock).stdout)["images"][0]["esp"]
    wrong = bytearray(esp_image.make("ESP8266", "v1.11", "2021-01-12"))
    wrong[3], wrong[4] = 0xdd, 0
    expect(run(None, "image", "info", file("lost.bin", bytes(wrong[:4] + bytes(4) + wrong[8:]))), 8,
           out=["image-header", "entry point is in none of its segments", "flash-settings: ",
                "QIO, ?, ?"], name="image info: an entry point that is none")
    expect(run(None, "image", "info", file("sum.md5", b"0123456789abcdef" * 2 + b"\n")), 8,
           out=["kind          text"], absent=["CC3200"], name="image info: a sum alone")
    ok((esp["flash_mode"], esp["flash_size"], esp["checksum_right"], esp["marked"],
        esp["pycom_release"]) == ("QIO", "512KB", True, False, None),
       "image info: what ESP images have, as JSON", str(esp))


def release_add(good, bad, big):
    with open(good, "rb") as source:
        data = source.read()
    release = {"name": "spring", "added": "2026-11-20T11:00:00Z", "images": [
        {"family": "wipy", "sha256": "ab" * 32, "size": len(data), "tag": NEWER,
         "date": "2017-02-13", "board": "WiPy", "mcu": "CC3200", "warnings": ["modified-build"]}]}
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
               out=["RELEASE", "spring", NEWER, "modified-build"], name="release list")
        result = run(fake.path, "release", "list", "-o", "json")
        ok(json.loads(result.stdout) == {"releases": [release]}, "release list as JSON")
        fake.server.routes["POST /v1/images"] = problem(422, "image-family", "Another.")
        expect(run(fake.path, "release", "add", good), 8, err=[good + ": Another."],
               name="the daemon refuses the image")
        fake.server.routes["GET /v1/releases"] = {"releases": []}
        expect(run(fake.path, "release", "list"), 0, out=["no releases yet"],
               name="no releases")


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


def test_pages():
    """A list that comes in pages is shown to its end, whatever the cursor is."""
    def page(names, after):
        return {"sets": [{"name": name, "select": "", "boards": 1} for name in names],
                "next": after}

    pages = {None: page("ab", 7), "7": page("c", "d&e"), "d&e": page("f", None)}
    with Fake({"GET /v1/sets": lambda request: pages[request["query"].get("after")]}) as fake:
        shown = json.loads(run(fake.path, "boards", "sets", "-o", "json").stdout)
        ok([one["name"] for one in shown["sets"]] == list("abcf") and shown["next"] is None,
           "pages are one list", shown)
        pages["7"] = page("", "8")
        expect(run(fake.path, "boards", "sets"), 1, err=["a page without anything"],
               name="a page of nothing with more behind it")
        pages["7"] = problem(500, "damaged", "It is damaged.")
        expect(run(fake.path, "boards", "sets"), 1, err=["It is damaged."],
               name="what is wrong with a later page is said")
        pages["7"] = page("c", 7)
        expect(run(fake.path, "boards", "sets"), 1, err=["has no end of pages"],
               name="pages without an end")


if __name__ == "__main__":
    test_pages()
    test_no_daemon()
    test_usage()
    test_explain()
    test_status()
    test_hostile_text()
    test_colors()
    test_rubbish()
    test_closed_pipe()
    test_wipyboard_ctl()
    with tempfile.TemporaryDirectory(prefix="wipyctl-") as FOLDER:
        test_inventory(FOLDER)
        test_images(FOLDER)
    test_known_bad()
    done()
