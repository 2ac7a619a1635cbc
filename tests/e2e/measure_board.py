# SPDX-License-Identifier: MIT
"""Measures one wipyboard process with many boards; no test, nothing is judged.

    BUILD=build python3 tests/e2e/measure_board.py [BOARDS]

Prints the time until all listen, the resident set, the processor time that idling takes,
and what a login on each of 200 boards adds. Each board has two listeners: the limit of
open files must allow for them."""

import os
import resource
import socket
import sys
import tempfile
import time

from boards import Boards
from fleet import make_image

LOGINS = 200
IDLE_SECONDS = 10


def resident_kib(pid):
    """Counted page by page; VmRSS lags behind."""
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:"))


def processor_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def log_in(address, port):
    line = socket.create_connection((address, port), timeout=10)
    seen = b""
    for until, say in ((b"Login as: ", b"micro\r"), (b"\xff\xfb\x22", b"python\r"),
                       (b">>> ", b"1 + 1\r"), (b"2\r\n>>> ", b"")):
        while until not in seen:
            piece = line.recv(4096)
            if not piece:
                raise SystemExit("%s closed: %r" % (address, seen))
            seen += piece
        seen = seen.split(until, 1)[1] if until != b"Login as: " else b""
        line.sendall(say)
    return line


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        image = make_image(os.path.join(folder, "image.bin"), "v1.8.7", "2017-01-08")
        begun = time.monotonic()
        boards = Boards(count, image, clock="real", boot_ms=0)
        print("%d boards listen after %.2f s" % (count, time.monotonic() - begun))
        pid = boards.process.pid
        first = resident_kib(pid)
        print("resident: %d KiB, %.1f KiB a board" % (first, first / count))
        spent = processor_seconds(pid)
        time.sleep(IDLE_SECONDS)
        print("idle: %.0f ms of processor time in %d s" % (
            1000 * (processor_seconds(pid) - spent), IDLE_SECONDS))
        before = resident_kib(pid)
        lines = [log_in(boards.address(number), boards.ports["telnet"])
                 for number in range(1, min(LOGINS, count) + 1)]
        after = resident_kib(pid)
        print("resident with %d logins: %d KiB, %.1f KiB a login" % (
            len(lines), after, (after - before) / len(lines)))
        for line in lines:
            line.close()
        boards.close()


if __name__ == "__main__":
    main()
