#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kill trustchain-ct at each of its fault points, then TROTH_CRASHES times at
random under load: every SCT that came back is in the tree at its index, every
head that was seen is a prefix of the next, and a repeated submission gets the
leaf it got before."""
import base64
import os
import random
import re
import sys
import threading
import time

import ctlab
import tile_reader
from ctlab import Promise, sha, wait

SUBMITTERS = 4


class Load:
    """Submits until told to stop or the daemon is gone."""

    def __init__(self, lab, certs):
        self.lab, self.certs = lab, certs
        self.answers, self.heads = [], []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.submit, daemon=True)
                        for _ in range(SUBMITTERS)]
        self.threads.append(threading.Thread(target=self.watch, daemon=True))
        for t in self.threads:
            t.start()

    def submit(self):
        while not self.over.is_set():
            with self.lock:
                if not self.certs:
                    return
                cert = self.certs.pop()
            try:
                status, body, _ = self.lab.submit(cert)
            except OSError:
                return
            except Exception:  # pylint: disable=broad-except
                return  # an answer cut short
            with self.lock:
                if status == 200:
                    self.answers.append((cert, body))

    def watch(self):
        shard = None
        while not self.over.is_set():
            time.sleep(0.02)
            try:
                shard = shard or self.lab.get("/api/v1/ct/tree")["shard"]
                self.heads.append(
                    self.lab.get("/%s/ct/v1/get-sth" % shard))
            except Exception:  # pylint: disable=broad-except
                pass

    def end(self):
        self.over.set()
        for t in self.threads:
            t.join()
        return [Promise(self.lab, c, b) for c, b in self.answers]


def leaves_of(lab, shard):
    top = os.path.join(lab.state, shard)
    with open(os.path.join(top, "checkpoint"), "rb") as f:
        size = int(f.read().split(b"\n")[1])
    got = []
    for n in range(0, size, 256):
        data = tile_reader.gzip.decompress(tile_reader.tile(
            top, "data", n // 256, min(256, size - n)))
        got += [leaf for _, leaf in tile_reader.leaves(data)]
    return got


def check(lab, promises, heads):
    """After a restart, with everything sequenced published again."""
    if not promises:
        return
    shard = promises[0].shard
    size = max(p.index for p in promises) + 1
    wait(15, lambda: lab.get(
        "/%s/ct/v1/get-sth" % shard)["tree_size"] >= size)
    leaves = leaves_of(lab, shard)
    for p in promises:
        assert leaves[p.index] == p.leaf, \
            "the SCT for index %d is broken" % p.index
    for h in heads:
        root = tile_reader.root(leaves[:h["tree_size"]])
        assert root == base64.b64decode(h["sha256_root_hash"]), \
            "head of size %d is not a prefix" % h["tree_size"]
    p = promises[-1]
    again = Promise(lab, p.cert, lab.submit(p.cert)[1])
    assert (again.index, again.timestamp) == (p.index, p.timestamp), \
        "a repeated submission made another leaf"


def points():
    with open("src/trustchain/ct_points.h", encoding="ascii") as f:
        return re.findall(r'^#define CT_POINT_\w+ "([^"]+)"', f.read(), re.M)


def certs(lab, n, tag):
    return [lab.issuer.leaf("%s%d.test" % (tag, i)) for i in range(n)]


def main():
    rounds = int(os.environ.get("TROTH_CRASHES", "20"))
    seed = int(os.environ.get("TROTH_SEED", str(random.randrange(1 << 30))))
    random.seed(seed)
    print("seed %d" % seed)
    lab = ctlab.Lab()
    promises, heads, dead, ahead = [], [], 0, 1
    try:
        for n, point in enumerate(points()):
            # A new issuer: its file is written, so that point is passed.
            if "issuer" in point:
                lab.issuer = ctlab.Authority("Another", lab.root, 0)
            # A shard that is missing is made at the next start.
            if "shard" in point:
                ahead += 1
                lab.ahead(ahead)
            # A load may be published by one checkpoint; only batches and
            # signatures are sure to come twice.
            twice = "wal" in point or "sct" in point
            nth = 1 + n % 2 if twice else 1
            started = lab.start("%s=kill:%d" % (point, nth))
            load = Load(lab, certs(lab, 20, "p%d-" % n)) if started else None
            try:
                lab.process.wait(10)
                dead += 1
            except Exception:  # pylint: disable=broad-except
                raise AssertionError("nobody passed " + point)
            if load:
                new = load.end()
                heads += load.heads
                promises = [p for p in promises if p.cert.issuer ==
                            lab.issuer.name] + new
            lab.stop()
            assert lab.start(), point
            check(lab, promises, heads)
            wait(30, lambda: len(
                lab.get("/api/v1/ct/logs")["logs"]) == ahead + 1)
            lab.stop()
        for n in range(rounds):
            assert lab.start()
            load = Load(lab, certs(lab, 60, "r%d-" % n))
            time.sleep(random.uniform(0.01, 0.4))
            lab.kill_main()
            promises += load.end()
            heads += load.heads
            lab.stop()
            if n % 4 == 3 or n == rounds - 1:
                assert lab.start()
                check(lab, promises, heads)
                assert lab.stop() == 0
                print("progress: %d of %d kills" % (n + 1, rounds),
                      flush=True)
        shard = promises[0].shard
        size = tile_reader.check(os.path.join(lab.state, shard),
                                 lab.params(shard))
        print("ok: killed at %d points and %d times at random; %d promises "
              "and %d heads kept, size %d" % (
                  dead, rounds, len(promises), len(heads), size))
    finally:
        lab.close()


sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
assert sha(b"") == tile_reader.sha(b"")
main()
