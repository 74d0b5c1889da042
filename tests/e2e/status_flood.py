#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ask the OCSP responder as fast as 8 connections can, with a nonce, and
beside that politely without one.

    status_flood.py PORT NONCE-REQUEST PLAIN-REQUEST SECONDS

Prints what the flood got and how the polite requests fared; exits 1 unless all
of these were answered and some of the flood was told to try later.
"""

import http.client
import sys
import threading
import time

TRY_LATER = bytes.fromhex("30030a0103")
port, seconds = int(sys.argv[1]), float(sys.argv[4])
nonce = open(sys.argv[2], "rb").read()
plain = open(sys.argv[3], "rb").read()
end = time.monotonic() + seconds
got = {"signed": 0, "tryLater": 0}
lock = threading.Lock()


def ask(conn, body):
    conn.request("POST", "/ocsp", body,
                 {"Content-Type": "application/ocsp-request"})
    return conn.getresponse().read()


def flood():
    conn = http.client.HTTPConnection("::1", port, timeout=20)
    while time.monotonic() < end:
        later = ask(conn, nonce) == TRY_LATER
        with lock:
            got["tryLater" if later else "signed"] += 1


threads = [threading.Thread(target=flood) for _ in range(8)]
for t in threads:
    t.start()
polite, slowest = 0, 0.0
conn = http.client.HTTPConnection("::1", port, timeout=20)
while time.monotonic() < end:
    begin = time.monotonic()
    if len(ask(conn, plain)) < 100:
        sys.exit("a polite request was not answered")
    slowest = max(slowest, time.monotonic() - begin)
    polite += 1
    time.sleep(0.02)
for t in threads:
    t.join()
print(f"flood: {got['signed']} signed, {got['tryLater']} tryLater; "
      f"polite: {polite} answered, slowest {slowest * 1000:.0f} ms")
if got["tryLater"] == 0 or polite == 0:
    sys.exit("the flood was not held back")
