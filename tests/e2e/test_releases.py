# SPDX-License-Identifier: MIT
"""Releases as their owners get them: manifests that are signed, tampered with, old or
expired; retired, verified, and what nobody needs removed. From the web: see
test_releases_web.py."""

import concurrent.futures
import hashlib
import os
import time

import esp_image
from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until
from signed import keys, manifest, names, refused, sign, started


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
    plan = fleet.json("plan", "--release", NEW, allowed=(3,))
    tap.ok(plan["notes"].startswith("What is new"), "signed: the plan has its notes")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed")
    tap.ok(NEW in fleet.board(1)["running"], "signed: and the boards run it")
    plan = fleet.json("rollout", "undo", "--dry-run", allowed=(3, 8))
    tap.equal(plan["notes"], None, "signed: an undo has none")
    event = [e for e in fleet.json("events")["events"] if e["name"] == "release-added"]
    tap.ok(len(event) == 1 and "serial 1 of main, signed by " in event[0]["detail"],
           "signed: one event, which names the signer")
    fleet.stop_daemon()


def not_trusted_any_more(tap, fleet, first):
    """Nothing of it begins, also not on the boards of a rollout that runs."""
    tap.equal([release["state"] for release in fleet.json("release", "list")["releases"]],
              ["untrusted"], "not trusted: the list says so")
    tap.ok("  untrusted  " in fleet.run("release", "list").stdout,
           "not trusted: to a person too")
    fleet.wait_state("completed-with-exceptions")
    tap.equal({board: (task["state"], task["code"])
               for board, task in fleet.tasks().items()},
              {first: ("confirmed", None), name(1) if first == name(2) else name(2):
               ("refused", "release-withdrawn")}, "not trusted: who had not begun does not")
    tap.equal(sorted(fleet.board(i)["counters"]["stors"] for i in (1, 2)), [0, 1],
              "not trusted: nothing was pushed there")
    refused(tap, fleet.run("plan", "--release", NEW),
            "1 of the keys that are trusted today have signed release", "not trusted: the plan")


def two_of_three(tap):
    fleet = started(2, ("ann", "bob", "cid"), threshold=2)
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
    fleet.wait_seen()
    fleet.rollout("--waves", "1,100%", "--soak", "5s")
    first = [board for board, task in fleet.tasks().items() if task["wave"] == 1][0]
    fleet.wait_task(first, "soaking")
    fleet.stop_daemon()
    fleet.write_settings({"releases": {"signatures": "required",
                                       "trusted-keys": ["ann.pub", "bob.pub"],
                                       "threshold": 2}})
    fleet.start_daemon()
    shown = fleet.run("release", "verify", NEW)
    tap.equal(shown.returncode, 8, "two of three: one of them is trusted no more")
    tap.ok("1 trusted keys have signed, the settings ask for 2" in shown.stdout,
           "two of three: which verify says")
    not_trusted_any_more(tap, fleet, first)
    sign(fleet, path, "bob", "ann")
    done = fleet.run("release", "add", path, fleet.new_image)
    tap.equal((done.returncode, done.stderr), (0, ""), "two of three: another one signs")
    tap.equal(fleet.run("release", "verify", NEW).returncode, 0, "two of three: verified")
    tap.equal([event["name"] for event in fleet.json("events")["events"]].count(
        "release-signed"), 1, "two of three: an event says so")
    fleet.json("plan", "--release", NEW, allowed=(3,))
    text = open(path, encoding="utf-8").read()
    fleet.write(path, text.rstrip() + "\n    through: v1.8.6\n")
    sign(fleet, path, "bob", "ann")
    refused(tap, fleet.run("release", "add", path, fleet.new_image), "a higher serial",
            "two of three: changed, with the same serial")
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
    cannot_be_written(tap, fleet)
    damaged(tap, fleet)
    fleet.stop_daemon()


def cannot_be_written(tap, fleet):
    """It is noted before it is written, and that it was not is noted too."""
    path = manifest(fleet, "next.yaml", "--serial", "9", "--name", "next")
    sign(fleet, path, "ann")
    there = fleet.path("state/releases/next.json")
    os.mkdir(there)
    done = fleet.run("release", "add", path, fleet.new_image)
    tap.ok(done.returncode != 0 and "cannot write next.json" in done.stderr and
           "make room" not in done.stderr and "its log says more" in done.stderr,
           "no file: it is refused, and not for want of room")
    events = [event["name"] for event in fleet.json("events")["events"]]
    tap.equal(events[:2], ["release-not-added", "release-added"], "no file: both are events")
    tap.equal(names(fleet), ["spring", "winter"], "no file: no release")
    os.rmdir(there)


def damaged(tap, fleet):
    """What cannot be read may hold any serial: no manifest comes in behind its back."""
    fleet.stop_daemon()
    os.truncate(fleet.path("state/releases/spring.json"), 100)
    fleet.start_daemon()
    path = manifest(fleet, "old.yaml", "--serial", "7", "--name", "three")
    sign(fleet, path, "ann")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "could not be read (spring.json): nobody knows which serials", "damaged: serial 7")
    tap.ok("damaged releases: spring.json" in fleet.run("status").stdout,
           "damaged: status names it")
    tap.ok("damaged: spring.json cannot be read" in fleet.run("release", "list").stdout,
           "damaged: the list names it")
    refused(tap, fleet.run("release", "gc"), "could not be read", "damaged: no gc", 1)
    refused(tap, fleet.run("release", "show", "spring"), "mend or remove spring.json",
            "damaged: asked for", 2)
    done = fleet.run("release", "add", fleet.path("new.yaml"), fleet.new_image,
                     "--allow-downgrade", "mended from the maker's file")
    tap.equal(done.returncode, 0, "damaged: added again by a person")
    tap.equal(fleet.json("status")["damaged_releases"], [], "damaged: no more")
    refused(tap, fleet.run("release", "add", path, fleet.new_image),
            "serial 7 is not newer than 7 of release spring", "damaged: its serial counts")


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
        plan = fleet.json("plan", "--release", release, *words, allowed=(3, 8))
        info = fleet.json("image", "info", os.path.join(folder, file), allowed=(8,))
        tap.equal([(entry["type"], entry["boards"], entry["code"])
                   for entry in info["images"][0]["types"]],
                  [("phat", 2, code if code == "entry-point" else "no-endpoints")],
                  title + ": told beforehand")
        tap.equal([plan["boards"]["planned"], {e["code"] for e in plan["exceptions"]}],
                  [2, set()] if code is None else [0, {code}], title + ": the plan")
    done = fleet.run("rollout", "--release", "v1.8.6", "--yes", "--allow-one-way")
    tap.ok(done.returncode != 0, "entry points: v1.8.6 does not start")
    tap.equal(sum(fleet.board(i)["counters"]["stors"] for i in (1, 2)), 0,
              "entry points: nothing was pushed")
    card = fleet.json("rescue", "wire", name(1), "--release", "v1.8.4")["wire"]
    tap.ok(any("--flash-mode qio --flash-freq 40m --flash-size detect 0x0 " in line["text"]
               for line in card["lines"]), "entry points: v1.8.4 by wire")
    refused(tap, fleet.run("rescue", "wire", name(1), "--release", "v1.8.6"),
            "an entry point", "entry points: v1.8.6 by wire")
    fleet.rollout("--allow-one-way", "--waves", "100%", release="v1.8.4")
    fleet.wait_task(name(1), "pushing", "staged", "resetting", "returning", "verifying",
                    "soaking", "confirming", "confirmed", "lost", "fell-back", "failed")
    wait_until("v1.8.4 is pushed", lambda: fleet.board(1)["counters"]["stors"] > 0)
    tap.ok(True, "entry points: v1.8.4 gets to the board")
    fleet.stop_daemon()


def judged_again(tap):
    """Planned for boards of no type; before their turn comes they get types, and for each
    of these the release is wrong in another way. Who runs it already goes on to its end."""
    fleet = Fleet(7, family="esp8266")
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
                             "version-not-accepted", "slot-size")))
    types = dict(zip(late + first, ("narrow", "step", "bare", "pinned", "aged", "small",
                                    "bare")))
    fleet.wait_task(first[0], "soaking")
    rows = ["  - {name: %s, address: %s.%d%s}\n" % (
        name(i), fleet.net, i, ", type: " + types[name(i)]) for i in range(1, 8)]
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().split("boards:")[0] +
                "types: {narrow: {}, step: {}, bare: {}, "
                "pinned: {accept: {entry-point: [0x40100008]}}, small: {accept: {size: 4KiB}}, "
                "aged: {accept: {version: [v1.8.4..v1.8.7]}}}\n"
                "boards:\n" + "".join(rows))
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "judged again: the reload")
    fleet.wait_state("completed-with-exceptions", "halted")
    tasks = fleet.tasks()
    tap.equal([tasks[board]["state"] for board in first], ["confirmed"],
              "judged again: the first is updated to what it was begun with")
    fleet.stop_daemon()
    fleet.start_daemon()
    undo = fleet.json("rollout", "undo", "--dry-run", allowed=(3,))
    tap.equal(undo["boards"]["planned"], 1, "judged again: an undo takes that back")
    tap.equal({board: tasks[board]["code"] for board in late}, wanted,
              "judged again: the others are refused before their push")
    tap.equal([fleet.board(i)["counters"]["stors"] for i in range(1, 8)
               if name(i) in late], [0] * 6, "judged again: nothing was pushed to them")
    fleet.stop_daemon()


TYPES = {"plain": "", "entry": "entry-point: [0x40100008]", "version": "version: ..v1.8.6",
         "from": "", "through": "", "blind": "", "small": "size: 4KiB"}


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


def asked_before(tap, fleet, good, one_way):
    """The same, of an image in no release: `image info` asks for each type."""
    rules = {"entry": "entry-point", "version": "version-not-accepted", "small": "slot-size"}
    for image, code, rest in ((good, 0, None), (one_way, 8, "no-endpoints")):
        info = fleet.json("image", "info", image, allowed=(code,))["images"][0]
        tap.equal({entry["type"]: (entry["boards"], entry["code"])
                   for entry in info["types"]},
                  {kind: (1, rules.get(kind, rest)) for kind in TYPES},
                  "not for it: asked about each type, " + os.path.basename(image))
        tap.equal(info["same_fingerprint"], [], "not for it: nothing looks like it yet")
    with open(good, "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    for words, codes in ((("add", "--reason", "heard of it"), ["known-bad"]),
                         (("clear", "--reason", "it was not"), [None])):
        done = fleet.run("release", "known-bad", words[0], sha256, "--type", "plain",
                         *words[1:])
        tap.equal(done.returncode, 0, "not for it: known-bad " + words[0])
        info = fleet.json("image", "info", good)["images"][0]
        tap.equal([entry["code"] for entry in info["types"] if entry["type"] == "plain"],
                  codes, "not for it: known-bad %s is told" % words[0])


def what_does_not_belong(tap):
    """Each reason why an image is not for a board, in the plan."""
    fleet = Fleet(len(TYPES), family="esp8266")
    write_types(fleet)
    fleet.start_daemon()
    fleet.wait_seen()
    files = write_release(fleet)
    asked_before(tap, fleet, *files[1:])
    done = fleet.run("release", "add", *files)
    tap.equal(done.returncode, 0, "not for it: the release is there")
    info = fleet.json("image", "info", files[1])["images"][0]
    with open(files[2], "rb") as file:
        other = {"release": "v1.9", "sha256": hashlib.sha256(file.read()).hexdigest()}
    tap.equal((info["same_fingerprint"], info["warnings"]), ([other], ["same-fingerprint"]),
              "not for it: other bytes with the same fingerprint")
    plan = fleet.json("plan", "--release", "v1.9", allowed=(3,))
    tap.equal({e["board"]: e["code"] for e in plan["exceptions"]}, {
        name(2): "entry-point", name(3): "version-not-accepted", name(4): "from-version",
        name(5): "pass-through", name(6): "no-endpoints", name(7): "slot-size"},
              "not for it: in the plan")
    plan = fleet.json("plan", "--release", "v1.9", "--allow-one-way",
                      allowed=(3,))
    tap.ok(name(6) not in [e["board"] for e in plan["exceptions"]],
           "not for it: who asks for the one way gets it")
    fleet.stop_daemon()


def retired_and_removed(tap):
    fleet = Fleet(3)
    fleet.start_daemon()
    fleet.add_releases()
    fleet.wait_seen()
    fleet.power_off(2)
    images = fleet.path("state/images")
    for file in os.listdir(images):
        os.utime(os.path.join(images, file), (time.time() - 7200,) * 2)
    fleet.rollout("--waves", "100%", "--select", "name!=" + name(3))
    fleet.wait_state("completed-with-exceptions")
    tap.equal(fleet.json("release", "gc")["images"], 0, "gc: nothing of a release")
    done = fleet.json("release", "retire", NEW, "--reason", "it hurts")
    tap.equal([(one["boards"], one["waiting"]) for one in done["rollouts"]],
              [(0, [name(2)])], "retired: who waited to catch up is named")
    tap.equal(fleet.json("release", "show", NEW)["release"]["state"], "retired", "retired")
    done = fleet.run("release", "add", fleet.new_image)
    tap.ok(done.returncode == 0 and "is retired" in done.stdout, "retired: added again")
    fleet.ctl("power-on", 2)
    wait_until("board 2 is seen", lambda: fleet.run("poll", name(2)).returncode == 0)
    fleet.wait_task(name(2), "refused", "confirmed", "failed", "lost")
    tap.equal((fleet.tasks()[name(2)]["code"], fleet.board(2)["counters"]["stors"]), ("release-withdrawn", 0),
              "retired: who comes back does not get it")
    refused(tap, fleet.run("rollout", "--release", NEW, "--yes"), "is retired",
            "retired: no rollout")
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
    for words in (["plan"], ["rollout", "--yes"]):
        refused(tap, fleet.run(*words, "--release", NEW), "is damaged: add its file again",
                "damaged: " + words[0])
    tap.equal(fleet.run("release", "add", fleet.new_image).returncode, 0, "damaged: added")
    plan = fleet.json("plan", "--release", NEW, allowed=(3,))
    tap.equal(plan["boards"]["planned"], 3, "damaged: no more")
    fleet.stop_daemon()


if __name__ == "__main__":
    tap = Tap()
    for case in (signed_and_rolled_out, two_of_three, no_way_back, entry_points,
                 what_does_not_belong, judged_again, retired_and_removed):
        tap.case(case)
    tap.done()
