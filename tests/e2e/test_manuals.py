# SPDX-License-Identifier: MIT
"""What the manuals show as examples is typed here, line by line, at a fleet that lives."""

import os
import re
import shutil
import subprocess

from fleet import BUILD, PATIENCE, SOURCE, Failed, Fleet, Tap, wait_until

INVENTORY = """\
version: 1
defaults: {family: wipy, ports: {telnet: %d, ftp: %d}}
sites: {berlin: {max-pushes: 4}}
sets: {canaries: "name=lab-01"}
boards:
  - {name: "lab-[01:03]", address: "%s.[1:3]", site: berlin}
"""


def page(name):
    made = BUILD + "/docs/man/" + name
    with open(made if name == "wipyctl.1" else SOURCE + "/docs/man/" + name,
              encoding="utf-8") as file:
        return file.read()


def examples(name):
    """Command lines with the exit code that each must have: behind `run` stands that of
    the last line of a block, the others are 0."""
    found = []
    for code, text in re.findall(
            r'(?m)^\.\\" run ?(\d*)\n\.Bd -literal.*\n((?:.*\n)*?)\.Ed', page(name)):
        text = text.replace("\\e", "\\").replace("\\-", "-").replace("\\\n", "")
        lines = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
        if len(lines) != len(text.splitlines()):
            raise Failed(name + ": a line of an example is no command: " + text)
        found += [[line, 0] for line in lines]
        found[-1][1] = int(code or 0)
    return found


def start(fleet, folder, line, environment):
    """A line that ends in &: it runs until the fleet is closed. Its socket is waited for."""
    process = subprocess.Popen("exec " + line.rstrip("& "), shell=True, cwd=folder,
                               env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    fleet.processes.append(process)
    socket = os.path.join(folder, re.search(r"(?:-S|--control) (\S+)", line)[1])
    wait_until(line + " makes its socket", lambda: os.path.exists(socket)
               or process.poll() is not None)


def type_examples(tap, fleet, name, folder, change=lambda line: line):
    environment = dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"], COLUMNS="80",
                       WIPYCTL_SOCKET=fleet.path("wipyd.sock"))
    lines = examples(name)
    for shown, code in lines:
        line = change(shown)
        if line.endswith("&"):
            start(fleet, folder, line, environment)
            continue
        done = subprocess.run(line, shell=True, cwd=folder, env=environment, text=True,
                              capture_output=True, timeout=60 * PATIENCE, check=False)
        if not tap.ok(done.returncode == code, "%s: %s" % (name, shown)):
            print("# exit code %d, expected %d" % (done.returncode, code))
            print("\n".join("# " + text for text in
                            (done.stdout + done.stderr).splitlines()))
    tap.ok(len(lines) > 2, name + " has examples that can be run")


def manuals(tap):
    fleet = Fleet(3)
    Fleet.write(fleet.path("inventory.yaml"),
                INVENTORY % (fleet.telnet, fleet.ftp, fleet.net))
    shutil.copy(fleet.new_image, fleet.path("v1.8.7.bin"))
    fleet.start_daemon()
    fleet.wait_seen()
    type_examples(tap, fleet, "wipyctl.1", fleet.dir)
    fleet.stop_daemon()
    type_examples(tap, fleet, "wipyd.8", fleet.dir)
    # Boards of their own, at addresses and ports that nobody else has.
    os.mkdir(fleet.path("boards"))
    place = "wipyboard --address %s --telnet-port %d --ftp-port %d --pasv-port %d --count" \
        % (re.sub(r"\d+$", "251", fleet.net) + ".1", fleet.telnet, fleet.ftp, fleet.pasv)
    type_examples(tap, fleet, "wipyboard.1", fleet.path("boards"),
                  lambda line: line.replace("wipyboard --count", place))
    fleet.close()


def main():
    tap = Tap()
    tap.case(manuals)
    tap.done()


main()
