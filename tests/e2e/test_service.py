# SPDX-License-Identifier: MIT
"""wipyd as a service manager sees it: readiness, watchdog, reload, stopping, socket
activation, credentials; all without one."""

import os
import re
import signal
import socket
import stat
import subprocess

from fleet import BUILD, Fleet, Tap, name, wait_until


class Notified:
    """Stands in for the service manager: collects what wipyd sends."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.lines = []

    def saw(self, pattern):
        while True:
            try:
                self.lines += self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return any(re.match(pattern, line) for line in self.lines)


def notifies(tap):
    fleet = Fleet(1)
    manager = Notified(fleet.path("notify.sock"))
    os.environ["NOTIFY_SOCKET"] = manager.path
    os.environ["WATCHDOG_USEC"] = "400000"
    os.environ.pop("WATCHDOG_PID", None)
    try:
        fleet.start_daemon()
        wait_until("READY", lambda: manager.saw("READY=1"))
        tap.ok(True, "notify: READY=1")
        wait_until("WATCHDOG", lambda: manager.saw("WATCHDOG=1"))
        tap.ok(True, "notify: WATCHDOG=1")
        manager.lines.clear()
        fleet.daemon.send_signal(signal.SIGHUP)
        wait_until("RELOADING", lambda: manager.saw("RELOADING=1"))
        wait_until("MONOTONIC_USEC", lambda: manager.saw(r"MONOTONIC_USEC=\d+"))
        wait_until("READY again", lambda: manager.saw("READY=1"))
        tap.ok(True, "notify: RELOADING=1 and READY=1 around a reload")
        fleet.daemon.send_signal(signal.SIGTERM)
        wait_until("STOPPING", lambda: manager.saw("STOPPING=1"))
        tap.ok(True, "notify: STOPPING=1")
        tap.equal(fleet.daemon.wait(timeout=60), 0, "notify: ends with 0")
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]


def files_are_private(tap):
    fleet = Fleet(1)
    fleet.start_daemon()
    mode = stat.S_IMODE(os.stat(fleet.path("wipyd.sock")).st_mode)
    tap.equal(oct(mode), "0o660", "modes: the socket is for user and group")
    mode = stat.S_IMODE(os.stat(fleet.path("state/wipyd.db")).st_mode)
    tap.equal(oct(mode), "0o600", "modes: the state is for the daemon alone")
    with open("/proc/%d/limits" % fleet.daemon.pid, encoding="ascii") as file:
        core = [line.split()[4] for line in file if line.startswith("Max core")]
    tap.equal(core, ["0"], "modes: no core file")
    fleet.stop_daemon()
    tap.ok(not os.path.exists(fleet.path("wipyd.sock")), "modes: the socket is removed")


def credentials(tap):
    fleet = Fleet(1, board_options=["--password", "from-systemd"])
    folder = fleet.path("credentials")
    os.mkdir(folder)
    fleet.write(folder + "/boards.password", "from-systemd\n")
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(
        defaults=", login: {password-file: boards.password}"))
    os.environ["CREDENTIALS_DIRECTORY"] = folder
    try:
        fleet.start_daemon()
        wait_until("the login works", lambda: fleet.seen()[name(1)]["access"] == "login-ok")
        tap.ok(True, "credentials: the password comes from the service manager")
        done = fleet.run("inventory", "reload")
        tap.ok("restart wipyd" in done.stdout + done.stderr,
               "credentials: a reload says that rotated ones need a restart")
    finally:
        del os.environ["CREDENTIALS_DIRECTORY"]
    fleet.stop_daemon()


def socket_activation(tap):
    if subprocess.run(["sh", "-c", "command -v systemd-socket-activate"],
                      capture_output=True).returncode != 0:
        tap.skip("socket activation", "systemd-socket-activate is not installed")
        return
    fleet = Fleet(1)
    path = fleet.path("activated.sock")
    process = subprocess.Popen(
        ["systemd-socket-activate", "-l", path] + fleet.daemon_command(),
        stderr=subprocess.DEVNULL)
    fleet.processes.append(process)
    wait_until("the listener", lambda: os.path.exists(path))
    done = subprocess.run([BUILD + "/wipyctl", "-S", path, "status"],
                          capture_output=True, text=True, timeout=60)
    tap.equal(done.returncode, 0, "socket activation: started and answered")
    process.send_signal(signal.SIGTERM)
    tap.equal(process.wait(timeout=60), 0, "socket activation: ends with 0")


def options(tap):
    done = subprocess.run([BUILD + "/wipyd", "-h"], capture_output=True, text=True,
                          timeout=60)
    tap.ok(done.returncode == 0 and "usage" in done.stdout, "options: -h")
    done = subprocess.run([BUILD + "/wipyd", "--nonsense"], capture_output=True, text=True,
                          timeout=60)
    tap.equal(done.returncode, 2, "options: a wrong one is usage, exit code 2")
    done = subprocess.run([BUILD + "/wipyctl", "-S", "/nonexistent/sock", "status"],
                          capture_output=True, text=True, timeout=60)
    tap.equal(done.returncode, 9, "options: no daemon is exit code 9")
    tap.ok("/nonexistent/sock" in done.stderr, "options: and names the socket")


if __name__ == "__main__":
    TAP = Tap()
    for case in (notifies, files_are_private, credentials, socket_activation, options):
        TAP.case(case)
    TAP.done()
