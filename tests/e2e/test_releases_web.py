# SPDX-License-Identifier: MIT
"""Releases from the web: what breaks off, is cancelled, led elsewhere or too much for the
disk; by a proxy, by https, from channels."""

import concurrent.futures
import os
import shutil
import signal
import subprocess
import time

import taken
from fleet import BUILD, Fleet, NEW, Tap, wait_until
from signed import manifest, names, refused, sign, started
from web_server import Web


def put_on_web(fleet, web, path, *images, query="", signed=True):
    for file in (path, *([path + ".minisig"] if signed else []), *images):
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
    refused(tap, fleet.run("release", "add", url), "the manifest says",
            "web: a damaged image")
    web.files[image] = whole + b"x"
    refused(tap, fleet.run("release", "add", url), "longer than", "web: a longer image")
    with open(fleet.old_image, "rb") as file:
        web.files[image] = file.read()
    stored = os.listdir(fleet.path("state/images"))
    refused(tap, fleet.run("release", "add", url), "the manifest says", "web: another image")
    tap.equal(os.listdir(fleet.path("state/images")), stored, "web: which is not kept")
    tap.equal(names(fleet), [], "web: none of these is a release")

    web.files[image] = whole
    web.breaks[image] = 1
    web.dated.add(image)
    web.lies[image] = ["no length", "short"]
    web.asked.clear()
    done = fleet.run("release", "add", url)
    tap.equal((done.returncode, done.stderr), (0, ""),
              "web: ended too early twice, broken off, and here")
    asked = [part for file, part in web.asked if file == image]
    tap.equal([part is not None for part in asked], [False, True, True, True],
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
    cancelled(tap, fleet, web)
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


def cancelled(tap, fleet, web):
    """By Ctrl-C, while the image stands still in the middle."""
    for times in (1, 2):
        before = len(web.asked)
        waiting = subprocess.Popen(
            [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "release", "add",
             web.url("/r/next.yaml")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        wait_until("the image is under way", lambda: "/r/old.bin" in [
            file for file, _ in web.asked[before:]])
        waiting.send_signal(signal.SIGINT)
        said = waiting.communicate(timeout=60)[1]
        tap.equal(waiting.returncode, 130, "web: Ctrl-C, %d" % times)
        tap.ok("the download was cancelled" in said, "web: which says so")
    taken.exit_code(130)
    answer = fleet.exchange("/v1/downloads/1/cancel", b"")
    tap.ok(b'"state":"failed"' in answer and b"cancelled by uid " in answer,
           "web: cancelled, and by whom; once more changes nothing")
    answer = fleet.exchange("/v1/downloads/99/cancel", b"")
    tap.ok(b" 404 " in answer, "web: what is no download cannot be cancelled")
    tap.equal(names(fleet), [NEW], "web: nothing of it is there")
    web.held.clear()
    web.let_go.set()
    tap.equal(fleet.run("release", "add", web.url("/r/next.yaml")).returncode, 0,
              "web: and then all of it")


def by_a_proxy(tap):
    """One that has every file; the host of the URL exists nowhere."""
    fleet, proxy, direct = Fleet(1), Web(), Web()
    path = manifest(fleet, "release.yaml", "--serial", "1", "--name", "spring")
    other = manifest(fleet, "other.yaml", "--serial", "2", "--name", "summer",
                     image=fleet.old_image)
    put_on_web(fleet, proxy, path, fleet.new_image, signed=False)
    put_on_web(fleet, direct, other, fleet.old_image, signed=False)
    fleet.start_daemon(env={"http_proxy": proxy.url(""), "no_proxy": "127.0.0.1"})
    done = fleet.run("release", "add", "http://releases.invalid/r/release.yaml")
    tap.equal(done.returncode, 0, "proxy: by it " + done.stderr)
    tap.equal(set(proxy.proxied), {"releases.invalid"}, "proxy: it was asked for that host")
    done = fleet.run("release", "add", direct.url("/r/other.yaml"))
    tap.equal((done.returncode, direct.proxied, set(proxy.proxied)),
              (0, [], {"releases.invalid"}), "proxy: not where no_proxy says so")
    tap.equal(names(fleet), ["spring", "summer"], "proxy: both are there")
    fleet.wait_seen()
    fleet.stop_daemon()
    proxy.close()
    direct.close()


def on_a_full_disk(tap):
    """On a disk with room for the database and for no image, where the kernel lends one."""
    fleet, web = Fleet(1), Web()
    path = manifest(fleet, "release.yaml", "--serial", "1", "--name", "spring")
    put_on_web(fleet, web, path, fleet.new_image, signed=False)
    fleet.start_daemon()
    fleet.kill_daemon()
    disk = fleet.path("disk")
    os.mkdir(disk)
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", disk],
            stderr=subprocess.DEVNULL, check=False).returncode:
        tap.skip("full disk", "there are no mounts for ordinary users")
        return
    command = fleet.daemon_command()
    command[command.index("-s") + 1] = disk
    room = os.path.getsize(fleet.new_image) - 8192
    fleet.daemon_command = lambda: ["unshare", "-rm", "sh", "-c", (
        "mount -t tmpfs -o size=4m none $0 && cp -a $1/. $0 && cat /dev/zero > $0/full;"
        "truncate -s -$3 $0/full; { read -r x < $2; rm $0/full; } & shift 3; "
        "exec \"$@\""), disk, fleet.path("state"), fleet.path("make-room"),
        str(room)] + command
    os.mkfifo(fleet.path("make-room"))
    fleet.start_daemon()
    inside = "/proc/%d/root%s/images" % (fleet.daemon.pid, disk)
    refused(tap, fleet.run("release", "add", web.url("/r/release.yaml")),
            "the disk is full", "full disk")
    tap.equal((names(fleet), os.listdir(inside)), ([], []), "full disk: nothing is left")
    tap.ok(not fleet.json("status")["read_only"], "full disk: what there is to save fits")
    fleet.write(fleet.path("make-room"), "now\n")
    wait_until("there is room", lambda: not os.path.exists(
        os.path.join(os.path.dirname(inside), "full")))
    tap.equal(fleet.run("release", "add", web.url("/r/release.yaml")).returncode, 0,
              "full disk: with room it is added")
    tap.equal(names(fleet), ["spring"], "full disk: and is there")
    fleet.stop_daemon()
    web.close()


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
    web.held.add("/r/old.bin")
    fleet.stop_daemon()
    fleet.start_daemon()
    wait_until("the image is under way", lambda: "/r/old.bin" in [
        file for file, _ in web.asked])
    done = fleet.run("release", "cancel", "stable", "-o", "json")
    tap.equal((done.returncode, "cancelled by uid " in done.stdout), (0, True),
              "channel: what hangs can be cancelled")
    tap.equal(names(fleet), ["spring"], "channel: nothing of it is there")
    web.held.clear()
    web.let_go.set()
    fleet.stop_daemon()
    fleet.start_daemon()
    wait_until("what is new is there", lambda: names(fleet) == ["spring", "summer"])
    tap.ok("/r/new.bin" not in [file for file, _ in web.asked], "channel: only what is new")
    tap.equal(fleet.api("/v1/names?kind=channel&prefix=s")[1], {"names": ["stable"]},
              "channel: its name is completed")
    listed = fleet.run("release", "channels").stdout
    tap.ok("stable" in listed and "s3cret" not in listed + fleet.log(),
           "channel: it is listed, without the query")
    web.close()
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


if __name__ == "__main__":
    tap = Tap()
    for case in (from_the_web, by_a_proxy, on_a_full_disk, channels, by_https):
        tap.case(case)
    tap.done()
