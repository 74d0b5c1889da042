#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Check that a log kept its promises; shares no code with what it checks.

    promises.py --logs LOGS.json --shards DIR --issuer PEM [--db CA.DB]
                [--pending-ok] CERT...

LOGS.json is the log list as /api/v1/ct/logs serves it; DIR holds the shards'
directories as the log publishes them.  Checked are:

 * each shard's data tiles re-hash to the root of its signed checkpoint;
 * each CERT (PEM or DER; a folder stands for the files in it) embeds at least
   one SCT, and every SCT's signature verifies and its leaf, precertificate
   and time included, is in the tree at the index the SCT promises;
 * with --db: each finished certificate in the CA's database passes the same
   test, its precertificate is in the log, and no row is left pending.

Prints one line for each broken promise and exits 1, or a summary and 0.
"""
import argparse
import base64
import gzip
import hashlib
import json
import os
import sqlite3
import struct
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

failures = []


def fail(text):
    failures.append(text)
    print("BROKEN " + text)


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def root_of(leaves):
    """RFC 6962 section 2.1, by levels: an odd last node moves up alone."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    while len(leaves) > 1:
        pairs = [hashlib.sha256(b"\1" + leaves[i] + leaves[i + 1]).digest()
                 for i in range(0, len(leaves) - 1, 2)]
        if len(leaves) % 2:
            pairs.append(leaves[-1])
        leaves = pairs
    return leaves[0]


class Reader:
    def __init__(self, data):
        self.data, self.pos = data, 0

    def take(self, n):
        if self.pos + n > len(self.data):
            raise ValueError("truncated")
        self.pos += n
        return self.data[self.pos - n:self.pos]

    def uint(self, n):
        return int.from_bytes(self.take(n), "big")

    def vector(self, n):
        return self.take(self.uint(n))


class Entry:
    """One TileLeaf of C2SP static-ct-api."""

    def __init__(self, r):
        start = r.pos
        self.timestamp = r.uint(8)
        self.kind = r.uint(2)
        self.issuer_key_hash = r.take(32) if self.kind == 1 else None
        self.signed = r.vector(3)
        self.extensions = r.vector(2)
        # MerkleTreeLeaf: version 0, type 0, then the TimestampedEntry.
        self.hash = leaf_hash(b"\0\0" + r.data[start:r.pos])
        self.precert = r.vector(3) if self.kind == 1 else None
        self.chain = r.vector(2)


def tile_path(n):
    """C2SP tlog-tiles: groups of three digits, all but the last with x."""
    text = "%03d" % (n % 1000)
    while n >= 1000:
        n //= 1000
        text = "x%03d/%s" % (n % 1000, text)
    return text


def read_tile(shard, n, width):
    path = os.path.join(shard, "tile", "data", tile_path(n))
    if width < 256 and not os.path.exists(path):
        path += ".p/%d" % width
    with open(path, "rb") as f:
        data = f.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


class Shard:
    def __init__(self, directory):
        self.name = os.path.basename(directory)
        self.entries = []
        with open(os.path.join(directory, "checkpoint"), "rb") as f:
            self.origin, size, root = f.read().split(b"\n")[:3]
        size = int(size)
        for n in range((size + 255) // 256):
            width = min(256, size - 256 * n)
            r = Reader(read_tile(directory, n, width))
            for _ in range(width):
                self.entries.append(Entry(r))
        if root_of([e.hash for e in self.entries]) != base64.b64decode(root):
            fail("%s: tiles do not hash to the checkpoint of size %d"
                 % (self.name, size))
        for i, e in enumerate(self.entries):
            if leaf_index(e.extensions) != i:
                fail("%s: entry %d has another leaf_index" % (self.name, i))
        self.precerts = {hashlib.sha256(e.precert).digest()
                         for e in self.entries if e.precert}


def leaf_index(extensions):
    r = Reader(extensions)
    if r.uint(1) != 0 or r.uint(2) != 5:
        return None
    return r.uint(5)


def raw_scts(cert):
    """The SCTs of a certificate as (version, id, time, extensions, sig)."""
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
    try:
        value = cert.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return []
    scts = []
    for sct in value:
        scts.append((sct.log_id, sct.extension_bytes,
                     raw_timestamp(sct), sct.signature))
    return scts


def raw_timestamp(sct):
    t = sct.timestamp
    return (int((t - t.__class__(1970, 1, 1)).total_seconds()) * 1000
            + t.microsecond // 1000)


def check_cert(label, cert, issuers, logs, shards):
    scts = raw_scts(cert)
    if not scts:
        fail("%s: no SCT" % label)
        return
    issuer_hash = next(
        (h for name, h in issuers if name == cert.issuer), None)
    if issuer_hash is None:
        fail("%s: of an unknown issuer" % label)
        return
    tbs = cert.tbs_precertificate_bytes
    for log_id, extensions, timestamp, signature in scts:
        log = logs.get(log_id)
        if log is None:
            fail("%s: SCT of an unknown log" % label)
            continue
        signed = (struct.pack(">BBQH", 0, 0, timestamp, 1) + issuer_hash
                  + len(tbs).to_bytes(3, "big") + tbs
                  + struct.pack(">H", len(extensions)) + extensions)
        try:
            log["public"].verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            fail("%s: SCT signature does not verify" % label)
            continue
        shard = shards.get(log["name"])
        index = leaf_index(extensions)
        if shard is None or index is None or index >= len(shard.entries):
            fail("%s: %s index %s is not in the tree"
                 % (label, log["name"], index))
            continue
        e = shard.entries[index]
        if (e.kind, e.issuer_key_hash, e.signed, e.timestamp,
                e.extensions) != (1, issuer_hash, tbs, timestamp, extensions):
            fail("%s: %s index %d holds another entry"
                 % (label, log["name"], index))


def load_cert(data):
    if data.startswith(b"-----") or b"-----BEGIN" in data[:4096]:
        return x509.load_pem_x509_certificate(data)
    return x509.load_der_x509_certificate(data)


def check_db(path, args, issuers, logs, shards):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    finished = pending = 0
    known = set().union(*(s.precerts for s in shards.values()), set())
    for serial, state, precert, final, profile in db.execute(
            "SELECT hex(serial), state, precert, final, profile FROM cert"):
        state = {0: "P", 1: "I", 2: "A"}.get(state, state)
        if state == "P":
            pending += 1
            if not args.pending_ok:
                fail("row %s is left pending" % serial)
        if state != "I" or profile == "ocsp-signer":
            continue
        finished += 1
        if final is None:
            fail("row %s is finished without a certificate" % serial)
            continue
        if hashlib.sha256(precert).digest() not in known:
            fail("row %s: its precertificate is not in the log" % serial)
        check_cert("row " + serial, load_cert(final), issuers, logs, shards)
    return finished, pending


def files_of(paths):
    for path in paths:
        if os.path.isdir(path):
            for name in sorted(os.listdir(path)):
                yield os.path.join(path, name)
        else:
            yield path


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--logs", required=True)
    p.add_argument("--shards", required=True)
    p.add_argument("--issuer", action="append", required=True)
    p.add_argument("--db")
    p.add_argument("--pending-ok", action="store_true")
    p.add_argument("certs", nargs="*")
    args = p.parse_args()
    with open(args.logs) as f:
        listed = json.load(f)
    listed = listed["logs"] if isinstance(listed, dict) else listed
    logs = {}
    for log in listed:
        log["public"] = serialization.load_der_public_key(
            base64.b64decode(log["key"]))
        logs[base64.b64decode(log["log_id"])] = log
    shards = {}
    for log in listed:
        directory = os.path.join(args.shards, log["name"])
        if os.path.exists(os.path.join(directory, "checkpoint")):
            shards[log["name"]] = Shard(directory)
    issuers = []
    for path in args.issuer:
        with open(path, "rb") as f:
            cert = load_cert(f.read())
        spki = cert.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        issuers.append((cert.subject, hashlib.sha256(spki).digest()))
    n = 0
    for path in files_of(args.certs):
        with open(path, "rb") as f:
            check_cert(path, load_cert(f.read()), issuers, logs, shards)
        n += 1
    finished = pending = 0
    if args.db:
        finished, pending = check_db(args.db, args, issuers, logs, shards)
    if failures:
        print("%d broken promises" % len(failures))
        sys.exit(1)
    print("ok: %d certificates, %d finished rows, %d pending, %s" % (
        n, finished, pending, ", ".join(
            "%s size %d" % (s.name, len(s.entries)) for s in shards.values())
        or "no shard"))


main()
