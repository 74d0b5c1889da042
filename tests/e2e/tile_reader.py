#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Read a published log the way a stranger would: from its files, with no code
of ours.  tile_reader.py DIR [LOG.JSON] rebuilds the tree from data and hash
tiles, compares it with the checkpoint, verifies both signatures of the note
and the inclusion path of every leaf, and prints "ok SIZE" or exits 1."""
import base64
import gzip
import hashlib
import json
import os
import struct
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root(h):
    if len(h) < 2:
        return h[0] if h else sha(b"")
    k = 1 << (len(h) - 1).bit_length() - 1
    return sha(b"\1", root(h[:k]), root(h[k:]))


def path(m, h):
    if len(h) < 2:
        return []
    k = 1 << (len(h) - 1).bit_length() - 1
    return (path(m, h[:k]) + [(1, root(h[k:]))] if m < k
            else path(m - k, h[k:]) + [(0, root(h[:k]))])


def tile(top, level, n, width):
    name = "%03d" % (n % 1000)
    while n >= 1000:
        n //= 1000
        name = "x%03d/%s" % (n % 1000, name)
    name = os.path.join(top, "tile", level, name)
    with open(name if width == 256 else "%s.p/%d" % (name, width), "rb") as f:
        return f.read()


def leaves(data):
    """The leaf hashes of a data tile: (TimestampedEntry, rest) by (entry)."""
    at = 0
    while at < len(data):
        start, (kind,) = at, struct.unpack(">H", data[at + 8:at + 10])
        at += 42 if kind else 10
        at += 3 + int.from_bytes(data[at:at + 3], "big")
        at += 2 + int.from_bytes(data[at:at + 2], "big")
        yield data[at - 5:at], sha(b"\0\0\0", data[start:at])
        at += 3 + int.from_bytes(data[at:at + 3], "big") if kind else 0
        at += 2 + int.from_bytes(data[at:at + 2], "big")


def check(top, log):
    with open(os.path.join(top, "checkpoint"), "rb") as f:
        text, lines = f.read().rsplit(b"\n\n", 1)
    text += b"\n"
    origin, size, want = text.decode().split("\n")[:3]
    size, want = int(size), base64.b64decode(want)
    got = []
    for n in range(0, size, 256):
        data = gzip.decompress(tile(top, "data", n // 256,
                                    min(256, size - n)))
        for index, leaf in leaves(data):
            assert int.from_bytes(index, "big") == len(got), "leaf_index"
            got.append(leaf)
    assert len(got) == size and root(got) == want, "root of the data tiles"
    level, nodes = 0, got
    while nodes:
        for n in range(0, len(nodes), 256):
            part = nodes[n:n + 256]
            assert tile(top, str(level), n // 256, len(part)) == \
                b"".join(part), "hash tile %d/%d" % (level, n // 256)
        nodes = [root(nodes[n:n + 256])
                 for n in range(0, len(nodes) - 255, 256)]
        level += 1
    for m in range(0, size, 1 + size // 500):
        h = got[m]
        for right, sibling in path(m, got):
            h = sha(b"\1", *((h, sibling) if right else (sibling, h)))
        assert h == want, "inclusion of leaf %d" % m
    verify(text, origin, size, want, lines, log)
    return size


def verify(text, origin, size, want, lines, log):
    spki = base64.b64decode(log["key"])
    note = base64.b64decode(log["note_vkey"].split("+", 2)[2])
    ids = {sha(origin.encode(), b"\n\5", sha(spki))[:4]: 5,
           sha(origin.encode(), b"\n", note)[:4]: 1}
    good = set()
    for line in lines.decode().splitlines():
        dash, name, sig = line.split(" ")
        sig = base64.b64decode(sig)
        assert dash == "\u2014" and name == origin, "signature line"
        if ids.get(sig[:4]) == 1:
            ed25519.Ed25519PublicKey.from_public_bytes(note[1:]).verify(
                sig[4:], text)
            good.add(1)
        elif ids.get(sig[:4]) == 5:
            signed = b"\0\1" + sig[4:12] + struct.pack(">Q", size) + want
            assert sig[12:14] == b"\4\3", "algorithm"
            serialization.load_der_public_key(spki).verify(
                sig[16:], signed, ec.ECDSA(hashes.SHA256()))
            good.add(5)
    assert good == {1, 5}, "the checkpoint lacks a signature of the log"


def main():
    top = sys.argv[1]
    name = sys.argv[2] if len(sys.argv) > 2 else os.path.join(top, "log.json")
    with open(name, encoding="utf-8") as f:
        print("ok %d" % check(top, json.load(f)))


if __name__ == "__main__":
    main()
