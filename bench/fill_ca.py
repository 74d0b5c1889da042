#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# fill_ca.py DATABASE ROWS REVOKED SERIALS: give the store of a stopped CA ROWS
# live certificates, of which REVOKED are revoked: rows as an issue leaves them,
# without the certificates themselves, which nothing that is measured reads.
# The serials of a sample go to the file SERIALS.
import hashlib
import os
import random
import sqlite3
import sys
import time

path, rows, revoked = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(path)
(epoch,) = db.execute("SELECT epoch FROM issuer WHERE id='ca-1'").fetchone()
now = int(time.time() * 1000)
sample = []


def row(i):
    serial = b"\x41" + os.urandom(15)
    digest = hashlib.sha256(serial).digest()
    if i % (rows // 20000 or 1) == 0:
        sample.append(serial.hex())
    gone = i * revoked // rows != (i + 1) * revoked // rows
    return ("ca-1", serial, epoch, "I", "server", now - 60000, now + 86340000,
            now, int.from_bytes(digest[:4], "big") % 64, digest, digest,
            "token:bench", now if gone else 0, 4 if gone else 0)


with db:
    db.executemany(
        "INSERT INTO cert(issuer, serial, epoch, state, profile, not_before,"
        " not_after, created, shard, spki, fp, owner, revoked_at, reason)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (row(i) for i in range(rows)))
random.shuffle(sample)
with open(sys.argv[4], "w") as f:
    f.write("\n".join(sample[:20000]) + "\n")
