# SPDX-License-Identifier: MIT
"""kill -9 of wipyd at every commit of an update of an ESP8266 board: see
test_commit_points.py."""

from fleet import Tap
from test_commit_points import at_each_commit


def esp8266(tap):
    at_each_commit(tap, "esp8266")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(esp8266)
    TAP.done()
