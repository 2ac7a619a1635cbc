# SPDX-License-Identifier: MIT
"""A real terminal, with tmux: what a person sees there, at any size."""

import os
import shutil
import subprocess

from fleet import wait_until

MISSING = shutil.which("tmux") is None


class Screen:
    """A command line of the shell in a terminal of its own server, which outlives it."""

    def __init__(self, folder, line, columns=80, lines=24):
        self.socket = os.path.join(folder, "tmux.sock")
        environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR")}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y",
                  str(lines), 'trap : INT; ' + line + '; echo "ended with $?"; read -r wait',
                  env=dict(environment, TZ="UTC", LC_ALL="C.UTF-8", SHELL="/bin/sh"))

    def tmux(self, *words, **options):
        return subprocess.run(["tmux", "-S", self.socket] + list(words), check=True,
                              capture_output=True, text=True, timeout=30, **options).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, *wants):
        """Until all of that is on the screen at once; returns its lines."""
        shown = [""]

        def there():
            shown[:] = [self.text()]
            return all(want in shown[0] for want in wants)
        try:
            wait_until("the terminal shows %s" % (wants,), there, 30)
        finally:
            if not all(want in shown[0] for want in wants):
                print("# " + "\n# ".join(shown[0].splitlines()), flush=True)
        return shown[0].rstrip().splitlines()

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def press(self, key):
        self.tmux("send-keys", key)

    def close(self):
        self.tmux("kill-server")
