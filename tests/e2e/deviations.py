# SPDX-License-Identifier: MIT
"""The list of what is known to differ from the recordings (tests/data/deviations.txt)."""

from links import Fault
from transcript import escape, read_note, unescape


class Deviations:
    """Each line: conversation | as recorded | as we do it | reason. An entry is taken at
    its word: the recording is changed to it, so that a board that does as recorded fails
    like any other that differs."""

    def __init__(self, path=None):
        self.rows = []  # [conversation, recorded, ours, reason, found]
        if not path:
            return
        with open(path, encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                if not line.strip() or line.startswith("#"):
                    continue
                row = [word.strip(" ") for word in line.rstrip("\n").split(" | ")]
                if len(row) != 4 or not all(row):
                    raise Fault("%s:%d: not conversation | recorded | ours | reason"
                                % (path, number))
                self.rows.append(row + [False])

    def apply(self, name, event):
        """The event as our board does it."""
        for row in self.rows:
            if row[0] != name:
                continue
            if event.kind == "recv":
                text = escape(event.data)
                if row[1] in text:
                    event.data = unescape(text.replace(row[1], row[2]))
                    row[4] = True
            elif event.kind in ("connect", "close", "board") and row[1] in event.line:
                event.line = event.line.replace(row[1], row[2])
                event.text = read_note(event.time, event.line).text
                row[4] = True
        return event

    def idle(self, names):
        """Entries for these conversations that no line of theirs has."""
        return ["%s | %s" % (row[0], row[1]) for row in self.rows
                if not row[4] and row[0] in names]
