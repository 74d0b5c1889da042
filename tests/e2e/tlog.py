# SPDX-License-Identifier: Apache-2.0
"""A transparency log that shares no code with ours: RFC 6962 tree, C2SP notes,
checkpoints, tlog-witness requests, and the check of cosignatures.  It can also
lie, which ours cannot."""
import base64
import hashlib
import os
import struct
import subprocess
import tempfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

OPENSSL = os.environ.get("OPENSSL", "openssl")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def root(h):
    if len(h) < 2:
        return h[0] if h else sha(b"")
    k = 1 << (len(h) - 1).bit_length() - 1
    return sha(b"\1", root(h[:k]), root(h[k:]))


def subproof(m, h, whole):
    """RFC 6962 section 2.1.2."""
    if m == len(h):
        return [] if whole else [root(h)]
    k = 1 << (len(h) - 1).bit_length() - 1
    if m <= k:
        return subproof(m, h[:k], whole) + [root(h[k:])]
    return subproof(m - k, h[k:], False) + [root(h[:k])]


def vkey(name, kind, public):
    return "%s+%s+%s" % (name, sha(
        name.encode(), b"\n", bytes([kind]), public)[:4].hex(),
        b64(bytes([kind]) + public))


class Key:
    def __init__(self, name):
        self.name = name
        self.private = ed25519.Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.vkey = vkey(name, 1, self.public)

    def line(self, text, kind=1):
        keyid = sha(self.name.encode(), b"\n", bytes([kind]), self.public)[:4]
        return "\u2014 %s %s\n" % (self.name, b64(
            keyid + self.private.sign(text.encode())))


class Log:
    def __init__(self, origin, key=None):
        self.origin = origin
        self.key = key or Key(origin)
        self.leaves = []

    def grow(self, n, salt=b""):
        while len(self.leaves) < n:
            self.leaves.append(sha(b"\0", salt, b"%d" % len(self.leaves)))

    def fork(self, at):
        """Another log with the same key and the same first leaves."""
        other = Log(self.origin, self.key)
        other.leaves = self.leaves[:at]
        return other

    def text(self, size):
        return "%s\n%d\n%s\n" % (
            self.origin, size, b64(root(self.leaves[:size])))

    def checkpoint(self, size, key=None):
        text = self.text(size)
        return text + "\n" + (key or self.key).line(text)

    def request(self, old, new, key=None):
        proof = [] if old in (0, new) or old > new else subproof(
            old, self.leaves[:new], True)
        return ("old %d\n" % old + "".join(b64(p) + "\n" for p in proof)
                + "\n" + self.checkpoint(new, key)).encode()


def cosigned(line, text, key):
    """Whether the note line is a good cosignature by the vkey text; its
    time."""
    name, _, octets = key.split("+", 2)
    octets = base64.b64decode(octets)
    dash, who, sig = line.rstrip("\n").split(" ")
    sig = base64.b64decode(sig)
    assert dash == "\u2014" and who == name, line
    assert sig[:4] == sha(name.encode(), b"\n", octets)[:4], "key id"
    time, sig = struct.unpack(">Q", sig[4:12])[0], sig[12:]
    if octets[0] == 4:
        message = b"cosignature/v1\ntime %d\n" % time + text.encode()
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(octets[1:]).verify(
                sig, message)
        except InvalidSignature as e:
            raise AssertionError("cosignature") from e
        return time
    assert octets[0] == 6
    origin, size, head = text.split("\n")[:3]
    message = (b"subtree/v1\n\0" + bytes([len(name)]) + name.encode()
               + struct.pack(">Q", time) + bytes([len(origin)])
               + origin.encode() + struct.pack(">QQ", 0, int(size))
               + base64.b64decode(head))
    verify_mldsa44(octets[1:], message, sig)
    return time


def verify_mldsa44(public, message, sig):
    """By the openssl program: RFC 9881 gives the form of the key."""
    spki = bytes.fromhex("30820532300b06096086480165030403110382052100") \
        + public
    with tempfile.TemporaryDirectory() as top:
        for name, data in (("k", spki), ("m", message), ("s", sig)):
            with open(os.path.join(top, name), "wb") as f:
                f.write(data)
        done = subprocess.run(
            [OPENSSL, "pkeyutl", "-verify", "-pubin", "-inkey", "k",
             "-keyform", "DER", "-rawin", "-in", "m", "-sigfile", "s"],
            cwd=top, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
