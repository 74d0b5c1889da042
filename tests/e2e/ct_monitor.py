#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ct-monitor against our own log, and against one that forks, equivocates,
rewinds, breaks its promises and shows a witness something else: the right
evidence, which proves it offline, and nothing for an honest one."""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import ct_liar
import ctlab
import quorum
import tlog
import witness
from ctlab import wait

SHARD = "2026w47"


class Rig:
    """A state folder and sockets as of trustchain-ct serve, but ours."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="troth-monitor.")
        self.log = ct_liar.Log("ct.liar.test", SHARD)
        self.ca = ct_liar.Ca()
        self.shown = self.log
        self.copy = None  # what the witness stands by
        folder = os.path.join(self.top, "state", SHARD)
        os.makedirs(folder)
        self.evidence = os.path.join(folder, "evidence")
        self.params = os.path.join(folder, "log.json")
        with open(self.params, "w", encoding="utf-8") as f:
            f.write(self.log.params())
        with open(os.path.join(self.top, "token"), "w",
                  encoding="utf-8") as f:
            f.write("tc_auditor\n")
        os.chmod(os.path.join(self.top, "token"), 0o600)
        self.wkey = tlog.Key("witness.test/w")
        ct_liar.Server(self.top + "/ct.sock", lambda p: self.shown.get(p))
        ct_liar.Server(self.top + "/ca.sock", lambda p: self.ca.get(p))
        ct_liar.Server(self.top + "/w.sock", self.witness)
        self.config = os.path.join(self.top, "ct.toml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("""[server]
environment = "local"
listen = "unix:{0}/ct.sock"
metrics_listen = ""
control = "{0}/ct.ctl"
state_dir = "{0}/state"
[log]
base = "ct.liar.test"
roots = ["{0}/none"]
keys = "{0}/keys"
pass_file = "{0}/pass"
list_key = "file:{0}/list.key"
[quorum]
k = 1
[[witness_peer]]
name = "w"
url = "unix:{0}/w.sock"
vkey = "{1}"
[monitor]
interval_s = 1
""".format(self.top, tlog.vkey(self.wkey.name, 4, self.wkey.public)))

    def witness(self, path):
        known = "/%s/checkpoint" % tlog.sha(self.log.origin.encode()).hex()
        if path != known or self.copy is None:
            return None
        return 200, self.copy.note_text.encode()

    def cosign(self, log):
        text = log.note_text.split("\n\n")[0] + "\n"
        now = int(time.time())
        sig = self.wkey.private.sign(
            b"cosignature/v1\ntime %d\n" % now + text.encode())
        keyid = tlog.sha(self.wkey.name.encode(), b"\n\4",
                         self.wkey.public)[:4]
        log.note_text += "\u2014 %s %s\n" % (self.wkey.name, tlog.b64(
            keyid + now.to_bytes(8, "big") + sig))

    def command(self, *args):
        return [os.path.join(ctlab.BIN, "trustchain-ct"), "--config",
                self.config, "ct-monitor", "--check-consistency",
                "--verify-inclusion", "--alert-on-mismatch", *args]

    def run(self, *args, code=0):
        done = subprocess.run(
            self.command("--once", "--ca", "unix:%s/ca.sock" % self.top,
                         "--token-file", self.top + "/token", *args),
            capture_output=True, text=True, timeout=60, check=False)
        out = done.stdout + done.stderr
        assert done.returncode == code, (done.returncode, code, out)
        return out

    def files(self):
        if not os.path.isdir(self.evidence):
            return set()
        return {n[:-5] for n in os.listdir(self.evidence)
                if n.endswith(".json")}

    def proves(self, kind, key=None):
        """One round finds one piece of evidence, and it proves that."""
        out = self.run(code=5)
        found = re.findall(r"\[ERROR\] %s evidence=([0-9a-f]{64}) " % kind,
                           out)
        assert found and set(found) <= self.files(), (kind, out)
        path = os.path.join(self.evidence, found[0] + ".json")
        with open(path, "rb") as f:
            data = f.read()
        assert tlog.sha(data).hex() == found[0], "the id is the hash"
        args = ["--vkey", key] if key else ["--log", self.params]
        if kind == "unauthorised_issuance":
            return self.verify(path, args, 5, "in the log"), json.loads(data)
        self.verify(path, args, 0, "[SUCCESS] proves " + kind)
        # Another log's key, and any changed octet that matters: no proof.
        self.verify(path, ["--vkey", tlog.Key(self.log.origin).vkey], 5,
                    "proves nothing")
        for member in ("a", "b"):
            doc = json.loads(data)
            text = doc[member]
            at = len(text) // 2  # of the root, where it is a head
            if "\n\n" in text:
                at = len("\n".join(text.split("\n")[:2])) + 20
            doc[member] = text[:at] + ("A" if text[at] != "A" else "B") \
                + text[at + 1:]
            with open(path + ".x", "w", encoding="utf-8") as f:
                json.dump(doc, f)
            self.verify(path + ".x", args, 5, "proves nothing")
            os.unlink(path + ".x")
        return out, json.loads(data)

    def verify(self, path, args, code, text):
        done = subprocess.run(
            [os.path.join(ctlab.BIN, "trustchain-ct"), "evidence", "verify",
             path, *args], capture_output=True, text=True, timeout=30,
            check=False)
        out = done.stdout + done.stderr
        assert done.returncode == code and text in out, (code, out)
        return out

    def reset(self):
        """Forget what was seen, as another monitor."""
        shutil.rmtree(os.path.join(self.top, "state", "monitor"),
                      ignore_errors=True)

    def close(self):
        shutil.rmtree(self.top)


def test_honest(rig):
    rig.log.fill(5)
    rig.log.head()
    out = rig.run()
    assert "[INFO] %s size=5 consistent" % rig.log.origin in out, out
    for size in (5, 6, 255, 256, 300, 600):
        rig.log.fill(size)
        rig.ca.issue(rig.log, "a%d.test" % size)
        rig.log.head()
        rig.copy = rig.log.copy()
        rig.run()
    assert not rig.files()


def heads_contradict(rig, doc):
    """Judged by the Python here, not by us."""
    sizes, roots = [], []
    for note in (doc["a"], doc["b"]):
        text, lines = note.split("\n\n", 1)
        text += "\n"
        assert rig.log.note.line(text) in lines.splitlines(True)
        sizes.append(int(text.split("\n")[1]))
        roots.append(text.split("\n")[2])
    return sizes, roots


def test_equivocation(rig):
    rig.cosign(rig.log)
    rig.reset()
    rig.run()
    liar = rig.log.copy(len(rig.log.leaves) - 1)
    liar.fill(len(rig.log.leaves), b"other")
    rig.shown = liar.head()
    rig.cosign(liar)
    _, doc = rig.proves("equivocation")
    sizes, roots = heads_contradict(rig, doc)
    assert sizes[0] == sizes[1] and roots[0] != roots[1]
    # The witness has cosigned both, which proves something about it.
    rig.reset()
    rig.shown = rig.log
    rig.run()
    rig.shown = liar
    key = tlog.vkey(rig.wkey.name, 4, rig.wkey.public)
    rig.proves("bad_cosignature", key)
    rig.shown = rig.log
    rig.reset()
    rig.run()


def test_fork(rig):
    size = len(rig.log.leaves)
    liar = rig.log.copy(size - 2)
    liar.fill(size + 5, b"other")
    rig.shown = liar.head()
    _, doc = rig.proves("fork")
    sizes, _ = heads_contradict(rig, doc)
    assert sizes == [size, size + 5], sizes
    # Not for the witness: it sees a fork that we do not.
    rig.reset()
    rig.copy, rig.shown = liar, rig.log
    rig.run()
    rig.log.fill(size + 10)
    rig.log.head()
    _, doc = rig.proves("fork")
    assert heads_contradict(rig, doc)[0] == [size + 5, size + 10]
    rig.copy = None
    rig.reset()
    rig.run()


def test_rewind(rig):
    """Back to what it was, then back to something else."""
    size = len(rig.log.leaves)
    old = rig.log.copy(size - 3)
    rig.shown = old.head(ct_liar.millis() - 5000)
    assert "tiles of that are gone" in rig.run(code=5)

    class Both:  # an old head from a cache, perhaps
        @staticmethod
        def get(path):
            return (old if path.endswith("/checkpoint") else rig.log).get(path)
    rig.shown = Both
    rig.run()
    old.head(ct_liar.millis() + 1000)
    out = rig.run(code=5)
    assert "[ERROR] rewind evidence=none" in out, out
    liar = rig.log.copy(size - 4)
    liar.fill(size - 2, b"other")
    liar.head()
    old.note_text = liar.note_text
    rig.proves("fork")
    rig.shown = rig.log
    rig.run()


def test_promises(rig):
    """Another entry at the index; none after the maximum delay."""
    rig.ca.issue(rig.log, "shifted.test", shift=-3)
    rig.log.head()
    rig.proves("broken_promise")
    rig.ca.known.clear()
    rig.ca.issue(rig.log, "fresh.test", logged=False)
    rig.log.head()
    rig.run()  # there is still time
    rig.ca.known.clear()
    rig.ca.issue(rig.log, "late.test", logged=False, age_ms=61000)
    rig.log.head()
    _, doc = rig.proves("broken_promise")
    assert doc["proof"] == []
    rig.ca.known.clear()


def test_unauthorised(rig):
    at = rig.ca.issue(rig.log, "stolen.test", forget=True)
    rig.log.head()
    _, doc = rig.proves("unauthorised_issuance")
    assert "not_found" in doc["detail"]
    leaf = base64.b64decode(doc["a"])
    assert tlog.sha(b"\0", leaf) == rig.log.hashes[at]
    rig.run()  # once is enough


def test_tiles(rig):
    """Entries that are not what was hashed; tiles that are not the tree."""
    rig.log.fill(len(rig.log.leaves) + 2)
    rig.log.head()
    kept = rig.log.leaves[-1]
    rig.log.leaves[-1] = kept.replace(b"entry", b"Entry")
    assert "[ERROR] entries evidence=none" in rig.run(code=5)
    rig.log.leaves[-1] = b"\0"
    assert "[ERROR] entries evidence=none" in rig.run(code=5)
    rig.log.leaves[-1] = kept
    hashes = rig.log.hashes
    rig.log.hashes = hashes[:-1] + [tlog.sha(b"x")]
    assert "[ERROR] tiles evidence=none" in rig.run(code=5)
    rig.log.hashes = hashes
    note = rig.log.note_text
    rig.log.note_text = note.replace("\n\n", "\nextension\n\n")
    assert "[ERROR] head evidence=none" in rig.run(code=5)
    rig.log.note_text = note
    rig.run()


def test_named(rig):
    """A log that is named on the command line, and one that is not there."""
    state = os.path.join(rig.top, "named")
    shown, log = rig.shown, rig.log
    rig.shown = type("Plain", (), {"get": staticmethod(
        lambda p: log.get("/" + log.shard + p))})
    base = ["--state", state, "--log", "unix:%s/ct.sock" % rig.top, "--vkey"]
    done = subprocess.run(
        rig.command("--once", *base, rig.log.note.vkey), text=True,
        capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and "consistent" in done.stdout, done
    done = subprocess.run(
        rig.command("--once", "--state", state, "--log", "unix:/nowhere",
                    "--vkey", rig.log.note.vkey), text=True,
        capture_output=True, timeout=60, check=False)
    assert done.returncode == 4, done
    rig.shown = shown


def test_running(rig):
    """Within two intervals, and killed at any time without harm."""
    with open(os.path.join(rig.top, "out"), "w+", encoding="utf-8") as out:
        p = subprocess.Popen(rig.command(), stdout=out,
                             stderr=subprocess.STDOUT)
        time.sleep(1.5)
        liar = rig.log.copy(len(rig.log.leaves) - 1)
        liar.fill(len(rig.log.leaves), b"other")
        rig.shown, start = liar.head(), time.monotonic()

        def alarmed():
            out.seek(0)
            return "[ERROR] equivocation evidence=" in out.read()
        wait(10, alarmed)
        assert time.monotonic() - start < 2 + 1, "two intervals"
        p.send_signal(signal.SIGKILL)
        p.wait(10)
    rig.shown = rig.log
    rig.run()


def test_ours():
    """Our log, our witness: nothing is wrong; evidence in its folder is
    served, counted and entered into the audit log once."""
    lab = ctlab.Lab()
    w = witness.Witness(quorum.logs_of(lab), key44=False).start()
    try:
        quorum.configure(lab, 1, [("w", "unix:" + w.sock, w.vkey)])
        quorum.started(lab)
        for i in range(3):
            _, promise = quorum.grow(lab, "o%d.test" % i)
            out = lab.run("ct-monitor", "--once")
            assert "%s size=%d consistent" % (
                "ct.lab.test/" + promise.shard, promise.index + 1) in out
        folder = os.path.join(lab.state, promise.shard, "evidence")
        os.mkdir(folder)
        data = json.dumps({"type": "fork", "found_at": "2026-11-21"}).encode()
        name = tlog.sha(data).hex()
        with open(os.path.join(folder, name + ".json"), "wb") as f:
            f.write(data)
        wait(10, lambda: lab.get("/api/v1/ct/monitor")["evidence"] == 1)
        assert lab.get("/api/v1/ct/evidence")["evidence"] == [{
            "id": name, "type": "fork", "shard": promise.shard,
            "found_at": "2026-11-21"}]
        assert lab.request("GET", "/api/v1/ct/evidence/" + name)[1] == data
        assert lab.request("GET", "/api/v1/ct/evidence/" + "0" * 64)[0] == 404
        assert lab.request("GET", "/api/v1/ct/evidence/../log.json")[0] == 404
        wait(10, lambda: quorum.audited(lab, b"ct.byzantine.detected") == 1)
        assert lab.stop() == 0
        quorum.started(lab)
        wait(10, lambda: lab.get("/api/v1/ct/monitor")["evidence"] == 1)
        time.sleep(2.5)
        assert lab.stop() == 0
        assert quorum.audited(lab, b"ct.byzantine.detected") == 1
    finally:
        lab.close()
        w.close()


def main():
    rig = Rig()
    try:
        for test in (test_honest, test_equivocation, test_fork, test_rewind,
                     test_promises, test_unauthorised, test_tiles,
                     test_named, test_running):
            test(rig)
    finally:
        rig.close()
    test_ours()
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
