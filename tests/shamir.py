#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Shamir's secret sharing over GF(2^8), polynomial 0x11b, for tests: a second
implementation of the shares of `trustchain-ca ceremony`, sharing nothing with
the first.  It multiplies by logarithms and solves by Gaussian elimination.

    shamir.py split K N SECRET-HEX     prints N shares, base32
    shamir.py join SHARE...            prints the secret in hex
"""
import base64
import hashlib
import secrets
import sys

EXP, LOG = [0] * 255, [0] * 256
value = 1
for power in range(255):
    EXP[power], LOG[value] = value, power
    value ^= (value << 1) ^ (0x11b if value & 0x80 else 0)


def times(a, b):
    return EXP[(LOG[a] + LOG[b]) % 255] if a and b else 0


def over(a, b):
    return EXP[(LOG[a] - LOG[b]) % 255] if a else 0


def powers(x, n):
    row = [1]
    while len(row) < n:
        row.append(times(row[-1], x))
    return row


def write(x, y):
    raw = bytes([x]) + bytes(y)
    raw += hashlib.sha256(raw).digest()[:4]
    return base64.b32encode(raw).decode().rstrip("=")


def read(text):
    raw = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    assert len(raw) == 37, "a share has 37 octets"
    assert hashlib.sha256(raw[:33]).digest()[:4] == raw[33:], "check"
    return raw[0], raw[1:33]


def split(k, n, secret):
    rows = [secret] + [secrets.token_bytes(len(secret)) for _ in range(k - 1)]
    for x in range(1, n + 1):
        at = powers(x, k)
        y = [0] * len(secret)
        for c, row in zip(at, rows):
            y = [s ^ times(c, r) for s, r in zip(y, row)]
        print(write(x, y))


def join(shares):
    """Solve sum(c[j] * x^j) = y for c, and give c[0]."""
    m = [powers(x, len(shares)) + list(y) for x, y in shares]
    for i in range(len(m)):
        pivot = next(r for r in range(i, len(m)) if m[r][i])
        m[i], m[pivot] = m[pivot], m[i]
        m[i] = [over(v, m[i][i]) for v in m[i]]
        for r in range(len(m)):
            if r != i and m[r][i]:
                f = m[r][i]
                m[r] = [a ^ times(f, b) for a, b in zip(m[r], m[i])]
    return bytes(m[0][len(m):])


if sys.argv[1] == "split":
    split(int(sys.argv[2]), int(sys.argv[3]), bytes.fromhex(sys.argv[4]))
else:
    print(join([read(t) for t in sys.argv[2:]]).hex())
