# SPDX-License-Identifier: MIT
"""Releases as their owners get them: manifests that are signed, tampered with, old or
expired; from files and from the web; retired, verified, and what nobody needs removed."""

import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import time

import esp_image
from fleet import BUILD, Fleet, NEW, OLD, Tap, make_image, name, wait_until
from web_server import Web

SIGNER = BUILD + "/tests/e2e/sign_manifest"


def keys(fleet, *names):
    for key in names:
        subprocess.run([SIGNER, "key", fleet.path(key)], check=True)


def sign(fleet, path, *names):
    if os.path.exists(path + ".minisig"):
        os.unlink(path + ".minisig")
    for key in names:
        subprocess.run([SIGNER, "sign", fleet.path(key), path], check=True)


def manifest(fleet, file_name, *words, image=None):
    """Written by wipyctl from an image's bytes."""
    done = fleet.run("release", "manifest", *words, image or fleet.new_image)
    path = fleet.path(file_name)
    fleet.write(path, done.stdout)
    return path


def started(count=1, signers=("ann",), **releases):
    """A fleet whose daemon trusts these keys."""
    fleet = Fleet(count)
    keys(fleet, *signers)
    settings = {"signatures": "required", "trusted-keys": [key + ".pub" for key in signers]}
    settings.update(releases)
    fleet.write_settings({"releases": settings})
    fleet.start_daemon()
    return fleet


def refused(tap, done, words, text, code=8):
    tap.equal(done.returncode, code, text + ": exit code")
    if not tap.ok(words in done.stderr, text + ": " + words):
        print("# said: " + done.stderr)


def names(fleet):
    return [release["name"] for release in fleet.json("release", "list")["releases"]]


def signed_and_rolled_out(tap):
    fleet = started(2)
    path = manifest(fleet, "release.yaml", "--serial", "1")
    sign(fleet, path, "ann")
    refused(tap, fleet.run("release", "add", path, fleet.old_image),
            "is not in the catalogue: add its file first", "signed: without its image",
            2)
    os.unlink(path + ".minisig")
    refused(tap, fleet.run("release", "add", fleet.new_image),
            "the settings ask for signatures", "signed: a bare image")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "0 trusted keys have signed", "signed: by nobody")
    keys(fleet, "eve")
    sign(fleet, path, "eve")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "0 trusted keys have signed", "signed: by a stranger")
    sign(fleet, path, "ann")
    tap.equal(names(fleet), [], "signed: none of these is a release")
    done = fleet.run("release", "add", path, fleet.new_image)
    tap.equal((done.returncode, done.stderr), (0, ""), "signed: by Ann")
    text = open(path, encoding="utf-8").read()
    fleet.write(path, text.replace("What is new", "What is old"))
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "does not fit this manifest", "signed: changed afterwards")
    fleet.wait_seen()
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed")
    tap.ok(NEW in fleet.board(1)["running"], "signed: and the boards run it")
    event = [e for e in fleet.json("events")["events"] if e["name"] == "release-added"]
    tap.ok(len(event) == 1 and "serial 1 of main, signed by " in event[0]["detail"],
           "signed: one event, which names the signer")
    fleet.stop_daemon()


def two_of_three(tap):
    fleet = started(1, ("ann", "bob", "cid"), threshold=2)
    path = manifest(fleet, "release.yaml", "--serial", "1")
    sign(fleet, path, "bob")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "1 trusted key has signed the manifest, the settings ask for 2", "one of three")
    sign(fleet, path, "bob", "bob")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "1 trusted key has signed", "one of three, twice")
    sign(fleet, path, "cid", "bob")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda _: fleet.run("release", "add", path, fleet.new_image),
                        range(4))
    tap.equal([one.returncode for one in done], 4 * [0], "two of three, by four people")
    tap.equal([event["name"] for event in fleet.json("events")["events"]].count(
        "release-added"), 1, "two of three: and one event")
    shown = fleet.run("release", "verify", NEW)
    tap.equal((shown.returncode, shown.stdout.count("signed by the trusted key")), (0, 2),
              "two of three: verified once more")
    fleet.stop_daemon()
    fleet.write_settings({"releases": {"signatures": "required",
                                       "trusted-keys": ["ann.pub", "bob.pub"],
                                       "threshold": 2}})
    fleet.start_daemon()
    shown = fleet.run("release", "verify", NEW)
    tap.equal(shown.returncode, 8, "two of three: one of them is trusted no more")
    tap.ok("1 trusted keys have signed, the settings ask for 2" in shown.stdout,
           "two of three: which verify says")
    fleet.stop_daemon()


def no_way_back(tap):
    fleet = started()
    new = manifest(fleet, "new.yaml", "--serial", "7", "--name", "spring")
    old = manifest(fleet, "old.yaml", "--serial", "6", "--name", "winter",
                   image=fleet.old_image)
    late = manifest(fleet, "late.yaml", "--serial", "8", "--name", "autumn")
    text = open(late, encoding="utf-8").read().splitlines()
    fleet.write(late, "\n".join(
        "created: 2019-01-01T00:00:00Z\nexpires: 2020-01-01T00:00:00Z"
        if line.startswith("created") else line for line in text) + "\n")
    for path in (new, old, late):
        sign(fleet, path, "ann")
    tap.equal(fleet.run("release", "add", new, fleet.new_image).returncode, 0, "serial 7")
    refused(tap, fleet.run("release", "add", old, fleet.old_image),
            "serial 6 is not newer than 7 of release spring", "serial 6")
    refused(tap, fleet.run("release", "add", late, fleet.new_image),
            "the manifest expired at 2020-01-01", "expired")
    refused(tap, fleet.run("release", "add", late, fleet.new_image, "--allow-downgrade",
                           "please"), "expired", "expired, whoever asks")
    done = fleet.run("release", "add", old, fleet.old_image, "--allow-downgrade",
                     "the new one eats batteries")
    tap.equal(done.returncode, 0, "serial 6 by a person")
    tap.ok(any("allowed to go back: the new one eats batteries" in event["detail"]
               for event in fleet.json("events")["events"]), "serial 6: an event says why")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(names(fleet), ["spring", "winter"], "both are there after a restart")
    fleet.stop_daemon()


def put_on_web(fleet, web, path, *images, query=""):
    for file in (path, path + ".minisig", *images):
        with open(file, "rb") as opened:
            web.files["/r/" + os.path.basename(file) +
                      (query if file not in images else "")] = opened.read()


def from_the_web(tap):
    fleet, web = started(), Web()
    path = manifest(fleet, "release.yaml", "--serial", "1")
    sign(fleet, path, "ann")
    put_on_web(fleet, web, path, fleet.new_image)
    image = "/r/new.bin"
    url = web.url("/r/release.yaml?token=s3cret")
    for file in ("/r/release.yaml", "/r/release.yaml.minisig"):
        web.files[file + "?token=s3cret"] = web.files[file]

    whole = web.files.pop(image)
    refused(tap, fleet.run("release", "add", url), "HTTP 404", "web: no image")
    web.files[image] = whole[:-1] + bytes([whole[-1] ^ 1])
    refused(tap, fleet.run("release", "add", url), "MD5", "web: a damaged image")
    web.files[image] = whole + b"x"
    refused(tap, fleet.run("release", "add", url), "longer than", "web: a longer image")
    with open(fleet.old_image, "rb") as file:
        web.files[image] = file.read()
    stored = os.listdir(fleet.path("state/images"))
    refused(tap, fleet.run("release", "add", url), "the manifest says", "web: another image")
    tap.equal(os.listdir(fleet.path("state/images")), stored, "web: which is not kept")
    tap.equal(names(fleet), [], "web: none of these is a release")

    web.files[image] = whole
    web.breaks[image] = 2
    web.asked.clear()
    done = fleet.run("release", "add", url)
    tap.equal((done.returncode, done.stderr), (0, ""), "web: broken off twice, and here")
    asked = [part for file, part in web.asked if file == image]
    tap.equal([part is not None for part in asked], [False, True, True],
              "web: the rest was asked for, not all of it again")
    web.asked.clear()
    tap.equal(fleet.run("release", "add", url).returncode, 0, "web: once more")
    tap.ok(image not in [file for file, _ in web.asked], "web: without its image")
    tap.ok("s3cret" not in fleet.log(), "web: no query in the log")

    del web.files["/r/release.yaml.minisig?token=s3cret"]
    refused(tap, fleet.run("release", "add", url), "0 trusted keys have signed",
            "web: no signatures")
    web.redirects["/r/away.yaml"] = "file:///etc/passwd"
    refused(tap, fleet.run("release", "add", web.url("/r/away.yaml")), "leads elsewhere",
            "web: led to a file of this machine")
    refused(tap, fleet.run("release", "add", "http://me:s3cret@127.0.0.1/x"),
            "has a user name in it", "web: a password in the URL", 2)
    tap.ok("s3cret" not in fleet.log(), "web: which is in no log")
    stopped_in_the_middle(tap, fleet, web)
    web.close()
    fleet.stop_daemon()


def stopped_in_the_middle(tap, fleet, web):
    path = manifest(fleet, "next.yaml", "--serial", "2", image=fleet.old_image)
    sign(fleet, path, "ann")
    put_on_web(fleet, web, path, fleet.old_image)
    web.held.add("/r/old.bin")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(fleet.run, "release", "add", web.url("/r/next.yaml"))
        wait_until("the image is under way", lambda: "/r/old.bin" in [
            file for file, _ in web.asked])
        start = time.monotonic()
        tap.equal(fleet.stop_daemon(), 0, "web: stopped in the middle of a download")
        tap.ok(time.monotonic() - start < 10, "web: at once")
        tap.ok(waiting.result().returncode != 0, "web: whoever waited for it hears of it")
    fleet.start_daemon()
    tap.equal(names(fleet), [NEW], "web: nothing of it is there")


def channels(tap):
    fleet, web = started(), Web()
    path = manifest(fleet, "release.yaml", "--serial", "1", "--name", "spring")
    sign(fleet, path, "ann")
    put_on_web(fleet, web, path, fleet.new_image, query="?s3cret")
    fleet.stop_daemon()
    fleet.write_settings({
        "releases": {"signatures": "required", "trusted-keys": ["ann.pub"]},
        "channels": {"stable": {"url": web.url("/r/release.yaml?s3cret"), "every": "1m"},
                     "gone": {"url": web.url("/r/gone.yaml")}}})
    fleet.start_daemon()
    wait_until("the channel's release is there", lambda: names(fleet) == ["spring"])
    wait_until("the other one has failed", lambda: "HTTP 404" in fleet.log())
    event = [e for e in fleet.json("events")["events"] if e["name"] == "release-added"]
    tap.equal([e["actor"] for e in event], ["wipyd"], "channel: an event by wipyd")
    tap.equal(fleet.json("status")["rollouts"], [], "channel: nothing is rolled out")
    path = manifest(fleet, "release.yaml", "--serial", "2", "--name", "summer",
                    image=fleet.old_image)
    sign(fleet, path, "ann")
    put_on_web(fleet, web, path, fleet.old_image, query="?s3cret")
    web.asked.clear()
    fleet.stop_daemon()
    fleet.start_daemon()
    wait_until("what is new is there", lambda: names(fleet) == ["spring", "summer"])
    tap.ok("/r/new.bin" not in [file for file, _ in web.asked], "channel: only what is new")
    listed = fleet.run("release", "channels").stdout
    tap.ok("stable" in listed and "s3cret" not in listed + fleet.log(),
           "channel: it is listed, without the query")
    web.close()
    fleet.stop_daemon()


def entry_points(tap):
    """Published images, where they are: a type that runs only one entry point."""
    folder = os.path.join(os.environ.get("top_srcdir", "."), "..", "shared", "images",
                          "esp8266")
    if not os.path.isdir(folder):
        tap.skip("entry points", "no real images here")
        return
    fleet = Fleet(2, family="esp8266")
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(defaults=", type: phat").replace(
        "defaults: {", "types: {phat: {accept: {entry-point: [0x40100004]}}}\n"
        "defaults: {").replace(", type: phat", "").replace(
            "{name: ", "{type: phat, name: "))
    fleet.start_daemon()
    fleet.wait_seen()
    rows = (("v1.8.4", "esp8266-20161002", (), "no-endpoints"),
            ("v1.8.4", "esp8266-20161002", ("--allow-one-way",), None),
            ("v1.8.6", "esp8266-20161112", ("--allow-one-way",), "entry-point"),
            ("v1.8.7", "esp8266-20170111", ("--allow-one-way",), "entry-point"))
    for release, start, words, code in rows:
        file = [name for name in os.listdir(folder) if name.startswith(start)][0]
        title = " ".join(("entry points:", release) + words)
        if release not in " ".join(names(fleet)):
            done = fleet.run("release", "add", os.path.join(folder, file))
            tap.ok(done.returncode == 0 and "one-way" in done.stdout, title + " is added")
        plan = fleet.json("rollout", "--release", release, "--plan", *words, allowed=(3, 8))
        tap.equal([plan["boards"]["planned"], {e["code"] for e in plan["exceptions"]}],
                  [2, set()] if code is None else [0, {code}], title + ": the plan")
    done = fleet.run("rollout", "--release", "v1.8.6", "--yes", "--allow-one-way")
    tap.ok(done.returncode != 0, "entry points: v1.8.6 does not start")
    tap.equal(sum(fleet.board(i)["counters"]["stors"] for i in (1, 2)), 0,
              "entry points: nothing was pushed")
    fleet.rollout("--allow-one-way", "--waves", "100%", release="v1.8.4")
    fleet.wait_task(name(1), "pushing", "staged", "resetting", "returning", "verifying",
                    "soaking", "confirming", "confirmed", "lost", "fell-back", "failed")
    wait_until("v1.8.4 is pushed", lambda: fleet.board(1)["counters"]["stors"] > 0)
    tap.ok(True, "entry points: v1.8.4 gets to the board")
    fleet.stop_daemon()


def judged_again(tap):
    """Planned for boards of no type; before their turn comes they get types, and for each
    of these the release is wrong in another way. Who runs it already goes on to its end."""
    fleet = Fleet(6, family="esp8266")
    image = make_image(fleet.path("next.bin"), "v1.8.8", family="esp8266")
    bare = fleet.path("bare.bin")
    with open(bare, "wb") as file:
        file.write(esp_image.make("ESP8266", "v1.8.9", "2017-01-08", mark=b"",
                                  board="ESP module"))
    head, both = fleet.run("release", "manifest", "--serial", "1", "--name", "v1.8.8",
                           image, bare).stdout.split("images:\n")
    good, one_way = ["  - " + entry for entry in both.split("  - ")[1:]]
    path = fleet.path("release.yaml")
    fleet.write(path, head + "images:\n" + good +
                good + "    type: narrow\n    from: [v1.8.4..v1.8.5]\n" +
                good + "    type: step\n    through: v1.8.7\n" +
                one_way + "    type: bare\n")
    fleet.start_daemon()
    fleet.run("release", "add", fleet.old_image)
    done = fleet.run("release", "add", path, image, bare)
    tap.equal((done.returncode, done.stderr), (0, ""), "judged again: the release")
    fleet.wait_seen()
    fleet.rollout("--waves", "1,100%", "--soak", "3s", release="v1.8.8")
    tasks = fleet.tasks()
    first = [board for board in tasks if tasks[board]["wave"] == 1]
    late = sorted(board for board in tasks if board not in first)
    wanted = dict(zip(late, ("from-version", "pass-through", "no-endpoints", "entry-point",
                             "version-not-accepted")))
    types = dict(zip(late + first, ("narrow", "step", "bare", "pinned", "aged", "bare")))
    fleet.wait_task(first[0], "soaking")
    rows = ["  - {name: %s, address: %s.%d%s}\n" % (
        name(i), fleet.net, i, ", type: " + types[name(i)]) for i in range(1, 7)]
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().split("boards:")[0] +
                "types: {narrow: {}, step: {}, bare: {}, "
                "pinned: {accept: {entry-point: [0x40100008]}}, "
                "aged: {accept: {version: [v1.8.4..v1.8.7]}}}\n"
                "boards:\n" + "".join(rows))
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "judged again: the reload")
    fleet.wait_state("completed-with-exceptions", "halted")
    tasks = fleet.tasks()
    tap.equal([tasks[board]["state"] for board in first], ["confirmed"],
              "judged again: the first is updated to what it was begun with")
    fleet.stop_daemon()
    fleet.start_daemon()
    undo = fleet.json("rollout", "undo", "--plan", allowed=(3,))
    tap.equal(undo["boards"]["planned"], 1, "judged again: an undo takes that back")
    tap.equal({board: tasks[board]["code"] for board in late}, wanted,
              "judged again: the others are refused before their push")
    tap.equal([fleet.board(i)["counters"]["stors"] for i in range(1, 7)
               if name(i) in late], [0] * 5, "judged again: nothing was pushed to them")
    fleet.stop_daemon()


TYPES = {"plain": "", "entry": "entry-point: [0x40100008]", "version": "version: ..v1.8.6",
         "from": "", "through": "", "blind": ""}


def write_types(fleet):
    """A board of each."""
    fleet.write(fleet.path("inventory.yaml"), (
        "version: 1\ntypes:\n%s"
        "defaults: {family: esp8266, ports: {telnet: %d, ftp: %d}}\nboards:\n%s") % (
            "".join("  %s: {family: esp8266%s}\n" % (
                kind, ", accept: {%s}" % rule if rule else "")
                    for kind, rule in TYPES.items()),
            fleet.telnet, fleet.ftp, "".join(
                "  - {name: %s, address: %s.%d, type: %s}\n" % (
                    name(i + 1), fleet.net, i + 1, kind) for i, kind in enumerate(TYPES))))


def write_release(fleet):
    """v1.9 by a manifest: with rules for some types, and one image without the mark."""
    images = ""
    for kind, mark, rule in (("", "right", ""), ("from", "right", ", from: [..v1.8.4]"),
                             ("through", "right", ", through: v1.8.7"),
                             ("blind", "none", "")):
        path = make_image(fleet.path("mark-%s.bin" % mark), "v1.9", family="esp8266",
                          mark=mark)
        with open(path, "rb") as file:
            data = file.read()
        images += ("  - {file: %s%s, family: esp8266, sha256: %s, size: %d%s, fingerprint: "
                   "'v1.9 on 2017-01-08; ESP module with ESP8266'}\n" % (
                       os.path.basename(path), kind and ", type: " + kind,
                       hashlib.sha256(data).hexdigest(), len(data), rule))
    fleet.write(fleet.path("v1.9.yaml"), "version: 1\nname: v1.9\nserial: 1\n"
                "created: 2020-01-01T00:00:00Z\nimages:\n" + images)
    return fleet.path("v1.9.yaml"), fleet.path("mark-right.bin"), fleet.path("mark-none.bin")


def what_does_not_belong(tap):
    """Each reason why an image is not for a board, in the plan."""
    fleet = Fleet(len(TYPES), family="esp8266")
    write_types(fleet)
    fleet.start_daemon()
    fleet.wait_seen()
    done = fleet.run("release", "add", *write_release(fleet))
    tap.equal(done.returncode, 0, "not for it: the release is there")
    plan = fleet.json("rollout", "--release", "v1.9", "--plan", allowed=(3,))
    tap.equal({e["board"]: e["code"] for e in plan["exceptions"]}, {
        name(2): "entry-point", name(3): "version-not-accepted", name(4): "from-version",
        name(5): "pass-through", name(6): "no-endpoints"}, "not for it: in the plan")
    plan = fleet.json("rollout", "--release", "v1.9", "--plan", "--allow-one-way",
                      allowed=(3,))
    tap.ok(name(6) not in [e["board"] for e in plan["exceptions"]],
           "not for it: who asks for the one way gets it")
    fleet.stop_daemon()


def certificates(fleet):
    """An authority, and a server's certificate by it; None without openssl."""
    if not shutil.which("openssl"):
        return None
    run = lambda *words: subprocess.run(("openssl",) + words, check=True, cwd=fleet.dir,
                                        capture_output=True)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=tests")
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        "web.key", "-out", "web.csr", "-subj", "/CN=127.0.0.1")
    fleet.write(fleet.path("ext"), "subjectAltName=IP:127.0.0.1\n")
    run("x509", "-req", "-in", "web.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-out", "web.pem", "-days", "2", "-extfile", "ext")
    return fleet.path("web.pem"), fleet.path("web.key")


def by_https(tap):
    fleet = started()
    tls = certificates(fleet)
    if not tls:
        tap.skip("by https", "no openssl here")
        fleet.stop_daemon()
        return
    web, plain = Web(tls), Web()
    path = manifest(fleet, "release.yaml", "--serial", "1")
    sign(fleet, path, "ann")
    put_on_web(fleet, web, path, fleet.new_image)
    put_on_web(fleet, plain, path, fleet.new_image)
    refused(tap, fleet.run("release", "add", web.url("/r/release.yaml")),
            "cannot prove that it is the one", "https: an authority that nobody knows")
    fleet.stop_daemon()
    fleet.write_settings({"releases": {"signatures": "required", "ca-file": "ca.pem",
                                       "trusted-keys": ["ann.pub"]}})
    fleet.start_daemon()
    web.redirects["/r/down.yaml"] = plain.url("/r/release.yaml")
    refused(tap, fleet.run("release", "add", web.url("/r/down.yaml")), "leads elsewhere",
            "https: not led back to http")
    tap.equal(fleet.run("release", "add", web.url("/r/release.yaml")).returncode, 0,
              "https: an authority of the settings")
    web.close()
    plain.close()
    fleet.stop_daemon()


def retired_and_removed(tap):
    fleet = Fleet(2)
    fleet.start_daemon()
    fleet.add_releases()
    fleet.wait_seen()
    images = fleet.path("state/images")
    for file in os.listdir(images):
        os.utime(os.path.join(images, file), (time.time() - 7200,) * 2)
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_state("completed")
    tap.equal(fleet.json("release", "gc")["images"], 0, "gc: nothing of a release")
    done = fleet.run("release", "retire", NEW, "--reason", "it hurts")
    tap.equal(done.returncode, 0, "retired")
    refused(tap, fleet.run("rollout", "--release", NEW, "--yes"), "is retired",
            "retired: no rollout", 2)
    tap.equal(fleet.json("release", "gc")["images"], 0, "gc: not what a board runs")
    tap.equal(fleet.run("rollout", "undo", "--yes").returncode, 0,
              "retired: what ran before can be gone back to")
    fleet.wait_state("undone", "completed", "completed-with-exceptions")
    wait_until("the board is back", lambda: OLD in fleet.board(1)["running"])
    tap.equal(fleet.json("release", "gc", "--dry-run")["images"], 0,
              "gc: not what a slot may hold")
    stray = os.path.join(images, "ab" * 32 + ".bin")
    fleet.write(stray, "x" * 100)
    tap.equal(fleet.json("release", "gc")["images"], 0, "gc: not what has just come")
    os.utime(stray, (time.time() - 7200,) * 2)
    tap.equal(fleet.json("release", "gc", "--dry-run"), {"images": 1, "bytes": 100},
              "gc: what never became a release, counted")
    tap.ok(os.path.exists(stray), "gc: only counted")
    tap.equal(fleet.json("release", "gc"), {"images": 1, "bytes": 100}, "gc: and removed")
    tap.ok(not os.path.exists(stray), "gc: it is gone")
    there = [os.path.join(images, file) for file in os.listdir(images)]
    for file in there:
        os.rename(file, file + ".away")
    refused(tap, fleet.run("release", "retire", NEW, "--back"), "add its file first",
            "not taken back without its image", 2)
    for file in there:
        os.rename(file + ".away", file)
    tap.equal(fleet.run("release", "retire", NEW, "--back").returncode, 0, "taken back")
    tap.equal(fleet.run("release", "verify", NEW).returncode, 0, "verified")
    victim = [file for file in os.listdir(images) if fleet.json(
        "release", "show", NEW)["release"]["images"][0]["sha256"] in file][0]
    with open(os.path.join(images, victim), "r+b") as file:
        file.write(b"\0\0\0\0")
    shown = fleet.run("release", "verify", NEW)
    tap.equal(shown.returncode, 8, "damaged on the disk")
    tap.ok("is damaged" in shown.stdout, "which verify says")
    fleet.stop_daemon()


if __name__ == "__main__":
    tap = Tap()
    for case in (signed_and_rolled_out, two_of_three, no_way_back, from_the_web, channels,
                 entry_points, what_does_not_belong, judged_again, by_https,
                 retired_and_removed):
        tap.case(case)
    tap.done()
