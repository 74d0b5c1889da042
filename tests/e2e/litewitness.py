#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An unmodified litewitness (Debian unstable) cosigns the heads of trustchain-ct,
also after it was killed, and refuses what our own witness refuses."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import ctlab
import quorum
import tlog
from ctlab import wait

NAME = "litewitness.test/w"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def provide():
    """litewitness of Debian 13 panics when it stores its first head, because
    of another version of an SQLite module than it was written for; the one of
    unstable is used."""
    done = subprocess.run(["tools/sid.sh", "torchwood"], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        print("SKIP: a working litewitness is in Debian unstable only, and "
              "no mirror can be reached")
        sys.exit(77)
    return done.stdout.strip()


class Litewitness:
    def __init__(self, logs):
        root = provide()
        with open(root + "/.have-torchwood", encoding="utf-8") as f:
            self.version = f.read().strip()
        self.bin = root + "/usr/bin/"
        self.top = self.top = tempfile.mkdtemp(prefix="troth-lw-")
        self.agent = self.process = None
        self.port = free_port()
        self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                 self.top + "/key")
        self.start_agent()
        with open(self.top + "/key.pub", encoding="utf-8") as f:
            blob = tlog.base64.b64decode(f.read().split()[1])
        self.vkey = tlog.vkey(NAME, 4, blob[-32:])
        for origin, vkey in logs:
            self.run(self.bin + "witnessctl", "add-log", "-db", self.top + "/db",
                     "-origin", origin)
            self.run(self.bin + "witnessctl", "add-key", "-db", self.top + "/db",
                     "-origin", origin, "-key", vkey)

    def run(self, *args, **kwargs):
        return subprocess.run(
            list(args), check=True, text=True,
            stdout=subprocess.PIPE, **kwargs).stdout

    def start_agent(self):
        self.agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.top + "/agent"],
            stdout=subprocess.DEVNULL)
        wait(10, lambda: os.path.exists(self.top + "/agent"))
        self.run("ssh-add", self.top + "/key", env=dict(
            os.environ, SSH_AUTH_SOCK=self.top + "/agent"),
            stderr=subprocess.DEVNULL)
        self.finger = self.run("ssh-keygen", "-l", "-f",
                               self.top + "/key.pub").split()[1]

    def start(self):
        self.log = open(self.top + "/log", "ab")
        self.process = subprocess.Popen(
            [self.bin + "litewitness",
                          "-db", self.top + "/db", "-key", self.finger,
                          "-name", NAME, "-ssh-agent", self.top + "/agent",
                          "-listen", "127.0.0.1:%d" % self.port],
            stdout=self.log, stderr=self.log)

        def up():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", self.port)) == 0
        wait(10, up)
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.log.close()

    def ask(self, body):
        req = urllib.request.Request("http://127.0.0.1:%d/add-checkpoint"
                                     % self.port, body)
        try:
            with urllib.request.urlopen(req, timeout=10) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def close(self):
        if sys.exc_info()[0] is not None:
            with open(self.top + "/log", encoding="utf-8") as f:
                print(f.read()[-3000:])
        for p in (self.process, self.agent):
            if p is not None and p.poll() is None:
                p.kill()
                p.wait(10)
        shutil.rmtree(self.top)


def test_same_answers(log, peer):
    """What our witness refuses (witness.py), this one refuses, too."""
    log.grow(300)
    assert peer.ask(log.request(0, 5))[0] == 200
    assert peer.ask(log.request(5, 300))[0] == 200
    assert peer.ask(log.request(5, 300)) == (409, "300\n")
    fork = log.fork(299)
    fork.grow(301, b"other")
    assert peer.ask(fork.request(300, 301))[0] in (409, 422)
    assert peer.ask(fork.request(300, 300))[0] in (409, 422)
    assert peer.ask(log.request(300, 300, tlog.Key(log.origin)))[0] == 403


def main():
    lab = ctlab.Lab()
    peer = None
    try:
        python = tlog.Log("log.test/python")
        peer = Litewitness(quorum.logs_of(lab) + [
            (python.origin, python.key.vkey)]).start()
        test_same_answers(python, peer)
        quorum.configure(lab, 1, [("litewitness", "http://127.0.0.1:%d"
                                   % peer.port, peer.vkey)], strict=True)
        quorum.started(lab)
        for i in range(3):
            checkpoint, _ = quorum.grow(lab, "a%d.test" % i)
            assert quorum.cosigners(checkpoint, [peer.vkey]) == {NAME}
        peer.kill()
        peer.start()
        checkpoint, _ = quorum.grow(lab, "b.test")
        assert quorum.cosigners(checkpoint, [peer.vkey]) == {NAME}
        assert lab.stop() == 0
        quorum.started(lab)
        checkpoint, promise = quorum.grow(lab, "c.test")
        assert quorum.cosigners(checkpoint, [peer.vkey]) == {NAME}
        assert lab.get("/api/v1/ct/monitor")["quorum"] == {
            "n": 1, "k": 1, "f": 0, "met": True}
        print("ok: litewitness of torchwood " + peer.version)
    finally:
        lab.close()
        if peer:
            peer.close()


if __name__ == "__main__":
    sys.exit(main())
