# SPDX-License-Identifier: MIT
"""Bad input ends in a clear sentence: nothing is lost, nothing half done."""

import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess

from fleet import BUILD, Fleet, NEW, OLD, Tap, make_image, name, wait_until

INVENTORIES = (
    ("malformed", "version: 1\nboards: [\n", "inventory.yaml:"),
    ("a tab", "version: 1\n\tboards: []\n", "inventory.yaml:2:1:"),
    ("unknown key", "version: 1\nboards:\n  - {name: a, adress: 127.0.0.1, family: wipy}\n",
     "inventory.yaml:3:15: unknown key 'adress' (did you mean 'address'?)"),
    ("unknown family", "version: 1\nboards:\n  - {name: a, address: 127.0.0.1, family: wippy}\n",
     "inventory.yaml:3:43:"),
    ("duplicate address", "version: 1\ndefaults: {family: wipy}\nboards:\n"
     "  - {name: a, address: 127.0.0.1}\n  - {name: b, address: 127.0.0.1}\n",
     "inventory.yaml:5:"),
    ("duplicate name", "version: 1\ndefaults: {family: wipy}\nboards:\n"
     "  - {name: a, address: 127.0.0.1}\n  - {name: a, address: 127.0.0.2}\n",
     "inventory.yaml:5:"),
    ("bad range", "version: 1\ndefaults: {family: wipy}\nboards:\n"
     "  - {name: \"a-[1:3]\", address: \"127.0.0.[1:4]\"}\n", "inventory.yaml:4:"),
    ("missing password file", "version: 1\ndefaults: {family: wipy, "
     "login: {password-file: nowhere}}\nboards:\n  - {name: a, address: 127.0.0.1}\n",
     "nowhere"),
    ("password in the file", "version: 1\ndefaults: {family: wipy, login: "
     "{password: python}}\nboards: []\n", "password-file"),
)


def inventories(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    good = fleet.inventory()
    for title, text, expected in INVENTORIES:
        fleet.write(fleet.path("inventory.yaml"), text)
        checked = subprocess.run([BUILD + "/wipyd", "-t", "-i",
                                  fleet.path("inventory.yaml")],
                                 capture_output=True, text=True, timeout=60)
        tap.equal(checked.returncode, 2, title + ": wipyd -t says no")
        if not tap.ok(expected in checked.stderr, title + ": and where"):
            print("# " + checked.stderr.replace("\n", "\n# "))
        reloaded = fleet.run("inventory", "reload")
        tap.equal(reloaded.returncode, 2, title + ": the reload is refused")
        tap.ok(expected in reloaded.stderr, title + ": with the same sentence")
        tap.equal(list(fleet.seen()), [name(1)], title + ": the old inventory stays")
    both = "version: 1\nboards:\n  - {name: a, adress: x, family: wippy}\n"
    fleet.write(fleet.path("inventory.yaml"), both)
    done = fleet.run("inventory", "check", fleet.path("inventory.yaml"), env={
        **os.environ, "WIPYD": BUILD + "/wipyd"})
    tap.ok(done.returncode == 2 and done.stderr.count("inventory.yaml:3:") >= 2,
           "every error at once")
    fleet.write(fleet.path("inventory.yaml"), good)
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "the right one is taken")
    fleet.stop_daemon()


def reloads(tap):
    fleet = Fleet(3)
    one_less = fleet.inventory().replace("[01:03]", "[01:02]").replace("[1:3]", "[1:2]")
    fleet.ready()
    fleet.write(fleet.path("inventory.yaml"), one_less)
    checked = fleet.run("inventory", "diff")
    tap.equal(checked.returncode, 3, "diff: exit code 3 for changes")
    tap.ok(name(3) in checked.stdout, "diff: names them")
    tap.equal(len(fleet.seen()), 3, "diff: changes nothing")
    fleet.daemon.send_signal(signal.SIGHUP)
    wait_until("SIGHUP takes it", lambda: len(fleet.seen()) == 2)
    tap.ok(True, "SIGHUP: reads the inventory anew")
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory())
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "reload: taken")
    fleet.wait_seen(3)
    tap.ok(True, "reload: a new board is polled")
    fleet.rollout("--waves", "100%", "--soak", "2s")
    wait_until("the rollout works on the board",
               lambda: fleet.tasks()[name(3)]["state"] == "soaking")
    fleet.write(fleet.path("inventory.yaml"), one_less)
    kept = fleet.json("inventory", "reload")
    tap.equal(kept["kept"], [name(3)], "reload: a board in a rollout is kept")
    end = fleet.wait_state("completed", "halted", "completed-with-exceptions")
    tap.equal(end["outcomes"], {"confirmed": 3}, "reload: and its task ends")
    fleet.run("inventory", "reload")
    tap.equal(len(fleet.seen()), 2, "reload: then it goes")
    fleet.stop_daemon()


def images(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    esp = fleet.path("esp.bin")
    with open(esp, "wb") as file:
        file.write(b"\xe9\x03\x00\x20\x04\x00\x10\x40" + b"\x00" * 4088)
    text = fleet.path("notes.txt")
    fleet.write(text, "no image\n" * 200)
    empty = fleet.path("empty.bin")
    fleet.write(empty, "")
    big = fleet.path("big.bin")
    with open(big, "wb") as file:
        file.write(b"\x00\x00\x04\x20\x21\x21\x03\x20" + b"\x5a" * 200000)
    wrong = make_image(fleet.path("wrong.bin"), NEW, md5="wrong")
    cases = (("missing image", fleet.path("nowhere.bin"), 2, "nowhere.bin"),
             ("wrong MD5", wrong, 8, "MD5"),
             ("no MD5", make_image(fleet.path("none.bin"), NEW, md5="none"), 8, "MD5"),
             ("over 192 KiB", big, 8, "larger"),
             ("ESP image", esp, 8, "checksum"),
             ("text", text, 8, "not a firmware image"),
             ("empty", empty, 8, "empty"))
    for title, path, code, word in cases:
        done = fleet.run("release", "add", path)
        tap.equal(done.returncode, code, title + ": refused")
        if not tap.ok(word in done.stderr, title + ": says why"):
            print("# " + done.stderr)
    tap.equal(fleet.json("release", "list")["releases"], [], "images: no release was made")
    # The daemon refuses by itself what the command line would have let pass.
    with open(wrong, "rb") as file:
        answer = fleet.exchange("/v1/images", file.read())
    tap.ok(b" 422 " in answer and b"image-md5" in answer, "images: the daemon refuses too")
    done = fleet.run("rollout", "--release", "v9.9", "--yes")
    tap.equal(done.returncode, 2, "unknown release: exit code 2")
    fleet.add_releases()
    other = make_image(fleet.path("other.bin"), NEW, "2017-01-08", size=120004)
    done = fleet.run("release", "add", other)
    tap.equal(done.returncode, 8, "other bytes under the same name: refused")
    done = fleet.run("release", "add", "--name", "twin", other)
    tap.ok(done.returncode == 0 and "same fingerprint" in done.stdout + done.stderr,
           "other bytes with the same fingerprint: a warning")
    fleet.stop_daemon()


def image_gone_from_the_catalogue(tap):
    """The image's file vanishes, or is damaged, between the plan and the push, when the boards
    are back; and then no rollout begins with it."""
    fleet = Fleet(2, settings={"update": {"attempts": 1}}).ready()
    sha256 = [image["sha256"] for release in fleet.json("release", "list")["releases"]
              if release["name"] == NEW for image in release["images"]][0]
    path = fleet.path("state/images/%s.bin" % sha256)
    with open(path, "rb") as file:
        whole = file.read()
    for title, damage in (("missing image", None), ("damaged image", b"\0" * 100)):
        with open(path, "wb") as file:
            file.write(whole)
        fleet.power_off(1, 2)
        fleet.rollout("--waves", "1,100%")
        fleet.wait_state("completed-with-exceptions")
        os.remove(path)
        if damage:
            with open(path, "wb") as file:
                file.write(whole[:-100] + damage)
        fleet.ctl("power-on", 1)
        fleet.wait_task(name(1), "failed", "refused", "confirmed")
        task = fleet.tasks()[name(1)]
        tap.equal((task["state"], task["code"]), ("failed", "push-refused"),
                  title + ": ends as failed")
        tap.ok(sha256 in task["evidence"], title + ": the evidence names the file")
        fleet.run("rollout", "abort")
        done = fleet.run("rollout", "--release", NEW, "--yes")
        tap.ok(done.returncode == 8 and sha256 in done.stderr,
               title + ": no rollout begins with it")
        fleet.ctl("power-on", 2)
        fleet.wait_seen()
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 0,
              "missing image: no board was touched")
    tap.equal(fleet.run("release", "add", fleet.new_image).returncode, 0,
              "damaged image: adding the release again mends it")
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("halted", "completed-with-exceptions", "completed")
    tap.equal(end["outcomes"], {"confirmed": 2}, "damaged image: and it rolls out")
    fleet.stop_daemon()


def rubbish_on_the_socket(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    rubbish = (b"", b"{", b"[]", b"\xff\xfe", b'{"release":7}', b'{"boards":[1]}',
               b'{"release":"x","soak_s":-5}', b"[" * 100000)
    paths = ("/v1/rollouts", "/v1/polls", "/v1/releases", "/v1/inventory/reload",
             "/v1/rollouts/latest/pause", "/v1/nothing", "/", "/v1/boards/%00",
             "/v1/rollouts/" + "a" * 300)
    for path in paths:
        for body in rubbish:
            answer = fleet.exchange(path, body)
            if not answer.startswith(b"HTTP/1.1 ") or b" 500 " in answer[:20]:
                tap.ok(False, "rubbish: %s %r -> %r" % (path, body[:20], answer[:80]))
    client = socket.socket(socket.AF_UNIX)
    client.connect(fleet.path("wipyd.sock"))
    client.sendall(os.urandom(4096))
    client.close()
    tap.equal(fleet.run("status").returncode, 0, "rubbish: wipyd goes on")
    fleet.stop_daemon()


RELEASE = '{"release":"%s",' % NEW
FIT = '{"family":"wipy","sha256":"' + "ab" * 32 + '"%s,"fingerprint":"%s"}'
PRINT = "v1 on 2017-01-08; WiPy with CC3200"
# Each would have meant more than what was asked for if it had passed for left out.
BODIES = (
    ("/v1/rollouts", RELEASE + '"select":["name=b-01"]}', "select must be a text"),
    ("/v1/rollouts", RELEASE + '"select":null}', "select must be a text"),
    ("/v1/rollouts", RELEASE + '"slect":"name=b-01"}', "unknown key 'slect'"),
    ("/v1/rollouts", RELEASE + '"dry_run":"true"}', "dry_run must be true or false"),
    ("/v1/rollouts", RELEASE + '"burn_last_good":1}', "burn_last_good must be true or"),
    ("/v1/rollouts", RELEASE + '"expires_s":"60"}', "expires_s must be a whole number"),
    ("/v1/rollouts", RELEASE + '"expires_s":-1}', "expires_s must be a whole number"),
    ("/v1/rollouts", RELEASE + '"soak_s":1.5}', "soak_s must be a whole number"),
    ("/v1/rollouts", RELEASE + '"waves":5}', "waves must be a text"),
    ("/v1/rollouts", '{"release":7}', "release must be a text"),
    ("/v1/known-bad", '{"image":"abcdef","reason":"x"}', "needs the type of the boards"),
    ("/v1/known-bad", '{"type":"wipy","reason":"x"}', "image must be a release"),
    ("/v1/known-bad", '{"image":"abcdef","type":"wipy"}', "needs a reason"),
    ("/v1/known-bad/clear", '{"image":"abcdef","type":5,"reason":"x"}',
     "type must be a text"),
    ("/v1/known-bad/clear", '{"image":"abcdef","tpye":"x","reason":"x"}', "'tpye'"),
    ("/v1/known-bad/clear", '{"image":"abcdef","reason":"%s"}' % ("x" * 128),
     "reason must be a text of at most 127 bytes"),
    ("/v1/images/fit", "{}", "family must be"),
    ("/v1/images/fit", '{"family":"wipy","sha256":"ab"}', "sha256 must be 64"),
    ("/v1/images/fit", FIT % (',"entry_point":1', "now"), "fingerprint must be"),
    ("/v1/images/fit", FIT % (',"entry_point":4294967296', PRINT), "entry_point must be"),
    ("/v1/images/fit", FIT % ("", PRINT), "entry_point must be"),
    ("/v1/images/fit", FIT % (',"entry_point":1', PRINT), "size must be"),
    ("/v1/polls", '{"boards":"b-01"}', "boards must be a list of texts"),
    ("/v1/polls", '{"boards":[1]}', "boards must be a list of texts"),
    ("/v1/polls", '{"select":{}}', "select must be a text"),
    ("/v1/polls", '{"method":1}', "method must be a text"),
    ("/v1/polls", '{"board":["b-01"]}', "unknown key 'board'"),
    ("/v1/releases", '{"images":[1]}', "images must be a list of texts"),
    ("/v1/releases", '{"images":[],"name":1}', "name must be a text"),
    ("/v1/inventory/reload", '{"dry_run":1}', "dry_run must be true or false"),
    ("/v1/inventory/reload", '{"dry-run":true}', "unknown key 'dry-run'"),
    ("/v1/boards/%s/accept" % name(1), '{"reason":1}', "reason must be a text"),
    ("/v1/boards/%s/accept" % name(1), '{"reason":"%s"}' % ("\u00e4" * 64),
     "reason must be a text of at most 127 bytes"),
    ("/v1/boards/%s/accept" % name(1), '{"reason":" \\t "}', "not of blanks"),
    ("/v1/known-bad", '{"image":"abcdef","type":"wipy","reason":"  "}', "not of blanks"),
    ("/v1/releases", '{"url":"http://x/","allow_downgrade":" "}', "not of blanks"),
    ("/v1/rollouts?dry_run=true", RELEASE + '"dry_run":true}', "takes none"),
)
WISHES = (('{"reason":7}', "reason must be a text"), ('{"raeson":""}', "'raeson'"),
          ('{"reason":"%s"}' % ("\u00e4" * 400), "reason must be a text of at most 127"))


def refuse(tap, fleet, rows):
    for path, body, sentence in rows:
        answer = fleet.exchange(path, body.encode())
        if not tap.ok(answer.startswith(b"HTTP/1.1 400 ") and
                      b"application/problem+json" in answer and
                      sentence.encode() in answer,
                      "body: %s %.60s: refused" % (path, ascii(body))):
            print("# %r" % answer)


def bodies(tap):
    fleet = Fleet(2).ready()
    refuse(tap, fleet, BODIES)
    tap.equal(fleet.api("/v1/rollouts")[1], {"rollouts": [], "next": None},
              "body: nothing was started")
    fleet.rollout("--waves", "1,100%", "--soak", "1h")
    for wish in ("pause", "resume", "approve", "abort"):
        refuse(tap, fleet, [("/v1/rollouts/latest/" + wish,) + row for row in WISHES])
    reason = "\u00e4" * 63
    for wish in ("pause", "resume", "abort"):
        answer = fleet.exchange("/v1/rollouts/latest/" + wish,
                                json.dumps({"reason": reason}).encode())
        tap.ok(answer.startswith(b"HTTP/1.1 200 "), "body: a reason that fits: " + wish)
    events = fleet.api("/v1/events?limit=1000")[1]["events"]
    tap.equal(sum(reason in event["detail"] for event in events), 3,
              "body: the events hold the whole reason")
    fleet.stop_daemon()


QUERIES = (
    ("/v1/boards/%ff", 404, "no board '?'"),
    ("/v1/boards/%c3", 404, "no board '?'"),
    ("/xx" + 120 * "%c3%a4", 404, "nothing at /xx" + 98 * "\u00e4" + "?"),
    ("/v1/boards/x%ed%a0%80", 404, "no board 'x???'"),
    ("/v1/boards?select=%ff", 400, "?"),
    ("/v1/events?since=%ff", 400, "not '?'"),
    ("/v1/events?since=" + 19 * "%c3%a4" + "a%c3%a4", 400, "since must be a time"),
    ("/v1/rollouts/%ff", 404, ""),
    ("/v1/releases/%ff", 404, "?"),
    ("/v1/boards?slect=name=b-01", 400, "unknown parameter 'slect'"),
    ("/v1/boards?selec=x", 400, "unknown parameter 'selec'"),
    ("/v1/boards?%ff=x", 400, "unknown parameter '?'"),
    ("/v1/status?as-of=2026-11-20T11:00:00Z", 400, "unknown parameter 'as-of'"),
    ("/v1/rollouts/latest/tasks?at=2026-11-20T11:00:00Z", 400, "/tasks takes state after limit as-of"),
    ("/v1/rollouts/latest/tasks?as-of=yesterday", 400, "as-of"),
    ("/v1/rollouts?as-of=yesterday", 400, "as-of"),
    ("/v1/boards/b-77?as-of=2099-11-20T11:00:00Z", 404, "nothing was known of b-77"),
    ("/v1/events?as-of=2026-11-20T11:00:00Z", 400, "board rollout select since after limit"),
    ("/v1/boards/%s/card?as-of=2026-11-20T11:00:00Z" % name(1), 400, "takes none"),
)


def queries(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    for path, status, sentence in QUERIES:
        got, body = fleet.api(path)
        if not tap.ok(got == status and sentence in body.get("detail", ""),
                      "query: %s: %d" % (path, status)):
            print("# %d %s" % (got, ascii(body)))
    for path in ("/v1/boards?select=&after=&limit=1", "/v1/boards?", "/v1/boards?limit=1&",
                 "/healthz?",
                 "/v1/events?limit=5&since=2026-01-01T00:00:00Z&board=" + name(1)):
        tap.equal(fleet.api(path)[0], 200, "query: %s: taken" % path)
    fleet.stop_daemon()


def text_cut_within_a_character(tap):
    """What is stored may end so; it is shown, not dropped."""
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    fleet.stop_daemon()
    db = sqlite3.connect(fleet.path("state/wipyd.db"))
    db.execute("UPDATE events SET detail = CAST(x'78c3a4c3' AS TEXT) "
               "WHERE seq = (SELECT min(seq) FROM events)")
    db.commit()
    count = db.execute("SELECT count(*) FROM events").fetchone()[0]
    db.close()
    fleet.start_daemon()
    events = fleet.api("/v1/events?limit=1000")[1]["events"]
    tap.ok(len(events) >= count and events[-1]["detail"] == "x\u00e4?",
           "a cut text: its event is shown")
    fleet.stop_daemon()


def second_daemon(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    command = fleet.daemon_command()
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    tap.equal(second.returncode, 1, "second wipyd on the same state: refused")
    tap.ok(fleet.path("state") in second.stderr and "wipyd" in second.stderr,
           "second wipyd: says which folder")
    command[command.index("-s") + 1] = fleet.path("other-state")
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    tap.equal(second.returncode, 1, "socket in use: refused")
    tap.ok(fleet.path("wipyd.sock") in second.stderr, "socket in use: says which")
    tap.equal(fleet.run("status").returncode, 0, "the first one goes on")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.ok(True, "a stale socket and a stale lock are no obstacle")
    fleet.stop_daemon()


def damaged_state(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    db = sqlite3.connect(fleet.path("state/wipyd.db"))
    db.execute("VACUUM INTO '%s'" % fleet.path("backup.db"))
    db.close()
    fleet.stop_daemon()
    with open(fleet.path("state/wipyd.db"), "r+b") as file:
        file.seek(0)
        file.write(b"this is no database " * 200)
    done = subprocess.run(fleet.daemon_command(), capture_output=True, text=True,
                          timeout=60)
    tap.equal(done.returncode, 1, "damaged state: refused")
    tap.ok("wipyd.db" in done.stderr and "backup" in done.stderr,
           "damaged state: says how to restore")
    os.rename(fleet.path("backup.db"), fleet.path("state/wipyd.db"))
    fleet.start_daemon()
    tap.equal((fleet.run("events", "verify").returncode, len(fleet.seen())), (0, 1),
              "damaged state: a backup that was made while wipyd ran is taken")
    fleet.stop_daemon()


def limit_files(fleet, limit):
    resource.prlimit(fleet.daemon.pid, resource.RLIMIT_FSIZE,
                     (limit, resource.RLIM_INFINITY))


def known_bad_on_a_full_disk(tap, fleet):
    """What a person says of an image holds once it is stored, and only then."""
    def say(word, release=NEW):
        done = fleet.run("release", "known-bad", word, release, "--type", "wipy", "--reason", "x")
        stands = [entry["cleared"] is None
                  for entry in fleet.json("release", "known-bad", "list")["known_bad"]]
        return done.returncode, "nothing was changed" in done.stderr, stands

    tap.equal(say("add"), (0, False, [True]), "full disk: an image is known-bad before")
    limit_files(fleet, 1)
    tap.equal(say("clear"), (1, True, [True]), "full disk: it is not cleared")
    tap.ok(fleet.json("status")["read_only"], "full disk: it is known by then")
    tap.equal(say("add", OLD), (1, True, [True]), "full disk: and none is added")
    limit_files(fleet, resource.RLIM_INFINITY)
    wait_until("it can write", lambda: not fleet.json("status")["read_only"])
    tap.equal(say("clear"), (0, False, [False]), "full disk: with room it is cleared")
    names = [event["name"] for event in fleet.json("events")["events"]
             if event["name"].startswith("known-bad")]
    tap.equal(names, ["known-bad-cleared", "known-bad-added"], "full disk: one event each")


def accepted_on_a_full_disk(tap, fleet):
    """Nor is a board taken for known before that is stored."""
    def accept():
        done = fleet.run("boards", "accept", name(1), "--reason", "x")
        return (done.returncode, "make room" in done.stderr,
                fleet.seen()[name(1)]["version"]["state"])

    for slot in ("update1", "update2"):
        fleet.ctl("slot", 1, slot, fleet.old_image)
    fleet.ctl("reset", 1)
    wait_until("the change is seen", lambda: fleet.seen()[name(1)]["version"]["state"] ==
               "changed-by-others")
    limit_files(fleet, 1)
    for time in ("first", "again"):
        tap.equal(accept(), (1, True, "changed-by-others"), "full disk: not accepted, " + time)
    limit_files(fleet, resource.RLIM_INFINITY)
    wait_until("it can write", lambda: not fleet.json("status")["read_only"])
    tap.equal(accept(), (0, False, "behind"), "full disk: with room it is accepted")
    tap.equal([event["name"] for event in fleet.json("events")["events"]].count(
        "board-accepted"), 1, "full disk: with one event")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(fleet.seen()[name(1)]["version"]["state"], "behind",
              "full disk: as it was accepted, after a kill too")


def full_disk(tap):
    """A file size limit stands for the full disk: it needs no root and no mount."""
    fleet = Fleet(2).ready()
    fleet.stop_daemon()
    state = fleet.path("state")
    limit = max(os.path.getsize(os.path.join(state, file)) for file in os.listdir(state)
                if os.path.isfile(os.path.join(state, file))) + 20000

    def survive_limits():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    fleet.start_daemon(preexec=survive_limits)
    limit_files(fleet, limit)

    def write_until_full():
        fleet.run("rollout", "--release", NEW, "--yes", "--waves", "1,100%")
        fleet.run("rollout", "abort")
        return fleet.json("status")["read_only"]

    wait_until("the disk is full", write_until_full, seconds=60)
    # Nor in place: the log could begin anew in its own file.
    limit_files(fleet, 1)
    answer = fleet.exchange("/v1/rollouts", b'{"release":"%s"}' % NEW.encode())
    tap.ok(b" 507 " in answer and b"nothing was changed" in answer,
           "full disk: a rollout is refused with a sentence")
    done = fleet.run("rollout", "--release", NEW, "--yes")
    tap.ok(done.returncode in (1, 8) and done.stderr, "full disk: the command line says no")
    tap.ok(fleet.daemon.poll() is None, "full disk: wipyd lives")
    tap.ok(len(fleet.seen()) == 2, "full disk: it still shows the fleet")
    limit_files(fleet, resource.RLIM_INFINITY)

    def not_active():
        fleet.run("rollout", "abort")
        return fleet.status()["state"] in ("aborted", "completed",
                                           "completed-with-exceptions")
    wait_until("it can write again", lambda: not fleet.json("status")["read_only"])
    wait_until("the rollout has ended", not_active)
    fleet.kill_daemon()
    fleet.start_daemon(preexec=survive_limits)
    tap.equal(fleet.run("status").returncode, 0, "full disk: the state is whole afterwards")
    fleet.run("rollout", "--release", OLD, "--yes", "--waves", "100%", "--wait")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal({b["version"]["tag"] for b in fleet.seen().values()}, {NEW},
              "full disk: rollouts work again")
    known_bad_on_a_full_disk(tap, fleet)
    accepted_on_a_full_disk(tap, fleet)
    fleet.stop_daemon()


def full_disk_at_start(tap):
    """A rollout is under way, wipyd is killed, and finds a disk without room."""
    fleet = Fleet(3, settings={"update": {"soak": "3s"}}).ready()
    fleet.run("rollout", "--release", NEW, "--yes", "--waves", "1,100%")
    wait_until("a board soaks", lambda: "soaking" in
               [task["state"] for task in fleet.tasks().values()])
    fleet.kill_daemon()

    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        # Room for lines of the log, none for the database.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY))

    fleet.start_daemon(preexec=limit_files)
    tap.ok(fleet.json("status")["read_only"], "full at the start: wipyd runs, and says so")
    tap.ok("no room to write " + fleet.path("state") in fleet.log(),
           "full at the start: the log names the file")
    first = fleet.seen()["b-03"]["last_seen"]
    wait_until("boards are polled", lambda: fleet.seen()["b-03"]["last_seen"] > first)
    answer = fleet.exchange("/v1/rollouts", b'{"release":"%s"}' % NEW.encode())
    tap.ok(b" 507 " in answer and b"disk-full" in answer,
           "full at the start: a rollout is refused")
    tap.equal(fleet.status()["state"], "running", "full at the start: the old one stands")
    tap.equal({fleet.seen()["b-02"]["version"]["tag"], fleet.seen()["b-03"]["version"]["tag"]},
              {OLD}, "full at the start: no board is begun")
    tap.equal(fleet.run("events", "verify").returncode, 0, "full at the start: it reads")
    resource.prlimit(fleet.daemon.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal((end["state"], fleet.json("status")["read_only"]), ("completed", False),
              "full at the start: with room it goes on by itself")
    fleet.stop_daemon()


def no_space_left_at_start(tap):
    """The same with a disk that is really full, where the kernel lends one. What a kill -9
    has left there is read; room is made by taking a file away."""
    fleet = Fleet(1)
    fleet.start_daemon()
    fleet.wait_seen()
    fleet.kill_daemon()
    disk = fleet.path("disk")
    os.mkdir(disk)
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", disk],
            stderr=subprocess.DEVNULL, check=False).returncode:
        tap.skip("no space left at the start", "there are no mounts for ordinary users")
        return
    command = fleet.daemon_command()
    command[command.index("-s") + 1] = disk
    fleet.daemon_command = lambda: ["unshare", "-rm", "sh", "-c", (
        "mount -t tmpfs -o size=2m none $0 && cp -a $1/. $0 && cat /dev/zero > $0/full;"
        "{ read -r x < $2; rm $0/full; } & shift 2; exec \"$@\""), disk,
        fleet.path("state"), fleet.path("make-room")] + command
    os.mkfifo(fleet.path("make-room"))
    fleet.start_daemon()
    status = fleet.json("status")
    tap.ok(status["read_only"] and "no room to write" in fleet.log(),
           "no space left at the start: wipyd runs, and says so")
    tap.equal(fleet.run("events", "verify").returncode, 0,
              "no space left at the start: what was there is read")
    fleet.write(fleet.path("make-room"), "now\n")
    wait_until("it can write", lambda: not fleet.json("status")["read_only"])
    tap.equal(fleet.run("events", "verify").returncode, 0,
              "no space left at the start: with room it goes on by itself")
    fleet.stop_daemon()


def state_removed(tap):
    fleet = Fleet(1).ready()
    os.rename(fleet.path("state"), fleet.path("away"))
    answer = fleet.exchange("/v1/known-bad", (
        b'{"image":"%s","type":"wipy","reason":"heard of it"}' % NEW.encode()))
    tap.ok(b" 500 " in answer and b"removed or replaced" in answer and
           b"make room" not in answer,
           "state removed: the next commit says so")
    tap.ok(fleet.json("status")["read_only"] and
           "the state folder was removed or replaced" in fleet.log(),
           "state removed: read-only, and loud")
    os.rename(fleet.path("away"), fleet.path("state"))
    wait_until("it is written again", lambda: not fleet.json("status")["read_only"])
    tap.equal(fleet.run("events", "verify").returncode, 0, "state put back: it goes on")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (inventories, reloads, images, image_gone_from_the_catalogue,
                 rubbish_on_the_socket, bodies, queries,
                 text_cut_within_a_character, second_daemon, damaged_state, full_disk,
                 full_disk_at_start, no_space_left_at_start, state_removed):
        TAP.case(case)
    TAP.done()
