# SPDX-License-Identifier: MIT
"""wipyctl against a fake daemon: one release, the care of the catalogue, releases from the
web, channels, and manifests that are written from images."""

import json
import os
import tempfile

import esp_image
from cli_bench import Fake, NEWER, PLAN, done, expect, ok, problem, run

IMAGE = {"family": "esp8266", "type": "phat", "sha256": "ab" * 32, "size": 3232,
         "entry_point": 0x40100004, "tag": NEWER, "date": "2017-02-13", "board": "ESP module",
         "mcu": "ESP8266", "warnings": ["one-way"], "from": ["v1.8.4..v1.8.6"],
         "through": "v1.8.5"}
RELEASE = {"name": "spring", "added": "2026-11-20T11:00:00Z", "retired": None,
           "manifest": {"series": "stable", "serial": 7, "created": "2026-11-19T11:00:00Z",
                        "expires": None, "signers": ["0123456789ABCDEF"],
                        "notes": "New:\n\x1b[2Jall of it\n"}, "images": [IMAGE]}


def bodies(fake, method="POST"):
    return [json.loads(request["body"]) for request in fake.requests
            if request["method"] == method]


def test_show():
    bare = dict(RELEASE, manifest=None, retired="2026-11-21T11:00:00Z")
    with Fake({"GET /v1/releases/spring": {"release": RELEASE}}) as fake:
        expect(run(fake.path, "release", "show", "spring"), 0,
               out=["release spring", "7 of stable", "0123456789ABCDEF", "all of it", NEWER,
                    "only for boards that run v1.8.4..v1.8.6", "older boards get v1.8.5 first"],
               absent=["\x1b", "retired"], name="release show: all that is known")
        fake.server.routes["GET /v1/releases/spring"] = {"release": bare}
        expect(run(fake.path, "release", "show", "spring"), 0,
               out=["retired", "2026-11-21", "nobody signed it"], name="release show: retired")
        result = run(fake.path, "release", "show", "spring", "-o", "json")
        ok(json.loads(result.stdout) == {"release": bare}, "release show as JSON")
        fake.server.routes["GET /v1/releases/x"] = problem(404, "no-such-release", "None.")
        expect(run(fake.path, "release", "show", "x"), 2, err=["None."],
               name="release show: no such one")
        expect(run(fake.path, "release", "show"), 2, name="release show: of which?")


def test_verify():
    good = {"good": True, "text": "signed by the trusted key A"}
    bad = {"good": False, "text": "the stored image\x1b[2J is damaged"}
    path = "GET /v1/releases/spring/verify"
    with Fake({path: {"good": True, "findings": [good]}}) as fake:
        expect(run(fake.path, "release", "verify", "spring"), 0,
               out=["good  signed by the trusted key A"], name="release verify: all is good")
        fake.server.routes[path] = {"good": False, "findings": [good, bad]}
        expect(run(fake.path, "release", "verify", "spring"), 8,
               out=["good  signed", "bad   the stored image"], absent=["\x1b"],
               name="release verify: something is not")
        result = run(fake.path, "release", "verify", "spring", "-o", "json")
        ok(result.returncode == 8 and json.loads(result.stdout)["findings"] == [good, bad],
           "release verify as JSON", result.returncode, result.stdout)


def test_retire():
    with Fake({"POST /v1/releases/spring/retire": {"release": RELEASE}}) as fake:
        expect(run(fake.path, "release", "retire", "spring", "--reason", "it hurts"), 0,
               out=["release spring is retired"], name="release retire")
        expect(run(fake.path, "release", "retire", "spring", "--back"), 0,
               out=["may be rolled out again"], name="release retire: back")
        ok(bodies(fake) == [{"reason": "it hurts", "back": False},
                            {"reason": "", "back": True}], "what was asked", bodies(fake))
        fake.server.routes["POST /v1/releases/spring/retire"] = problem(
            422, "usage", "The image is not in the catalogue.")
        expect(run(fake.path, "release", "retire", "spring", "--back"), 2,
               err=["not in the catalogue"], name="release retire: no image to come back to")


def test_gc():
    with Fake({"POST /v1/images/gc": {"images": 1, "bytes": 300}}) as fake:
        expect(run(fake.path, "release", "gc"), 0, out=["1 image, 300 bytes removed"],
               name="release gc")
        expect(run(fake.path, "release", "gc", "--dry-run"), 0,
               out=["1 image, 300 bytes would be removed"], name="release gc: counted")
        ok(bodies(fake) == [{"dry_run": False}, {"dry_run": True}], "what was asked")
        expect(run(fake.path, "release", "gc", "now"), 2, name="release gc: no words")


def test_channels():
    channel = {"name": "stable", "url": "https://example.net/release.yaml", "every_s": 3600,
               "looked": None, "under_way": True, "download": 714, "release": "",
               "problem": None}
    failed = dict(channel, name="beta", problem="HTTP 404", looked="2026-11-20T11:00:00Z",
                  under_way=False, download=None)
    with Fake({"GET /v1/channels": {"channels": []}}) as fake:
        expect(run(fake.path, "release", "channels"), 0, out=["There are no channels"],
               name="release channels: none")
        fake.server.routes["GET /v1/channels"] = {"channels": [channel, failed]}
        expect(run(fake.path, "release", "channels"), 0,
               out=["CHANNEL", "stable", "beta", "714", "HTTP 404",
                    "https://example.net/release"], name="release channels")
        cancel_downloads(fake)


def cancel_downloads(fake):
    ended = {"file": "", "images": 0, "images_here": 0, "bytes": 0, "size": 0,
             "state": "failed", "problem": {"code": "stopped", "detail": "By uid 0."},
             "release": None, "warning": ""}
    answers = fake.server.routes
    answers["POST /v1/downloads/714/cancel"] = lambda request: ended
    for word in ("stable", "714"):
        expect(run(fake.path, "release", "cancel", word), 0,
               out=["cancelled: nothing of it is a release"], name="release cancel " + word)
    expect(run(fake.path, "release", "cancel", "beta"), 8, err=["fetches nothing now"],
           name="release cancel: nothing is under way")
    expect(run(fake.path, "release", "cancel", "stabel"), 2,
           err=["no channel 'stabel'", "wipyctl release channels"],
           name="release cancel: no such channel")
    expect(run(fake.path, "release", "cancel"), 2, err=["needs CHANNEL|NUMBER"],
           name="release cancel: which one")
    for state, problem_of_it, code, text in (
            ("failed", {"code": "certificate", "detail": "Who is it?"}, 8,
             "it had ended already: Who is it?"),
            ("done", None, 8, "its release is in the catalogue"),
            ("images", None, 0, "it ends in a moment")):
        answers["POST /v1/downloads/714/cancel"] = dict(
            ended, state=state, problem=problem_of_it)
        expect(run(fake.path, "release", "cancel", "714"), code, out=[text],
               name="release cancel: " + text)


def test_web():
    state = {"file": "a.bin", "images": 1, "images_here": 0, "bytes": 5, "size": 10,
             "problem": None, "release": None, "warning": ""}
    states = [dict(state, state="manifest"), dict(state, state="images"),
              dict(state, state="done", release=RELEASE, warning="Nobody signed it.")]
    url = "https://example.net/release.yaml"
    with Fake({"POST /v1/releases": (202, {"download": 3}),
               "GET /v1/downloads/3": lambda request: states.pop(0)}) as fake:
        expect(run(fake.path, "release", "add", url, "--allow-downgrade", "it eats"), 0,
               out=["release spring", "warning: Nobody signed it."],
               name="release add URL: asked until it is there")
        ok(bodies(fake) == [{"url": url, "allow_downgrade": "it eats"}], "what was asked")
        states.append(dict(state, state="failed",
                           problem={"code": "certificate", "detail": "Who is it?"}))
        expect(run(fake.path, "release", "add", url), 8, err=["Who is it?"],
               name="release add URL: it fails")
        for words in ((url, "a.bin"), (url, "--name", "x")):
            expect(run(fake.path, "release", "add", *words), 2, err=["a URL stands alone"],
                   name="release add URL: and " + words[1])


def test_manifest(folder):
    path = os.path.join(folder, "esp32.bin")
    with open(path, "wb") as file:
        file.write(esp_image.make("ESP32", "v1.11", "2021-01-12"))
    expect(run(None, "release", "manifest", "--serial", "7", "--name", "spring", path), 0,
           out=["version: 1\n", "name: spring\n", "serial: 7\n", "  - file: esp32.bin\n",
                "family: esp32\n", "sha256: ", "size: "], name="release manifest")
    expect(run(None, "release", "manifest", "--serial", "0", path), 2, err=["serial"],
           name="release manifest: serials begin at 1")
    with open(path, "r+b") as file:
        file.truncate(100)
    result = run(None, "release", "manifest", "--serial", "7", path)
    expect(result, 8, err=[path], name="release manifest: not of a damaged image")
    ok(result.stdout == "", "and nothing is printed", result.stdout)


def test_one_way():
    with Fake({"POST /v1/rollouts": PLAN}) as fake:
        expect(run(fake.path, "plan", "--release", "x", "--allow-one-way"), 3,
               name="rollout --allow-one-way")
        ok(bodies(fake)[0].get("allow_one_way") is True, "is passed on", bodies(fake))
        run(fake.path, "plan", "--release", "x")
        ok(not bodies(fake)[1].get("allow_one_way"), "and not by itself", bodies(fake))


if __name__ == "__main__":
    test_show()
    test_verify()
    test_retire()
    test_gc()
    test_channels()
    test_web()
    with tempfile.TemporaryDirectory(prefix="wipyctl-") as FOLDER:
        test_manifest(FOLDER)
    test_one_way()
    done()
