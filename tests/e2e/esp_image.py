# SPDX-License-Identifier: MIT
"""Makes small ESP images that boot loaders take: header, two segments, checksum, SHA-256
on an ESP32, the text that names the version, the mark of this firmware, and the MD5
trailer of the daemon's push."""

import hashlib
import struct

MAGIC, CHECKSUM = 0xE9, 0xEF
# Where the segments go; the second, or the first, holds the code.
LOAD = {"ESP32": (0x3F400020, 0x40080000), "ESP8266": (0x40100000, 0x3FFE8000)}
ENTRY = {"ESP32": 0x40080004, "ESP8266": 0x40100004}
MARK = b"wipy-firmware: telnet ftp confirm"


def make(chip, tag, date, data_len=8192, trailer=False, mark=MARK,
         board="WiPy"):
    """chip: ESP32 or ESP8266."""
    esp32 = chip == "ESP32"
    image = bytearray(struct.pack("<BBBBI", MAGIC, 2, 0, 0, ENTRY[chip]))
    if esp32:
        image += bytes(15) + b"\x01"  # a SHA-256 follows
    text = ("MicroPython %s on %s; %s with %s\r\n" % (tag, date, board, chip)).encode()
    checksum = CHECKSUM
    for number in range(2):
        data = bytearray((i * 5 + number) & 0xFF for i in range(data_len))
        if number == 0:
            data[100:100 + len(text) + 1] = text + b"\0"
            data[300:300 + len(mark)] = mark
        image += struct.pack("<II", LOAD[chip][number], len(data)) + data
        for byte in data:
            checksum ^= byte
    image += bytes(15 - len(image) % 16) + bytes([checksum])
    if esp32:
        image += hashlib.sha256(image).digest()
    if trailer:
        image += hashlib.md5(image).hexdigest().encode()
    return bytes(image)
