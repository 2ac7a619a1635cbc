# SPDX-License-Identifier: MIT
"""Recorded conversations are played against boards: those of the shared folder where it is
present, and always the project's own (tests/data/transcripts). One board each, so that
none sees what another left behind.

As a tool: test_replay.py NAME... plays those only; REPLAY_CLOCK=real plays on the real
clock; BUILD names the folder with the wipyboard to be tried."""

import glob
import os
import re
import sys
import tempfile
import threading
import time

import esp_image
from boards import Boards
from deviations import Deviations
from fleet import PATIENCE, SOURCE, Tap, make_image
from replay import Player
from replay_setup import ENDS_WITHOUT_POWER, LOOSE_PREFIX, POWER_ON, SETUPS, Hand
from transcript import BadTranscript, Event, Images, MissingImage, read

SHARED = os.path.join(SOURCE, "..", "shared", "boards", "transcripts")
REAL_IMAGES = os.path.join(SOURCE, "..", "shared", "images", "wipy")
OWN = os.path.join(SOURCE, "tests", "data", "transcripts")
DEVIATIONS = os.path.join(SOURCE, "tests", "data", "deviations.txt")

FACTORY = "wipy-20160925-v1.8.4-57-g099c7b4.bin"  # of the recordings with images
WITH_IMAGES = ("update_", "vendor_", "telnet_machine_reset")
TABLES = ("boot_pin_check", "boot_pin_led", "boot_rows", "boot_table", "update_table")
RECORDED = 112  # in the shared folder, without the tables
# Short ones that do not depend on single milliseconds.
REAL_CLOCK = ("ftp_pasv_idle_data", "ftp_stor_retr", "telnet_ctrl_c_sleep",
              "telnet_idle_5s_logged_in", "telnet_login_ok")
RECORDED_BOARD = ("--arena", "48")  # kilobytes for Python: as theirs had
SECONDS_MAX = 60  # for all on the virtual clock


def names_in(folder, ending):
    return sorted(os.path.basename(path)[:-len(ending)]
                  for path in glob.glob(os.path.join(folder, "*" + ending)))


def tail_without_power(transcript):
    """The closes at the end are those of a board that lost its power."""
    at = len(transcript.events)
    while transcript.events[at - 1].kind == "close":
        at -= 1
    transcript.events.insert(at, Event(transcript.events[at - 1].time, "note",
                                       text="power cut", line="power cut"))


def play(boards, number, transcript, images, deviations):
    player = Player(boards, number, images)
    player.loose = transcript.name.startswith(LOOSE_PREFIX)
    if boards.clock.virtual:  # the boards before it have had their time; this one begins
        player.ctl("rtc", POWER_ON)
    if transcript.name in SETUPS:
        try:
            SETUPS[transcript.name](Hand(player))
        except Exception as fault:
            return ["set-up: %s" % fault]
        player.cut = False
    if transcript.name in ENDS_WITHOUT_POWER:
        tail_without_power(transcript)
    return player.play(transcript, deviations)


class Round:
    """Transcripts that begin with the same factory image, on one process."""

    def __init__(self, tap, factory, clock="virtual", options=()):
        self.tap, self.factory, self.clock, self.options = tap, factory, clock, options
        self.waiting = []
        self.failed = set()

    def add(self, path, images):
        self.waiting.append((path, images))

    def run(self, deviations, prefix=""):
        if not self.waiting:
            return
        boards = Boards(len(self.waiting), self.factory, self.clock, self.options)
        threads = []
        for number, (path, images) in enumerate(self.waiting, 1):
            job = threading.Thread(target=self.one, args=(
                boards, number, path, images, deviations, prefix))
            job.start()
            if self.clock == "virtual":  # there is one clock for all
                job.join()
            threads.append(job)
        for job in threads:
            job.join()
        code = boards.close()
        self.tap.ok(code == 0, prefix + "the boards end in order (%s)" % code)

    def one(self, boards, number, path, images, deviations, prefix):
        name = os.path.basename(path).rsplit(".", 1)[0]
        begun = time.monotonic()
        try:
            faults = play(boards, number, read(path, images), images, deviations)
        except (BadTranscript, MissingImage, OSError) as fault:
            faults = [repr(fault)]
        if faults:
            self.failed.add(name)
        took = time.monotonic() - begun
        with LOCK:
            self.tap.ok(not faults, prefix + name + (" (%.1f s)" % took if took > 2
                                                     else ""))
            for fault in faults:
                print("# " + fault.replace("\n", "\n# "), flush=True)


LOCK = threading.Lock()


def wanted(name):
    return len(sys.argv) < 2 or name in sys.argv[1:]


def shared_paths():
    return [os.path.join(SHARED, name + ".json") for name in names_in(SHARED, ".json")
            if name not in TABLES]


def shared_conversations(tap, own_images, deviations, clock="virtual", only=None):
    prefix = "recorded: " if clock == "virtual" else "recorded, real clock: "
    images = Images(REAL_IMAGES)
    plain = Round(tap, own_images.path("factory.bin"), clock, RECORDED_BOARD)
    rounds = [plain]
    real = None
    if os.path.isfile(os.path.join(REAL_IMAGES, FACTORY)):
        real = Round(tap, images.path(FACTORY), clock, RECORDED_BOARD)
        rounds.append(real)
    for path in shared_paths():
        name = os.path.basename(path)[:-5]
        if not wanted(name) or (only and name not in only):
            continue
        if not name.startswith(WITH_IMAGES):
            plain.add(path, images)
        elif real:
            real.add(path, images)
        else:
            tap.skip(prefix + name, "the real images are not there")
    for each in rounds:
        each.run(deviations, prefix)


def own_conversations(tap, own_images, deviations):
    rounds = {}
    for name in names_in(OWN, ".txt"):
        if not wanted(name):
            continue
        path = os.path.join(OWN, name + ".txt")
        family = read(path, own_images).family
        options = [] if family == "wipy" else ["--family", family]
        if family not in rounds:
            rounds[family] = Round(tap, own_images.factory(family),
                                   options=options)
        rounds[family].add(path, own_images)
    for family in sorted(rounds):
        rounds[family].run(deviations, "own: ")


# ---- the replayer itself: a test that cannot fail proves nothing ----------------------

def first(transcript, kind, link=""):
    return next(event for event in transcript.events
                if event.kind == kind and event.link == link)


def another_byte(transcript):
    first(transcript, "recv").data += b"?"


def a_byte_less(transcript):
    event = [event for event in transcript.events if event.kind == "recv"][-1]
    event.data = event.data[:-1]


def refused_instead(transcript):
    first(transcript, "connect").text = "refused"


def reset_instead(transcript):
    first(transcript, "close").text = "RST"


def another_slot(transcript):
    event = first(transcript, "board")
    event.text = event.text.replace("25000", "25001")


def a_second_off(sign):
    def change(transcript):
        at = transcript.events.index(first(transcript, "close", "D"))
        for event in transcript.events[at:]:
            event.time += sign
    change.__name__ = "a_second_%s" % ("late" if sign > 0 else "early")
    return change


def silence_instead(transcript):
    transcript.events = [event for event in transcript.events if event.kind != "recv"]


LEFT_OPEN = r"closes at the end$"  # what follows from an end that was not as it should be

# Each difference, and the faults that it must lead to: these, in this order, no others.
CHANGES = (
    ("ftp_hello", another_byte, [r"^entry 3, .*: after 28 of 29 bytes:\n"
                                 r"  recorded 220 .*\?\n  ours "]),
    ("ftp_hello", a_byte_less, [r"^entry 6, .*: S says more before it closes: \\n$",
                                LEFT_OPEN]),
    ("ftp_hello", refused_instead, [r"^entry 2, .*: connect to ftp: ok, recorded: refused$"]),
    ("ftp_hello", reset_instead, [r"^entry 6, .*: S ends with FIN, recorded: RST$",
                                  LEFT_OPEN]),
    ("ftp_hello", silence_instead, [r"^entry 6, .*: S says more before it closes: 220 .*221 ",
                                    LEFT_OPEN]),
    ("update_cut_fin", another_slot, [r"^entry 16, .*: the board's state:\n"
                                      r".*updtimg1 25001 bytes .*updtimg1 25000 bytes "]),
    ("ftp_data_idle", a_second_off(1), [
        r"^entry 12, .*: the end of SD comes 5\.\d\d s after .*, recorded: 6\.\d\d s$",
        LEFT_OPEN]),
    ("ftp_data_idle", a_second_off(-1), [r"^entry 12, .*: SD does not close$", LEFT_OPEN]))


def are_these(faults, wanted):
    return len(faults) == len(wanted) and all(
        re.search(pattern, fault, re.S) for pattern, fault in zip(wanted, faults))


def differences_are_seen(tap, images):
    boards = Boards(len(CHANGES), images.path("first.bin"))
    for number, (name, change, wanted) in enumerate(CHANGES, 1):
        transcript = read(os.path.join(OWN, name + ".txt"), images)
        change(transcript)
        faults = play(boards, number, transcript, images, Deviations())
        if not tap.ok(are_these(faults, wanted), "the replayer sees %s in %s" % (
                change.__name__.replace("_", " "), name)):
            print("# " + "\n".join(faults).replace("\n", "\n# "), flush=True)
    boards.close()
    tap.ok(not any(are_these(["set-up: it broke"] * len(wanted), wanted) or
                   are_these([], wanted) for _, _, wanted in CHANGES),
           "another fault is not taken for it")


def list_is_true(tap, deviations, there):
    """Each entry was applied; that it holds is what the conversations have shown."""
    tap.equal(deviations.idle(there), [], "each deviation on the list is of a line that exists")


def main():
    tap = Tap()
    begun = time.monotonic()
    clock = os.environ.get("REPLAY_CLOCK", "virtual")
    with OwnImages() as own_images:
        deviations = Deviations(DEVIATIONS)
        own_conversations(tap, own_images, deviations)
        there = set(names_in(OWN, ".txt"))
        if os.path.isdir(SHARED):
            for name in TABLES:
                if wanted(name):
                    tap.skip("recorded: " + name,
                             "a table: test_boot_tables compares it row by row")
            tap.equal(len(shared_paths()), RECORDED, "recorded conversations: %d" % RECORDED)
            shared_conversations(tap, own_images, deviations, clock)
            there |= set(names_in(SHARED, ".json"))
            spent = time.monotonic() - begun
            if len(sys.argv) < 2 and clock == "virtual":
                tap.ok(spent < SECONDS_MAX * PATIENCE,
                       "all on the virtual clock in %.1f s" % spent)
                shared_conversations(tap, own_images, Deviations(DEVIATIONS), "real",
                                     REAL_CLOCK)
        else:
            tap.skip("recorded conversations", "their folder is not there: %d of them are "
                     "not played, and %d not on the real clock" % (
                         RECORDED, len(REAL_CLOCK)))
        if len(sys.argv) < 2:
            differences_are_seen(tap, own_images)
            list_is_true(tap, deviations, there)
    tap.done()


class OwnImages(Images):
    """The images that the project's own transcripts name, made for the occasion."""

    # The first is what the recordings' boards run, the others are the project's own.
    MADE = (("factory.bin", "v1.8.7", "2017-01-08"), ("first.bin", "v1.8.6", "2016-11-10"),
            ("second.bin", "v1.9.1", "2017-06-11"), ("third.bin", "v1.9.4", "2018-05-11"))
    SIZE = 40000  # with the trailer
    CHIPS = {"pycom": "ESP32", "esp32": "ESP32", "esp8266": "ESP8266"}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="wipyd-images.")
        self.folders = [self.folder.name]
        for name, tag, date in self.MADE:
            make_image(os.path.join(self.folder.name, name), tag, date,
                       size=self.SIZE)
        for family, chip in self.CHIPS.items():
            for name, tag, date in self.MADE[1:]:
                with open(os.path.join(self.folder.name, family + "-" + name),
                          "wb") as file:
                    file.write(esp_image.make(chip, tag, date))
        return self

    def factory(self, family):
        return self.path("first.bin" if family == "wipy" else family + "-first.bin")

    def __exit__(self, *_):
        self.folder.cleanup()


if __name__ == "__main__":
    main()
