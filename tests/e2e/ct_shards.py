#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shards that trustchain-ct makes while it runs: keys on disk only encrypted,
listed with a signed list, good for promises that a stranger can check, and
the same after a new key process and after a restart."""
import json
import os
import signal
import stat
import sys
import time

import ctlab
import tile_reader
from ctlab import DAY, Promise, wait


def key_process(lab):
    for pid in ctlab.children(lab.process.pid):
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            if b"--role=keys" in f.read():
                return pid
    return None


def names(lab):
    return [x["name"] for x in lab.get("/api/v1/ct/logs")["logs"]]


def promise(lab, week, tag):
    """A promise of the shard that is ${week} weeks away; verified."""
    cert = lab.issuer.leaf("%s%d.test" % (tag, week), life=7 * week * DAY)
    status, body, _ = lab.submit(cert)
    assert status == 200, body
    return Promise(lab, cert, body)


def check_keys(lab, shards):
    found = set(os.listdir(os.path.join(lab.top, "keys")))
    for shard in shards:
        for kind in ("log", "note"):
            name = "%s.%s.key" % (shard, kind)
            assert name in found, name
            path = os.path.join(lab.top, "keys", name)
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, name
            with open(path, encoding="ascii") as f:
                assert f.readline() == \
                    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", name
    assert not [x for x in found if x.endswith(".tmp")], found


def check_published(lab, p):
    wait(10, lambda: lab.get("/%s/ct/v1/get-sth" % p.shard)["tree_size"]
         > p.index)
    tile_reader.check(os.path.join(lab.state, p.shard), lab.params(p.shard))


def main():
    lab = ctlab.Lab()
    try:
        began = time.monotonic()
        assert lab.start()
        old = names(lab)
        assert len(old) == 2, old
        assert lab.stop() == 0
        lab.ahead(3)
        assert lab.start()
        wait(30, lambda: len(names(lab)) == 4)
        new = names(lab)[2:]
        assert names(lab)[:2] == old and new == sorted(new)
        check_keys(lab, new)
        # The list's serial rose with it, and its note is signed: the CA's
        # side of that is in the unit tests of the list.
        promises = [promise(lab, week, "a") for week in (2, 3)]
        assert {p.shard for p in promises} <= set(new), promises
        assert len({p.log_id for p in promises}) == 2
        for p in promises:
            check_published(lab, p)
        with open(os.path.join(lab.state, "audit", "audit.log"),
                  encoding="utf-8") as f:
            text = f.read()
        for shard in new:
            wait(10, lambda s=shard: "ct.shard.created" in text and s in text)
        # Another key process has the same keys in the same slots.
        pid = key_process(lab)
        os.kill(lab.process.pid, signal.SIGHUP)
        wait(20, lambda: key_process(lab) not in (pid, None))
        wait(20, lambda: len(ctlab.children(lab.process.pid)) == 2)
        for week in (2, 3):
            check_published(lab, promise(lab, week, "b"))
        # One more by SIGHUP alone: another key process, asked for by main.
        lab.ahead(4)
        os.kill(lab.process.pid, signal.SIGHUP)
        wait(30, lambda: len(names(lab)) == 5)
        check_keys(lab, names(lab))
        check_published(lab, promise(lab, 4, "s"))
        new = names(lab)[2:]
        # And after a restart.  Keys that an earlier attempt left behind are
        # taken, not replaced.
        assert lab.stop() == 0
        lab.ahead(5)
        assert lab.start("ct.shard.before=kill")
        assert lab.process.wait(30) == 1
        lab.stop()
        left = [x for x in os.listdir(os.path.join(lab.top, "keys"))
                if x.endswith(".log.key") and x[:-8] not in old + new]
        assert len(left) == 1, left
        with open(os.path.join(lab.top, "keys", left[0]), "rb") as f:
            kept = f.read()
        assert not os.path.exists(os.path.join(
            lab.state, left[0][:-8], "log.json"))
        assert lab.start()
        wait(30, lambda: len(names(lab)) == 6)
        for p in promises:
            again = Promise(lab, p.cert, lab.submit(p.cert)[1])
            assert (again.index, again.timestamp) == (p.index, p.timestamp)
        check_published(lab, promise(lab, 5, "c"))
        # Killed once the shard is there, and nobody has been told.
        assert lab.stop() == 0
        lab.ahead(6)
        assert lab.start("ct.shard.after=kill")
        assert lab.process.wait(30) == 1
        lab.stop()
        assert lab.start()
        wait(30, lambda: len(names(lab)) == 7)
        check_published(lab, promise(lab, 6, "d"))
        with open(os.path.join(lab.top, "keys", left[0]), "rb") as f:
            assert f.read() == kept, "a key was replaced"
        with open(os.path.join(lab.top, "err.log"), encoding="utf-8") as f:
            assert "key.refused" not in f.read()
        assert json.loads(lab.run("log-list"))["logs"][-2]["name"] == \
            left[0][:-8]
        assert lab.stop() == 0
        print("ok %s, %.1f s" % (" ".join(new), time.monotonic() - began))
    finally:
        lab.close()


sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
main()
