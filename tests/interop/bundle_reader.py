#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Verify a bundle of an audit log without any code of ours: a tar archive of
the checkpoint (C2SP tlog-checkpoint, signed-note), hash tiles (C2SP
tlog-tiles) and lines.

    bundle_reader.py BUNDLE VKEY

prints "ok FIRST END SIZE", or "record N WHAT" and exits 1.
"""

import base64
import hashlib
import json
import sys
import tarfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(data):
    return hashlib.sha256(data).digest()


def tile_name(level, index, width):
    name = "%03d" % (index % 1000)
    rest = index // 1000
    while rest:
        name = "x%03d/%s" % (rest % 1000, name)
        rest //= 1000
    tail = "" if width == 256 else ".p/%d" % width
    return "tile/%d/%s%s" % (level, name, tail)


class Tree:
    """The nodes of a tree of `size` leaves, from its tiles."""

    def __init__(self, size, files):
        self.size, self.files = size, files

    def tile(self, level, index):
        width = min(256, (self.size >> (8 * level)) - 256 * index)
        data = self.files[tile_name(level, index, width)]
        if len(data) != 32 * width:
            raise ValueError("a tile of the wrong length")
        return [data[i:i + 32] for i in range(0, len(data), 32)]

    def node(self, bit, index):
        """The root of the complete subtree of 2**bit leaves."""
        level, up = divmod(bit, 8)
        first = index << up
        nodes = self.tile(level, first // 256)[first % 256:][:1 << up]
        while len(nodes) > 1:
            nodes = [sha(b"\x01" + nodes[i] + nodes[i + 1])
                     for i in range(0, len(nodes), 2)]
        return nodes[0]

    def root(self):
        result, done = None, self.size
        for bit in range(64):
            if self.size >> bit & 1:
                done -= 1 << bit
                node = self.node(bit, done >> bit)
                result = node if result is None else sha(
                    b"\x01" + node + result)
        return sha(b"") if result is None else result

    def leaf(self, index):
        """The leaf's hash, from a tile that leads up to the edge."""
        level, at = 0, index // 256
        while self.size >> (8 * (level + 1)) > at:  # it is a full tile
            above = self.tile(level + 1, at // 256)[at % 256]
            if self.node(8 * (level + 1), at) != above:
                raise ValueError("a tile does not lead to the root")
            level, at = level + 1, at // 256
        return self.tile(0, index // 256)[index % 256]


def checkpoint(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    text, signatures = note.decode().split("\n\n")
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


def main(bundle, vkey):
    files, lines, first = {}, [], None
    with tarfile.open(bundle, "r:") as archive:
        for member in archive:
            data = archive.extractfile(member).read()
            if member.name.startswith("audit.log."):
                number = int(member.name[len("audit.log."):])
                if first is None:
                    first = number
                assert number == first + len(lines)
                assert not data or data.endswith(b"\n")
                lines += data.split(b"\n")[:-1]
            else:
                files[member.name] = data
    size, head = checkpoint(files["checkpoint"], vkey)
    begin, end = 0, size
    if "range" in files:
        begin, end = map(int, files["range"].split())
    tree = Tree(size, files)
    assert tree.root() == head, "Merkle root mismatch"
    assert first == begin
    for index, line in enumerate(lines, first):
        if index >= end or sha(b"\x00" + line) != tree.leaf(index):
            print("record", index, "is not what was logged")
            return 1
        json.loads(line)
    if first + len(lines) != end:
        print("record", first + len(lines), "is missing")
        return 1
    print("ok", first, end, size)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
