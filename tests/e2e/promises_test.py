#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The judge judged: promises.py is shown a log that keeps its promises, and
then one broken promise at a time, made without our programs.  It must accept
the first and name each of the others."""
import base64
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import ctlab
from ctlab import DAY, POISON, der, sha

HERE = os.path.dirname(os.path.abspath(__file__))
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
NOW_MS = 1795262400000
ENTRIES = 300  # more than one tile


def vector(n, data):
    return len(data).to_bytes(n, "big") + data


def root(leaves):
    """RFC 6962 section 2.1, as it is written."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1", root(leaves[:k]), root(leaves[k:]))


class Log:
    """Keeps or breaks promises as its members say."""

    def __init__(self, top):
        self.top = top
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        self.root = ctlab.Authority("Root")
        self.issuer = ctlab.Authority("Issuer", self.root, 0)
        self.entries = []  # (timestamp, tbs, extensions, precert)
        self.certs = []
        self.rows = []

    def certificate(self, name, **broken):
        key = ec.generate_private_key(ec.SECP256R1())
        b = ctlab.Authority.builder(
            self.issuer.name, x509.Name([]), key, DAY / 2)
        b = b.add_extension(x509.SubjectAlternativeName(
            [x509.DNSName(name)]), True)
        tbs = b.sign(self.issuer.key, hashes.SHA256()).tbs_certificate_bytes
        precert = der(b.add_extension(POISON, True).sign(
            self.issuer.key, hashes.SHA256()))
        index = len(self.entries)
        ext = b"\0\0\5" + index.to_bytes(5, "big")
        at = NOW_MS + index
        self.entries.append((at, broken.get("logged_tbs", tbs), ext, precert))
        promised = b"\0\0\5" + broken.get("index", index).to_bytes(5, "big")
        time = at + broken.get("later", 0)
        signature = broken.get("key", self.key).sign(
            struct.pack(">BBQH", 0, 0, time, 1) + self.issuer.key_hash()
            + vector(3, tbs) + vector(2, promised), ec.ECDSA(hashes.SHA256()))
        log_id = broken.get("log_id", sha(self.spki))
        sct = (b"\0" + log_id + struct.pack(">Q", time) + vector(2, promised)
               + b"\4\3" + vector(2, signature))
        if not broken.get("no_sct"):
            listed = vector(2, vector(2, sct))
            b = b.add_extension(x509.UnrecognizedExtension(
                SCT_LIST, ctlab.tlv(4, listed)), False)
        final = b.sign(self.issuer.key, hashes.SHA256())
        self.certs.append(der(final))
        self.rows.append((b"%d" % index, "I", precert, der(final), "server"))

    def write(self, **broken):
        """The published files and the CA's database."""
        shard = os.path.join(self.top, "shards", "2026w47")
        os.makedirs(os.path.join(shard, "tile", "data", "000.p"),
                    exist_ok=True)
        os.makedirs(os.path.join(shard, "tile", "data", "001.p"))
        leaves, tiles = [], [b"", b""]
        for i, (at, tbs, ext, precert) in enumerate(self.entries):
            if i == broken.get("other_extension"):
                ext = b"\0\0\5" + (i + 1).to_bytes(5, "big")
            entry = (struct.pack(">QH", at, 1) + self.issuer.key_hash()
                     + vector(3, tbs) + vector(2, ext))
            leaves.append(sha(b"\0\0\0", entry))
            tiles[i // 256] += entry + vector(3, precert) + vector(
                2, sha(der(self.issuer.cert)))
        if "flip" in broken:
            data = bytearray(tiles[1])
            data[broken["flip"]] ^= 1
            tiles[1] = bytes(data)
        data = os.path.join(shard, "tile", "data")
        with open(os.path.join(data, "000"), "wb") as f:
            f.write(gzip.compress(tiles[0]))
        with open(os.path.join(data, "001.p", str(len(leaves) - 256)),
                  "wb") as f:
            f.write(gzip.compress(tiles[1]))
        with open(os.path.join(shard, "checkpoint"), "wb") as f:
            f.write(b"ct.test/2026w47\n%d\n%s\n\n" % (
                len(leaves), base64.b64encode(root(leaves))))
        with open(os.path.join(self.top, "logs.json"), "w",
                  encoding="ascii") as f:
            json.dump({"logs": [{
                "name": "2026w47", "key": ctlab.b64(self.spki),
                "log_id": ctlab.b64(sha(self.spki))}]}, f)
        with open(os.path.join(self.top, "issuer.pem"), "wb") as f:
            f.write(self.issuer.cert.public_bytes(
                serialization.Encoding.PEM))
        certs = os.path.join(self.top, "certs")
        os.makedirs(certs)
        for i, cert in enumerate(self.certs):
            if i % 100 == 0 or i >= ENTRIES - 1:
                with open(os.path.join(certs, "%d" % i), "wb") as f:
                    f.write(cert)
        db = sqlite3.connect(os.path.join(self.top, "ca.db"))
        db.execute("CREATE TABLE cert(serial, state, precert, final, profile)")
        db.executemany("INSERT INTO cert VALUES(?,?,?,?,?)", self.rows)
        db.commit()
        db.close()

    def judge(self, *more):
        t = self.top
        done = subprocess.run(
            [sys.executable, "-W", "ignore",
             os.path.join(HERE, "promises.py"), "--logs", t + "/logs.json",
             "--shards", t + "/shards", "--issuer", t + "/issuer.pem",
             "--db", t + "/ca.db", *more, t + "/certs"],
            capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


# What is broken and what must be said of it: a change of the last certificate,
# of the files, of the row, or of the judge's arguments.
BROKEN = {
    "no SCT": {"cert": {"no_sct": True}},
    "SCT of an unknown log": {"cert": {"log_id": bytes(32)}},
    "SCT signature does not verify": {
        "cert": {"key": ec.generate_private_key(ec.SECP256R1())}},
    "index 999 is not in the tree": {"cert": {"index": 999}},
    "index 7 holds another entry": {"cert": {"index": 7}},
    "index 300 holds another entry": {"cert": {"later": 1}},
    "2026w47 index 300 holds another entry": {
        "cert": {"logged_tbs": b"another body"}},
    "tiles do not hash to the checkpoint of size 301": {
        "files": {"flip": 100}},
    "entry 300 has another leaf_index": {"files": {"other_extension": 300}},
    "is left pending": {"row": (b"x", "P", b"", None, "server")},
    "is finished without a certificate": {
        "row": (b"x", "I", b"", None, "server")},
    "its precertificate is not in the log": {"row": "unlogged"},
}


def case(made, broken):
    top = tempfile.mkdtemp(prefix="troth-judge.")
    try:
        log = Log.__new__(Log)
        log.__dict__.update(made.__dict__)
        log.top = top
        log.entries, log.certs = list(made.entries), list(made.certs)
        log.rows = list(made.rows)
        log.certificate("last.test", **broken.get("cert", {}))
        row = broken.get("row")
        if row == "unlogged":
            row = (b"x", "I", b"nobody has seen it", log.certs[-1], "server")
        if row:
            log.rows.append(row)
        log.write(**broken.get("files", {}))
        return log.judge(*broken.get("arguments", []))
    finally:
        shutil.rmtree(top)


def main():
    made = Log("")
    for i in range(ENTRIES):
        made.certificate("n%d.test" % i)
    code, said = case(made, {})
    assert code == 0 and "ok: 5 certificates, 301 finished rows, 0 pending" \
        in said, said
    code, said = case(made, {"row": (b"x", "P", b"", None, "server"),
                             "arguments": ["--pending-ok"]})
    assert code == 0 and "1 pending" in said, said
    for text, broken in BROKEN.items():
        code, said = case(made, broken)
        assert code == 1 and "BROKEN" in said and text in said, (text, said)
        assert "Traceback" not in said, said
    print("ok: %d broken promises found" % len(BROKEN))


assert hashlib.sha256(b"").digest() == sha()
main()
