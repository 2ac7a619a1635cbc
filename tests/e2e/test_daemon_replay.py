# SPDX-License-Identifier: MIT
"""wipyd against recorded servers: the recorded side of the server is played to it,
segments and gaps included, and it has to draw the right conclusions and never hang."""

import os
import time

from fleet import Failed, Fleet, SOURCE, Tap, wait_until
from played_server import Book, PlayedBoard, RESET, STOR, joined, talks_of
from unix_http import ask

SHARED = os.path.join(SOURCE, "..", "shared", "boards", "transcripts")
IMAGE = os.path.join(SOURCE, "..", "shared", "images", "wipy",
                     "wipy-20170213-v1.8.7-219-g0c821f7-dirty.bin")
OWN = os.path.join(SOURCE, "tests", "data", "transcripts")
SERVED = os.path.join(SOURCE, "tests", "data", "served")
# Where a recording has no telnet with a reset, or no upload, of its own; the second where
# the recordings are not there: there no upload is completed.
UPDATE = ("update_complete", "telnet_hard_reset")

# conversation | which of its telnet connections | FTP | status of a poll with a login |
# access then | tag
LOOKS = (
    ("telnet_login_ok", 0, True, "ok", "login-ok", "v1.8.7"),
    ("telnet_login_ok_cr", 0, True, "ok", "login-ok", "v1.8.7"),
    ("telnet_wrong_password_3x", 0, True, "login-refused", "login-refused", "v1.8.7"),
    ("telnet_raw_left_on", 1, True, "ok", "login-ok", "v1.8.7"),
    ("telnet_login_while_running", 1, True, "busy-program", "login-ok", "v1.8.7"),
    ("telnet_second_client", None, True, "telnet-busy", "busy", None),
    ("telnet_server_deinit", None, False, "refused", "open", None),
    ("telnet_python_uname", 0, True, "ok", "login-ok", "v1.8.6"),
    ("fault_silent", 0, False, "no-banner", "open", None),
    ("fault_wrong_banner", 0, True, "ok", "login-ok", "v1.4.6-9-g0badbad"),
    ("fault_refuse_login", 0, True, "login-refused", "login-refused", "v1.8.6"),
    ("fault_stall_login", 0, True, "ok", "login-ok", "v1.8.6"),
    ("fault_eat_interrupt", 0, True, "busy-program", "login-ok", "v1.8.6"),
    ("telnet_no_uname", 0, True, "ok", "login-ok", "v1.22.0"),
    ("telnet_in_pieces", 0, True, "ok", "login-ok", "v1.8.6"),
    ("telnet_other_server", 0, True, "garbage", "open", None),
    ("telnet_closes_early", 0, True, "telnet-busy", "busy", None),
    ("telnet_half_banner", 0, False, "no-banner", "open", None),
)
NO_UNAME = ("telnet_no_uname",)

# conversation | the first upload that is played, by number or by its answer | end |
# code | uploads | conditions
PUSHES = (
    ("update_complete", 0, "confirmed", "", 1, []),
    ("update_gap_4s", 0, "confirmed", "", 1, []),
    ("update_stall", 0, "confirmed", "", 2, []),
    ("update_bad_md5", 0, "fell-back", "fell-back", 1, []),
    ("update_oversize", 1, "failed", "push-not-repaired", 2, ["dirty", "needs-hands"]),
    ("update_wlan_event_midway", 0, "failed", "push-not-repaired", 2,
     ["dirty", "needs-hands"]),
    ("ftp_wrong_password", 0, "failed", "login-refused", 0, []),
    ("ftp_pasv_address_zero", 0, "confirmed", "", 1, []),
    ("ftp_stor_retr", "550", "failed", "push-refused", 2, []),
    ("fault_drop_after", 0, "failed", "push-not-repaired", 2, ["dirty", "needs-hands"]),
    ("fault_rst_after", 0, "failed", "push-not-repaired", 2, ["dirty", "needs-hands"]),
    ("fault_refuse_login", 0, "failed", "login-refused", 0, []),
    ("ftp_device_busy", 0, "deferred", "ftp-busy", 0, []),
    ("ftp_closes_early", 0, "failed", "push-refused", 0, []),
    ("ftp_closes_in_data", 0, "failed", "push-not-repaired", 2, ["dirty", "needs-hands"]),
    ("ftp_long_reply", 0, "failed", "login-refused", 0, []),
)


def path_of(name):
    for folder, ending in ((SHARED, ".json"), (OWN, ".txt"), (SERVED, ".txt")):
        path = os.path.join(folder, name + ending)
        if os.path.exists(path):
            return path
    return None


def has_reset(talk):
    return any(turn.said.strip() == RESET for turn in talk.turns)


def telnet_of(name):
    """The connection with the reset and the one behind it; the same twice without one."""
    talks = [talk for talk in talks_of(path_of(name)) if talk.port == "telnet"]
    for number, talk in enumerate(talks):
        if has_reset(talk):
            return [talk, talks[min(number + 1, len(talks) - 1)]]
    return None


class Played(Fleet):
    """A daemon, and played servers instead of boards."""

    SETTINGS = {
        "poll": {"every": "1d", "misses": 2}, "enrolment": {"login": False},
        "update": {"attempts": 2, "back-off": "500ms", "return": "10s", "soak": "500ms",
                   "look-every": "300ms", "in-flight": 100, "domain-share": "100%"},
    }

    def __init__(self, cases):
        self.cases, self.played = cases, {}
        super().__init__(len(cases))

    def spawn_boards(self):
        """Fleet has chosen the network and the ports."""
        return True

    def address(self, number):
        return "%s.%d" % (self.net, number)

    def inventory(self, extra="", defaults=""):
        lines = ["version: 1", "types:"]
        lines += ["  %s: {family: wipy}" % case for case in self.cases]
        lines += ["defaults: {ports: {telnet: %d, ftp: %d, data: %d}}" % (
            self.telnet, self.ftp, self.pasv), "boards:"]
        for number, case in enumerate(self.cases, 1):
            lines.append("  - {name: %s, type: %s, address: %s}" % (
                case, case, self.address(number)))
        return "\n".join(lines) + "\n"

    def play(self, case, telnet, ftp, uploads=(), half=0):
        number = self.cases.index(case) + 1
        ports = {"telnet": self.telnet, "ftp": self.ftp, "data": self.pasv}
        self.played[case] = PlayedBoard(self.address(number), ports, telnet, ftp, BOOK,
                                        uploads, half)

    def close(self):
        super().close()
        for board in self.played.values():
            board.close()
        self.played = {}


def present(tap, rows):
    kept = [row for row in rows if path_of(row[0])]
    for row in rows:
        if row not in kept:
            tap.skip(row[0], "the folder with the recordings is not there")
    return kept


def ftp_talk(name):
    talks = [talk for talk in talks_of(path_of(name)) if talk.port == "ftp"]
    return talks[0] if talks else None


def uploads_of(name, first):
    """Those of its recording, else of a complete one."""
    for source in (name,) + UPDATE:
        talk = ftp_talk(source) if path_of(source) else None
        turns = [t for t in talk.turns if t.said.startswith(STOR)] if talk else []
        if turns:
            return turns[first:] if isinstance(first, int) else [
                turn for turn in turns if joined(turn).startswith(first.encode())]
    return []


def looked_at(tap):
    rows = present(tap, LOOKS)
    fleet = Played([row[0] for row in rows])
    hello = ftp_talk("ftp_hello")
    for name, which, ftp, *_ in rows:
        talks = [talk for talk in talks_of(path_of(name)) if talk.port == "telnet"]
        fleet.play(name, [talks[which]] * 2 if which is not None else None,
                   hello if ftp else None)
    fleet.start_daemon()
    start = time.monotonic()
    answer = fleet.json("poll", "--uname", allowed=(4,))
    took = time.monotonic() - start
    status = {board["name"]: board for board in answer["boards"]}
    for name, _, _, want, access, tag in rows:
        seen = status[name]
        tap.equal((seen["status"], seen["access"], seen["version"]["tag"]),
                  (want, access, tag), "look: " + name)
        uname = fleet.json("board", name)["board"]["uname"]
        tap.equal(uname["version"].split(" ")[0] if uname else None,
                  tag if want == "ok" and name not in NO_UNAME else None,
                  "look: %s: os.uname()" % name)
    tap.ok(took < 25, "look: nobody hangs (%.1f s)" % took)
    tap.equal(fleet.stop_daemon(), 0, "look: wipyd ends well")
    fleet.close()


def pushed_to(tap):
    rows = present(tap, PUSHES)
    fleet = Played([row[0] for row in rows])
    image = IMAGE if os.path.exists(IMAGE) else fleet.new_image
    update = next(telnet_of(name) for name in UPDATE if path_of(name))
    for name, first, *_ in rows:
        fleet.play(name, telnet_of(name) or update, ftp_talk(name),
                   uploads_of(name, first), os.path.getsize(image) // 2)
    fleet.start_daemon()
    done = fleet.run("release", "add", "--name", "next", image)
    if done.returncode != 0:
        raise Failed(done.stderr)
    fleet.json("poll", allowed=(4,))
    rollouts = {}
    for row in rows:
        code, answer = ask(fleet, "/v1/rollouts", {"release": "next", "waves": "100%",
                                                   "select": "name=" + row[0]})
        if code != 201:
            raise Failed("%s: %s" % (row[0], answer))
        rollouts[row[0]] = "/v1/rollouts/%s" % answer["id"]
    for name, _, state, code, pushes, conditions in rows:
        wait_until(name + " is over", lambda path=rollouts[name]: ask(
            fleet, path)[1]["state"] not in ("running", "aborting"), 60)
        task = ask(fleet, rollouts[name] + "/tasks")[1]["tasks"][0]
        if not tap.ok((task["state"], task["code"] or "") == (state, code),
                      "push: %s: %s %s" % (name, state, code)):
            print("# got %(state)s %(code)s: %(evidence)s" % task)
        board = fleet.json("board", name)["board"]
        tap.equal((board["conditions"], fleet.played[name].pushes), (conditions, pushes),
                  "push: %s: %d uploads, then %s" % (name, pushes, conditions or "clean"))
    fleet.stop_daemon()
    fleet.close()


if __name__ == "__main__":
    BOOK = Book(filter(None, map(path_of, ("telnet_machine_reset", "telnet_python_uname",
                                           "telnet_hard_reset", "ftp_simple_commands",
                                           "ftp_whole_session", UPDATE[0]))))
    TAP = Tap()
    for one in (looked_at, pushed_to):
        TAP.case(one)
    TAP.done()
