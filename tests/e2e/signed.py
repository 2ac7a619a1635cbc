# SPDX-License-Identifier: MIT
"""Signed manifests, and a daemon that trusts their signers."""

import os
import subprocess

from fleet import BUILD, Fleet

SIGNER = BUILD + "/tests/e2e/sign_manifest"


def keys(fleet, *names):
    for key in names:
        subprocess.run([SIGNER, "key", fleet.path(key)], check=True)


def sign(fleet, path, *names):
    if os.path.exists(path + ".minisig"):
        os.unlink(path + ".minisig")
    for key in names:
        subprocess.run([SIGNER, "sign", fleet.path(key), path], check=True)


def manifest(fleet, file_name, *words, image=None):
    """Written by wipyctl from an image's bytes."""
    done = fleet.run("release", "manifest", *words, image or fleet.new_image)
    path = fleet.path(file_name)
    fleet.write(path, done.stdout)
    return path


def started(count=1, signers=("ann",), **releases):
    """A fleet whose daemon trusts these keys."""
    fleet = Fleet(count)
    keys(fleet, *signers)
    settings = {"signatures": "required", "trusted-keys": [key + ".pub" for key in signers]}
    settings.update(releases)
    fleet.write_settings({"releases": settings})
    fleet.start_daemon()
    return fleet


def refused(tap, done, words, text, code=8):
    tap.equal(done.returncode, code, text + ": exit code")
    if not tap.ok(words in done.stderr, text + ": " + words):
        print("# said: " + done.stderr)


def names(fleet):
    return [release["name"] for release in fleet.json("release", "list")["releases"]]
