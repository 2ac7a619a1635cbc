# SPDX-License-Identifier: MIT
"""Real images, where the folder that holds them is present: wipy boards that run v1.8.4-57
get v1.8.6-63 and then v1.8.7-219, a Pycom board another build of its firmware; name and
fingerprint are read out of the bytes. Stock images for ESP8266 boards are refused."""

import glob
import os

from fleet import Fleet, SOURCE, Tap

FOLDER = os.path.join(SOURCE, "..", "shared", "images")


def image(tag, folder="wipy"):
    return glob.glob(os.path.join(FOLDER, folder, "*-%s*.bin" % tag))[0]


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
        tap.ok("modified-build" in added["release"]["images"][0]["warnings"],
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


def pycom_and_stock(tap):
    if not os.path.isdir(FOLDER):
        tap.skip("Pycom", "the folder with real firmware images is not there")
        return
    fleet = Fleet(1, family="pycom", factory=image("v1.8.6-13", "esp32"))
    fleet.start_daemon()
    fleet.wait_seen()
    added = fleet.json("release", "add", image("v1.8.6-238", "esp32"))
    tap.equal((added["release"]["name"], added["release"]["images"][0]["family"]),
              ("v1.8.6-238-ga08309c", "pycom"), "Pycom: told by its bytes")
    fleet.rollout("--waves", "100%", release="v1.8.6-238-ga08309c")
    end = fleet.wait_state("completed", "completed-with-exceptions", "halted")
    tap.equal((end["outcomes"], [b["version"]["board"] for b in fleet.seen().values()]),
              ({"confirmed": 1}, ["LoPy"]), "Pycom: confirmed")
    for path in glob.glob(os.path.join(FOLDER, "esp8266", "*.bin")):
        done = fleet.run("release", "add", path)
        tap.ok(done.returncode == 0 and "only with --allow-one-way" in done.stdout,
               "%s: kept, and what it takes" % os.path.basename(path))
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(real_images)
    TAP.case(pycom_and_stock)
    TAP.done()
