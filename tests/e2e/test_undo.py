# SPDX-License-Identifier: MIT
"""`wipyctl rollout undo`: the fleet back to what it really ran, each board its own way, the
least risk first, under the same waves and brakes; what cannot be taken back is named."""

import glob
import json
import os
import subprocess
import tempfile

from fleet import BUILD, Fleet, NEW, OLD, Tap, make_image, name, wait_until

QUIET = {"enrolment": {"login": False}}
ENDS = ("completed", "completed-with-exceptions", "halted")


def updated(count, *words, first=None, then=None, release=NEW, settings=QUIET,
            **options):
    """A fleet that runs the new image by a rollout; its id. `first` happens to the boards
    before anybody looks at them, `then` once they are known."""
    fleet = Fleet(count, settings=settings, **options)
    if first:
        first(fleet)
    fleet.ready()
    if then:
        then(fleet)
    fleet.rollout("--waves", "100%", *words, release=release)
    fleet.wait_state(*ENDS)
    return fleet, fleet.status()["id"]


def rollout(fleet, ident):
    return fleet.json("rollout", "status", ident)


def undo(fleet, ident, *words):
    return fleet.run("rollout", "undo", ident, *words)


def plan_of(fleet, ident):
    return fleet.json("rollout", "undo", ident, "--dry-run", allowed=(3,))


def versions(fleet):
    return [board["version"]["tag"] for board in fleet.seen().values()]


def a_fleet_goes_back(tap):
    fleet, first = updated(4)
    plan = undo(fleet, first, "--dry-run")
    tap.equal(plan.returncode, 3, "back: the plan alone " + plan.stderr)
    tap.ok("undo of rollout " + first[:8] in plan.stdout and "pushed again" in plan.stdout,
           "back: which says what goes back to what, and the risk")
    tap.equal(undo(fleet, first).returncode, 2, "back: nothing starts unasked")
    tap.equal(rollout(fleet, first)["state"], "completed", "back: and nothing has")
    done = undo(fleet, first, "--yes", "--waves", "1,100%", "--soak", "1s")
    tap.equal(done.returncode, 0, "back: started " + done.stderr)
    tap.equal(rollout(fleet, first)["state"], "undoing", "back: the first one says so")
    tap.equal(undo(fleet, first, "--yes").returncode, 8, "back: once at a time")
    end = fleet.wait_state(*ENDS)
    tap.equal((end["state"], end["undo_of"], end["outcomes"]),
              ("completed", first, {"confirmed": 4}), "back: every board")
    tap.equal(versions(fleet), [OLD] * 4, "back: to the old image")
    now = rollout(fleet, first)
    tap.equal((now["state"], now["outcomes"], now["exceptions"]),
              ("undone", {"reverted": 4}, []), "back: the first one is undone")
    tap.equal({b["version"]["state"] for b in fleet.seen().values()}, {"in-sync"},
              "back: and what runs is what should run")
    report = fleet.run("report").stdout
    tap.ok("The undo of rollout %s" % first[:8] in report and "4 of 4 boards were taken back" in
           report, "back: the report's first sentence")
    twice = undo(fleet, "latest", "--yes")
    tap.equal((twice.returncode, versions(fleet)), (8, [OLD] * 4),
              "back: asked for twice it does not turn round " + twice.stderr)
    tap.equal(undo(fleet, first, "--yes").returncode, 0, "back: nothing is left to undo")
    again = undo(fleet, end["id"], "--yes", "--wait", "--waves", "100%")
    tap.equal((again.returncode, versions(fleet)), (0, [NEW] * 4),
              "back: an undo is undone like any other " + again.stderr)
    now = rollout(fleet, first)
    tap.equal((now["state"], now["outcomes"]), ("completed", {"confirmed": 4}),
              "back: and the first one is what it was")
    third = undo(fleet, fleet.status()["id"], "--yes")
    tap.ok(third.returncode == 8 and first[:8] in third.stderr,
           "back: after that it is the first one that is undone " + third.stderr)
    fleet.stop_daemon()


def half_of_it(tap):
    """An undo that is aborted halfway shows; so does the board that it has left out, since
    it was in no inventory, until it is back."""
    fleet, first = updated(3)
    inventory = fleet.inventory()
    fleet.write(fleet.path("inventory.yaml"),
                inventory.replace("b-[01:03]", "b-[01:02]").replace(".[1:3]", ".[1:2]"))
    fleet.run("inventory", "reload")
    plan = plan_of(fleet, first)
    tap.equal([(e["board"], e["code"]) for e in plan["exceptions"]],
              [(name(3), "vanished")], "half: who is in no inventory is named")
    fleet.write(fleet.path("inventory.yaml"), inventory)
    fleet.run("inventory", "reload")
    fleet.wait_seen()
    tap.equal(plan_of(fleet, first)["boards"]["planned"], 3,
              "half: once it is back it is a part of it")
    undo(fleet, first, "--yes", "--waves", "1,100%", "--soak", "2s")
    wait_until("one is back", lambda: OLD in versions(fleet))
    wait_until("it is confirmed",
               lambda: rollout(fleet, first)["outcomes"].get("reverted") == 1)
    fleet.run("rollout", "abort", "--mode", "revert")
    wait_until("it has taken itself back",
               lambda: rollout(fleet, first)["outcomes"] == {"confirmed": 3}, 40)
    wait_until("all of it has ended", lambda: fleet.status()["state"] == "completed", 40)
    tap.equal(rollout(fleet, first)["state"], "completed", "half: taken back: as before")
    undo(fleet, first, "--yes", "--waves", "1,100%", "--soak", "2s")
    wait_until("it is confirmed",
               lambda: rollout(fleet, first)["outcomes"].get("reverted") == 1, 40)
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    tap.equal(rollout(fleet, first)["state"], "completed-with-exceptions",
              "half: what is undone of it is no secret")
    fleet.stop_daemon()


def of_others(tap):
    """What another rollout has, or has confirmed since, is not taken back: it is named."""
    fleet, first = updated(2)
    make_image(fleet.path("next.bin"), "v1.9.0", "2017-06-01")
    fleet.run("release", "add", fleet.path("next.bin"))
    fleet.rollout("--waves", "100%", "--soak", "20s", "--select", "name=" + name(2),
                  release="v1.9.0")
    other = fleet.status()["id"]
    fleet.run("rollout", "pause", other)
    plan = plan_of(fleet, first)
    tap.equal([(e["board"], e["code"], e["rollout"]) for e in plan["exceptions"]],
              [(name(2), "in-rollout", other)], "others: another rollout has it")
    stors = fleet.board(2)["counters"]["stors"]
    done = undo(fleet, first, "--yes", "--wait", "--waves", "100%")
    tap.equal((done.returncode, versions(fleet)[0], fleet.board(2)["counters"]["stors"]),
              (4, OLD, stors), "others: the rest goes back " + done.stderr)
    fleet.run("rollout", "abort", other)
    # Where the pause came too late for the push, what was reset soaks first.
    wait_until("it ends", lambda: rollout(fleet, other)["state"] == "aborted", 40)
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    newer = fleet.wait_state("completed")["id"]
    plan = plan_of(fleet, first)
    tap.equal([(e["board"], e["code"], e["rollout"]) for e in plan["exceptions"]],
              [(name(1), "confirmed-since", newer)], "others: a newer one has confirmed it")
    fleet.stop_daemon()


def an_older_undo_ends(tap):
    """The end of its catch-up is not that of the undo under way."""
    fleet, first = updated(2)
    fleet.power_off(2)
    undos = []
    for _ in range(2):
        undo(fleet, first, "--yes", "--waves", "100%")
        undos.append(fleet.status()["id"])
        wait_until("it has left that one to catch up", lambda: rollout(
            fleet, undos[-1])["state"] == "completed-with-exceptions")
    said = fleet.json("events")["events"]
    undone = [e["seq"] for e in said
              if e["rollout"] == first and "undoing -> undone" in e["detail"]]
    ended = [e["seq"] for e in said if e["rollout"] in undos and
             "-> completed-with-exceptions" in e["detail"] and e["name"] == "rollout-state"]
    tap.equal([seq > end for seq, end in zip(undone, ended)], [True, True],
              "older: it is undone once that one has ended, not before")
    fleet.stop_daemon()


def of_long_ago(tap):
    fleet, first = updated(2)
    fleet.power_off(2)
    for _ in range(21):
        fleet.rollout("--waves", "100%", "--select", "name=" + name(2))
        fleet.wait_state(*ENDS)
    fleet.stop_daemon()
    fleet.start_daemon()
    tap.equal(rollout(fleet, first)["state"], "completed", "old: the store still shows it")
    done = undo(fleet, first, "--yes")
    tap.ok(done.returncode == 8 and "too old" in done.stderr,
           "old: that it cannot be undone any more is said " + done.stderr)
    fleet.stop_daemon()


def the_daemon_dies_in_the_middle(tap):
    fleet, first = updated(3, board_options=["--rate", "100000"])
    tap.equal(undo(fleet, first, "--yes", "--waves", "1,100%").returncode, 0,
              "killed: an undo runs")
    for state in ("pushing", "returning", "pushing"):
        wait_until("a board is " + state, lambda: any(
            task["state"] == state for task in fleet.tasks().values()), 40)
        fleet.kill_daemon()
        fleet.start_daemon()
    end = fleet.wait_state(*ENDS, seconds=90)
    tap.equal((end["state"], end["undo_of"]), ("completed", first),
              "killed: it comes to the same end")
    tap.equal(versions(fleet), [OLD] * 3, "killed: every board is back")
    tap.equal(rollout(fleet, first)["state"], "undone", "killed: and the first one undone")
    fleet.stop_daemon()


def what_cannot_go_back_is_named(tap):
    def own_image(fleet):
        """Board 1 runs an image that nobody has added."""
        make_image(fleet.path("own.bin"), "v1.8.5", "2016-10-01")
        fleet.ctl("slot", 1, "update1", fleet.path("own.bin"))
        fleet.ctl("record", 1, "01010000")
        fleet.ctl("reset", 1)
        wait_until("it runs that", lambda: fleet.board(1)["state"] == "running" and
                   "v1.8.5" in fleet.board(1)["running"])

    def others_push(fleet):
        """Board 3 was seen, and then given an image by somebody else: what its slots hold
        now is not certain."""
        fleet.ctl("slot", 3, "update1", fleet.path("own.bin"))
        fleet.ctl("record", 3, "01010000")
        fleet.ctl("reset", 3)
        wait_until("it is seen",
                   lambda: fleet.seen()[name(3)]["version"]["tag"] == "v1.8.5")

    fleet, first = updated(3, first=own_image, then=others_push)
    plan = undo(fleet, first, "--dry-run")
    tap.equal(plan.returncode, 3, "named: a plan " + plan.stderr)
    done = undo(fleet, first, "--yes", "--wait", "--waves", "100%")
    tap.equal(done.returncode, 4, "named: one goes back, two do not " + done.stderr)
    end = fleet.status()
    tap.equal([(e["board"], e["state"], e["code"]) for e in end["exceptions"]],
              [(name(1), "refused", "undo-by-hand"), (name(3), "refused", "undo-no-image")],
              "named: a slot has the image, which only a hand can start, or maybe not")
    tap.equal(versions(fleet), [NEW, OLD, NEW], "named: the other one is back")
    fleet.run("release", "add", fleet.path("own.bin"))
    done = undo(fleet, first, "--yes", "--wait", "--waves", "100%")
    tap.equal((done.returncode, versions(fleet)), (0, ["v1.8.5", OLD, "v1.8.5"]),
              "named: with its image in a release it goes back too " + done.stderr)
    fleet.stop_daemon()


def others_were_there_first(tap):
    """A third image by the time that its turn comes, in a wave and in the catch-up."""
    def others_push(number):
        fleet.ctl("slot", number, "update1", third)
        fleet.ctl("record", number, "01010000")

    fleet, first = updated(3)
    third = make_image(fleet.path("third.bin"), "v1.9.0", "2017-06-01")
    fleet.power_off(3)
    undo(fleet, first, "--yes", "--waves", "1,100%", "--soak", "4s")
    wait_until("the canary soaks", lambda: any(
        task["state"] == "soaking" for task in fleet.tasks().values()))
    other = [n for n in (1, 2) if fleet.tasks()[name(n)]["state"] == "planned"][0]
    others_push(other)
    fleet.ctl("reset", other)
    wait_until("it is seen",
               lambda: fleet.seen()[name(other)]["version"]["tag"] == "v1.9.0")
    fleet.wait_state("completed-with-exceptions")
    others_push(3)
    fleet.ctl("power-on", 3)
    fleet.wait_task(name(3), "refused")
    tap.equal([(fleet.tasks()[name(n)]["state"], fleet.tasks()[name(n)]["code"])
               for n in (other, 3)], [("refused", "changed-by-others")] * 2,
              "others: what they have changed since the plan is refused")
    tap.equal(["v1.9.0" in fleet.board(n)["running"] for n in (other, 3)], [True] * 2,
              "others: and stays what it is")
    tap.equal([fleet.board(n)["counters"]["stors"] for n in (other, 3)], [1, 1],
              "others: no upload but the first rollout's")
    fleet.stop_daemon()


def an_armed_pycom_board_stays(tap):
    """Nothing can be pushed over what waits there, and its reset would start it."""
    fleet = Fleet(1, family="pycom", settings=QUIET,
                  board_options=["--rate", "200000"]).ready()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    first = fleet.status()["id"]
    fleet.run("rollout", "abort", "--mode", "revert", "--reason", "it kills boards")
    wait_until("nothing is taken back", lambda: any(
        e["name"] == "undo-refused" for e in fleet.json("events")["events"]))
    tap.equal((fleet.status()["id"], fleet.json("status")["armed"]), (first, [name(1)]),
              "armed: no undo begins, and the board is listed")
    tap.ok("undo-armed" in undo(fleet, first, "--dry-run").stdout, "armed: a plan says why")
    tap.ok(OLD in fleet.board(1)["running"],
           "armed: it never started what is taken back")
    fleet.stop_daemon()


def a_lost_pycom_board_is_looked_at_first(tap):
    """It may have been reset where nobody sees it, so an undo cannot leave it out; and as
    it never was its reset is left to nobody."""
    fleet = Fleet(1, family="pycom", board_options=["--rate", "200000"],
                  settings={"update": {"return": "2s"}, **QUIET}).ready()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    fleet.wait_task(name(1), "held")
    fleet.ctl("fault", 1, "move=%s.99" % fleet.net)  # it runs on, and nobody sees it
    fleet.run("rollout", "resume")
    fleet.wait_task(name(1), "lost")
    first = fleet.status()["id"]
    said = fleet.run("rollout", "abort").stdout
    tap.ok("waits." not in said, "lost: the abort waits for nobody")
    fleet.wait_state("aborted")
    tap.equal(plan_of(fleet, first)["boards"]["planned"], 1,
              "lost: what may run what is taken back is a part of the undo")
    undo(fleet, first, "--yes", "--waves", "100%")
    fleet.wait_task(name(1), "deferred")
    fleet.ctl("fault", 1, "clear")
    fleet.wait_task(name(1), "refused")
    tap.equal((fleet.tasks()[name(1)]["code"], fleet.json("status")["armed"]),
              ("undo-armed", [name(1)]), "lost: seen again it stays as it is, and listed")
    board = fleet.board(1)
    tap.ok(OLD in board["running"], "lost: it never started what is taken back")
    tap.equal([board["counters"][what] for what in ("stors", "resets")], [1, 0],
              "lost: nor was it pushed to again, nor reset")
    fleet.stop_daemon()


def there_and_back_after_an_expiry(tap):
    """What was undone twice is what it was before, an expired rollout too."""
    fleet = Fleet(2, settings=QUIET).ready()
    fleet.rollout("--waves", "1,100%", "--soak", "2s", "--expires", "1s")
    first = fleet.wait_state("expired")["id"]
    there = versions(fleet)
    tap.equal(sorted(there), [OLD, NEW], "expired: its canary alone has been updated")
    for ident, state, want in ((first, "undone", [OLD] * 2), ("", "expired", there)):
        done = undo(fleet, ident or fleet.status()["id"], "--yes", "--wait", "--waves",
                    "100%")
        tap.equal((done.returncode, versions(fleet), rollout(fleet, first)["state"]),
                  (0, want, state), "expired: " + state + " " + done.stderr)
    fleet.stop_daemon()


def an_undo_that_ends_early(tap):
    """What it was to take back is what it was before, whatever that was."""
    fleet = Fleet(6, settings=QUIET)
    groups = ("expired", "aborted", "completed-with-exceptions")
    rows = ['  - {name: "b-[%02d:%02d]", address: "%s.[%d:%d]", labels: {g: %s}}\n' %
            (n, n + 1, fleet.net, n, n + 1, group) for n, group in zip((1, 3, 5), groups)]
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().split("boards:")[0] +
                "boards:\n" + "".join(rows))
    fleet.ready()
    fleet.power_off(6)
    ids = {}
    for group, words in zip(groups, (("--soak", "2s", "--expires", "1s"),
                                     ("--soak", "2s"), ())):
        fleet.rollout("--waves", "1,100%", "--select", "g=" + group, *words)
        ids[group] = fleet.status()["id"]
    wait_until("its canary soaks",
               lambda: "soaking" in rollout(fleet, ids["aborted"])["outcomes"])
    fleet.run("rollout", "abort", ids["aborted"])
    for group in groups:
        wait_until("one is " + group,
                   lambda: rollout(fleet, ids[group])["state"] == group, 40)
    fleet.stop_daemon()
    fleet.write_settings(dict(QUIET, policy={"approval": "other-person"}))
    fleet.start_daemon()
    for group in groups:
        tap.equal(undo(fleet, ids[group], "--yes").returncode, 0, "early: asked for")
        tap.equal((fleet.status()["state"], rollout(fleet, ids[group])["state"]),
                  ("awaiting-approval", "undoing"), "early: nobody has agreed yet")
        fleet.run("rollout", "abort")
        fleet.wait_state("aborted")
        tap.equal(rollout(fleet, ids[group])["state"], group, "early: %s again" % group)
    fleet.ctl("power-on", 6)
    wait_until("the last one is back", lambda: fleet.seen()[name(6)]["reach"] == "online")
    late = [(e["board"], e["state"], e["code"])
            for e in rollout(fleet, ids[groups[2]])["exceptions"]]
    tap.equal((late, fleet.seen()[name(6)]["version"]["tag"]),
              ([(name(6), "cancelled", "superseded")], OLD),
              "early: who was still to catch up does not any more")
    fleet.stop_daemon()


def its_canary_halts_it(tap):
    fleet, first = updated(3)
    fleet.ctl("fault", "all", "corrupt-image")
    done = undo(fleet, first, "--yes", "--wait", "--waves", "1,100%")
    tap.equal(done.returncode, 5, "canary: the brake of an undo " + done.stderr)
    end = fleet.status()
    tap.equal((end["reason"], versions(fleet)), ("brake-canary", [NEW] * 3),
              "canary: what fell back runs on, the others were not touched")
    tap.equal(rollout(fleet, first)["state"], "undoing", "canary: the first one waits")
    watched = fleet.run("rollout", "watch", first)
    tap.ok(watched.returncode == 6 and
           end["id"][:8] + ", which is halted" in watched.stdout,
           "canary: to watch that would have no end: it names the undo " + watched.stdout)
    fleet.ctl("fault", "all", "clear")
    tap.equal(fleet.run("rollout", "abort").returncode, 0, "canary: aborted")
    fleet.wait_state("aborted")
    tap.equal(rollout(fleet, first)["state"], "completed",
              "canary: and the first one is what it was")
    fleet.stop_daemon()


def an_abort_takes_back(tap):
    fleet = Fleet(4, settings=QUIET, board_options=["--rate", "400000"]).ready()
    fleet.rollout("--waves", "2,100%", "--soak", "3s")
    wait_until("the first wave is through", lambda: sum(
        task["state"] == "confirmed" for task in fleet.tasks().values()) == 2, 60)
    first = fleet.status()["id"]
    watcher = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "-o", "jsonl", "rollout",
         "watch", first], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun = json.loads(watcher.stdout.readline())
    done = fleet.run("rollout", "abort", first, "--mode", "revert", "--reason", "wrong one")
    tap.equal(done.returncode, 0, "abort: and revert " + done.stderr)
    fleet.kill_daemon()
    fleet.start_daemon()
    wait_until("it is undone", lambda: rollout(fleet, first)["state"] == "undone", 60)
    tap.equal(versions(fleet), [OLD] * 4, "abort: the fleet runs what it ran before")
    tap.equal(fleet.status()["undo_of"], first, "abort: by an undo that began by itself")
    told, errors = watcher.communicate(timeout=60)
    told = [begun] + [json.loads(line) for line in told.splitlines()]
    tap.equal((watcher.returncode, begun["state"], [one["state"] for one in told if
               one["change"] == "rollout" and one["rollout"] != first][-1:]),
              (6, "running", ["completed"]), "abort: who watches is led into its undo")
    tap.ok("trying again" in errors and "The daemon is back." in errors,
           "abort: and past the restart " + errors)
    fleet.power_off(4)
    fleet.rollout("--waves", "100%")
    first = fleet.wait_state("completed-with-exceptions")["id"]
    fleet.run("rollout", "abort", first, "--mode", "revert")
    wait_until("that is undone too", lambda: rollout(fleet, first)["state"] == "undone", 60)
    tap.equal(versions(fleet), [OLD] * 4, "abort: of a catch-up, the same")
    fleet.stop_daemon()


def switches(tap, family, statement, tags, pushes_first=False):
    """The image sits in the other slot: nothing is pushed."""
    def images(fleet):
        fleet.new_image = make_image(fleet.path("next.bin"), tags[1], "2024-05-01",
                                     family=family)
        fleet.write(fleet.path("inventory.yaml"),
                    fleet.inventory().replace("family: wipy", "family: " + family))

    def back(ident, to, what):
        done = undo(fleet, ident, "--yes", "--wait", "--waves", "1,100%")
        tap.equal((done.returncode, versions(fleet)), (0, [to] * 2),
                  "%s: %s %s" % (family, what, done.stderr))

    with tempfile.TemporaryDirectory() as folder:
        image = make_image(folder + "/first.bin", tags[0], "2024-02-22", family=family)
        fleet, first = updated(2, first=images, factory=image, release=tags[1],
                               board_options=["--family", family])
    if pushes_first:
        plan = undo(fleet, first, "--dry-run").stdout
        tap.equal((plan.count(statement), plan.count("starts on trial")), (0, 2),
                  family + ": a slot that is not known for sure is pushed to")
        back(first, tags[0], "which is one way back")
        fleet.rollout("--waves", "100%", release=tags[1])
        first = fleet.wait_state(*ENDS)["id"]
    tap.equal(versions(fleet), [tags[1]] * 2, family + ": updated")
    pushed = [fleet.board(n)["counters"]["stor_bytes"] for n in (1, 2)]
    plan = undo(fleet, first, "--dry-run")
    tap.equal((plan.returncode, plan.stdout.count(statement)), (3, 2),
              family + ": planned without a push")
    back(first, tags[0], "every board is back")
    tap.ok(all(fleet.board(n)["counters"]["stor_bytes"] - pushed[n - 1] < 100
               for n in (1, 2)), family + ": no image went over the air")
    fleet.ctl("reset", "all")
    wait_until("they have started again",
               lambda: all(fleet.board(n)["state"] == "running" for n in (1, 2)))
    tap.equal([tags[0] in fleet.board(n)["running"] for n in (1, 2)], [True] * 2,
              family + ": and stays there")
    fleet.stop_daemon()
    for release in glob.glob(fleet.path("**/releases/%s*.json" % tags[1]), recursive=True):
        os.remove(release)
    fleet.start_daemon()
    fleet.wait_seen()
    back(fleet.status()["id"], tags[1], "there and back, the release is not missed")
    fleet.stop_daemon()


def the_least_risk_goes_first(tap):
    """Three boards, three ways back, none of which goes in the wave that it is dealt."""
    def waves():
        return [board for _, board in sorted(
            (task["wave"], board) for board, task in fleet.tasks().items())]

    fleet = Fleet(3, family="esp32", settings=dict(
        QUIET, policy={"approval": "other-person"})).ready()
    fleet.rollout("--waves", "1,1,100%")
    pushed, reset, switched = waves()
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    fleet.stop_daemon()
    # No poll of its own comes between: it would list the board on trial as armed.
    fleet.write_settings(dict(QUIET, poll={"every": "1h"}))
    fleet.start_daemon()
    fleet.run("poll")
    # Two whose slots are known, since they went there and back once.
    fleet.rollout("--waves", "100%", "--select", "name!=" + pushed)
    fleet.wait_state("completed")
    undo(fleet, fleet.status()["id"], "--yes", "--wait", "--waves", "100%")
    # One of them is on trial, and stays so.
    plain = fleet.inventory()
    rows = ['  - {name: %s, address: "%s.%d"%s}\n' % (
        name(n), fleet.net, n, ", probes: [{command: [/bin/false]}]"
        if name(n) == reset else "") for n in (1, 2, 3)]
    fleet.write(fleet.path("inventory.yaml"), plain.split("  - {")[0] + "".join(rows))
    fleet.run("inventory", "reload")
    fleet.rollout("--waves", "100%")
    fleet.wait_state("halted")
    fleet.write(fleet.path("inventory.yaml"), plain)
    fleet.run("inventory", "reload")
    first = fleet.status()["id"]
    fleet.run("rollout", "abort")
    fleet.wait_state("aborted")
    tap.equal(rollout(fleet, first)["outcomes"], {"confirmed": 2, "failed": 1},
              "order: one is on trial, two were told to stay")
    before = [fleet.board(n)["counters"]["stor_bytes"] for n in (1, 2, 3)]
    fleet.wait_seen()  # who is away comes last
    tap.equal([step["board"] for step in plan_of(fleet, first)["steps"]],
              [reset, switched, pushed], "order: planned by the risk")
    done = undo(fleet, first, "--yes", "--wait", "--waves", "1,1,100%")
    tap.equal((done.returncode, versions(fleet), waves()),
              (0, [OLD] * 3, [reset, switched, pushed]),
              "order: all are back, each in the wave of its risk " + done.stderr)
    ident = fleet.status()["id"]
    taken = [board for _, board in sorted(
        (e["seq"], e["board"]) for e in fleet.json("events")["events"]
        if e["rollout"] == ident and "waiting -> checking" in e["detail"])]
    tap.equal(taken, [reset, switched, pushed], "order: the order that was taken")
    images = [name(n) for n in (1, 2, 3)
              if fleet.board(n)["counters"]["stor_bytes"] - before[n - 1] > 1000]
    tap.equal(images, [pushed], "order: and only the last was pushed to")
    fleet.stop_daemon()


def a_trial_board_switches(tap):
    switches(tap, "esp32", "wipy.safeboot(2, safe=False)", ("v1.22.2", "v1.23.0"),
             pushes_first=True)


def a_pycom_board_switches(tap):
    switches(tap, "pycom", "pycom.bootmgr(boot_partition=?)",
             ("v1.11-6d01270", "v1.11-ffb0e1c"))


if __name__ == "__main__":
    TAP = Tap()
    for case in (a_fleet_goes_back, half_of_it, of_others, an_older_undo_ends,
                 of_long_ago, the_daemon_dies_in_the_middle,
                 what_cannot_go_back_is_named, others_were_there_first,
                 an_armed_pycom_board_stays, a_lost_pycom_board_is_looked_at_first,
                 an_undo_that_ends_early, there_and_back_after_an_expiry,
                 its_canary_halts_it, an_abort_takes_back, the_least_risk_goes_first,
                 a_trial_board_switches,
                 a_pycom_board_switches):
        TAP.case(case)
    TAP.done()
