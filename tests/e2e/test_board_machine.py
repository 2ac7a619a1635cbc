# SPDX-License-Identifier: MIT
"""What can happen to the machine of a virtual board: power, flash, images, identity, place,
time, faults that come by themselves."""

import os
import resource
import shutil
import socket
import subprocess
import time

from board_bench import (BENCH, Case, IMAGE, Link, NEW, OLD, fetch, ftp, is_refused, put,
                         refused, seconds_until, telnet, upload)
from boards import Boards, BoardsFailed
from fleet import BUILD, make_image, wait_until


def power_cut_at(tap):
    # of 344 operations: the slot is closed by the 342nd, the record follows
    for number in (1, 2, 3, 200, 341, 342, 343, 344):
        case = Case()
        case.fault("power-cut-at=%d" % number)
        control, data, _ = upload(BENCH.boards, case.number, BENCH.payload)
        tap.ok(not control.hear("226 ", 1), "power-cut-at=%d: no 226" % number)
        tap.equal((case.status()["state"], control.end, case.status()["faults"]),
                  ("off", None, []), "power-cut-at=%d: silent and dark" % number)
        torn = case.status()["slot_files"]["update1"]
        tap.equal(torn and torn["open"], None if number == 1 else number <= 342,
                  "power-cut-at=%d: whether the slot was closed" % number)
        case.ctl("power-on")
        BENCH.boards.clock.pass_time(1, [])
        status = case.status()
        tap.equal((status["running"], status["state"], status["record_hex"]),
                  (OLD, "running", "00 01 00 00"), "power-cut-at=%d: boots" % number)
        control.close()
        data.close()


def corrupt_image(tap):
    case = Case()
    case.fault("corrupt-image")
    control, _, _ = upload(BENCH.boards, case.number, BENCH.payload)
    tap.ok(control.hear("226 "), "corrupt-image: 226")
    tap.equal(case.status()["slots"]["update1"], "bad", "corrupt-image: stored wrong")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(1, [])
    tap.equal(case.status()["running"], OLD, "corrupt-image: falls back")


def images_that_fail(tap):
    case = Case()
    case.fault("crash-at-boot")
    case.install()
    BENCH.boards.clock.pass_time(2, [])
    tap.ok(is_refused(case.number, "ftp"), "crash-at-boot: no network")
    tap.equal(case.status()["state"], "halted", "crash-at-boot: halted")
    case.fault("clear", "never-join")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(60, [])
    status = case.status()
    tap.equal((status["state"], status["running"], status["joined"],
               is_refused(case.number, "telnet")), ("running", NEW, False, True),
              "never-join: it runs, and nobody can tell")
    case.fault("clear")
    BENCH.boards.clock.pass_time(0.1, [])
    tap.ok(telnet(BENCH.boards, case.number).close() is None, "never-join: joins after clear")
    case.fault("crash-after=40")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(39, [])
    link = telnet(BENCH.boards, case.number)
    BENCH.boards.clock.pass_time(2, [])
    tap.ok(not link.ask("1\r\n", "1", 5) and not link.end and
           is_refused(case.number, "ftp"), "crash-after: hangs, and says nothing")
    tap.equal(case.status()["state"], "hung", "crash-after: hung")
    case.ctl("record", "00010000")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(60, [])
    tap.equal((case.status()["state"], case.status()["running"]), ("running", OLD),
              "crash-after: the factory image is good")


def safe_boot(tap):
    case = Case()
    case.ctl("pin", "high")
    case.ctl("reset")
    BENCH.boards.clock.pass_time(0.9, [])
    case.ctl("pin", "low")
    BENCH.boards.clock.pass_time(2, [])
    link = telnet(BENCH.boards, case.number)
    link.ask("import network; w = network.WLAN()\r\n", ">>> ")
    tap.ok(link.ask("w.mode() == w.AP, w.isconnected()\r\n", "(True, True)"),
           "safe boot: an access point, at the board's address")
    tap.ok(link.ask("w.ssid()\r\n", "'wipy-wlan"), "safe boot: of its own name")
    link.close()
    case.ctl("reset")
    BENCH.boards.clock.pass_time(2, [])
    link = telnet(BENCH.boards, case.number)
    link.ask("import network; w = network.WLAN()\r\n", ">>> ")
    tap.ok(link.ask("w.mode() == w.STA\r\n", "True"), "safe boot: once")
    link.close()


def another_board(tap):
    case = Case()
    case.fault("swap")
    BENCH.boards.clock.pass_time(1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    link.hear("\n")
    tap.ok(link.heard.startswith(b"MicroPython v1.8.4-7-g0123abc on 2016-09-30; WiPy with"),
           "swap: another fingerprint")
    link.close()
    control, _, _ = upload(BENCH.boards, case.number, BENCH.payload)
    control.hear("226 ")
    control.close()
    case.ctl("reset")
    BENCH.boards.clock.pass_time(1, [])
    tap.equal(case.status()["running"], NEW, "swap: the other board takes an update")
    case.fault("clear")
    BENCH.boards.clock.pass_time(1, [])
    status = case.status()
    tap.equal((status["running"], status["slots"]["update1"]), (OLD, "empty"),
              "swap: the first one is as it was")


def another_place(tap):
    case = Case()
    place = BENCH.boards.address(BENCH.count + 7)
    case.fault("move=" + place)
    BENCH.boards.clock.pass_time(0.1, [])
    tap.ok(is_refused(case.number, "telnet") and is_refused(case.number, "ftp"),
           "move: nobody at the old place")
    link = Link(BENCH.boards, 0, "telnet", place)
    tap.ok(link.hear("Login as: "), "move: it is at the new one")
    tap.equal(case.status()["faults"], ["move=" + place], "move: status")
    case.fault("clear")
    tap.ok(link.hear(None), "move: closed when it goes")
    BENCH.boards.clock.pass_time(0.1, [])
    tap.ok(telnet(BENCH.boards, case.number), "move: back home")


def no_such_place(tap):
    case = Case()
    taken = BENCH.boards.address(case.number + 1)
    for place, why in ((taken, "Address already in use"),
                       ("192.0.2.7", "Cannot assign requested address"),
                       ("0.0.0.0", "wants the IPv4 address of one machine"),
                       ("224.0.0.1", "wants the IPv4 address of one machine")):
        answer = refused("fault", case.number, "move=" + place)
        tap.ok(why in answer and place in answer, "move: not to %s (%s)" % (place, answer))
    tap.ok(case.status()["faults"] == [] and telnet(BENCH.boards, case.number),
           "move: refused, the board is where it was")
    case.fault("move=" + BENCH.boards.address(case.number))
    tap.ok(not is_refused(case.number, "ftp"), "move: to where it is")
    case.fault("clear")


# ---- programs ------------------------------------------------------------------------

MAIN = "/flash/main.py"
MINE = b"# mine\nx = 41\n" * 90


def main_py(case):
    control = ftp(BENCH.boards, case.number)
    text = fetch(BENCH.boards, case.number, control, MAIN)
    control.close()
    BENCH.boards.clock.pass_time(0.1, [])
    return text


def install_main(case, text=MINE):
    control = put(BENCH.boards, case.number, text, MAIN)
    control.close()
    BENCH.boards.clock.pass_time(0.1, [])


def reset(case):
    case.ctl("reset")
    BENCH.boards.clock.pass_time(1, [])


def clear(case):
    case.fault("clear")
    BENCH.boards.clock.pass_time(1, [])


def programs_come_and_go(tap):
    case = Case()
    fresh = main_py(case)
    install_main(case)
    for word in ("hog-repl", "eat-interrupt"):
        case.fault(word)
        reset(case)
        tap.ok(b"while True" in main_py(case), word + ": a program is there")
        clear(case)
        tap.equal(main_py(case), MINE, word + ": clear brings the board's own back")
    case.fault("hog-repl", "eat-interrupt")
    reset(case)
    clear(case)
    tap.equal(main_py(case), MINE, "programs: also behind two of them")
    case.fault("hog-repl")
    case.ctl("power-off")
    case.fault("clear")
    case.ctl("power-on")
    BENCH.boards.clock.pass_time(1, [])
    tap.equal(main_py(case), MINE, "programs: cleared without power")
    case.ctl("power-off")
    case.fault("hog-repl")
    case.ctl("power-on")
    BENCH.boards.clock.pass_time(1, [])
    tap.ok(b"while True" in main_py(case), "programs: put there without power")
    install_main(case, b"# newer\n")
    clear(case)
    tap.equal(main_py(case), b"# newer\n", "programs: what was uploaded since stays")
    case.fault("hog-repl")
    BENCH.boards.clock.pass_time(1, [])
    install_main(case, b"# between\n")
    case.fault("eat-interrupt")
    clear(case)
    tap.equal(main_py(case), b"# between\n", "programs: nor is one from between two faults lost")
    tap.ok(fresh not in (None, MINE), "programs: a fresh board has one of its own")


def programs_and_nothing(tap):
    case = Case()
    control = ftp(BENCH.boards, case.number)
    tap.ok(control.ask("DELE %s\r\n" % MAIN, "250 "), "programs: no main.py")
    control.close()
    case.fault("eat-interrupt")
    BENCH.boards.clock.pass_time(1, [])
    tap.ok(main_py(case), "programs: one is there")
    clear(case)
    tap.equal(main_py(case), None, "programs: then none again")


def programs_of_two_boards(tap):
    case = Case()
    install_main(case)
    case.fault("hog-repl", "swap")
    BENCH.boards.clock.pass_time(1, [])
    tap.ok(b"main.py" in main_py(case), "swap: the other board has no program")
    install_main(case, b"# other\n")
    case.fault("eat-interrupt")
    clear(case)
    tap.equal(main_py(case), MINE, "swap: the first one comes back with its own main.py")
    case.fault("swap")
    BENCH.boards.clock.pass_time(1, [])
    tap.equal(main_py(case), b"# other\n", "swap: and so does the other one")
    clear(case)


# ---- flash files ---------------------------------------------------------------------


def fill_disk(boards):
    """All that a full disk does: files cannot grow."""
    pid = boards.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def full_disk(tap):
    boards = Boards(3, BENCH.old_image)
    boards.control.words("fault", 3, "hog-repl")
    make_room = fill_disk(boards)
    for number in (1, 2):
        control, data, _ = upload(boards, number, BENCH.payload)
        tap.ok(not control.hear("226 ", 1), "full disk: an upload fails")
        control.close()
        data.close()
    lines = [line for line in boards.log().splitlines() if "flash" in line]
    tap.ok(len(lines) == 1 and boards.path("flash") + "/board-0001.flash" in lines[0] and
           "File too large: make room there" in lines[0], "full disk: told once (%s)" % lines)
    for words in (("slot", 1, "update1", BENCH.new_image), ("fault", 1, "hog-repl"),
                  ("fault", 3, "clear")):
        try:
            answer = boards.control.words(*words)
        except BoardsFailed as fault:
            answer = str(fault)
        tap.ok("the file is too large" in answer, "full disk: a hand learns why not " +
               words[0])
    for number in (1, 2, 3):
        boards.control.words("reset", number)
    boards.clock.pass_time(1, [])
    status = boards.control.words("status")["boards"]
    tap.equal([b["running"] for b in status], [OLD] * 3, "full disk: the boards go on")
    tap.equal([b["faults"] for b in status], [[], [], ["hog-repl"]],
              "full disk: what could not be taken back is still armed")
    make_room()
    boards.control.words("fault", 3, "clear")
    tap.equal(boards.control.words("status", 3)["faults"], [], "full disk: now it could")
    control, data, _ = upload(boards, 1, BENCH.payload)
    tap.ok(control.hear("226 "), "full disk: as ever when there is room again")
    boards.close()


def no_space_left(tap):
    """The same with a disk that is really full, where the kernel lends one."""
    script = ("mount -t tmpfs -o size=320k none %(d)s && cp %(i)s %(d)s/image && "
              "exec %(b)s/wipyboard --address %(a)s --flash %(d)s/f --image %(d)s/image "
              "--control %(c)s")
    folder = BENCH.boards.path("small")
    os.mkdir(folder)
    words = {"d": folder, "i": BENCH.old_image, "b": BUILD, "c": BENCH.boards.path("ctl2"),
             "a": BENCH.boards.address(BENCH.count + 20)}
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", folder],
            stderr=subprocess.DEVNULL, check=False).returncode:
        tap.skip("full disk: no space left", "there are no mounts for ordinary users")
        return
    process = subprocess.Popen(["unshare", "-rm", "sh", "-c", script % words],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    done = subprocess.run([BUILD + "/wipyboard", "ctl", words["c"], "slot", "1", "update1",
                           BENCH.new_image], capture_output=True, text=True, check=False)
    tap.ok("no space is left on the disk" in done.stderr, "full disk: a hand is told")
    process.terminate()
    told = process.communicate()[1]
    tap.ok("board-0001.flash: No space left on device: make room there" in told,
           "full disk: and so is who started the boards")


def flash_files_that_are_none(tap):
    boards = Boards(3, BENCH.old_image)
    name = boards.path("flash/board-000%d.flash")
    for number in (1, 2, 3):
        boards.control.words("record", number, "00010000")
    boards.process.kill()  # a folder as a machine leaves it that is switched off
    boards.process.wait()
    with open(name % 1, "wb"):
        pass
    with open(name % 2, "r+b") as file:
        file.write(b"nonsense")
    tap.ok(boards.spawn(), "flash files: the fleet starts")
    status = boards.control.words("status")["boards"]
    tap.equal((status[0]["running"], status[2]["running"]), (OLD, OLD),
              "flash files: an empty one is a fresh board")
    tap.equal(status[1]["slots"]["update1"], "unreadable",
              "flash files: what a damaged one holds nobody knows")
    boards.control.words("slot", 1, "update1", BENCH.new_image)
    tap.equal(boards.control.words("status", 1)["slots"]["update1"], NEW,
              "flash files: and can be written")
    lines = [line for line in boards.log().splitlines() if "flash" in line]
    tap.ok(len(lines) == 1 and name % 2 + " is damaged" in lines[0],
           "flash files: one that is damaged is named, once (%s)" % lines)
    boards.control.words("power-off", 2)
    os.unlink(name % 2)
    boards.control.words("power-on", 2)
    boards.clock.pass_time(1, [])
    status = boards.control.words("status", 2)
    tap.equal((status["running"], status["slots"]["update1"]), (OLD, "empty"),
              "flash files: removed, the board is fresh")
    boards.close()


def killed_while_it_writes(tap):
    """kill -9 in the middle of an upload, again and again; the boards come back."""
    boards = Boards(1, BENCH.old_image, clock="real", boot_ms=0)
    for size in (0, 700, 30000, 90000):
        control = socket.create_connection((boards.address(1), boards.ports["ftp"]), 5)
        lines = control.makefile("rwb")
        lines.readline()
        for line in ("USER micro", "PASS python", "PASV"):
            lines.write(line.encode() + b"\r\n")
            lines.flush()
            lines.readline()
        data = socket.create_connection((boards.address(1), boards.ports["data"]), 5)
        lines.write(b"STOR %s\r\n" % IMAGE.encode())
        lines.flush()
        lines.readline()
        data.sendall(BENCH.payload[:size])
        wait_until("bytes arrive", lambda: (
            boards.control.words("status", 1)["slot_files"]["update1"] or
            {"size": -1})["size"] >= size // 512 * 512)
        boards.process.kill()
        boards.process.wait()
        control.close()
        data.close()
        tap.ok(boards.spawn(), "kill -9 behind %d bytes: starts again" % size)
        status = boards.control.words("status", 1)
        tap.equal((status["running"], status["slot_files"]["update1"]["open"]), (OLD, True),
                  "kill -9 behind %d bytes: the old image, a torn slot" % size)
    boards.close()


def draws_are_repeatable(tap):
    days = []
    for _ in range(2):
        boards = Boards(8, BENCH.old_image, options=["--faults", "seed=7,rate=2"])
        seen = []
        for _ in range(120):
            boards.control.words("clock", "+1m")
            seen += [(b["number"], b["drawn"]["count"], b["drawn"]["latest"], b["faults"])
                     for b in boards.control.words("status")["boards"]
                     if b["drawn"]["lasts"]]
        days.append((seen, [b["drawn"] for b in boards.control.words("status")["boards"]]))
        boards.close()
    tap.ok(days[0] == days[1], "faults at random: the same seed is the same day")
    count = sum(board["count"] for board in days[0][1])
    tap.ok(16 <= count <= 56, "faults at random: about two a board and hour (%d)" % count)
    words = {word.split("=")[0].split(":")[0] for _, _, word, _ in days[0][0]}
    tap.ok(len(words) > 5, "faults at random: of many kinds %s" % sorted(words))


def draws_leave_a_hand_alone(tap):
    boards = Boards(4, BENCH.old_image, options=["--faults", "seed=7,rate=6"])
    boards.control.words("power-off", "all")
    boards.clock.pass_time(3600, [])
    status = boards.control.words("status")["boards"]
    tap.ok(all(board["drawn"]["count"] > 0 for board in status) and
           not any(board["power"] for board in status),
           "faults at random: what a hand has switched off stays off")
    boards.close()


def real_times(tap):
    boards = Boards(2, BENCH.old_image, options=["--profile", "real", "--boot-ms", "3000"],
                    boot_ms=7000)
    boards.clock.pass_time(10, [])
    boards.control.words("reset", 1)
    took = seconds_until(boards, lambda: boards.control.words("status", 1)["joined"])
    tap.ok(6.9 < took < 7.6, "real: back %.2f s after a reset" % took)
    start = boards.clock.now()
    control, _, _ = upload(boards, 1, BENCH.payload)
    control.hear("226 ", 30)
    took = boards.clock.now() - start
    tap.ok(4.5 < took < 9, "real: %.1f s for an image of %d bytes" % (took, len(BENCH.payload)))
    boards.clock.pass_time(1, [])
    control.heard = b""
    control.say("NOOP\r\n")
    took = seconds_until(boards, lambda: control.hear("200 ", 0), step=0.001)
    tap.ok(0.003 < took < 0.025, "real: an answer after %d ms" % (took * 1000))
    boards.close()


def jitter_is_repeatable(tap):
    days = []
    for seed in (5, 5, 6):
        boards = Boards(3, BENCH.old_image, options=["--latency-ms", "20", "--jitter-ms", "200",
                                               "--seed", str(seed)])
        times = []
        for number in (1, 2, 3) * 3:
            link = Link(boards, number, "ftp")
            times.append(seconds_until(boards, lambda: link.hear("220 ", 0), step=0.001))
            link.say("NOOP\r\n")
            times.append(seconds_until(boards, lambda: link.hear("332 ", 0), step=0.001))
            link.sock.shutdown(socket.SHUT_WR)
            link.hear(None)
            link.close()
        days.append(times)
        boards.close()
    tap.ok(days[0] == days[1] and days[0] != days[2], "jitter: the same from the same seed")
    tap.ok(all(0.019 <= t <= 0.23 for t in days[0]) and len(set(days[0])) > 9,
           "jitter: between 20 and 220 ms, of many lengths")


def watchdog(tap):
    """Our own firmware starts one around a trial: an image that crashes is left again."""
    path = make_image(BENCH.boards.path("esp32.bin"), "v1.22.2", "2024-02-22", family="esp32")
    boards = Boards(1, path, options=["--family", "esp32"])
    with open(path, "rb") as file:
        control, _, _ = upload(boards, 1, file.read(), "/flash/sys/appimg.bin")
    tap.ok(control.hear("226 "), "watchdog: an update")
    boards.control.words("fault", 1, "crash-at-boot")
    boards.control.words("reset", 1)
    boards.clock.pass_time(50, [])
    tap.equal(boards.control.words("status", 1)["state"], "halted", "watchdog: it crashes")
    boards.clock.pass_time(20, [])
    status = boards.control.words("status", 1)
    tap.equal((status["state"], status["slot"], status["family"]),
              ("running", "factory", "esp32"), "watchdog: it bites, the board falls back")
    boards.close()


def no_descriptor_left(tap):
    boards = Boards(1, BENCH.old_image, clock="real")
    pid = boards.process.pid
    used = len(os.listdir("/proc/%d/fd" % pid))
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, limits[1]))
    before = cpu_ticks(pid)
    try:
        link = Link(boards, 1, "telnet")
        time.sleep(0.5)
        link.drain()
        ended = link.end
    except ConnectionResetError:
        time.sleep(0.5)
        ended = "reset"
    tap.equal(ended, "reset", "no descriptor left: the client is turned away")
    tap.ok(cpu_ticks(pid) - before <= 5, "no descriptor left: the process is at rest")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    link = Link(boards, 1, "telnet")
    time.sleep(0.3)
    link.drain()
    tap.ok(link.heard.startswith(b"MicroPython"), "no descriptor left: back when there are")
    boards.close()


def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


CASES = (power_cut_at, corrupt_image, images_that_fail, safe_boot, another_board, another_place,
         no_such_place, programs_come_and_go, programs_and_nothing,
         programs_of_two_boards, full_disk, no_space_left, flash_files_that_are_none,
         killed_while_it_writes, draws_are_repeatable, draws_leave_a_hand_alone,
         real_times, jitter_is_repeatable, watchdog, no_descriptor_left)

if __name__ == "__main__":
    BENCH.run(CASES, 30)
