# SPDX-License-Identifier: MIT
"""Real images, where the folder that holds them is present: boards that run v1.8.4-57 get
v1.8.6-63 and then v1.8.7-219; name and fingerprint are read out of the bytes."""

import glob
import os

from fleet import Fleet, SOURCE, Tap

FOLDER = os.path.join(SOURCE, "..", "shared", "images", "wipy")


def image(tag):
    return glob.glob(os.path.join(FOLDER, "wipy-*-%s*.bin" % tag))[0]


def real_images(tap):
    if not os.path.isdir(FOLDER):
        tap.skip("real images", "the folder with real firmware images is not there")
        return
    fleet = Fleet(4, factory=image("v1.8.4-57"))
    fleet.start_daemon()
    fleet.wait_seen()
    tap.equal({b["version"]["tag"] for b in fleet.seen().values()},
              {"v1.8.4-57-g099c7b4"}, "real images: the boards run v1.8.4-57")
    for tag, full, date in (
            ("v1.8.6-63", "v1.8.6-63-gc28fed6-dirty", "2016-11-18"),
            ("v1.8.7-219", "v1.8.7-219-g0c821f7-dirty", "2017-02-13")):
        added = fleet.json("release", "add", image(tag))
        tap.equal(added["release"]["name"], full, tag + ": named by its complete tag")
        tap.equal(added["release"]["images"][0]["date"], date, tag + ": with its date")
        tap.ok("modified" in added["release"]["images"][0]["warnings"],
               tag + ": marked as a modified build")
        # A person types the release, not the build.
        fleet.rollout("--waves", "1,100%", release=tag.split("-")[0])
        end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
        tap.equal((end["state"], end["outcomes"]), ("completed", {"confirmed": 4}),
                  tag + ": all confirmed")
        tap.equal({(b["version"]["tag"], b["version"]["date"], b["version"]["board"],
                    b["version"]["state"]) for b in fleet.seen().values()},
                  {(full, date, "WiPy", "in-sync")}, tag + ": seen running")
    tap.equal(fleet.client_resets(), 0, "real images: no connection was reset by us")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(real_images)
    TAP.done()
