#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make the sealed files of this folder from the description in
src/keys/seal.h, with Python's own HMAC and SHA-256, Argon2id of the openssl
program (3.2 or newer, OPENSSL=path) and ChaCha20-Poly1305 and AES-GCM of
python3-cryptography.

    make_sealed.py [FOLDER]
"""
import hashlib
import hmac
import os
import struct
import subprocess
import sys

from cryptography.hazmat.primitives.ciphers.aead import (
    AESGCM, ChaCha20Poly1305)

OPENSSL = os.environ.get("OPENSSL", "openssl")


def argon2id(passphrase, salt, memory_kib, passes, lanes):
    out = subprocess.run(
        [OPENSSL, "kdf", "-binary", "-keylen", "32",
         "-kdfopt", "hexpass:" + passphrase.hex(),
         "-kdfopt", "hexsalt:" + salt.hex(),
         "-kdfopt", "memcost:%d" % memory_kib, "-kdfopt", "iter:%d" % passes,
         "-kdfopt", "lanes:%d" % lanes, "ARGON2ID"],
        check=True, capture_output=True)
    return out.stdout


def expand(key, info, length):
    assert length <= 32
    return hmac.digest(key, info + b"\x01", "sha256")[:length]


def seal(magic, secret, cost, generation, salts, aead, content):
    pass_salt, image_salt = salts
    by_pass = cost != (0, 0, 0)
    master = argon2id(secret, pass_salt, *cost) if by_pass else secret
    check = expand(master, b"troth sealed file check" + magic + pass_salt, 16)
    key = expand(master, b"troth sealed file key" + magic + image_salt, 32)
    head = magic + bytes([1, 1 if by_pass else 2, aead, 0])
    head += struct.pack(">IIIQ", *cost, generation)
    head += pass_salt + image_salt + check
    head += struct.pack(">I", len(content) + 16)
    cipher = ChaCha20Poly1305(key) if aead == 1 else AESGCM(key)
    image = head + cipher.encrypt(bytes(12), content, head)
    return image + hashlib.sha256(image).digest()


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(
        os.path.abspath(__file__))
    salts = bytes(range(16)), bytes(range(16, 32))
    files = {
        "pass.sealed": seal(b"B4AEKEY2", b"correct horse", (65536, 3, 4), 1,
                            salts, 1, bytes(range(32))),
        "key.sealed": seal(b"TESTKEY1", bytes(range(100, 132)), (0, 0, 0),
                           7, (bytes(16), salts[0]), 2, b""),
    }
    for name, image in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(image)


if __name__ == "__main__":
    main()
