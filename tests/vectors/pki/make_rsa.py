#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make RSA moduli that a CA must refuse, and some that it must not.  One line
each: what it is, then the modulus in hex.  The random generator is seeded, so
that the output is always the same."""

import random

R = random.Random(6962)
SMALL = [p for p in range(2, 752) if all(p % d for d in range(2, p))]


def is_prime(n):
    if any(n % p == 0 for p in SMALL):
        return n in SMALL
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(24):
        x = pow(R.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits):
    while True:
        n = R.getrandbits(bits) | 3 << (bits - 2) | 1
        if is_prime(n):
            return n


def next_prime(n):
    n += 2
    while not is_prime(n):
        n += 2
    return n


def roca_prime(bits):
    """k * M + (65537^a mod M), M the product of the first 126 primes: the form
    of Nemec et al., "The Return of Coppersmith's Attack" (CCS 2017)."""
    m = 1
    for p in SMALL[:126]:
        m *= p
    while True:
        k = R.getrandbits(bits - m.bit_length() + 1)
        n = k * m + pow(65537, R.getrandbits(200), m)
        if n.bit_length() == bits and n >> (bits - 2) == 3 and is_prime(n):
            return n


p, q = prime(1024), prime(1024)
print("good2048 %x" % (p * q))
print("good3072 %x" % (prime(1536) * prime(1536)))
print("short2047 %x" % (prime(1024) * (prime(1023))))
print("small3 %x" % (3 * prime(2047)))
print("small751 %x" % (751 * prime(2040)))
print("close %x" % (p * next_prime(p)))
print("close_far %x" % (p * next_prime(p + (1 << 514))))
print("roca2048 %x" % (roca_prime(1024) * roca_prime(1024)))
