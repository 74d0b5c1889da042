#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A log whose disk is put back to an older copy never signs again; one whose
witnesses say nothing, or claim what nobody can check, serves reads only; a
retired shard is taken over by another with new keys."""
import json
import os
import shutil
import subprocess
import sys

import ctlab
import quorum
import witness
from ctlab import wait


def start_only(lab):
    """As Lab.start, for a daemon that does not become ready."""
    lab.errors = open(os.path.join(lab.top, "err.log"), "ab")
    lab.process = subprocess.Popen(
        lab.command("serve"), stdout=subprocess.PIPE, stderr=lab.errors,
        text=True)


def up(lab):
    try:
        return lab.request("GET", "/api/v1/ct/monitor")[0] == 200
    except OSError:
        return False


def states(lab):
    return {s["name"]: s["state"]
            for s in json.loads(lab.run("--json", "shard", "list"))}


def test_unreachable(lab, w):
    """Reads only until the witness is back."""
    lab.stop()
    w.stop()
    start_only(lab)
    wait(10, lambda: up(lab))
    cert = lab.issuer.leaf("held.test")
    shard = lab.shard(cert)
    status, answer, _ = lab.submit(cert)
    assert status == 503 and b"read_only" in answer, (status, answer)
    before = lab.get("/%s/ct/v1/get-sth" % shard)
    assert before["tree_size"] > 0
    monitor = lab.get("/api/v1/ct/monitor")
    assert monitor["status"] == "degraded", monitor
    w.start()
    assert "[SUCCESS] trustchain-ct ready" in lab.process.stdout.readline()
    status, answer, _ = lab.submit(cert)
    assert status == 200, answer


def test_claim(lab, w):
    """A witness without a word of ours cannot end the log, only hold it."""
    lab.stop()
    liar = quorum.Liar(os.path.join(lab.top, "liar.sock"))
    quorum.configure(lab, 1, [("liar", "unix:%s/liar.sock" % lab.top,
                               liar.vkey)])
    liar.mode = "larger"
    start_only(lab)
    wait(10, lambda: up(lab))
    wait(10, lambda: liar.asked > 0)
    assert lab.submit(lab.issuer.leaf("claim.test"))[0] == 503
    liar.mode = "good"
    assert "[SUCCESS] trustchain-ct ready" in lab.process.stdout.readline()
    assert lab.submit(lab.issuer.leaf("claim.test"))[0] == 200
    lab.stop()
    quorum.configure(lab, 1, [("w", "unix:" + w.sock, w.vkey)])


def test_rollback(lab, copy):
    """The old copy: exit 5, again and again, and nothing is signed."""
    lab.stop()
    shutil.rmtree(lab.state)
    shutil.copytree(copy, lab.state)
    for _ in range(2):
        start_only(lab)
        code = lab.process.wait(20)
        assert code == 5, code
        lab.stop()
    with open(os.path.join(lab.top, "err.log"), encoding="utf-8") as f:
        said = f.read()
    assert "it was rolled back" in said and '"code":5' in said, said[-2000:]


def test_retire(lab, shard, promise):
    """Retired by the files, a successor with new keys, then both served."""
    assert states(lab)[shard] == "open"
    assert "[SUCCESS] shard %s retired" % shard in lab.run(
        "shard", "retire", shard)
    assert "[SUCCESS] shard %sb open" % shard in lab.run(
        "shard", "create", shard + "b")
    lab.run("shard", "create", shard + "b", code=3)
    lab.run("shard", "create", "2026x1", code=2)
    lab.run("shard", "retire", "2025w01", code=1)
    assert lab.params(shard)["key"] != lab.params(shard + "b")["key"]
    quorum.started(lab)
    found = states(lab)
    assert found[shard] == "retired" and found[shard + "b"] == "open", found
    lab.run("shard", "create", shard + "c", code=3)
    wait(10, lambda: {x["name"]: x["state"] for x in lab.get(
        "/api/v1/ct/logs")["logs"]} == found)
    # Reads go on; a submission is taken by the successor, by neither twice.
    assert lab.get("/%s/ct/v1/get-sth" % shard)["tree_size"] > 0
    status, answer, _ = lab.submit(promise.cert)
    assert status == 503 and b"frozen" in answer, (status, answer)
    cert = lab.issuer.leaf("after.test")
    status, answer, _ = lab.request("POST", "/api/v1/ct/submit", json.dumps({
        "certificate": ctlab.b64(ctlab.der(cert)),
        "chain": [ctlab.b64(ctlab.der(lab.issuer.cert))]}))
    assert status == 200, answer
    assert json.loads(answer)["shard"] == shard + "b"
    before = lab.get("/%s/ct/v1/get-sth" % shard)
    wait(10, lambda: quorum.audited(lab, b"ct.shard.retired") == 1)
    # While it runs, by the control socket.
    other = [s for s in found if s not in (shard, shard + "b")][-1]
    lab.run("shard", "retire", other)
    assert states(lab)[other] == "retired"
    assert lab.get("/%s/ct/v1/get-sth" % shard) == before
    assert lab.stop() == 0
    assert states(lab)[other] == "retired"


def main():
    lab = ctlab.Lab()
    w = witness.Witness(quorum.logs_of(lab), key44=False).start()
    try:
        quorum.configure(lab, 1, [("w", "unix:" + w.sock, w.vkey)])
        quorum.started(lab)
        quorum.grow(lab, "one.test")
        assert lab.stop() == 0
        copy = os.path.join(lab.top, "copy")
        shutil.copytree(lab.state, copy)
        quorum.started(lab)
        _, promise = quorum.grow(lab, "two.test")
        test_unreachable(lab, w)
        test_claim(lab, w)
        test_rollback(lab, copy)
        test_retire(lab, promise.shard, promise)
    finally:
        lab.close()
        w.close()
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
