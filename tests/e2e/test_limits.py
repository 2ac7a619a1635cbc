# SPDX-License-Identifier: MIT
"""Limits and dealing from end to end: bytes a second on the wire, what a slow line can
feed, a board that ends its upload early, the first wave as a sample, budgets with their
denominators, approval by another person, expiry."""

import os
import time

from fleet import Failed, Fleet, Tap, make_image, name, wait_until

IMAGE = 100_000


def limited(count, inventory_of, settings=None, image=IMAGE, board_options=()):
    """A fleet whose images are of a size that takes a while."""
    fleet = Fleet(count, settings=settings, board_options=board_options)
    make_image(fleet.new_image, "v1.8.7", "2017-01-08", size=image)
    fleet.write(fleet.path("inventory.yaml"), inventory_of(fleet))
    fleet.ready()
    return fleet


def head(fleet, extra):
    return ("version: 1\ndefaults: {family: wipy, ports: {telnet: %d, ftp: %d}}\n%sboards:\n"
            % (fleet.telnet, fleet.ftp, extra))


def one_site(bandwidth):
    return lambda fleet: head(fleet, "sites: {s: {bandwidth: %s}}\n" % bandwidth) + (
        "  - {name: \"b-[01:%02d]\", address: \"%s.[1:%d]\", site: s}\n"
        % (fleet.count, fleet.net, fleet.count))


def pushing(fleet):
    return [task for task in fleet.tasks().values() if task["state"] == "pushing"]


def follow(fleet):
    """Samples of (time, bytes taken by board), and the most boards in flight at once."""
    samples, most = [], 0
    flying = ("checking", "pushing", "staged", "resetting", "returning", "verifying")
    while fleet.status()["state"] == "running":
        tasks = fleet.tasks()
        samples.append((time.monotonic(), {board: task["bytes_taken"]
                                           for board, task in tasks.items()}))
        most = max(most, sum(task["state"] in flying for task in tasks.values()))
        if time.monotonic() - samples[0][0] > 120:
            raise Failed("the rollout does not end")
    return samples, most


def longest_gap(samples, size):
    """Of all boards: the longest time without news within an upload."""
    gap = 0.0
    for board in samples[0][1]:
        last_time, last = None, 0
        for now, taken in samples:
            if taken[board] == last:
                continue
            if last_time is not None and last < size:
                gap = max(gap, now - last_time)
            last_time, last = now, taken[board]
    return gap


def bytes_a_second(tap):
    rate = 200_000
    fleet = limited(6, one_site("200kB/s"))
    fleet.rollout("--waves", "100%")
    samples, _ = follow(fleet)
    end = fleet.status()
    tap.equal(end["outcomes"], {"confirmed": 6}, "bytes a second: all confirmed")
    total = [(now, sum(taken.values())) for now, taken in samples]
    first = next(at for at in total if at[1] > 0)
    last = next(at for at in total if at[1] >= 6 * IMAGE)
    got = (last[1] - first[1]) / (last[0] - first[0])
    # What a send buffer holds may be taken before it is counted, not more.
    tap.ok(rate * 0.7 < got < rate * 1.15,
           "bytes a second: %d of %d on the wire" % (got, rate))
    window = max(((b - a) - rate * (t - s), t - s) for i, (s, a) in enumerate(total)
                 for t, b in total[i:])
    tap.ok(window[0] < 65536 + rate * 0.2,
           "bytes a second: never a burst (%d bytes in %.2f s too many)" % window)
    gap = longest_gap(samples, IMAGE)
    tap.ok(gap < 2, "bytes a second: no gap within a push over 2 s (%.2f s)" % gap)
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 6,
              "bytes a second: one push each")
    fleet.stop_daemon()


def a_line_that_feeds_two(tap):
    fleet = limited(4, one_site("40kB/s"), image=40_000)
    fleet.rollout("--waves", "100%")
    samples, most = follow(fleet)
    tap.equal(fleet.status()["outcomes"], {"confirmed": 4}, "slow line: all confirmed")
    tap.equal(most, 2, "slow line: two boards at once, the others wait")
    gap = longest_gap(samples, 40_000)
    tap.ok(gap < 2, "slow line: no gap within a push over 2 s (%.2f s)" % gap)
    fleet.stop_daemon()


def lowered_under_running_pushes(tap):
    """Where there was no limit, one that feeds a single push is set while eight run."""
    count, image, each = 8, 150_000, 16_000
    fleet = limited(count, one_site("1GB/s"), image=image,
                    settings={"update": {"domain-share": "100%"}},
                    board_options=["--rate", "60000"])
    plain = fleet.path("inventory.yaml")
    fleet.write(plain, head(fleet, "sites: {s: {}}\n") + one_site("1GB/s")(fleet).split(
        "boards:\n")[1])
    fleet.run("inventory", "reload")
    fleet.rollout("--waves", "100%")
    wait_until("all are pushed to", lambda: sum(
        task["bytes_taken"] > 0 for task in pushing(fleet)) == count)
    fleet.write(plain, one_site("16kB/s")(fleet))
    tap.equal(fleet.run("inventory", "reload").returncode, 0, "lowered: by a reload")
    samples, _ = follow(fleet)
    tap.equal(fleet.status()["outcomes"], {"confirmed": count}, "lowered: all confirmed")
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), count,
              "lowered: one push each")
    gap = longest_gap(samples, image)
    tap.ok(gap < 2, "lowered: no gap within a push over 2 s (%.2f s)" % gap)
    # What was in the buffers is through after a second.
    total = [(now, sum(taken.values())) for now, taken in samples
             if now > samples[0][0] + 1]
    last = next(at for at in total if at[1] >= count * image)
    got = (last[1] - total[0][1]) / (last[0] - total[0][0])
    tap.ok(0.7 < got / (count * each) < 1.5,
           "lowered: %d bytes a second, %d for each board" % (got, each))
    fleet.stop_daemon()


def one_access_point(tap):
    def inventory(fleet):
        return head(fleet, "access-points: {ap1: {max-pushes: 1}}\n") + "".join(
            "  - {name: b-%02d, address: %s.%d, access-point: ap1}\n" % (i, fleet.net, i)
            for i in range(1, 5))

    fleet = limited(4, inventory)
    fleet.rollout("--waves", "100%")
    _, most = follow(fleet)
    tap.equal(fleet.status()["outcomes"], {"confirmed": 4}, "access point: all confirmed")
    tap.equal(most, 1, "access point: one board at a time behind it")
    fleet.stop_daemon()


def a_share_of_the_room(tap):
    def inventory(fleet):
        return head(fleet, "") + "".join(
            "  - {name: b-%02d, address: %s.%d, labels: {room: r}}\n" % (i, fleet.net, i)
            for i in range(1, 9))

    fleet = limited(8, inventory, settings={"update": {"domain-share": "25%"}})
    fleet.rollout("--waves", "100%")
    _, most = follow(fleet)
    tap.ok(1 <= most <= 2, "room: never more than 2 of 8 at once (%d)" % most)
    fleet.stop_daemon()


def upload_that_the_board_ends(tap):
    # All bytes are in the board's TCP, which acknowledges them, and it says 226.
    fleet = limited(2, one_site("1GB/s"))
    fleet.ctl("fault", 1, "drop-after=%d" % (IMAGE - 60_000))
    fleet.ctl("fault", 2, "rst-after=%d" % (IMAGE - 1))
    fleet.rollout("--waves", "100%")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal(end["outcomes"], {"confirmed": 2}, "ended early: all confirmed")
    tap.equal([fleet.board(k)["counters"]["stors"] for k in (1, 2)], [2, 2],
              "ended early: pushed again")
    tap.equal([fleet.board(k)["counters"]["resets"] for k in (1, 2)], [1, 1],
              "ended early: before the only reset")
    fleet.stop_daemon()


def a_sample_goes_first(tap):
    def inventory(fleet):
        boards = [(1, "s", "a"), (2, "s", "a"), (3, "s", "a"), (4, "s", "b"),
                  (5, "t", "a"), (6, "s", "a"), (7, "s", "a"), (8, "s", "a")]
        return head(fleet, "types: {a: {family: wipy}, b: {family: wipy}}\n"
                           "sites: {s: {}, t: {}}\n") + "".join(
            "  - {name: b-%02d, address: %s.%d, site: %s, type: %s}\n"
            % (i, fleet.net, i, site, kind) for i, site, kind in boards)

    fleet = limited(8, inventory)
    fleet.rollout("--waves", "2,100%")
    first = {board for board, task in fleet.tasks().items() if task["wave"] == 1}
    tap.equal(first, {name(4), name(5)}, "sample: a board of each type and site")
    tap.equal(fleet.wait_state("completed")["outcomes"], {"confirmed": 8},
              "sample: all confirmed")
    fleet.stop_daemon()


def budgets(tap):
    fleet = Fleet(8, settings={"brakes": {"fell-back": 2}}).ready()
    fleet.rollout("--waves", "1,100%", "--soak", "1s")
    second = sorted(board for board, task in fleet.tasks().items() if task["wave"] == 2)
    for board in second[:2]:
        fleet.ctl("fault", int(board.split("-")[1]), "corrupt-image")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal((end["state"], end["reason"]), ("halted", "brake-fell-back"),
              "budgets: the second board halts")
    brakes = end["brakes"]
    tap.equal(brakes["fell_back"], {"count": 2, "budget": "2"}, "budgets: counted")
    tap.equal(brakes["text"], "2 of %d attempted fell back, budget 2 boards"
              % brakes["attempted"], "budgets: with their denominator")
    tap.ok(brakes["text"] in fleet.run("rollout", "status").stdout,
           "budgets: the status says so")
    said = [event["detail"] for event in fleet.json("events")["events"]
            if event["name"] == "rollout-state" and "halted" in event["detail"]]
    tap.ok(said and " attempted fell back, budget 2 boards" in said[0],
           "budgets: the event says so")
    fleet.stop_daemon()


def post_as(fleet, uid, path):
    """Asks the daemon as another user. The HTTP status, or None if that cannot be tried."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        status = 0
        try:
            os.setuid(uid)
            status = fleet.api(path, {})[0]
        finally:
            os.write(theirs, b"%d" % status)
            os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    answer = int(os.read(ours, 10) or 0)
    os.close(ours)
    return answer or None


def another_person(tap):
    fleet = Fleet(3, settings={"policy": {"approval": "other-person"}}).ready()
    done = fleet.run("rollout", "--release", "v1.8.7", "--yes", "--waves", "100%")
    tap.ok(done.returncode == 0 and "wipyctl rollout approve" in done.stdout,
           "approval: the starter is told whom to ask")
    tap.equal(fleet.status()["state"], "awaiting-approval", "approval: nothing has begun")
    tap.equal(sum(b["counters"]["stors"] for b in fleet.ctl("status")["boards"]), 0,
              "approval: nothing was pushed")
    fleet.run("release", "retire", "v1.8.7")
    refused = fleet.run("rollout", "approve")
    tap.ok(refused.returncode == 8 and "is retired" in refused.stderr,
           "approval: not of a release that was retired meanwhile")
    fleet.run("release", "retire", "v1.8.7", "--back")
    refused = fleet.run("rollout", "approve")
    tap.ok(refused.returncode != 0 and "who started a rollout cannot approve it" in
           refused.stderr, "approval: not by oneself")
    tap.ok("explain awaiting-approval" in fleet.run("rollout", "resume").stderr,
           "approval: what cannot be said names where to read what can")
    fleet.kill_daemon()
    fleet.start_daemon()
    tap.equal(fleet.status()["state"], "awaiting-approval", "approval: kept over a crash")
    os.chmod(fleet.dir, 0o755)
    if os.getuid() != 0 or post_as(fleet, 65534, "/v1/rollouts/latest/approve") != 200:
        tap.skip("approval: by another person", "no other user to be here")
        fleet.run("rollout", "abort")
        tap.equal(fleet.wait_state("aborted")["outcomes"], {"cancelled": 3},
                  "approval: or taken back")
    else:
        end = fleet.wait_state("completed")
        tap.equal(end["outcomes"], {"confirmed": 3}, "approval: by another person")
        said = [event["actor"] for event in fleet.json("events")["events"]
                if "awaiting-approval -> running" in event["detail"]]
        tap.equal(said, ["uid 65534"], "approval: the event names who approved")
    fleet.stop_daemon()


def time_is_over(tap):
    fleet = Fleet(4).ready()
    fleet.rollout("--waves", "1,100%", "--soak", "4s", "--expires", "2s")
    tap.ok(fleet.status()["expires"] is not None, "expiry: said from the start")
    wait_until("boards are left out", lambda: fleet.status()["outcomes"].get("cancelled"))
    tap.equal(fleet.status()["state"], "running", "expiry: what is under way goes on")
    end = fleet.wait_state("expired", "completed", "halted")
    tap.equal((end["state"], end["outcomes"]), ("expired", {"confirmed": 1, "cancelled": 3}),
              "expiry: the first wave ends, no other begins")
    tap.equal({task["code"] for task in fleet.tasks().values()
               if task["state"] == "cancelled"}, {"expired"}, "expiry: with its reason")
    tap.equal(fleet.run("rollout", "watch").returncode, 7, "expiry: exit code 7")
    fleet.stop_daemon()


def main():
    tap = Tap()
    for case in (bytes_a_second, a_line_that_feeds_two, lowered_under_running_pushes,
                 one_access_point, a_share_of_the_room, upload_that_the_board_ends,
                 a_sample_goes_first, budgets, another_person, time_is_over):
        tap.case(case)
    tap.done()


if __name__ == "__main__":
    main()
