# SPDX-License-Identifier: MIT
"""kill -9 of wipyd at every commit of an update of a Pycom board: see test_commit_points.py."""

from fleet import Tap
from test_commit_points import at_each_commit


def pycom(tap):
    at_each_commit(tap, "pycom")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(pycom)
    TAP.done()
