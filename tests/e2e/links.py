# SPDX-License-Identifier: MIT
"""One connection of the client whose side is played: what came on it and when."""

import socket
import struct


class Fault(Exception):
    """What a conversation that goes another way than recorded is told with."""


class Link:
    """One connection of the client."""

    def __init__(self, sock, reading):
        self.sock, self.reading = sock, reading
        self.got = bytearray()
        self.arrivals = []  # (time, length of got then)
        self.used = 0       # bytes of got that the transcript has accounted for
        self.ended = None   # (time, "FIN" or "RST")
        self.left = False   # the client has ended its side

    def pump(self, now):
        """Takes what has come. True: there was something."""
        news = False
        while self.sock and self.reading and not self.ended:
            try:
                piece = self.sock.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                self.ended = (now, "RST")
                return True
            if not piece:
                self.ended = (now, "FIN")
                return True
            self.got += piece
            self.arrivals.append((now, len(self.got)))
            news = True
        return news

    def arrived(self, length):
        """When that many bytes had come."""
        return next(when for when, total in self.arrivals if total >= length)

    def close(self, reset=False):
        if self.sock and reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
        if self.sock:
            self.sock.close()
        self.sock = None


def outstanding(sock):
    """Bytes that we sent and the other side has not acknowledged."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("I", info, 24)[0]  # tcpi_unacked
