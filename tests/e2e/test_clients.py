# SPDX-License-Identifier: MIT
"""Stock clients work: each stores, lists, fetches and renames a plain file and brings an
image; Python's ftplib and telnetlib do the documented update by hand, the telnet program
types. On the real clock, one board a client; a client that is absent is skipped."""

import ftplib
import io
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

from boards import Boards, BoardsFailed
from fleet import PATIENCE, Tap, make_image

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    try:
        import telnetlib
    except ImportError:  # gone from Python 3.13
        telnetlib = None

USER, PASSWORD = "micro", "python"
OLD, NEW = "v1.8.6", "v1.9.1"
SECONDS = 20 * PATIENCE
TEXT = b"# nothing much\r\nprint('here')\r\n"
IMAGE = "/flash/sys/mcuimg.bin"


class Bench:
    """Boards, a folder with the files to be sent, and what is asked of both."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="wipyd-clients.")
        old = make_image(self.path("old.bin"), OLD, "2016-11-10", size=40000)
        self.image = make_image(self.path("new.bin"), NEW, "2017-06-11", size=40000)
        self.write("note.py", TEXT)
        self.boards = Boards(6, old, clock="real", boot_ms=200)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def read(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except OSError as fault:
            return fault

    def status(self, number):
        return self.boards.control.words("status", number)

    def pending(self, number):
        """Record and slot as a complete upload leaves them."""
        status = self.status(number)
        return status["record_hex"], status["slot_files"]["update1"]

    def run(self, *command, text=None):
        done = subprocess.run(command, input=text, capture_output=True, text=True,
                              timeout=SECONDS, cwd=self.folder, check=False)
        return done.returncode, done.stdout + done.stderr

    def close(self):
        self.boards.close()
        shutil.rmtree(self.folder, ignore_errors=True)


UPLOADED = ("01 00 00 00", {"size": 40000, "md5": "ok", "open": False})


def python_does_the_update(tap, bench, number):
    host, ports = bench.boards.address(number), bench.boards.ports
    ftp = ftplib.FTP()
    ftp.connect(host, ports["ftp"], timeout=SECONDS)
    ftp.login(USER, PASSWORD)
    tap.equal(ftp.cwd("/flash"), "250 ", "ftplib: CWD")
    tap.equal(ftp.storbinary("STOR note.py", io.BytesIO(TEXT)), "226 ", "ftplib: STOR")
    lines = []
    ftp.retrlines("LIST", lines.append)
    tap.ok(any(line.endswith(" note.py") for line in lines), "ftplib: LIST")
    ftp.rename("note.py", "kept.py")
    got = []
    ftp.retrbinary("RETR kept.py", got.append)
    tap.equal(b"".join(got), TEXT, "ftplib: RETR of the renamed file")
    ftp.delete("kept.py")
    with open(bench.image, "rb") as image:
        ftp.storbinary("STOR " + IMAGE, image, blocksize=512)
    ftp.quit()
    tap.equal(bench.pending(number), UPLOADED, "ftplib: the image is in its slot")
    if not telnetlib:
        tap.skip("telnetlib: reset and version", "this Python has no telnetlib")
        return
    reset_by_telnetlib(tap, host, ports["telnet"])


def reset_by_telnetlib(tap, host, port):
    line = telnetlib.Telnet(host, port, SECONDS)
    banner = line.read_until(b"\n", SECONDS)
    tap.ok(OLD.encode() in banner, "telnetlib: the old version in the banner")
    line.read_until(b"Login as: ", SECONDS)
    line.write(USER.encode() + b"\r\n")
    line.read_until(b"Password: ", SECONDS)
    time.sleep(0.2)  # as documented: not before the options behind the prompt
    line.write(PASSWORD.encode() + b"\r\n")
    text = line.read_until(b'Type "help()" for more information.\r\n', SECONDS)
    tap.ok(b"Login succeeded!" in text, "telnetlib: login")
    line.write(b"\r\x03\x03")
    time.sleep(0.3)
    line.write(b"\r\x02")
    line.read_until(b'Type "help()" for more information.\r\n>>> ', SECONDS)
    line.write(b"import machine\r\n")
    line.write(b"machine.reset()\r\n")
    line.read_all()  # until the board closes
    line.close()
    tap.ok(wait_for_banner(host, port, NEW.encode()),
           "telnetlib: the new version in the banner")


def wait_for_banner(host, port, tag):
    """Polls as an owner would: again and again until the board is back."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            line = telnetlib.Telnet(host, port, 2)
            banner = line.read_until(b"\n", 2)
            line.read_until(b"Login as: ", 2)
            line.close()
            if tag in banner:
                return True
        except (OSError, EOFError):
            pass
        time.sleep(0.05)
    return False


def check_files(tap, bench, number, name, said):
    """What every FTP client has done by its own commands."""
    tap.ok(" kept.py" in said and "main.py" in said, name + ": lists the folder")
    tap.equal(bench.read("back.py"), TEXT, name + ": fetches the renamed file")
    tap.equal(bench.pending(number), UPLOADED, name + ": brings the image to its slot")


def curl_works(tap, bench, number):
    if not shutil.which("curl"):
        tap.skip("curl", "it is not installed")
        return
    url = "ftp://%s:%d/" % (bench.boards.address(number), bench.boards.ports["ftp"])
    # two slashes: from the root, not from where the login leads to
    common = ("curl", "-sS", "-u", USER + ":" + PASSWORD, "--max-time", str(SECONDS))
    steps = [("stores", "-T", bench.path("note.py"), url + "/flash/note.py"),
             ("renames", "-Q", "-RNFR /flash/note.py", "-Q", "-RNTO /flash/kept.py",
              url + "/flash/"),
             ("lists", url + "/flash/"),
             ("fetches", "-o", bench.path("back.py"), url + "/flash/kept.py"),
             ("stores an image", "-T", bench.image, url + IMAGE)]
    said = ""
    for what, *words in steps:
        code, text = bench.run(*common, *words)
        said += text
        if not tap.ok(code == 0, "curl: " + what):
            print("# " + text.replace("\n", "\n# "))
    check_files(tap, bench, number, "curl", said)


def lftp_works(tap, bench, number):
    if not shutil.which("lftp"):
        tap.skip("lftp", "it is not installed")
        return
    script = ("set net:timeout 10; set net:max-retries 2; set ftp:use-utf8 no;"
              "open -u %s,%s -p %d %s; cd /flash; put note.py; mv note.py kept.py;"
              "cls -l; ls; get kept.py -o back.py; cd sys; put new.bin -o mcuimg.bin; bye"
              % (USER, PASSWORD, bench.boards.ports["ftp"], bench.boards.address(number)))
    code, said = bench.run("lftp", "-f", "/dev/stdin", text=script.replace(";", "\n"))
    if not tap.ok(code == 0, "lftp: all commands succeed"):
        print("# " + said.replace("\n", "\n# "))
    check_files(tap, bench, number, "lftp", said)


def tnftp_works(tap, bench, number):
    program = shutil.which("tnftp")
    if not program:
        tap.skip("tnftp", "it is not installed")
        return
    script = "\n".join(["open %s %d" % (bench.boards.address(number),
                                        bench.boards.ports["ftp"]),
                        "user %s %s" % (USER, PASSWORD), "binary", "cd /flash",
                        "put note.py", "rename note.py kept.py", "ls",
                        "get kept.py back.py", "cd sys", "put new.bin mcuimg.bin",
                        "quit", ""])
    _, said = bench.run(program, "-n", "-i", "-v", "-p", text=script)
    check_files(tap, bench, number, "tnftp", said)
    if tap.failed:
        print("# " + said.replace("\n", "\n# "))


def telnet_types(tap, bench, number):
    if not shutil.which("telnet"):
        tap.skip("telnet", "it is not installed")
        return
    person = Person("telnet", bench.boards.address(number),
                    str(bench.boards.ports["telnet"]))
    try:
        tap.ok(person.sees(OLD) and person.sees("Login as: "), "telnet: the banner")
        person.types(USER)
        tap.ok(person.sees("Password: "), "telnet: asked for the password")
        time.sleep(0.3)
        person.types(PASSWORD)
        tap.ok(person.sees(">>> "), "telnet: logged in, a prompt")
        person.types("6 * 7")
        tap.ok(person.sees("42") and person.sees(">>> "), "telnet: 6 * 7 is 42")
        person.types("import machine")
        person.sees(">>> ")
        person.types("machine.reset()")
        tap.ok(person.sees("closed by foreign host"), "telnet: reset closes the line")
    finally:
        person.leaves()
    tap.equal(bench.status(number)["counters"]["resets"], 1, "telnet: one reset")


class Person:
    """Somebody at a terminal, with a program on it."""

    def __init__(self, *command):
        self.screen = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "vt100"
            os.execvp(command[0], command)

    def types(self, text):
        os.write(self.terminal, text.encode() + b"\r")

    def sees(self, text):
        """What is read up to the text is not looked at again."""
        end = time.monotonic() + SECONDS
        while text.encode() not in self.screen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                return False
            try:
                piece = os.read(self.terminal, 4096)
            except OSError:  # the program has ended
                piece = b""
            if not piece:
                return text.encode() in self.screen
            self.screen += piece
        self.screen = self.screen.split(text.encode(), 1)[1]
        return True

    def leaves(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def main():
    tap = Tap()
    bench = Bench()
    try:
        clients = (python_does_the_update, curl_works, lftp_works, tnftp_works,
                   telnet_types)
        for number, client in enumerate(clients, 1):
            try:
                client(tap, bench, number)
            except (OSError, EOFError, BoardsFailed, ftplib.Error,
                    subprocess.TimeoutExpired) as fault:
                tap.ok(False, "%s: %r" % (client.__name__.replace("_", " "), fault))
    finally:
        bench.close()
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
