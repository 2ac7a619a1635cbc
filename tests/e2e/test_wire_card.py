# SPDX-License-Identifier: MIT
"""Boards that are flashed by wire: what a person there is told, and given."""

import json
import os

from fleet import Fleet, NEW, OLD, Tap, wait_until


def wire_fleet():
    fleet = Fleet(2, family="esp8266")
    fleet.write(fleet.path("inventory.yaml"), (
        "version: 1\n"
        "types: {pinned: {accept: {entry-point: [0x40100008]}}}\n"
        "defaults: {family: esp8266, ports: {telnet: %d, ftp: %d}}\n"
        "boards:\n"
        "  - {name: b-01, address: %s.1}\n"
        "  - {name: b-02, address: %s.2, type: pinned}\n"
        "  - {name: w-01, address: %s.9, family: wipy}\n"
        "  - {name: p-01, address: %s.10, family: pycom}\n") % (
            (fleet.telnet, fleet.ftp) + (fleet.net,) * 4))
    fleet.start_daemon()
    fleet.add_releases()
    wait_until("b-01 is seen", lambda: fleet.seen()["b-01"]["reach"] == "online")
    return fleet


def refused(tap, done, words, text, code=8):
    tap.equal((done.returncode, words in done.stderr), (code, True), text)


def commands(card):
    return [line["text"] for line in card["lines"] if line["command"]]


def by_wire(tap):
    fleet = wire_fleet()
    card = fleet.json("rescue", "wire", "b-01", "--release", NEW)["wire"]
    flash = ("esptool --chip esp8266 --port PORT write-flash --flash-mode %s --flash-freq %s "
             "--flash-size %s 0x0 esp8266-%s.bin")
    tap.ok(flash % ("qio", "40m", "detect", NEW) in commands(card),
           "wire: the command, by the image's header")
    tap.equal((card["address"], card["back"]), ("0x0", OLD), "wire: where to, and back")
    file = fleet.path("saved.bin")
    words = ("rescue", "wire", "b-01", "--release", NEW, "--save", file)
    tap.equal(fleet.run(*words).returncode, 0, "wire: saved")
    with open(file, "rb") as saved, open(fleet.new_image, "rb") as image:
        tap.ok(saved.read() == image.read(), "wire: the file, byte by byte")
    refused(tap, fleet.run(*words), "nothing is written over", "wire: saved once", code=2)
    card = fleet.json("rescue", "wire", "b-01")["wire"]
    tap.equal((card["release"], card["back"]), (OLD, None), "wire: what it runs is at hand")
    refused(tap, fleet.run("rescue", "wire", "b-02", "--release", NEW),
            "an entry point that this type of boards does not accept", "wire: not for it")
    refused(tap, fleet.run("rescue", "wire", "b-02"), "no release", "wire: none is for it")
    for board, family in (("w-01", "wipy"), ("p-01", "pycom")):
        refused(tap, fleet.run("rescue", "wire", board), "this card is for ESP boards",
                "wire: a %s board" % family)
    tap.equal(fleet.api("/v1/images/" + "0" * 64)[0], 404, "wire: no such image")
    os.unlink(fleet.path("state/images/%s.bin" % card["sha256"]))
    done = fleet.run("rescue", "wire", "b-01", "--save", fleet.path("gone.bin"))
    refused(tap, done, "add its file again", "wire: its file is gone", code=2)
    tap.ok(not os.path.exists(fleet.path("gone.bin")), "wire: and none is saved")
    fleet.stop_daemon()
    path = fleet.path("state/releases/%s.json" % NEW)
    with open(path, encoding="utf-8") as release:
        known = json.load(release)
    del known["images"][0]["flash"]
    known["images"][0]["size"] += 1 << 20
    fleet.write(path, json.dumps(known))
    fleet.start_daemon()
    card = fleet.json("rescue", "wire", "b-01", "--release", NEW)["wire"]
    tap.ok(flash % ("keep", "keep", "keep", NEW) in commands(card),
           "wire: an older record leaves it to the file")
    refused(tap, fleet.run("rescue", "wire", "b-01", "--release", NEW, "--save", file + "2"),
            "the daemon sent", "wire: no more than the file holds is sent", code=1)
    fleet.stop_daemon()


def esp32_by_wire(tap):
    """The application is one of three files there, and one of two slots."""
    fleet = Fleet(1, family="esp32")
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory(
        "  - {name: s-01, address: %s.2, type: small}\n"
        "types: {small: {accept: {size: 4KiB}}}\n" % fleet.net))
    fleet.start_daemon()
    fleet.add_releases()
    wait_until("it is seen", lambda: fleet.seen()["b-01"]["reach"] == "online")
    file = fleet.path("saved.bin")
    card = fleet.json("rescue", "wire", "b-01", "--release", NEW, "--save", file)["wire"]
    tap.equal((card["address"], card["file"], card["back"]),
              ("0x10000", "esp32-%s.bin" % NEW, OLD), "esp32: where to, and back")
    with open(file, "rb") as saved, open(fleet.new_image, "rb") as image:
        header = image.read(4)
        image.seek(0)
        tap.ok(saved.read() == image.read(), "esp32: the file, byte by byte")
    tap.equal(header[2:], b"\0\0", "esp32: by its header QIO, 40 MHz and no size")
    write = ("esptool --chip esp32 --port PORT write-flash --flash-mode qio --flash-freq 40m "
             "--flash-size detect %s0x10000 esp32-%s.bin")
    erase = "esptool --chip esp32 --port PORT erase-"
    tap.equal(commands(card), [
        write % ("", NEW), erase + "region 0xd000 0x2000", erase + "flash",
        write % ("0x1000 bootloader.bin 0x8000 partition-table.bin ", NEW), write % ("", OLD),
        "esptool --chip esp32 --port PORT write-flash 0x0 factory_XXX.bin"],
              "esp32: the application alone, all of it, and the ways back, in that order")
    text = fleet.run("rescue", "wire", "b-01").stdout
    tap.ok("115200" in text and "74880" not in text, "esp32: its own console")
    refused(tap, fleet.run("rescue", "wire", "s-01", "--release", NEW),
            "the slots of this type of boards hold", "esp32: not for smaller slots")
    fleet.stop_daemon()


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(by_wire)
    TAP.case(esp32_by_wire)
    TAP.done()
