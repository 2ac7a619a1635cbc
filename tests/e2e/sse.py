# SPDX-License-Identifier: MIT
"""A follower of /v1/events over the daemon's socket (or one that is given): reads in the
background, keeps every event, knows where it stands."""

import json
import socket
import threading

from fleet import PATIENCE


class Follower:
    def __init__(self, path, query="", last_id=None, link=None, host="x",
                 headers=(), waits=None):
        self.events, self.ids, self.ended = [], [], False
        self.head = None
        self.waits = waits  # an Event: nothing is read before it is set
        self.link = link or socket.socket(socket.AF_UNIX)
        if not link:
            self.link.connect(path)
        self.link.settimeout(60 * PATIENCE)
        lines = ["GET /v1/events%s HTTP/1.1" % query, "Host: " + host,
                 "Accept: text/event-stream", *headers]
        if last_id is not None:
            lines.append("Last-Event-ID: %s" % last_id)
        self.link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        text = b""
        if self.waits:
            self.waits.wait()
        try:
            while True:
                piece = self.link.recv(65536)
                if not piece:
                    break
                text += piece
                if self.head is None and b"\r\n\r\n" in text:
                    head, text = text.split(b"\r\n\r\n", 1)
                    self.head = head.decode()
                if self.head is not None:
                    *blocks, text = text.split(b"\n\n")
                    for block in blocks:
                        self.take(block.decode())
        except OSError:
            pass
        self.ended = True

    def take(self, block):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            event = json.loads(fields["data"])
            assert fields["event"] == event["name"] and int(fields["id"]) == event["seq"]
            self.events.append(event)
        if "id" in fields:
            self.ids.append(int(fields["id"]))

    def status(self):
        return int(self.head.split(" ")[1]) if self.head else 0

    def numbers(self):
        return [event["seq"] for event in self.events]

    def close(self):
        self.link.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.link.close()
