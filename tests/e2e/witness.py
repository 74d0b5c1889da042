#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""trustchain-ct witness from outside, asked by a log that is not ours: what it
cosigns, what it refuses, and that neither kill -9 nor a restart makes it
forget what it stands by."""
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import ctlab
import tlog

NAME = "witness.test/w"


class Witness:
    """The daemon in a scratch folder, for the vkeys of some logs."""

    def __init__(self, logs, key44=True, name=NAME):
        self.top = tempfile.mkdtemp(prefix="troth-witness.")
        self.sock = os.path.join(self.top, "w.sock")
        self.config = os.path.join(self.top, "witness.toml")
        self.process = None
        self.vkey = self.vkey44 = None
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("""[server]
environment = "local"
listen = "unix:{0}/w.sock"
metrics_listen = ""
control = "{0}/w.ctl"
state_dir = "{0}/state"
service_names = ["localhost"]
drain_s = 5
[witness]
name = "{1}"
key = "file:{0}/keys/w.key"
{2}
pass_file = "{0}/keys/w.pass"
""".format(self.top, name, 'key44 = "file:%s/keys/w44.key"' % self.top
                if key44 else ""))
            for origin, vkey in logs:
                f.write('[[witness.log]]\norigin = "%s"\nvkeys = ["%s"]\n'
                        % (origin, vkey))
        os.mkdir(os.path.join(self.top, "keys"), 0o700)

    def command(self, *args):
        return [os.path.join(ctlab.BIN, "trustchain-ct"), "--config",
                self.config, *args, "witness"]

    def start(self, fault=None):
        env = dict(os.environ)
        env.pop("TRUSTCHAIN_FAULT", None)
        if fault:
            env["TRUSTCHAIN_FAULT"] = fault
        self.errors = open(os.path.join(self.top, "err.log"), "ab")
        self.process = subprocess.Popen(
            self.command(), env=env, stdout=subprocess.PIPE,
            stderr=self.errors, text=True)
        for line in self.process.stdout:
            found = re.search(r"vkey44=(\S+)", line)
            if found:
                self.vkey44 = found.group(1)
            found = re.match(r"\[SUCCESS\] witness ready vkey=(\S+) logs=\d+",
                             line)
            if found:
                self.vkey = found.group(1)
                return self
        raise AssertionError(open(os.path.join(
            self.top, "err.log"), encoding="utf-8").read()[-3000:])

    def stop(self):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()
        self.process = None
        return code

    def kill(self):
        """SIGKILL to all its processes."""
        pids = ctlab.children(self.process.pid)
        self.process.kill()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.stop()

    def close(self):
        self.stop()
        shutil.rmtree(self.top)

    def ask(self, body, method="POST", path="/add-checkpoint"):
        c = ctlab.UnixConnection(self.sock)
        try:
            c.request(method, path, body)
            r = c.getresponse()
            return r.status, r.read().decode(), r.headers
        finally:
            c.close()

    def cosign(self, log, old, new):
        """Must succeed; every key has signed."""
        status, body, _ = self.ask(log.request(old, new))
        assert status == 200, (status, body)
        lines = body.splitlines()
        keys = [k for k in (self.vkey, self.vkey44) if k]
        assert len(lines) == len(keys), body
        for line, key in zip(lines, keys):
            then = tlog.cosigned(line, log.text(new), key)
            assert abs(time.time() - then) < 10, then

    def refused(self, want, body):
        status, text, headers = self.ask(body)
        assert status == want, (status, want, text)
        return text, headers


def test_protocol(w, log):
    log.grow(5)
    w.cosign(log, 0, 5)
    w.cosign(log, 5, 5)
    log.grow(300)
    w.cosign(log, 5, 300)
    text, headers = w.refused(409, log.request(5, 300))
    assert text == "300\n" and headers["content-type"] == "text/x.tlog.size"
    assert w.refused(409, log.request(0, 299))[0] == "300\n"
    w.refused(400, log.request(300, 299))
    # A fork at the same size, and one that grows.
    fork = log.fork(299)
    fork.grow(301, b"other")
    w.refused(422, fork.request(300, 300))
    w.refused(422, fork.request(300, 301))
    log.grow(301)
    good = log.request(300, 301)
    w.refused(422, good.replace(b"old 300\n", b"old 300\n" + b"A" * 43
                                + b"=\n", 1))
    w.refused(403, log.request(300, 301, tlog.Key(log.origin)))
    stranger = tlog.Log("log.test/stranger")
    stranger.grow(1)
    w.refused(404, stranger.request(0, 1))
    for body in (b"", b"old\n", b"old 300\n\n", b"old -1\n\nx", good[:-3],
                 b"\xff" * 100, good + b"x"):
        w.refused(400, body)
    assert w.ask(b"old 1\n" + b"A" * 70000)[0] == 413
    assert w.ask(None, "GET")[0] == 405
    w.cosign(log, 300, 301)


def test_get(w, log, other):
    path = "/%s/checkpoint" % tlog.sha(log.origin.encode()).hex()
    status, body, _ = w.ask(None, "GET", path)
    text, lines = body.split("\n\n", 1)
    text += "\n"
    size = int(text.split("\n")[1])
    lines = lines.splitlines(True)
    assert status == 200 and text == log.text(size)
    assert lines[0] == log.key.line(text), "the log's own signature"
    tlog.cosigned(lines[1], text, w.vkey)
    tlog.cosigned(lines[2], text, w.vkey44)
    for path in ("/%s/checkpoint" % tlog.sha(other.origin.encode()).hex(),
                 "/%s/checkpoint" % ("0" * 64), "/0/checkpoint", "/"):
        assert w.ask(None, "GET", path)[0] == 404
    return size


def test_restart(w, log):
    assert w.stop() == 0
    w.start()
    size = int(w.refused(409, log.request(0, 1))[0])
    assert size == 301
    w.kill()
    w.start()
    assert w.refused(409, log.request(0, 1))[0] == "301\n"


def test_crash(w, log):
    """After the head is stored and before: never a second head."""
    size = 301
    for point in ("store.before", "store.after", "sign.after"):
        w.stop()
        w.start("witness.%s=kill" % point)
        fork = log.fork(size)
        log.grow(size + 1)
        fork.grow(size + 1, b"other")
        try:
            w.ask(log.request(size, size + 1))
            raise AssertionError("it was to die at " + point)
        except (OSError, http.client.HTTPException):
            pass
        assert w.process.wait(20) == 1
        w.stop()
        w.start()
        if point == "store.before":
            w.cosign(log, size, size + 1)
        else:
            assert w.refused(409, log.request(size, size + 1))[0] == \
                "%d\n" % (size + 1)
            w.cosign(log, size + 1, size + 1)
        w.refused(422, fork.request(size + 1, size + 1))
        size += 1


def test_race(w, log):
    """Two branches at once: one of them wins, for good."""
    size = len(log.leaves)
    for _ in range(10):
        branches = [log.fork(size) for _ in range(6)]
        got = []
        threads = []
        for i, b in enumerate(branches):
            b.grow(size + 1, b"%d" % i)
            threads.append(threading.Thread(target=lambda b=b: got.append(
                (w.ask(b.request(size, size + 1))[0], b))))
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        won = [b for status, b in got if status == 200]
        assert len(won) == 1, [s for s, _ in got]
        assert all(s in (200, 409) for s, _ in got)
        log.leaves = won[0].leaves
        size += 1


def test_hup(w, log):
    """A new key process knows what the old one signed."""
    size = len(log.leaves)
    before = ctlab.children(w.process.pid)
    w.process.send_signal(signal.SIGHUP)
    ctlab.wait(20, lambda: len(set(ctlab.children(w.process.pid))
                               - set(before)) == 1
               and len(ctlab.children(w.process.pid)) == 2)
    log.grow(size + 1)
    w.cosign(log, size, size + 1)


def test_damaged(w, log):
    path = os.path.join(w.top, "state", "logs",
                        tlog.sha(log.origin.encode()).hex())
    w.stop()
    with open(path, "rb+") as f:
        data = f.read()
        f.seek(0)
        f.write(data.replace(b"\n4", b"\n3", 1) if b"\n4" in data
                else data.replace(b"\n3", b"\n2", 1))
    done = subprocess.run(w.command(), capture_output=True, text=True,
                          timeout=30, check=False)
    assert "not a head that" in done.stderr, done.stderr
    done = subprocess.run(w.command("--check-config"), capture_output=True,
                          text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    with open(path, "wb") as f:
        f.write(data)
    w.start()


def main():
    log, other = tlog.Log("log.test/a"), tlog.Log("log.test/b")
    w = Witness([(x.origin, x.key.vkey) for x in (log, other)])
    try:
        w.start()
        two = subprocess.run(w.command(), capture_output=True, text=True,
                             timeout=30, check=False)
        assert two.returncode == 2, "a second daemon on one state folder"
        test_protocol(w, log)
        test_get(w, log, other)
        test_restart(w, log)
        assert test_get(w, log, other) == 301  # signed anew
        test_crash(w, log)
        test_race(w, log)
        test_hup(w, log)
        test_damaged(w, log)
        assert w.stop() == 0
        events = b"".join(
            open(os.path.join(folder, n), "rb").read()
            for folder, _, names in os.walk(
                os.path.join(w.top, "state", "audit")) for n in names)
        assert b"witness.cosigned" in events
        assert b"witness.refused" in events
    finally:
        w.close()
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
