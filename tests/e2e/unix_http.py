# SPDX-License-Identifier: MIT
"""One request to the daemon's socket, past wipyctl."""

import json
import socket

from fleet import PATIENCE


def ask(fleet, path, body=None):
    """(status, JSON) of a GET, or with a body of a POST."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(20 * PATIENCE)
    link.connect(fleet.path("wipyd.sock"))
    text = json.dumps(body).encode() if body is not None else b""
    head = "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" % (
        "GET" if body is None else "POST", path)
    if body is not None:
        head += "Content-Type: application/json\r\nContent-Length: %d\r\n" % len(text)
    link.sendall(head.encode() + b"\r\n" + text)
    answer = b""
    while True:
        piece = link.recv(65536)
        if not piece:
            break
        answer += piece
    link.close()
    return int(answer.split(b" ")[1]), json.loads(answer.split(b"\r\n\r\n", 1)[1])
