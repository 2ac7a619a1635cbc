# SPDX-License-Identifier: MIT
"""`wipyctl image info` agrees with esptool's image-info on all that both print, where that
tool is installed: real images where their folder is present, made ones, spoilt ones."""

import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

import esp_image
from fleet import BUILD, SOURCE, Tap, make_image

FOLDER = os.path.join(SOURCE, "..", "shared", "images")
# What it prints | the number or word to take of it | ours
FACTS = (
    ("Entry point", r"(0x[0-9a-f]+)", lambda image: hex(image["entry_point"])),
    ("Segments", r"(\d+)", lambda image: str(image["esp"]["segments"])),
    ("Flash size", r"(\S+)", lambda image: image["esp"]["flash_size"]),
    ("Flash freq", r"(\S+)", lambda image: image["esp"]["flash_frequency"]),
    ("Flash mode", r"(\S+)", lambda image: image["esp"]["flash_mode"]),
    ("Chip ID", r"(\d+)", lambda image: str(image["esp"]["chip_id"])),
    ("Checksum", r"\S+ \((valid|invalid)",
     lambda image: "valid" if image["esp"]["checksum_right"] else "invalid"),
    ("Validation hash", r"[0-9a-f]+ \((valid|invalid)",
     lambda image: "valid" if image["esp"]["sha256_right"] else "invalid"),
    ("Project name", r"([!-~]*)", lambda image: image["esp"]["app_project"]),
    ("App version", r"([!-~]*)", lambda image: image["esp"]["app_version"]),
    ("ESP-IDF", r"([!-~]*)", lambda image: image["esp"]["idf_version"]),
)


def ask(tool, path, family):
    """What it prints: of version 5, or of version 4 in its newer words."""
    chip = ["--chip", "esp8266" if family == "esp8266" else "esp32"]
    for words in (["image-info"], ["image_info", "--version", "2"]):
        done = subprocess.run([tool] + chip + words + [path], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=60,
                              encoding="utf-8", errors="replace")
        if "Flash mode" in done.stdout:
            return done.stdout
    return ""


def compare(tap, tool, path, name):
    done = subprocess.run([os.path.join(BUILD, "wipyctl"), "image", "info", path, "-o",
                           "json"], stdout=subprocess.PIPE, check=False, timeout=60)
    image = json.loads(done.stdout)["images"][0]
    text = ask(tool, path, image["family"])
    theirs, ours = {}, {}
    for label, pattern, of_ours in FACTS:
        found = re.search("^%s: *%s" % (label, pattern), text, re.MULTILINE)
        if found:
            theirs[label], ours[label] = found.group(1), of_ours(image)
    tap.ok(len(theirs) >= 5, name + ": esptool says what it is")
    tap.equal(ours, theirs, name + ": the same facts")


def make_all(folder):
    """Right ones of each family, and each with one thing spoilt."""
    made = {}
    for family in ("esp8266", "esp32", "pycom"):
        for options in ({}, {"checksum": "wrong"}, {"md5": "right"}):
            name = " ".join([family] + ["%s %s" % option for option in options.items()])
            made[name] = make_image(os.path.join(folder, name), "v1.2", "2026-01-01",
                                    family=family, **options)
    whole = esp_image.make("ESP32", "v1.2", "2026-01-01")
    for name, at in (("entry point turned", 5), ("data turned", 5000),
                     ("hash turned", len(whole) - 1)):
        made[name] = os.path.join(folder, name)
        with open(made[name], "wb") as image:
            image.write(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1:])
    return made


def same_facts(tap):
    tool = shutil.which("esptool") or shutil.which("esptool.py")
    if not tool:
        tap.skip("the facts of images", "esptool is not installed")
        return
    for path in sorted(glob.glob(os.path.join(FOLDER, "esp*", "*.bin"))):
        compare(tap, tool, path, os.path.basename(path))
    with tempfile.TemporaryDirectory() as folder:
        for name, path in make_all(folder).items():
            compare(tap, tool, path, name)


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(same_facts)
    TAP.done()
