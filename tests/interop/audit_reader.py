#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Verify an audit log without any code of ours: rebuild the RFC 6962 tree
from the lines, compare it with the hash tiles (C2SP tlog-tiles), check the
Ed25519 signature of the checkpoint (C2SP signed-note, tlog-checkpoint).

    audit_reader.py DIR VKEY        prints "ok SIZE" or exits 1
"""

import base64
import hashlib
import json
import os
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(data):
    return hashlib.sha256(data).digest()


def root(hashes):
    if not hashes:
        return sha(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b"\x01" + root(hashes[:k]) + root(hashes[k:]))


def tile_path(level, index, width):
    parts = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        parts.insert(0, "x%03d" % (index % 1000))
    path = "tile/%d/%s" % (level, "/".join(parts))
    return path if width == 256 else "%s.p/%d" % (path, width)


def read_checkpoint(directory, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert key[0] == 1 and len(key) == 33
    assert sha(name.encode() + b"\n" + key)[:4].hex() == key_id
    with open(os.path.join(directory, "checkpoint")) as f:
        text, signatures = f.read().split("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "\u2014" and signer == name and blob[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(
                blob[4:], text.encode())
            break
    else:
        raise ValueError("no signature by " + name)
    origin, size, head = text.splitlines()
    assert origin == name
    return int(size), base64.b64decode(head)


def main(directory, vkey):
    size, head = read_checkpoint(directory, vkey)
    with open(os.path.join(directory, "audit.log"), "rb") as f:
        lines = f.read().split(b"\n")[:-1]
    for line in lines:
        assert list(json.loads(line)) == ["event_id", "timestamp_ns",
                                          "operator_id", "action", "target"]
    assert len(lines) >= size
    level, nodes = 0, [sha(b"\x00" + line) for line in lines[:size]]
    assert root(nodes) == head
    while nodes:
        for index in range((len(nodes) + 255) // 256):
            tile = nodes[256 * index:256 * index + 256]
            path = tile_path(level, index, len(tile))
            with open(os.path.join(directory, path), "rb") as f:
                assert f.read() == b"".join(tile), path
        nodes = [root(nodes[i:i + 256])
                 for i in range(0, len(nodes) - 255, 256)]
        level += 1
    print("ok %d" % size)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
