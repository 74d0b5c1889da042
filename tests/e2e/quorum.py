#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""trustchain-ct with four witnesses of which three must cosign: three of ours,
and one that lies in every way a witness can."""
import base64
import http.server
import json
import os
import socketserver
import sys
import threading
import time

import ct_liar
import ctlab
import tlog
import witness
from ctlab import wait


class Liar(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A witness on a socket that does what .mode says."""
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # the log hangs up on answers that are too long

    def __init__(self, path):
        self.key = tlog.Key("witness.test/liar")
        self.vkey = tlog.vkey(self.key.name, 4, self.key.public)
        self.mode, self.asked = "garbage", 0
        super().__init__(path, LiarHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class LiarHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass

    def address_string(self):
        return "unix"

    def do_GET(self):
        self.answer(404, b"")

    def do_POST(self):
        self.server.asked += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        text = body.decode().split("\n\n", 1)[1].split("\n\n")[0] + "\n"
        kind = self.server.mode
        if kind == "hang":
            time.sleep(4)
            return
        if kind == "larger":
            self.answer(409, b"99999999\n", "text/x.tlog.size")
        elif kind == "again":
            self.server.flip = 1 - getattr(self.server, "flip", 0)
            self.answer(409, b"%d\n" % self.server.flip, "text/x.tlog.size")
        elif kind == "wrong":
            self.answer(200, self.line(text.replace("\n", "\n", 1) + "x\n"))
        elif kind == "other key":
            self.answer(200, self.line(text, tlog.Key(self.server.key.name)))
        elif kind == "huge":
            self.answer(200, b"\xe2\x80\x94 a b\n" * 100000)
        elif kind == "good":
            self.answer(200, self.line(text))
        else:
            self.answer(200, b"\0\xff garbage")

    def line(self, text, key=None):
        key = key or self.server.key
        now = int(time.time())
        sig = key.private.sign(
            b"cosignature/v1\ntime %d\n" % now + text.encode())
        keyid = tlog.sha(key.name.encode(), b"\n\4", key.public)[:4]
        return ("\u2014 %s %s\n" % (key.name, tlog.b64(
            keyid + now.to_bytes(8, "big") + sig))).encode()

    def answer(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def logs_of(lab):
    """Origin and note key of every shard that init-log made."""
    found = []
    for name in sorted(os.listdir(lab.state)):
        path = os.path.join(lab.state, name, "log.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                params = json.load(f)
            found.append((params["origin"], params["note_vkey"]))
    return found


def configure(lab, k, peers, strict=False, timeout_ms=1000):
    """peers: (name, url, vkey)"""
    with open(lab.config, encoding="utf-8") as f:
        text = f.read().split("[quorum]")[0]
    with open(lab.config, "w", encoding="utf-8") as f:
        f.write(text + "[quorum]\nk = %d\nstrict = %s\ntimeout_ms = %d\n" % (
            k, "true" if strict else "false", timeout_ms))
        for peer in peers:
            f.write('[[witness_peer]]\nname = "%s"\nurl = "%s"\nvkey = "%s"\n'
                    % peer)


def started(lab):
    assert lab.start(), open(os.path.join(
        lab.top, "err.log"), encoding="utf-8").read()[-3000:]


def cosigners(checkpoint, vkeys):
    """Names of those who cosigned; every line of theirs must be good."""
    text, lines = checkpoint.split("\n\n", 1)
    found = set()
    for line in lines.splitlines():
        for key in vkeys:
            if line.split(" ")[1] == key.split("+")[0]:
                tlog.cosigned(line, text + "\n", key)
                found.add(line.split(" ")[1])
    return found


def grow(lab, name):
    """One more entry, and the checkpoint that covers it."""
    cert = lab.issuer.leaf(name)
    status, answer, _ = lab.submit(cert)
    assert status == 200, answer
    promise = ctlab.Promise(lab, cert, answer)
    path = "/%s/checkpoint" % promise.shard
    last = [""]

    def covered():
        last[0] = lab.request("GET", path)[1].decode()
        return int(last[0].split("\n")[1]) > promise.index

    wait(10, covered)
    return last[0], promise


def audited(lab, action):
    count = 0
    for folder, _, names in os.walk(os.path.join(lab.state, "audit")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                count += f.read().count(b'"action":"%s"' % action)
    return count


def refused_configs(lab, peers):
    """2k <= n, a key twice, k without witnesses, a key that is none."""
    for k, some in ((1, peers[:2]), (2, peers[:4]), (0, peers[:1]),
                    (2, [peers[0], peers[0], peers[1]]), (1, []),
                    (1, [("x", "unix:/x", "nonsense")])):
        configure(lab, k, some)
        out = lab.run("--check-config", code=2)
        assert "witness" in out, out


def test_liar(lab, liar, keys):
    """Whatever it does, the other three carry the head."""
    for mode in ("garbage", "larger", "again", "wrong", "other key", "huge",
                 "hang", "good"):
        liar.mode, before = mode, liar.asked
        checkpoint, _ = grow(lab, mode.replace(" ", "-") + ".test")
        found = cosigners(checkpoint, keys)
        assert len(found) >= 3, (mode, found)
        assert mode == "good" or "witness.test/liar" not in found
        if mode == "hang":
            time.sleep(1.2)
        else:
            wait(10, lambda b=before: liar.asked > b)
    monitor = lab.get("/api/v1/ct/monitor")
    assert monitor["quorum"] == {"n": 4, "k": 3, "f": 1, "met": True}, monitor


def test_lost(lab, ours, liar, keys):
    """Two witnesses gone: published all the same, and everybody is told."""
    liar.mode = "garbage"
    ours[2].stop()
    checkpoint, _ = grow(lab, "lost.test")
    assert len(cosigners(checkpoint, keys)) == 2
    wait(10, lambda: not lab.get("/api/v1/ct/monitor")["quorum"]["met"])
    assert lab.get("/api/v1/ct/monitor")["status"] == "degraded"
    wait(10, lambda: audited(lab, b"ct.quorum.lost") == 1)
    ours[2].start()
    checkpoint, _ = grow(lab, "found.test")
    wait(10, lambda: lab.get("/api/v1/ct/monitor")["quorum"]["met"])
    wait(10, lambda: audited(lab, b"ct.quorum.met") >= 1)


def test_strict(lab, ours, liar, keys, peers):
    """A head that too few cosign is withheld until they do."""
    lab.stop()
    liar.mode = "garbage"
    configure(lab, 3, peers, strict=True)
    started(lab)
    checkpoint, promise = grow(lab, "strict.test")
    assert len(cosigners(checkpoint, keys)) == 3
    ours[2].stop()
    cert = lab.issuer.leaf("withheld.test")
    status, answer, _ = lab.submit(cert)
    assert status == 200
    held = ctlab.Promise(lab, cert, answer)
    time.sleep(1.5)
    head = lab.get("/%s/ct/v1/get-sth" % held.shard)
    assert head["tree_size"] == promise.index + 1, "a head was not withheld"
    ours[2].start()
    wait(10, lambda: lab.get("/%s/ct/v1/get-sth" % held.shard)["tree_size"]
         > held.index)


def test_proof(lab, keys):
    """The proof of a certificate's SCT, judged offline with its witnesses."""
    ca = ct_liar.Ca()
    ca.root, ca.issuer = lab.root, lab.issuer
    builder, pre, _ = ca.precert("proof.test")
    status, answer, _ = lab.submit(pre)
    assert status == 200, answer
    promise = ctlab.Promise(lab, pre, answer)
    cert = ca.final(builder, promise.encoded())
    files = [os.path.join(lab.top, x) for x in ("proof", "pem")]
    sct = base64.urlsafe_b64encode(promise.encoded()).decode().rstrip("=")
    wait(10, lambda: lab.get("/%s/ct/v1/get-sth" % promise.shard)["tree_size"]
         > promise.index)
    status, text, _ = lab.request("GET", "/api/v1/ct/proof/" + sct,
                                  headers={"Accept": "text/plain"})
    assert status == 200
    with open(files[0], "wb") as f:
        f.write(text)
    with open(files[1], "w", encoding="utf-8") as f:
        f.write(ca.pem(cert) + ca.pem(lab.issuer.cert))
    base = ["proof", "verify", files[0], "--cert", files[1], "--vkey",
            lab.params(promise.shard)["note_vkey"]]
    some = [x for k in keys for x in ("--witness", k)]
    count = len(cosigners(text.decode().split("\n\n", 1)[1], keys))
    want = "included index=%d size=" % promise.index
    assert want in lab.run(*base)
    assert " cosigned=0\n" in lab.run(*base)
    out = lab.run(*base, *some, "--min", "3")
    assert want in out and " cosigned=%d\n" % count in out and count >= 3, out
    strangers = ["--witness", tlog.vkey("witness.test/w0", 4,
                                        tlog.Key("x").public)]
    assert "0 witnesses cosigned" in lab.run(
        *base, *strangers, "--min", "1", code=5)
    lab.run(*base, *some, "--min", "9", code=2)
    lab.run(*base, *some, *some, code=2)
    lines = text.split(b"\n")
    bad = [i for i, x in enumerate(lines) if b"witness.test/w" in x][0]
    lines[bad] = lines[bad][:-10] + b"AAAAAAAA" + lines[bad][-2:]
    with open(files[0], "wb") as f:
        f.write(b"\n".join(lines))
    lab.run(*base, *some, code=5)
    assert " cosigned=0\n" in lab.run(*base)  # nobody's line then


def main():
    lab = ctlab.Lab()
    ours = []
    liar = Liar(os.path.join(lab.top, "liar.sock"))
    try:
        logs = logs_of(lab)
        ours = [witness.Witness(logs, key44=False,
                                name="witness.test/w%d" % i).start()
                for i in range(3)]
        keys = [w.vkey for w in ours] + [liar.vkey]
        peers = [("w%d" % i, "unix:" + w.sock, w.vkey)
                 for i, w in enumerate(ours)]
        peers.append(("liar", "unix:%s/liar.sock" % lab.top, liar.vkey))
        refused_configs(lab, peers)
        configure(lab, 3, peers, timeout_ms=1000)
        started(lab)
        test_liar(lab, liar, keys)
        test_proof(lab, keys)
        test_lost(lab, ours, liar, keys)
        test_strict(lab, ours, liar, keys, peers)
        assert lab.stop() == 0
    finally:
        lab.close()
        for w in ours:
            w.close()
    print("ok")


if __name__ == "__main__":
    sys.exit(main())
