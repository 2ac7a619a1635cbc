# SPDX-License-Identifier: MIT
"""Maintenance windows from end to end: a site whose window is closed stays untouched while
another goes on; repairs run through; what is wrong with the keys is told."""

import calendar
import os
import struct
import time

from fleet import Fleet, NEW, OLD, PATIENCE, Tap, name, wait_until

HOUR = 3600


def hours(begin, end):
    """A window in UTC that begins and ends so many hours from now, on whatever day."""
    now = time.time()
    return time.strftime("%H:%M", time.gmtime(now + begin * HOUR)) + "-" + \
        time.strftime("%H:%M", time.gmtime(now + end * HOUR))


class Sites(Fleet):
    """Boards 1 and 2 are always open, 3 and 4 stand at the site under test."""

    def site_inventory(self, keys, zone="Etc/UTC"):
        return (
            "version: 1\n"
            "defaults: {family: wipy, ports: {telnet: %d, ftp: %d}}\n"
            "sites:\n  open: {}\n  night: {timezone: %s, %s}\n"
            "boards:\n"
            "  - {name: \"b-[01:02]\", address: \"%s.[1:2]\", site: open}\n"
            "  - {name: \"b-[03:04]\", address: \"%s.[3:4]\", site: night}\n"
            % (self.telnet, self.ftp, zone, keys, self.net, self.net))

    def write_sites(self, keys, **options):
        self.write(self.path("inventory.yaml"), self.site_inventory(keys, **options))


def ready(keys, **options):
    fleet = Sites(4)
    fleet.write_sites(keys, **options)
    fleet.ready()
    return fleet


def running(fleet, numbers):
    return [OLD if OLD in fleet.board(n)["running"] else NEW for n in numbers]


def closed_site_waits(tap):
    # Hours away from now on both sides: no test runs into it.
    fleet = ready("windows: [\"%s\"]" % hours(8, 10))
    plan = fleet.run("rollout", "--release", NEW).stdout
    tap.ok("2 boards of site night wait for its maintenance window" in plan,
           "closed: the plan says so")
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "confirmed")
    fleet.wait_task(name(2), "confirmed")
    tasks = fleet.tasks()
    tap.equal([(tasks[name(n)]["state"], tasks[name(n)]["code"]) for n in (3, 4)],
              [("waiting", "window")] * 2, "closed: its boards wait, with the reason")
    status = fleet.status()
    tap.equal(status["state"], "running", "closed: the rollout goes on")
    tap.equal([(w["site"], w["timezone"], w["boards"]) for w in status["windows"]],
              [("night", "Etc/UTC", 2)], "closed: the site is named")
    opens = status["windows"][0]["opens"]
    ahead = calendar.timegm(time.strptime(opens, "%Y-%m-%dT%H:%M:%SZ")) - time.time()
    tap.ok(7 * HOUR < ahead <= 8 * HOUR, "closed: with the time it opens")
    tap.equal(status["windows"][0]["opens_local"], opens[:16].replace("T", " "),
              "closed: and as its clocks show it")
    tap.equal(tasks[name(3)]["opens"], opens, "closed: at the task as well")
    said = fleet.run("rollout", "status").stdout
    tap.ok("2 boards for the window of site night, which opens at 20" in said,
           "closed: a person is told")
    tap.equal([fleet.board(n)["counters"]["stors"] for n in (3, 4)], [0, 0],
              "closed: untouched")
    tap.equal(running(fleet, (1, 2, 3, 4)), [NEW, NEW, OLD, OLD],
              "closed: the other site is done")
    fleet.stop_daemon()
    fleet.start_daemon()
    wait_until("they wait again", lambda: fleet.tasks()[name(3)]["code"] == "window")
    tap.equal(fleet.board(3)["counters"]["stors"], 0, "closed: survives a restart")
    fleet.write_sites("windows: [\"00:00-24:00\"]")
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "opened: by a reload")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal((end["state"], end["windows"]), ("completed", []), "opened: and finished")
    fleet.stop_daemon()


def too_short_is_closed(tap):
    # An hour for the return alone: what is left of the window is less.
    fleet = ready("blackout: []")
    fleet.stop_daemon()
    fleet.write_settings({"update": {"return": "1h"}})
    fleet.write_sites("windows: [\"%s\"]" % hours(-1, 0.75))
    fleet.start_daemon()
    fleet.wait_seen()
    fleet.rollout("--waves", "100%")
    wait_until("its boards wait", lambda: [fleet.tasks()[name(n)]["code"] for n in
                                           (3, 4)] == ["window"] * 2)
    fleet.wait_task(name(1), "confirmed")
    tap.equal([fleet.board(n)["counters"]["stors"] for n in (3, 4)], [0, 0],
              "too short: nothing begins that cannot finish")
    fleet.run("rollout", "abort")
    end = fleet.wait_state("aborted")
    tap.equal(end["outcomes"].get("cancelled"), 2, "too short: what waits can be aborted")
    fleet.stop_daemon()


def make_zone(folder, zone, offset_s):
    """A time zone file whose clocks are ahead of UTC by so many seconds, below 60."""
    block = struct.pack(">iBB4s", offset_s, 0, 0, b"AAA\0")
    header = b"TZif2" + bytes(15) + struct.pack(">6I", 0, 0, 0, 0, 1, 4)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, zone), "wb") as file:
        file.write((header + block) * 2 + b"\nAAA-0:00:%02d\n" % offset_s)


def opens_by_itself(tap):
    # Windows begin on whole minutes, so the clocks of the site are made to be just before
    # one: at the next minute of theirs, some seconds from now, the window opens.
    fleet = Sites(4)
    os.environ["TZDIR"] = fleet.path("zones")
    make_zone(fleet.path("zones"), "Soon", 0)
    fleet.write_sites("blackout: []", zone="Soon")
    fleet.ready()
    ahead = 6 * PATIENCE
    opens = int(time.time()) + ahead
    make_zone(fleet.path("zones"), "Soon", -opens % 60)
    local = [time.strftime("%H:%M", time.gmtime(opens + -opens % 60 + hour * HOUR))
             for hour in (0, 8)]
    fleet.write_sites("windows: [\"%s-%s\"]" % tuple(local), zone="Soon")
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "by itself: taken into use")
    fleet.rollout("--waves", "100%")
    wait_until("its boards wait", lambda: fleet.tasks()[name(3)]["code"] == "window")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.ok(time.time() >= opens, "by itself: not before it opens")
    tap.equal(end["outcomes"], {"confirmed": 4}, "by itself: then all are updated")
    tap.ok(time.time() < opens + 30 * PATIENCE, "by itself: woken when it opens")
    fleet.stop_daemon()
    del os.environ["TZDIR"]


def blackout_closes(tap):
    today = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + d * 24 * HOUR))
             for d in (-1, 1)]
    fleet = ready("blackout: [\"%s..%s\"]" % tuple(today), zone="Asia/Kathmandu")
    fleet.rollout("--waves", "100%")
    fleet.wait_task(name(1), "confirmed")
    wait_until("its boards wait", lambda: fleet.tasks()[name(3)]["code"] == "window")
    windows = fleet.status()["windows"]
    tap.equal(windows[0]["opens_local"][11:], "00:00", "blackout: ends at midnight there")
    tap.equal(windows[0]["opens"][11:], "18:15:00Z", "blackout: which is 18:15 UTC")
    tap.equal(fleet.board(3)["counters"]["stors"], 0, "blackout: untouched")
    fleet.stop_daemon()


def dirty_board_is_repaired(tap):
    # The push breaks while the window is open; it is repaired though it closes then.
    fleet = ready("windows: [\"00:00-24:00\"]")
    fleet.ctl("fault", 3, "drop-after=50000")
    fleet.stop_daemon()
    fleet.write_settings({"update": {"back-off": "3s"}})
    fleet.start_daemon()
    fleet.rollout("--waves", "100%", "--select", "name=" + name(3))
    fleet.wait_task(name(3), "backoff")
    fleet.write_sites("windows: [\"%s\"]" % hours(8, 10))
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "dirty: the window closes")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 1}, "dirty: repaired through the closed window")
    tap.equal(fleet.board(3)["counters"]["stors"], 2, "dirty: by a second push")
    fleet.stop_daemon()


def said_by_a_reload(tap, fleet, what, places, changed):
    """Checked, then taken into use: both say what has changed, and so does the event."""
    done = fleet.run("inventory", "diff")
    tap.equal(done.returncode, 3, what + ": there are changes")
    tap.ok("note: %s\n" % places in done.stdout, what + ": they are named")
    tap.ok("no changes" not in done.stdout, what + ": nobody says that there are none")
    answer = fleet.json("inventory", "reload")
    tap.equal((answer["changed"], answer["notes"]), (changed, [places]),
              what + ": with the boards that it holds for")
    detail = "0 added, 0 removed, %d changed; %s" % (len(changed), places)
    wait_until("the event says the same", lambda: detail in [
        e["detail"] for e in fleet.json("events")["events"]])
    tap.ok(True, what + ": in the events")
    tap.equal(fleet.run("inventory", "diff").returncode, 0, what + ": once")


def changes_of_places_are_told(tap):
    fleet = ready("windows: [\"01:00-02:00\"], blackout: [\"2026-12-24\"]")
    night = [name(3), name(4)]
    fleet.write_sites("windows: [\"01:00-02:00\"]")
    said_by_a_reload(tap, fleet, "no blackout", "site night: blackout changed", night)
    fleet.write_sites("windows: [\"01:00-03:00\"], max-pushes: 2")
    said_by_a_reload(tap, fleet, "two keys",
                     "site night: windows, max-pushes changed", night)
    everywhere = fleet.site_inventory("bandwidth: 1MB/s", zone="Asia/Kathmandu").replace(
        "open: {}", "open: {max-pushes: 1}").replace(
        "site: open", "site: open, access-point: ap1")
    limits = "access-points: {ap1: {bandwidth: 1MB/s}}\nboards:"
    fleet.write(fleet.path("inventory.yaml"), everywhere.replace("boards:", limits))
    said_by_a_reload(tap, fleet, "all keys", "site open: max-pushes changed; site night: "
                     "timezone, windows, max-pushes, bandwidth changed",
                     [name(1), name(2)] + night)
    fleet.write(fleet.path("inventory.yaml"),
                everywhere.replace("boards:", limits.replace("1MB", "2MB")))
    said_by_a_reload(tap, fleet, "an access point", "access point ap1: bandwidth changed",
                     [name(1), name(2)])
    fleet.stop_daemon()


def many_changes_of_places(tap):
    def inventory(pushes):
        sites = ["%s-%02d" % ("long-name" * 5, i) for i in range(1, 13)]
        return ("version: 1\ndefaults: {family: wipy, ports: {telnet: %d, ftp: %d}}\n"
                "sites:\n%sboards:\n%s" % (
                    fleet.telnet, fleet.ftp,
                    "".join("  %s: {max-pushes: %d}\n" % (s, pushes) for s in sites),
                    "".join("  - {name: b-%02d, address: %s.%d, site: %s}\n"
                            % (i, fleet.net, i, s) for i, s in enumerate(sites, 1))))

    fleet = Fleet(12)
    fleet.write(fleet.path("inventory.yaml"), inventory(1))
    fleet.start_daemon()
    fleet.write(fleet.path("inventory.yaml"), inventory(2))
    answer = fleet.json("inventory", "reload")
    tap.equal(len(answer["changed"]), 12, "many: all are changed")
    tap.equal(len(answer["notes"]), 1, "many: one note")
    told = answer["notes"][0].split("; ")
    tap.ok(len(answer["notes"][0]) < 320 and
           told[-1] == "and %d more" % (12 - (len(told) - 1)),
           "many: some by name, and how many more")
    fleet.stop_daemon()


def faults_are_told(tap):
    fleet = ready("windows: [\"00:00-24:00\"]")
    fleet.write_sites("windows: [\"Mon 1-5\"]", zone="Europe/Berln")
    done = fleet.run("inventory", "diff")
    tap.equal(done.returncode, 2, "faults: exit code 2")
    tap.ok("inventory.yaml:5:21: unknown time zone 'Europe/Berln'" in
           done.stdout + done.stderr, "faults: the zone, with its place")
    tap.ok("a window is written as" in done.stdout + done.stderr, "faults: the window")
    fleet.stop_daemon()


if __name__ == "__main__":
    if not os.path.isdir("/usr/share/zoneinfo"):
        print("1..0 # SKIP the package tzdata is not installed")
    else:
        TAP = Tap()
        for case in (closed_site_waits, too_short_is_closed, opens_by_itself,
                     blackout_closes, dirty_board_is_repaired,
                     changes_of_places_are_told, many_changes_of_places,
                     faults_are_told):
            TAP.case(case)
        TAP.done()
