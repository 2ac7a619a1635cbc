# SPDX-License-Identifier: MIT
"""What clients of virtual boards can be made to suffer: each fault of a connection does what
its word says, over real sockets, on the virtual clock."""

import socket

from board_bench import (BENCH, Case, IMAGE, Link, NEW, ftp, is_refused, open_data,
                   seconds_until, telnet, upload)


def breaks_off(tap):
    for word, end in (("drop-after=5000", "closed"), ("rst-after=70001", "reset")):
        case = Case()
        case.fault(word)
        control, data, _ = upload(BENCH.boards, case.number, BENCH.payload)
        tap.ok(control.hear("226 "), word + ": 226 all the same")
        data.hear(None, 0.1)
        tap.equal(data.end, end, word + ": how the data connection ends")
        status = case.status()
        tap.equal((status["slot_files"]["update1"]["size"], status["record_hex"]),
                  (int(word.split("=")[1]), "01 00 00 00"), word + ": what the board got")
        tap.equal(status["faults"], [], word + ": once")
        tap.ok(control.ask("NOOP\r\n", "200 "), word + ": the session goes on")
        control.close()


def breaks_off_later(tap):
    """Armed in the middle, behind just as many bytes: not an end of the board's own."""
    case = Case()
    control = ftp(BENCH.boards, case.number)
    data = open_data(BENCH.boards, case.number, control)
    data.say(BENCH.payload[:1000])
    BENCH.boards.clock.pass_time(0.1, [])
    case.fault("rst-after=1000")
    data.say(BENCH.payload[1000:2000])
    data.hear(None, 0.1)
    tap.equal((data.end, case.status()["faults"]), ("reset", []),
              "rst-after: armed late, it strikes at once")
    control.close()


def replies_that_never_come(tap):
    case = Case()
    case.fault("no-226", "no-quit")
    control, data, sent = upload(BENCH.boards, case.number, BENCH.payload)
    tap.ok(sent and data.hear(None, 1), "no-226: all is taken")
    tap.ok(not control.hear("226 ", 5), "no-226: nothing comes")
    tap.equal(case.status()["slots"]["update1"], NEW, "no-226: the slot is whole")
    tap.ok(control.ask("NOOP\r\n", "200 ") and b"226" not in control.heard,
           "no-226: other replies come")
    tap.ok(not control.ask("QUIT\r\n", "221", 5) and not control.end,
           "no-quit: nothing, and the connection stays")
    case.fault("clear")
    tap.ok(control.ask("QUIT\r\n", "221 ") and control.hear(None),
           "no-quit: answered after clear")


def stalls_before_login(tap):
    case = Case()
    case.fault("stall=connect:3")
    link = Link(BENCH.boards, case.number, "telnet")
    took = seconds_until(BENCH.boards, lambda: link.hear("MicroPython", 0))
    tap.ok(2.9 < took < 3.2, "stall=connect: %.2f s until the banner" % took)
    tap.ok(is_refused(case.number, "telnet"), "stall=connect: then one client as ever")
    link.close()
    case.fault("clear", "stall=banner:4")
    BENCH.boards.clock.pass_time(0.1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    BENCH.boards.clock.pass_time(0.05, [])
    tap.ok(is_refused(case.number, "telnet"), "stall=banner: the line is taken")
    took = seconds_until(BENCH.boards, lambda: link.hear("MicroPython", 0))
    tap.ok(3.8 < took < 4.2, "stall=banner: %.2f s" % took)
    tap.ok(link.hear("Login as: ", 0.1), "stall=banner: what follows comes with it")
    case.fault("clear", "stall=login:5", "stall=repl:6")
    tap.equal(sorted(case.status()["faults"]), ["stall=login:5", "stall=repl:6"],
              "stall: status names the phases")
    link.say("micro\r\n")
    took = seconds_until(BENCH.boards, lambda: link.hear("Password: ", 0))
    tap.ok(4.9 < took < 5.2, "stall=login: %.2f s, once" % took)
    BENCH.boards.clock.pass_time(0.05, [])
    tap.ok(link.ask("python\r\n", b">>> "), "stall=login: then no more")
    link.heard = b""
    link.say("2*21\r\n")
    took = seconds_until(BENCH.boards, lambda: link.hear("42", 0))
    tap.ok(5.9 < took < 6.2, "stall=repl: %.2f s" % took)
    link.close()


def stalls_of_ftp(tap):
    case = Case()
    control = Link(BENCH.boards, case.number, "ftp")
    control.hear("220 ")
    for word, line, answer in (("user", "USER micro", "331 "), ("pass", "PASS python", "230 "),
                               ("pasv", "PASV", "227 ")):
        case.fault("stall=%s:4" % word)
        control.say(line + "\r\n")
        took = seconds_until(BENCH.boards, lambda: control.hear(answer, 0))
        tap.ok(took and 3.9 < took < 4.2, "stall=%s: %s s" % (word, took))
    case.fault("clear", "stall=stor:2", "stall=data:3", "stall=226:9")
    data = Link(BENCH.boards, case.number, "data")
    BENCH.boards.clock.pass_time(0.01, [])
    control.say("STOR %s\r\n" % IMAGE)
    took = seconds_until(BENCH.boards, lambda: control.hear("150 ", 0))
    tap.ok(1.9 < took < 2.2, "stall=stor: %.2f s" % took)
    data.say(BENCH.payload[:3000])
    took = seconds_until(
        BENCH.boards, lambda: case.status()["slot_files"]["update1"]["size"] == 3000)
    tap.ok(2.9 < took < 3.2, "stall=data: %.2f s" % took)
    data.sock.shutdown(socket.SHUT_WR)
    BENCH.boards.clock.pass_time(0.1, [])
    tap.equal(case.status()["record_hex"], "01 00 00 00", "stall=226: the board is done")
    control.heard = b""
    took = seconds_until(BENCH.boards, lambda: control.hear("226 ", 0))
    tap.ok(8.7 < took < 9.2, "stall=226: %.2f s" % took)
    case.fault("clear", "stall=quit:7")
    control.say("QUIT\r\n")
    took = seconds_until(BENCH.boards, lambda: control.hear("221 ", 0))
    tap.ok(6.9 < took < 7.2, "stall=quit: %.2f s" % took)
    control.close()
    case.fault("clear")
    control = ftp(BENCH.boards, case.number)
    data = open_data(BENCH.boards, case.number, control)
    case.fault("stall=data:8")
    data.say(b"x" * 1000)
    took = seconds_until(BENCH.boards, lambda: control.hear("426 ", 0))
    tap.ok(4.9 < took < 5.2, "stall=data: longer than the board waits: 426 (%.2f s)" % took)


def telnet_that_lies(tap):
    case = Case()
    case.fault("wrong-banner")
    link = telnet(BENCH.boards, case.number)
    link.drain()
    link.close()
    BENCH.boards.clock.pass_time(0.1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    link.hear("Login as: ")
    tap.ok(link.heard.startswith(b"MicroPython v1.4.6-9-g0badbad on 2015-09-25; LaunchPad "
                                 b"with CC3200\r\n\xff\xfc\x01"), "wrong-banner: of another")
    tap.ok(b"v1.8.6" not in link.heard, "wrong-banner: not its own")
    link.close()
    case.fault("clear", "garbage")
    BENCH.boards.clock.pass_time(0.1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    tap.ok(not link.hear(b"\n", 0.1) and len(link.heard) > 1000, "garbage: without a line end")
    case.fault("clear")
    tap.ok(link.hear(None, 1), "garbage: ends with clear")
    case.fault("silent")
    BENCH.boards.clock.pass_time(0.1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    tap.ok(not link.hear("M", 5) and not link.end, "silent: nothing")
    link.close()
    case.fault("clear", "refuse-login")
    BENCH.boards.clock.pass_time(0.1, [])
    link = Link(BENCH.boards, case.number, "telnet")
    link.hear("Login as: ")
    link.ask("micro\r\n", b'Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb"')
    tap.ok(link.ask("python\r\n", "Invalid credentials"), "refuse-login: telnet")
    control = Link(BENCH.boards, case.number, "ftp")
    control.hear("220 ")
    tap.ok(control.ask("USER micro\r\n", "331 ") and control.ask("PASS python\r\n", "530 "),
           "refuse-login: FTP")
    control.close()
    link.close()


def somebody_else(tap):
    case = Case()
    case.fault("busy")
    tap.ok(is_refused(case.number, "telnet"), "busy: refused")
    tap.ok(ftp(BENCH.boards, case.number), "busy: FTP is there")
    BENCH.boards.clock.pass_time(301, [])
    tap.ok(is_refused(case.number, "telnet"), "busy: for longer than the board's patience")
    case.fault("clear")
    BENCH.boards.clock.pass_time(0.1, [])
    tap.ok(telnet(BENCH.boards, case.number), "busy: free after clear")


def refuse_telnet(tap):
    case = Case()
    case.fault("refuse-telnet")
    tap.ok(is_refused(case.number, "telnet"), "refuse-telnet: refused")
    # somebody sits on the port when the fault goes
    thief = socket.socket()
    thief.bind((BENCH.boards.address(case.number), BENCH.boards.ports["telnet"]))
    thief.listen(1)
    case.fault("clear")
    tap.equal(case.status()["faults"], [], "refuse-telnet: cleared")
    thief.close()
    BENCH.boards.clock.pass_time(1.1, [])
    tap.ok(telnet(BENCH.boards, case.number), "refuse-telnet: a taken port is tried again")


def wlan_event(tap):
    case = Case()
    for how in (lambda: case.fault("wlan-event"), lambda: case.ctl("wlan-event")):
        links = [telnet(BENCH.boards, case.number), ftp(BENCH.boards, case.number)]
        data = open_data(BENCH.boards, case.number, links[1])
        data.say(BENCH.payload[:10000])
        BENCH.boards.clock.pass_time(0.2, [])
        how()
        BENCH.boards.clock.pass_time(0.05, [])
        tap.ok(all(link.hear(None, 0.1) for link in links + [data]),
               "wlan-event: closes everything")
        tap.equal(case.status()["record_hex"][:5], "01 00", "wlan-event: the update is over")
        tap.ok(telnet(BENCH.boards, case.number).close() is None, "wlan-event: servers come back")
        BENCH.boards.clock.pass_time(0.1, [])


CASES = (breaks_off, breaks_off_later, replies_that_never_come, stalls_before_login, stalls_of_ftp,
         telnet_that_lies, somebody_else, refuse_telnet, wlan_event)

if __name__ == "__main__":
    BENCH.run(CASES, 12)
