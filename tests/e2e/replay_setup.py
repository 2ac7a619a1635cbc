# SPDX-License-Identifier: MIT
"""What was done to the board before a recording began and is not in it. Found out by
reading the recordings; by name of the conversation."""

import time

from transcript import Event

POWER_ON = "2015-01-01T00:00:00"  # where a board's clock begins
CLOCK_200_DAYS_LATER = "2015-07-20T00:00:00"
CLOCK_AUGUST = "2015-08-09T00:00:00"


class Hand:
    """Somebody at the board, and clients of its own beside those of the recording."""

    def __init__(self, player):
        self.player = player

    def ctl(self, *words):
        self.player.ctl(*words)

    def wait(self, seconds):
        self.player.go_to(self.player.clock.now() + seconds)

    def connect(self, name, port, how="ok"):
        self.player.connect(Event(0, "connect", name, port=port, text=how),
                            self.player.clock.now() + 10)

    def see(self, name, text, real_pause=0):
        """real_pause: how long the kernel gets at each step, where it has to open a
        window again: that takes its own time, whatever the boards' clock shows."""
        link = self.player.links[name]

        def is_there():
            if real_pause:
                time.sleep(real_pause)
            return text in link.got[link.used:]
        if not self.player.wait_for(is_there, self.player.clock.now() + 20):
            raise AssertionError("set-up: %r is not seen but %r" % (text, link.got))
        link.used = link.got.index(text, link.used) + len(text)

    def say(self, name, data, answer):
        self.player.send(Event(0, "send", name, data))
        self.see(name, answer)

    def login(self, name, how="ok"):
        self.connect(name, "telnet", how)
        self.player.links[name].reading = True
        self.see(name, b"Login as: ")
        self.say(name, b"micro\r\n", b"\xff\xfb\x22")
        self.say(name, b"python\r\n", b"information.\r\n")
        self.see(name, b">>> ")

    def leave(self, name):
        self.player.leave(Event(0, "close", name, text="FIN"))
        self.player.links.pop(name)
        self.wait(0.3)


def previous_image_by_pin(hand):
    """From (U2, R, U1) with the pin released in the second window: U1 runs."""
    hand.ctl("slot", "update1", "wipy-20161029-v1.8.5-71-g6ed5583-dirty.bin")
    hand.ctl("slot", "update2", "wipy-20161118-v1.8.6-63-gc28fed6-dirty.bin")
    hand.ctl("record", "02010100")
    hand.ctl("power-off")
    hand.ctl("pin", "high")
    hand.ctl("power-on")
    hand.wait(5)
    hand.ctl("pin", "low")
    hand.wait(5)


def program_runs(hand):
    hand.login("set-up")
    hand.say("set-up", b"import time\r", b">>> ")
    hand.say("set-up", b"while 1: time.sleep(1)\r", b"... ")
    hand.say("set-up", b"\r", b"\r\n")
    hand.wait(0.5)
    hand.leave("set-up")


def raw_mode_is_on(hand):
    hand.login("set-up")
    hand.say("set-up", b"\r\x01", b"raw REPL; CTRL-B to exit\r\n>")
    hand.leave("set-up")


def telnet_is_busy(hand):
    hand.login("set-up")


def ftp_is_busy(hand):
    hand.connect("set-up", "ftp")
    hand.see("set-up", b"220 ")


def slow_reader(hand):
    """The recording has only what came out: of 588890 bytes printed 7 were missing. How
    many fit on the way is the kernel's affair; that some are dropped, that the program
    goes on, and that what comes is what was printed, is the board's."""
    hand.login("slow", "ok (not reading)")  # with little room on its side
    link = hand.player.links["slow"]
    hand.say("slow", b"for i in range(40000): print(i, 1234567)\r", b"... ")
    begin = link.used
    hand.player.send(Event(0, "send", "slow", b"\r"))
    link.reading = False
    hand.wait(6)
    link.reading = True
    hand.see("slow", b"39999 1234567\r\n>>> ", real_pause=0.005)
    came = bytes(link.got[begin:link.used]).split(b"\r\n")[1:-1]
    printed = [b"%d 1234567" % i for i in range(40000)]
    whole = len(set(printed).intersection(came))
    if not 39000 <= whole < 40000:
        raise AssertionError("%d of 40000 lines are whole" % whole)


SETUPS = {
    "telnet_slow_reader": slow_reader,
    "ftp_list_august": lambda hand: hand.ctl("rtc", CLOCK_AUGUST),
    "ftp_list_dates_later": lambda hand: hand.ctl("rtc", CLOCK_200_DAYS_LATER),
    "update_after_safe_boot": previous_image_by_pin,
    "vendor_ftp_busy": ftp_is_busy,
    "vendor_raw_mode_left": raw_mode_is_on,
    "vendor_telnet_busy": telnet_is_busy,
    "vendor_user_program_running": program_runs,
}

# The closes at the end of these recordings are the end of the recorded process: the board
# in them hangs and closes nothing.
ENDS_WITHOUT_POWER = {"update_without_data_plain_stor", "update_without_data_second",
                      "update_without_data_second_cert"}

# Recorded by a client that listens from time to time: its log has the bytes, not when
# they came.
LOOSE_PREFIX = "vendor_"
