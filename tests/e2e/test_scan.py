# SPDX-License-Identifier: MIT
"""wipyctl inventory scan: boards are found by their banner without disturbing them, and
what is found is an inventory."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

from fleet import BUILD, Fleet, Tap, name, wait_until


def scan(fleet, *words, bits="28"):
    return fleet.run("inventory", "scan", "%s.0/%s" % (fleet.net, bits), "--telnet-port",
                     str(fleet.telnet), "--ftp-port", str(fleet.ftp), *words)


def found(fleet, *words, **options):
    answer = json.loads(scan(fleet, "-o", "json", *words, **options).stdout)
    return answer, {row["address"].rsplit(".", 1)[1]: row for row in answer["found"]}


def says(fleet, number, text):
    """Something at an address of the network that says this to whoever connects."""
    server = socket.create_server(("%s.%d" % (fleet.net, number), fleet.telnet))

    def serve():
        while True:
            try:
                link = server.accept()[0]
            except OSError:
                return
            link.sendall(text)
            link.close()

    threading.Thread(target=serve, daemon=True).start()
    return server


def nobody_knows_them(tap, fleet):
    answer, rows = found(fleet)
    tap.equal([(row["state"], row["mark"], row["family"], row["tag"])
               for row in rows.values()], [("board", None, "wipy", "v1.8.6")] * 6,
              "six boards, and no daemon says which are known")
    tap.equal((answer["asked"], answer["counts"]["refused"], answer["daemon"]), (14, 8, False),
              "every address was asked")
    boards = [fleet.board(number)["counters"] for number in range(1, 7)]
    tap.equal([(b["telnet_accepts"], b["logins"], b["client_resets"]) for b in boards],
              [(1, 0, 0)] * 6, "one connection each, no login, closed cleanly")
    fleet.write(fleet.path("found.yaml"), answer["yaml"])
    done = fleet.run("inventory", "check", fleet.path("found.yaml"),
                     env=dict(os.environ, WIPYD=BUILD + "/wipyd"))
    tap.equal(done.returncode, 0, "the YAML is an inventory " + done.stderr)
    tap.equal(answer["yaml"].count("- {"), 1, "of one line for all six")
    text = scan(fleet).stdout
    tap.ok("no daemon answers" in text and answer["yaml"] in text, "the same as text")


def no_faster_than_told(tap, fleet):
    began = time.monotonic()
    done = scan(fleet, "-q", "--rate", "10/s", bits="29")
    # Six boards, and the first two may follow one another at once.
    tap.ok(time.monotonic() - began >= 0.4, "so many connections a second")
    tap.equal(len(done.stdout.split()), 6, "and none is left out")


def ctrl_c(tap, fleet):
    accepts = fleet.board(1)["counters"]["telnet_accepts"]
    process = subprocess.Popen(
        [BUILD + "/wipyctl", "-S", fleet.path("wipyd.sock"), "-o", "json", "inventory",
         "scan", fleet.net + ".0/24", "--rate", "1/s", "--telnet-port", str(fleet.telnet),
         "--ftp-port", str(fleet.ftp)], stdout=subprocess.PIPE)
    wait_until("the first board is asked", lambda: fleet.board(1)["counters"]
               ["telnet_accepts"] > accepts)
    process.send_signal(signal.SIGINT)
    answer = json.loads(process.communicate(timeout=30)[0])
    tap.equal(process.returncode, 130, "Ctrl-C: said by the exit code")
    tap.ok(answer["asked"] < 20 and answer["found"][0]["tag"] == "v1.8.6",
           "Ctrl-C: what was found until then is shown")
    tap.equal(fleet.client_resets(), 0, "Ctrl-C: and no connection was torn")


def the_daemon_knows_some(tap, fleet):
    fleet.write(fleet.path("inventory.yaml"), fleet.inventory().replace(
        "b-[01:06]", "b-[01:04]").replace("[1:6]", "[1:4]"))
    fleet.start_daemon()
    fleet.json("poll")
    fleet.ctl("fault", 2, "wrong-banner")
    fleet.ctl("power-off", 4)
    held = socket.create_connection(("%s.5" % fleet.net, fleet.telnet))
    others = [says(fleet, 9, b"Welcome to the printer\r\n"), says(fleet, 10, b"")]
    answer, rows = found(fleet)
    tap.equal({n: (row["state"], row["mark"], row["name"]) for n, row in rows.items()},
              {"1": ("board", "known", name(1)), "2": ("board", "swapped", name(2)),
               "3": ("board", "known", name(3)), "4": ("refused", "known", name(4)),
               "5": ("busy", None, None),
               "6": ("board", "new", "wipy-%s-6" % fleet.net.replace(".", "-")),
               "9": ("other", None, None), "10": ("no-banner", None, None)},
              "known, swapped, gone, busy, new, and what is no board")
    tap.ok("LaunchPad with CC3200 answers where b-02" in rows["2"]["note"],
           "what is swapped is told")
    tap.ok(answer["yaml"].count("- {") == 1 and ".6," in answer["yaml"],
           "only what is new is in the YAML")
    held.close()
    for server in others:
        server.close()


def default_passwords(tap, fleet):
    wait_until("the line is free", lambda: found(fleet)[1]["5"]["state"] == "board")
    before = fleet.board(6)["counters"]["logins"]
    rows = found(fleet, "--default-passwords")[1]
    tap.equal([rows[n]["password"] for n in ("1", "3", "4", "5", "6")],
              ["default", "default", None, "default", "default"], "who takes the default")
    tap.equal(fleet.board(6)["counters"]["logins"], before + 1, "found out by one login")
    own = Fleet(1, board_options=["--password", "secret"])
    tap.equal(found(own, "--default-passwords")[1]["1"]["password"], "own",
              "and who has a password of its own")


def faults(tap, fleet):
    for words, text in ((("10.0.0.0/8",), "too many addresses"),
                        (("10.0.0.1/24",), "did you mean 10.0.0.0/24?"),
                        (("10.0.0.0/24", "--rate", "0/s"), "not a rate"),
                        (("10.0.0.0/24", "--telnet-port", "65536"), "not a port")):
        done = fleet.run("inventory", "scan", *words)
        tap.ok(done.returncode == 2 and text in done.stderr, "refused: " + " ".join(words))


def scanned(tap):
    fleet = Fleet(6, settings={"poll": {"every": "1h", "retry": "200ms"}})
    nobody_knows_them(tap, fleet)
    no_faster_than_told(tap, fleet)
    ctrl_c(tap, fleet)
    the_daemon_knows_some(tap, fleet)
    default_passwords(tap, fleet)
    faults(tap, fleet)
    tap.equal(fleet.stop_daemon(), 0, "the daemon ends in order")


if __name__ == "__main__":
    TAP = Tap()
    TAP.case(scanned)
    TAP.done()
