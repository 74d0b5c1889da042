#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad frames and bad handshakes against the server of test_websocket.c, byte by
byte over raw sockets: what the server says to each.

    websocket_hostile.py PORT [CA-FILE]      prints "ok" or exits 1
"""

import os
import socket
import ssl
import struct
import sys
import time

PORT = int(sys.argv[1])
CA = sys.argv[2] if len(sys.argv) > 2 else None
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def connect():
    s = socket.create_connection(("::1", PORT), 10)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if CA:
        context = ssl.create_default_context(cafile=CA)
        s = context.wrap_socket(s, server_hostname="::1")
    return s


def handshake(**change):
    lines = {"Host": "x", "Upgrade": "websocket", "Connection": "Upgrade",
             "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13"}
    path = change.pop("path", "/echo")
    start = change.pop("start", "GET %s HTTP/1.1" % path)
    for name, value in change.items():
        lines[name.replace("_", "-")] = value
    text = start + "\r\n" + "".join(
        "%s: %s\r\n" % p for p in lines.items() if p[1] is not None) + "\r\n"
    return text.encode()


def read_until(s, wanted):
    data = b""
    while wanted not in data:
        got = s.recv(65536)
        if not got:
            break
        data += got
    return data


def opened(path="/echo"):
    s = connect()
    s.sendall(handshake(path=path))
    head = read_until(s, b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ") and ACCEPT in head, head
    return s


def frame(first, payload, mask=b"\x11\x22\x33\x44", length=None):
    out = bytes([first])
    if length is None:
        length = (bytes([len(payload)]) if len(payload) < 126 else
                  b"\x7e" + struct.pack(">H", len(payload))
                  if len(payload) < 65536 else
                  b"\x7f" + struct.pack(">Q", len(payload)))
    out += bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
    if not mask:
        return out + payload
    return out + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(payload))


def outcome(s, last=b""):
    """Read frames: what was echoed, then "close CODE" or "end".  ${last} is
    sent when something was echoed."""
    data = b""
    s.settimeout(10)
    try:
        while True:
            got = s.recv(65536)
            if not got:
                break
            data += got
            if last and [f for f in parse(data) if f.startswith("echo")]:
                s.sendall(last)
                last = b""
            if [f for f in parse(data) if f.startswith("close")]:
                break
    except (ConnectionError, ssl.SSLError):
        pass
    except TimeoutError:
        return "silence"
    return " ".join(parse(data)) or "end"


def parse(data):
    seen = []
    while len(data) >= 2:
        op, n, at = data[0] & 15, data[1], 2
        if n == 126:
            n, at = struct.unpack(">H", data[2:4])[0], 4
        elif n == 127:
            n, at = struct.unpack(">Q", data[2:10])[0], 10
        payload, data = data[at:at + n], data[at + n:]
        if op == 8:
            seen.append("close %d" % struct.unpack(">H", payload[:2])
                        if len(payload) >= 2 else "close")
        elif op == 10:
            seen.append("pong %d" % len(payload))
        elif op != 9:
            seen.append("echo %d" % len(payload))
    return seen


CLOSE = frame(0x88, struct.pack(">H", 1000))
# The library refuses these itself, in Debian's builds without a close frame.
REFUSED = ["close 1002", "end"]
FRAMES = [
    # name, bytes, what is acceptable
    ("a message", frame(0x82, b"abc") + CLOSE, ["echo 3 close 1000"]),
    ("zero mask", frame(0x82, b"abc", b"\0\0\0\0") + CLOSE,
     ["echo 3 close 1000"]),
    ("empty message", frame(0x81, b"") + CLOSE, ["echo 0 close 1000"]),
    ("empty fragments", frame(0x01, b"") + frame(0, b"") + frame(0x80, b"a") +
     CLOSE, ["echo 1 close 1000"]),
    ("length not the shortest", frame(0x82, b"abc", length=b"\x7e\0\x03") +
     CLOSE, ["echo 3 close 1000", "close 1002"]),
    ("ping between", frame(0x01, b"a") + frame(0x89, b"12") + frame(0x80, b"b")
     + CLOSE, ["echo 2 close 1000", "pong 2 echo 2 close 1000",
               "echo 2 pong 2 close 1000"]),
    ("unasked pong with bad UTF-8", frame(0x01, b"a") + frame(0x8a, b"\xff") +
     frame(0x80, b"b") + CLOSE, ["echo 2 close 1000"]),
    ("pings of 125", frame(0x89, b"p" * 125) * 2000 + CLOSE, None),
    ("reserved bit 1", frame(0xc2, b"abc"), REFUSED),
    ("reserved bit 2", frame(0xa2, b"abc"), REFUSED),
    ("reserved bit 3", frame(0x92, b"abc"), REFUSED),
    ("reserved bit on a continuation", frame(0x01, b"a") + frame(0xc0, b"b"),
     REFUSED),
    ("opcode 3", frame(0x83, b"abc"), REFUSED),
    ("opcode 11", frame(0x8b, b"abc"), REFUSED),
    ("long ping", frame(0x89, b"p" * 126), REFUSED),
    ("long close", frame(0x88, b"\x03\xe8" + b"p" * 124),
     REFUSED),
    ("64-bit ping", frame(0x89, b"", length=b"\x7f" + b"\0" * 8),
     REFUSED),
    ("fragmented ping", frame(0x09, b"p"), REFUSED),
    ("fragmented close", frame(0x08, b"\x03\xe8"), REFUSED),
    ("continuation without start", frame(0x80, b"abc"), REFUSED),
    ("message in a message", frame(0x01, b"a") + frame(0x81, b"b"),
     REFUSED),
    ("length with the high bit", frame(
        0x82, b"", length=b"\x7f\x80" + b"\0" * 7), REFUSED),
    ("length of 2^62", frame(0x82, b"x" * 70000, length=b"\x7f\x40" + b"\0" * 7)
     * 20, ["close 1009"]),
    ("length one over", frame(0x82, b"x" * ((1 << 20) + 1)), ["close 1009"]),
    ("many frames", b"".join(frame(0x00 if i else 0x02, b"")
                             for i in range(65)), ["close 1008"]),
    ("text not UTF-8", frame(0x81, b"\xff"), ["close 1007"]),
    ("overlong", frame(0x81, b"\xc0\xaf"), ["close 1007"]),
    ("surrogate", frame(0x81, b"\xed\xa0\x80"), ["close 1007"]),
    ("over U+10FFFF", frame(0x81, b"\xf4\x90\x80\x80"), ["close 1007"]),
    ("character cut short", frame(0x81, b"a\xe2\x82"), ["close 1007"]),
    ("bad in the second fragment", frame(0x01, b"a\xe2\x82") +
     frame(0x80, b"("), ["close 1007"]),
    ("cut across fragments", frame(0x01, b"\xe2") + frame(0, b"\x82") +
     frame(0x80, b"\xac") + CLOSE, ["echo 3 close 1000"]),
    ("binary that is no text", frame(0x82, b"\xff\xfe") + CLOSE,
     ["echo 2 close 1000"]),
    ("close without code", frame(0x88, b""), ["close", "close 1000"]),
    ("close of one byte", frame(0x88, b"\x03"), ["close", "close 1002"]),
    ("close 999", frame(0x88, struct.pack(">H", 999)), REFUSED),
    ("close 1005", frame(0x88, struct.pack(">H", 1005)), REFUSED),
    ("close 1006", frame(0x88, struct.pack(">H", 1006)), REFUSED),
    ("close 1015", frame(0x88, struct.pack(">H", 1015)), REFUSED),
    ("close 2999", frame(0x88, struct.pack(">H", 2999)), REFUSED),
    ("close 4000", frame(0x88, struct.pack(">H", 4000) + b"why"),
     ["close 4000"]),
    ("after the close", CLOSE + frame(0x82, b"abc"), ["close 1000"]),
    # The library reads frames without a mask (doc/http.md).
    ("without mask", frame(0x82, b"abc", None) + CLOSE,
     ["echo 3 close 1000", "close 1002"]),
    ("without mask, no length", frame(0x82, b"", None, b"\x7e\0\0") +
     b"x" * ((1 << 20) + 9), ["close 1009", "close 1002"]),
]

HANDSHAKES = [
    ("good", {}, 101),
    ("lower case", {"Connection": "keep-alive, upgrade",
                    "Upgrade": "WebSocket"}, 101),
    ("no key", {"Sec_WebSocket_Key": None}, 400),
    ("short key", {"Sec_WebSocket_Key": "AAAA"}, 400),
    ("key not Base64", {"Sec_WebSocket_Key": "!" * 24}, 400),
    ("long key", {"Sec_WebSocket_Key": "A" * 4000}, 400),
    ("no version", {"Sec_WebSocket_Version": None}, 426),
    ("version 8", {"Sec_WebSocket_Version": "8"}, 426),
    ("version 13x", {"Sec_WebSocket_Version": "13x"}, 426),
    ("no host", {"Host": None}, 400),
    ("no connection", {"Connection": None}, 400),
    ("other connection", {"Connection": "close"}, 400),
    ("POST", {"start": "POST /echo HTTP/1.1", "Content_Length": "0"}, 400),
    ("a body", {"Content_Length": "3"}, 400),
    ("unknown subprotocols", {"Sec_WebSocket_Protocol": "a, b"}, 400),
    ("the library's own name", {"Sec_WebSocket_Protocol": "(http)"}, 400),
    ("long list", {"Sec_WebSocket_Protocol": "a," * 100 + "one"}, 400),
    ("never answered", {"path": "/late"}, None),
    ("h2c", {"Upgrade": "h2c"}, None),
    ("another upgrade", {"Upgrade": "tls"}, 403),
]


def fail(what, got, wanted):
    print("%s: got %r, wanted %r" % (what, got, wanted))
    sys.exit(1)


def handshakes():
    for name, change, wanted in HANDSHAKES:
        s = connect()
        s.sendall(handshake(**change))
        s.settimeout(5)
        try:
            head = read_until(s, b"\r\n\r\n")
        except (ConnectionError, ssl.SSLError):
            head = b""
        status = int(head.split()[1]) if head else None
        if status != wanted:
            fail("handshake, " + name, head, wanted)
        if status == 426 and b"sec-websocket-version: 13" not in head:
            fail("handshake, " + name, head, "the version")
        s.close()


def frames():
    for name, data, wanted in FRAMES:
        # All at once, and, where it is short, each byte by itself: with TLS
        # that is one byte in a record.
        for step in (len(data), 1) if len(data) < 400 else (len(data),):
            s = opened()
            last = b""
            if wanted and wanted[0].startswith("echo"):
                data, last = data.removesuffix(CLOSE), CLOSE
            try:
                for at in range(0, len(data), step):
                    s.sendall(data[at:at + step])
            except (ConnectionError, ssl.SSLError):
                pass
            got = outcome(s, last)
            s.close()
            if wanted is not None and got not in wanted:
                fail("%s, %d at once" % (name, step), got, wanted)


def random_bytes():
    for i in range(60):
        s = opened()
        try:
            for _ in range(8):
                s.sendall(os.urandom(700))
            # A length it waits for would keep the connection open.
            if not CA:
                s.shutdown(socket.SHUT_WR)
                outcome(s)
        except OSError:
            pass
        s.close()


def half_open():
    """One that says nothing after the handshake, not even pong, is cut off."""
    start = time.monotonic()
    s = opened("/quiet")
    got = outcome(s)
    took = time.monotonic() - start
    if got == "silence" or not 1.5 < took < 9:
        fail("half-open", (got, took), "cut off after about 2 s")


handshakes()
frames()
random_bytes()
half_open()
print("ok")
