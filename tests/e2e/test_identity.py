# SPDX-License-Identifier: MIT
"""What wipyd refuses to push to: images that have hurt a board of the type, and boards that
are not the ones that were there. What others have changed is said, with evidence; a
program that runs is left alone, and one that eats Ctrl-C is a reason and no hang."""

from fleet import Fleet, NEW, OLD, Tap, make_image, name, wait_until

QUIET = {"enrolment": {"login": False}}
ENDS = ("completed", "completed-with-exceptions", "halted")


def update(fleet, release=NEW, select=""):
    fleet.rollout("--waves", "100%", "--soak", "1s", "--select", select, release=release)
    end = fleet.wait_state(*ENDS, seconds=90)
    if end["state"] == "halted":
        fleet.run("rollout", "abort")
        fleet.wait_state("aborted", "completed-with-exceptions")
    return {e["board"]: (e["state"], e["code"]) for e in end["exceptions"]}


def events(fleet, board=None):
    words = ["events", "-n", "1000"] + (["--board", board] if board else [])
    return fleet.json(*words)["events"]


def names_of(fleet, board=None):
    return [event["name"] for event in events(fleet, board)]


# ---- known-bad images ----------------------------------------------------------------


def an_image_that_fell_back_is_refused(tap):
    fleet = Fleet(2, settings=QUIET).ready()
    inventory = fleet.inventory()
    # Board 2 is of a type of its own.
    fleet.write(fleet.path("inventory.yaml"), inventory.replace(
        '"b-[01:02]", address: "%s.[1:2]"}' % fleet.net,
        '"b-01", address: "%s.1"}\n  - {name: "b-02", address: "%s.2", type: lamp}'
        % (fleet.net, fleet.net)).replace("boards:\n", "types: {lamp: {family: wipy}}\n"
                                          "boards:\n"))
    done = fleet.run("inventory", "reload")
    tap.equal(done.returncode, 0, "known-bad: two types " + done.stderr)
    tap.ok("No image" in fleet.run("release", "known-bad", "list").stdout, "known-bad: none yet")
    # A push that broke off says nothing of the image.
    fleet.ctl("fault", 1, "drop-after=1000")
    tap.equal(update(fleet), {}, "known-bad: a torn push is repaired")
    tap.equal(fleet.json("release", "known-bad", "list")["known_bad"], [],
              "known-bad: which is not the image's fault")
    # What is stored wrong does not pass the boot loader's check: it falls back.
    later = make_image(fleet.path("later.bin"), "v1.8.9", "2017-03-01")
    fleet.run("release", "add", later)
    fleet.ctl("fault", 1, "corrupt-image")
    tap.equal(update(fleet, "v1.8.9"), {name(1): ("fell-back", "fell-back")},
              "known-bad: one falls back")
    listed = fleet.json("release", "known-bad", "list")["known_bad"]
    tap.equal([(e["type"], e["board"], e["code"], e["release"], e["cleared"])
               for e in listed], [("wipy", name(1), "fell-back", "v1.8.9", None)],
              "known-bad: for boards of its family, since it has no type")
    fleet.kill_daemon()
    fleet.start_daemon()
    refused = fleet.run("rollout", "--release", "v1.8.9", "--yes", "--select",
                        "name=" + name(1))
    tap.equal(refused.returncode, 8, "known-bad: refused next time, after a restart too")
    tap.ok("known-bad" in refused.stdout + refused.stderr, "known-bad: with the reason")
    tap.equal(fleet.seen()[name(2)]["version"]["tag"], "v1.8.9",
              "known-bad: another type took it")
    clear = ("release", "known-bad", "clear", "v1.8.9")
    tap.equal(fleet.run(*clear).returncode, 2, "known-bad: not cleared without a reason")
    tap.equal(fleet.run(*clear, "--type", "lamp", "--reason", "x").returncode != 0, True,
              "known-bad: nothing stands for the other type")
    done = fleet.run(*clear, "--type", "wipy", "--reason", "bad cable")
    tap.ok(done.returncode == 0 and "bad cable" in done.stdout,
           "known-bad: cleared " + done.stderr)
    tap.ok(fleet.run(*clear, "--reason", "again").returncode != 0, "known-bad: once")
    fleet.ctl("fault", 1, "clear")
    tap.equal(update(fleet, "v1.8.9"), {}, "known-bad: and pushed again")
    last = [e for e in events(fleet) if e["name"] == "known-bad-cleared"]
    tap.ok(len(last) == 1 and last[0]["actor"].startswith("uid ") and
           "bad cable" in last[0]["detail"], "known-bad: an event says who, and why")
    tap.equal(names_of(fleet).count("known-bad"), 1, "known-bad: one says since when")
    fleet.stop_daemon()


def an_image_that_a_person_adds_is_refused(tap):
    fleet = Fleet(2, settings={"update": {"soak": "3s"}, **QUIET}).ready()
    bad = ("release", "known-bad", "add")
    why = ("--reason", "it eats flash")
    for words, code, said in (
            ((NEW, "--type", "wipy"), 2, "--reason"),
            ((NEW, *why), 2, "--type"),
            (("v9", "--type", "wipy", *why), 2, "'v9' is no release"),
            ((NEW, "--type", "lamp", *why), 2, "no board is of type 'lamp'"),
            ((NEW, "--type", "esp8266", *why), 2, "has no image for boards of type esp8266"),
            (("ab" * 31, "--type", "wipy", *why), 2, "is no release")):
        done = fleet.run(*bad, *words)
        tap.equal(done.returncode, code, "added: refused: " + said)
        if not tap.ok(said in done.stderr, "added: and why: " + said):
            print("# said: " + done.stderr)
    tap.equal(fleet.json("release", "known-bad", "list")["known_bad"], [], "added: none of these")
    fleet.rollout("--waves", "1,100%")
    fleet.wait_task(*[board for board, task in fleet.tasks().items()
                      if task["wave"] == 1], "soaking")
    sha256 = fleet.json("release", "show", NEW)["release"]["images"][0]["sha256"]
    done = fleet.run(*bad, sha256[:8], "--type", "wipy", *why)
    tap.ok(done.returncode == 0 and "it eats flash" in done.stdout, "added " + done.stderr)
    tap.equal(fleet.run(*bad, NEW, "--type", "wipy", *why).returncode, 8, "added: once")
    fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(sorted((task["wave"], task["state"], task["code"] == "known-bad")
                     for task in fleet.tasks().values()),
              [(1, "confirmed", False), (2, "refused", True)],
              "added: a rollout that runs begins no further board with it")
    fleet.kill_daemon()
    fleet.start_daemon()
    plan = fleet.json("plan", "--release", NEW, allowed=(8,))
    tap.equal([entry["code"] for entry in plan["exceptions"]], ["known-bad"],
              "added: the plan refuses it, after a restart too")
    entry = fleet.json("release", "known-bad", "list")["known_bad"][0]
    tap.equal((entry["type"], entry["release"], entry["board"], entry["code"],
               entry["added_reason"]), ("wipy", NEW, "", None, "it eats flash"),
              "added: the list says why")
    tap.ok(entry["added_by"].startswith("uid "), "added: and by whom")
    last = [e for e in events(fleet) if e["name"] == "known-bad-added"]
    tap.equal([(e["actor"], "it eats flash" in e["detail"]) for e in last],
              [(entry["added_by"], True)], "added: one event says it too")
    tap.equal(fleet.run(*bad, "0f" * 32, "--type", "wipy", *why).returncode, 0,
              "added: an image that is in no release yet")
    tap.equal(fleet.run("release", "known-bad", "clear", NEW, "--reason",
                        "not so").returncode, 0, "added: and cleared")
    tap.equal(update(fleet), {}, "added: then it is pushed")
    fleet.stop_daemon()


def a_person_stops_what_a_rollout_has_found_out(tap):
    """What its own boards have shown is its brakes' business, until a person says more."""
    fleet = Fleet(2, settings=QUIET).ready()
    for number in (1, 2):
        fleet.ctl("fault", number, "corrupt-image")
    fleet.rollout("--waves", "1,100%")
    fleet.wait_state("halted")
    tap.equal(len(fleet.json("release", "known-bad", "list")["known_bad"]), 1, "said: it is known")
    done = fleet.run("release", "known-bad", "add", NEW, "--type", "wipy", "--reason",
                     "seen on the bench too")
    tap.equal((done.returncode, done.stderr), (0, ""), "said: by a person as well")
    fleet.run("rollout", "resume", "--reason", "go on")
    fleet.wait_state("completed-with-exceptions", "halted")
    tap.equal(sorted((task["wave"], task["code"]) for task in fleet.tasks().values()),
              [(1, "fell-back"), (2, "known-bad")], "said: it begins no further board")
    fleet.stop_daemon()


def an_image_that_lost_a_board_is_refused(tap):
    fleet = Fleet(1, settings={"update": {"return": "3s"}, **QUIET}).ready()
    fleet.ctl("fault", 1, "crash-at-boot")
    tap.equal(update(fleet), {name(1): ("lost", "no-return")}, "lost: it does not come back")
    listed = fleet.json("release", "known-bad", "list")["known_bad"]
    tap.equal([(e["type"], e["code"]) for e in listed], [("wipy", "no-return")],
              "lost: the image is known-bad")
    tap.equal(fleet.run("rollout", "--release", NEW, "--yes").returncode, 8,
              "lost: and refused")
    fleet.stop_daemon()


# ---- drift ---------------------------------------------------------------------------


def others_change_a_board(tap):
    fleet = Fleet(2, settings=QUIET).ready()
    tap.equal(update(fleet), {}, "drift: all run the new image")
    fleet.ctl("slot", 1, "update1", fleet.old_image)
    fleet.ctl("reset", 1)
    wait_until("the change is seen", lambda: fleet.seen()[name(1)]["version"]["state"] ==
               "changed-by-others")
    said = [e for e in events(fleet, name(1)) if e["name"] == "drift"]
    tap.ok(len(said) == 1 and said[0]["actor"] == "board " + name(1) and
           "'MicroPython %s on 2017-01-08; WiPy with CC3200' became 'MicroPython %s on " %
           (NEW, OLD) in said[0]["detail"], "drift: an event with both banners")
    tap.equal([n for n in names_of(fleet, name(2)) if n == "drift"], [],
              "drift: our own update is none")
    tap.equal(fleet.run("boards", "accept", name(2), "--reason", "x").returncode != 0, True,
              "drift: nothing to accept on the other")
    done = fleet.run("boards", "accept", name(1), "--reason", "the lab did it")
    tap.equal(done.returncode, 0, "drift: accepted " + done.stderr)
    tap.equal(fleet.seen()[name(1)]["version"]["state"], "behind",
              "drift: and compared with its target again")
    tap.equal(update(fleet), {}, "drift: the next rollout puts it right")
    tap.equal(names_of(fleet, name(1)).count("drift"), 1, "drift: which is none")
    fleet.stop_daemon()


def an_armed_boards_own_reset_is_no_drift(tap):
    fleet = Fleet(1, settings=QUIET, board_options=["--rate", "200000"]).ready()
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "pushing")
    fleet.run("rollout", "pause")
    fleet.wait_task(name(1), "held")
    fleet.ctl("reset", 1)
    wait_until("the reset is seen", lambda: fleet.seen()[name(1)]["version"]["tag"] == NEW)
    fleet.run("rollout", "resume", "--reason", "seen to")
    fleet.wait_state("completed")
    tap.equal([n for n in names_of(fleet, name(1)) if n in ("drift", "wrong-board")], [],
              "armed: a board that resets itself into the pushed image is no drift")
    fleet.stop_daemon()


# ---- another board -------------------------------------------------------------------


def another_board_at_the_address(tap):
    fleet = Fleet(2).ready()
    wait_until("the ids are known", lambda: all(
        fleet.json("board", name(n))["board"]["unique_id"] for n in (1, 2)))
    tap.equal([fleet.json("board", name(n))["board"]["unique_id"] for n in (1, 2)],
              ["d03972000001", "d03972000002"], "identity: read at enrolment")
    fleet.ctl("fault", 1, "swap")
    wait_until("the other board is seen",
               lambda: fleet.seen()[name(1)]["access"] == "wrong-board")
    detail = fleet.json("board", name(1))["board"]
    tap.equal((detail["unique_id"], detail["other_id"]), ("d03972000001", "d03972800001"),
              "identity: another unique id behind the same kind of banner")
    said = [e["detail"] for e in events(fleet, name(1)) if e["name"] == "wrong-board"]
    tap.ok(len(said) == 1 and "d03972800001 instead of d03972000001" in said[0],
           "identity: an event with the evidence")
    fleet.kill_daemon()
    fleet.start_daemon()
    pushes = fleet.board(1)["counters"]["stors"]
    exceptions = update(fleet)
    tap.equal(exceptions, {name(1): ("refused", "wrong-board")},
              "identity: never pushed to")
    tap.equal(fleet.board(1)["counters"]["stors"], pushes, "identity: not one upload")
    fleet.ctl("fault", 1, "clear")
    wait_until("the first one is back", lambda: fleet.board(1)["state"] == "running")

    def logs_in():
        fleet.json("poll", "--uname", name(1), allowed=(4,))
        return fleet.seen()[name(1)]["access"] == "login-ok"

    wait_until("and known again", logs_in)
    tap.equal(fleet.json("board", name(1))["board"]["other_id"], None,
              "identity: the right one heals it")
    tap.ok(fleet.seen()[name(1)]["version"]["state"] != "changed-by-others",
           "identity: nobody has changed that one")
    fleet.ctl("fault", 1, "swap")
    wait_until("the other is there again",
               lambda: fleet.seen()[name(1)]["access"] == "wrong-board")
    done = fleet.run("boards", "accept", name(1), "--reason", "replaced")
    tap.equal(done.returncode, 0, "identity: a person accepts it " + done.stderr)
    tap.equal(fleet.json("board", name(1))["board"]["unique_id"], "d03972800001",
              "identity: it belongs there now")
    wait_until("it is looked at", lambda: fleet.seen()[name(1)]["version"]["tag"])
    tap.equal(update(fleet), {}, "identity: and is updated")
    fleet.stop_daemon()


def change_places(fleet, first, second):
    """Each answers at the address of the other from now on."""
    fleet.ctl("fault", first, "move=%s.99" % fleet.net)
    fleet.ctl("fault", second, "move=%s.%d" % (fleet.net, first))
    fleet.ctl("fault", first, "move=%s.%d" % (fleet.net, second))


def twins_change_places(tap, title, defaults="", **settings):
    """Same family, type and banner: only a login tells them apart, and no poll comes first."""
    fleet = Fleet(2, settings=dict(settings, poll={"every": "1h", "retry": "1h"}))
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(defaults=defaults))
    fleet.start_daemon()
    fleet.add_releases()
    fleet.json("poll", "--uname")
    change_places(fleet, 1, 2)
    intrusions = fleet.json("board", name(1))["board"]["intrusions"]
    tap.equal(update(fleet, select="name=" + name(1)), {name(1): ("refused", "wrong-board")},
              title + "asked who it is, and refused")
    tap.equal([fleet.board(n)["counters"]["stors"] for n in (1, 2)], [0, 0],
              title + "not one upload")
    board = fleet.json("board", name(1))["board"]
    tap.equal((board["unique_id"], board["other_id"]), ("d03972000001", "d03972000002"),
              title + "the evidence names both")
    tap.equal(board["intrusions"], intrusions + 1, title + "which is counted as an intrusion")
    fleet.stop_daemon()


def twins_change_places_between_two_polls(tap):
    twins_change_places(tap, "twins: ")
    twins_change_places(tap, "twins, login by poll: ", ", poll: {method: uname}", **QUIET)


def twins_change_places_during_the_reset(tap):
    """The twin never had our mark, and runs the old image: that proves no fall-back."""
    fleet = Fleet(2, board_options=["--boot-ms", "1500"],
                  settings={"poll": {"every": "1h", "retry": "1h"}})
    fleet.start_daemon()
    fleet.add_releases()
    fleet.json("poll", "--uname")
    fleet.rollout("--waves", "100%", "--select", "name=" + name(1))
    fleet.wait_task(name(1), "returning")
    change_places(fleet, 1, 2)
    fleet.wait_state(*ENDS)
    task = fleet.tasks()[name(1)]
    tap.equal((task["state"], task["code"]), ("failed", "wrong-board"),
              "twins after a reset: the one that answers is another")
    tap.equal(fleet.json("release", "known-bad", "list")["known_bad"], [],
              "twins after a reset: the image has done nothing")
    fleet.stop_daemon()


def another_board_text(tap):
    fleet = Fleet(1, settings=QUIET).ready()
    fleet.ctl("fault", 1, "wrong-banner")
    wait_until("it is seen", lambda: fleet.seen()[name(1)]["access"] == "wrong-board")
    said = [e["detail"] for e in events(fleet, name(1)) if e["name"] == "wrong-board"]
    tap.ok(len(said) == 1 and "instead of WiPy with CC3200" in said[0],
           "board text: an event with the evidence")
    tap.equal(fleet.seen()[name(1)]["version"]["tag"], OLD,
              "board text: what is known of the right one stays")
    tap.ok("drift" not in names_of(fleet, name(1)), "board text: which is no drift")
    fleet.ctl("fault", 1, "clear")
    wait_until("the right one", lambda: fleet.seen()[name(1)]["access"] == "open")
    tap.ok(True, "board text: the right banner heals it")
    fleet.stop_daemon()


# ---- no harm -------------------------------------------------------------------------


def a_running_program(tap):
    fleet = Fleet(3, settings={"update": {"attempts": 1}, **QUIET}).ready()
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(
        defaults="").replace('"b-[01:03]", address: "%s.[1:3]"}' % fleet.net,
                             '"b-[01:02]", address: "%s.[1:2]"}\n  - {name: "b-03", '
                             'address: "%s.3", interrupt: false}' % (fleet.net, fleet.net)))
    done = fleet.run("inventory", "reload")
    tap.equal(done.returncode, 0, "program: one must not be interrupted " + done.stderr)
    fleet.ctl("fault", 1, "hog-repl")
    fleet.ctl("fault", 2, "eat-interrupt")
    fleet.ctl("fault", 3, "hog-repl")
    wait_until("the programs run", lambda: all(
        fleet.board(n)["state"] == "running" for n in (1, 2, 3)))
    fleet.wait_seen()
    before = fleet.json("board", name(1))["board"]["intrusions"]
    answer = fleet.json("poll", "--uname", name(1), allowed=(4,))["boards"][0]
    tap.equal(answer["status"], "busy-program", "program: a poll does not interrupt it")
    after = fleet.json("board", name(1))["board"]["intrusions"]
    tap.equal(after - before, 2, "program: the login and the one Ctrl-B are counted")
    tap.equal(update(fleet, select="name=" + name(1)), {},
              "program: interrupted for the reset, and updated")
    for number, what in ((2, "one that eats Ctrl-C ends with a reason"),
                         (3, "one that may not be interrupted is not")):
        tap.equal(update(fleet, select="name=" + name(number)),
                  {name(number): ("failed", "not-reset")}, "program: " + what)
        tap.ok("program" in fleet.tasks()[name(number)]["evidence"],
               "program: the evidence names it")
    tap.equal(fleet.client_resets(), 0, "program: no connection was reset by us")
    fleet.stop_daemon()


def our_own_close_is_not_busy(tap):
    fleet = Fleet(1, settings=QUIET).ready()
    said = set()
    # Each of these begins some 20 ms after the end of the one before.
    for _ in range(20):
        answer = fleet.json("poll", name(1), allowed=(4,))["boards"][0]
        said.add((answer["status"], answer["access"]))
    tap.equal(said, {("ok", "open")}, "busy: never what we have just left")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    for case in (an_image_that_fell_back_is_refused, an_image_that_a_person_adds_is_refused,
                 a_person_stops_what_a_rollout_has_found_out,
                 an_image_that_lost_a_board_is_refused, others_change_a_board,
                 an_armed_boards_own_reset_is_no_drift,
                 another_board_at_the_address, twins_change_places_between_two_polls,
                 twins_change_places_during_the_reset, another_board_text,
                 a_running_program, our_own_close_is_not_busy):
        TAP.case(case)
    TAP.done()
