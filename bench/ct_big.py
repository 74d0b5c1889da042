# SPDX-License-Identifier: Apache-2.0
"""A log with a big shard; the measuring part of ct_10m.sh and ct_proof.sh:

  ct_big.py 10m|proof FOLDER ENTRIES

FOLDER holds the log.  It is filled up to ENTRIES (again: from where it ends)
and stays.  What the daemon says is judged without code of ours: leaf hashes
come from the data tiles, the root from the checkpoint, whose signatures
tile_reader.py verifies."""
import base64
import functools
import gzip
import http.client
import json
import os
import random
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import ctlab
import tile_reader
from cryptography.hazmat.primitives import serialization

FILL = "build/bench/ct_fill"
RESTARTS, WARM, COLD, PROVEN = 3, 4000, 300, 10000


def free_ports(n):
    socks = [socket.socket(socket.AF_INET6) for _ in range(n)]
    for s in socks:
        s.bind(("::1", 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


class Big(ctlab.Lab):
    """The folder is kept; certificates are of a new authority each time."""

    def __init__(self, top):
        # pylint: disable=super-init-not-called
        self.top = os.path.abspath(top)
        os.makedirs(self.top, exist_ok=True)
        self.state = self.top + "/state"
        self.sock = self.top + "/ct.sock"
        self.process = None
        self.root = ctlab.Authority("Bench Root")
        self.issuer = ctlab.Authority("Bench Issuer", self.root, 0)
        self.port, self.metrics = free_ports(2)
        with open(self.top + "/root.crt", "wb") as f:
            f.write(self.root.cert.public_bytes(serialization.Encoding.PEM))
        self.config = self.top + "/ct.toml"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(self.top, self.port, self.metrics))
        name = self.top + "/shard"
        if not os.path.exists(name):
            self.run("init-log", "--generate-if-missing")
            with open(name, "w", encoding="ascii") as f:
                f.write(self.shard(self.leaf()))
        with open(name, encoding="ascii") as f:
            self.name = f.read()
        assert self.name == self.shard(self.leaf()), \
            "shard %s has ended; take a new folder" % self.name
        self.dir = os.path.join(self.state, self.name)

    def leaf(self, name="leaf.bench.test"):
        while True:
            cert = self.issuer.leaf(name, precert=False, size=100,
                                    life=ctlab.DAY / 144)
            if cert.serial_number.bit_length() > 152:  # 20 octets
                return cert

    def fill(self, entries, kill_at=None):
        """Up to a size; or beyond it and kill -9 there, at full rate."""
        for name, cert in (("leaf.der", self.leaf()),
                           ("issuer.der", self.issuer.cert)):
            with open(os.path.join(self.top, name), "wb") as f:
                f.write(ctlab.der(cert))
        p = subprocess.Popen(
            [FILL, self.dir, self.top + "/keys", self.top + "/keys/log.pass",
             self.top + "/leaf.der", self.top + "/issuer.der", str(entries)],
            stdout=subprocess.PIPE, text=True)
        if kill_at is None:
            out = p.communicate()[0]
            assert p.returncode == 0, p.returncode
            return json.loads(out)
        while self.size() < kill_at:
            assert p.poll() is None, "the fill ended"
            time.sleep(0.002)
        p.kill()
        p.communicate()
        return None

    def size(self):
        try:
            with open(self.dir + "/checkpoint", "rb") as f:
                return int(f.read().split(b"\n")[1])
        except FileNotFoundError:
            return 0

    def serve(self, begin=None):
        """Start; return the seconds from then until /startup says 200."""
        begin = begin or time.monotonic()
        self.errors = open(self.top + "/err.log", "ab")
        self.process = subprocess.Popen(
            self.command("serve"), stdout=self.errors, stderr=self.errors,
            start_new_session=True)
        while True:
            assert self.process.poll() is None, "see " + self.errors.name
            assert time.monotonic() < begin + 600, "no start"
            try:
                c = http.client.HTTPConnection("::1", self.metrics, timeout=9)
                c.request("GET", "/startup")
                if c.getresponse().status == 200:
                    return time.monotonic() - begin
            except OSError:
                pass
            finally:
                c.close()
            time.sleep(0.002)

    def kill(self):
        """kill -9 to all of the daemon at once; return when that was."""
        at = time.monotonic()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        self.errors.close()
        return at

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(30)
        self.errors.close()
        self.process = None

    def anonymous_kib(self):
        """RssAnon of the processes, by their role."""
        found = {"supervisor": self.process.pid}
        for pid in ctlab.children(self.process.pid):
            with open("/proc/%d/cmdline" % pid, "rb") as f:
                role = [a[7:] for a in f.read().split(b"\0")
                        if a.startswith(b"--role=")]
            if role:
                found[role[0].decode()] = pid
        return {role: status(pid) for role, pid in found.items()}

    def head(self):
        """Size and root of the checkpoint that is served, once its
        signatures are verified."""
        code, body, _ = self.request("GET", "/%s/checkpoint" % self.name)
        assert code == 200, code
        text, lines = body.rsplit(b"\n\n", 1)
        text += b"\n"
        origin, size, root = text.decode().split("\n")[:3]
        root = base64.b64decode(root)
        tile_reader.verify(text, origin, int(size), root, lines,
                           self.params(self.name))
        return int(size), root

    def connect(self):
        # The log has no CA here and shows a certificate of its own.
        c = http.client.HTTPSConnection(
            "::1", self.port, timeout=30,
            context=ssl._create_unverified_context())
        c.connect()
        c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return c


CONFIG = """[server]
environment = "local"
listen = "[::1]:{1}"
metrics_listen = "[::1]:{2}"
control = "{0}/ct.ctl"
state_dir = "{0}/state"
service_names = ["localhost"]
rate_per_min = 0
drain_s = 5
[log]
base = "ct.bench.test"
roots = ["{0}/root.crt"]
keys = "{0}/keys"
pass_file = "{0}/keys/log.pass"
list_key = "file:{0}/keys/list.key"
"""


def status(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        return next((int(line.split()[1]) for line in f
                     if line.startswith("RssAnon:")), 0)


class Watch(threading.Thread):
    """The most anonymous memory that was seen, main and key process."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.lab, self.peak, self.over = lab, {}, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            try:
                now = self.lab.anonymous_kib()
            except OSError:
                continue  # it was killed
            for role, kib in now.items():
                self.peak[role] = max(kib, self.peak.get(role, 0))

    def mib(self):
        self.over.set()
        self.join()
        each = {role: round(kib / 1024, 1) for role, kib in self.peak.items()}
        each["main_and_keys"] = round(each["main"] + each["keys"], 1)
        return each


@functools.lru_cache(maxsize=64)
def tile_leaves(top, n, width):
    data = gzip.decompress(tile_reader.tile(top, "data", n, width))
    return [leaf for _, leaf in tile_reader.leaves(data)]


def leaf_hash(lab, index, size):
    n = index // 256
    return tile_leaves(lab.dir, n, min(256, size - 256 * n))[index % 256]


def get(c, path):
    """The body as JSON and the milliseconds it took."""
    begin = time.perf_counter()
    c.request("GET", path)
    r = c.getresponse()
    body = r.read()
    took = 1000 * (time.perf_counter() - begin)
    assert r.status == 200, (path, r.status, body)
    return json.loads(body), took


def prove_inclusion(lab, c, index, size, root):
    leaf = leaf_hash(lab, index, size)
    answer, took = get(c, "/%s/ct/v1/get-proof-by-hash?%s" % (
        lab.name, urllib.parse.urlencode({
            "hash": ctlab.b64(leaf), "tree_size": size})))
    assert answer["leaf_index"] == index, "another index"
    path = [base64.b64decode(p) for p in answer["audit_path"]]
    assert ctlab.root_from_path(leaf, index, size, path) == root, \
        "inclusion of %d" % index
    return took


def prove_consistency(lab, c, first, size, root):
    """RFC 9162 section 2.1.4.2; the older root comes from the tiles."""
    answer, took = get(
        c, "/%s/ct/v1/get-sth-consistency?first=%d&second=%d" % (
            lab.name, first, size))
    path = [base64.b64decode(p) for p in answer["consistency"]]
    old = old_root(lab, first, size)
    if first & (first - 1) == 0:
        path.insert(0, old)
    fn, sn = first - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for p in path[1:]:
        assert sn > 0, "path too long"
        if fn & 1 or fn == sn:
            fr, sr = tile_reader.sha(b"\1", p, fr), \
                tile_reader.sha(b"\1", p, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = tile_reader.sha(b"\1", sr, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0 and fr == old and sr == root, "consistency of %d" % first
    return took


def old_root(lab, first, size):
    """The root of the first entries, from the hash tiles of the whole tree:
    what is left over on each level, under the edge of the level below."""
    level, edge = 0, []
    while first:
        n, width = divmod(first, 256)
        if width:
            there = min(256, (size >> 8 * level) - 256 * n)
            data = tile_reader.tile(lab.dir, str(level), n, there)
            edge = subtrees([data[32 * i:32 * i + 32]
                             for i in range(width)]) + edge
        first, level = n, level + 1
    root = edge.pop()
    while edge:
        root = tile_reader.sha(b"\1", edge.pop(), root)
    return root


def subtrees(hashes):
    """Roots of the perfect trees that these nodes fall into."""
    found = []
    while hashes:
        k = 1 << len(hashes).bit_length() - 1
        found.append(tile_reader.root(hashes[:k]))
        hashes = hashes[k:]
    return found


def evict(top):
    """Take the shard's files out of the page cache."""
    for folder, _, names in os.walk(top):
        for name in names:
            fd = os.open(os.path.join(folder, name), os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def figures(ms):
    ms = sorted(ms)
    return {"n": len(ms), "p50_ms": round(ms[len(ms) // 2], 2),
            "p99_ms": round(ms[len(ms) * 99 // 100], 2),
            "max_ms": round(ms[-1], 2)}


def restart(lab, run):
    """Some are promised; kill -9; the time from it to /startup."""
    promised = []
    for i in range(50):
        cert = lab.leaf("k%d-%d.bench.test" % (run, i))
        code, body, _ = lab.submit(cert, "add-chain", shard=lab.name)
        assert code == 200, body
        promised.append(ctlab.Promise(lab, cert, body))
    seconds = lab.serve(lab.kill())
    ctlab.wait(20, lambda: lab.head()[0] > promised[-1].index)
    size, root = lab.head()
    c = lab.connect()
    for p in promised:
        assert leaf_hash(lab, p.index, size) == p.leaf, "a lost promise"
        prove_inclusion(lab, c, p.index, size, root)
    c.close()
    return round(seconds, 3)


def ten_million(lab, entries):
    filled = lab.fill(entries)
    say("filled; killing a fill at full rate")
    lab.fill(10 * entries + 10000000, kill_at=lab.size() + 100000)
    after_fill = lab.serve()
    watch = Watch(lab)
    lab_ready(lab)
    say("restarts")
    restarts = [restart(lab, i) for i in range(RESTARTS)]
    size, root = lab.head()
    say("%d proofs" % PROVEN)
    c = lab.connect()
    rng = random.Random(1)
    took = [prove_inclusion(lab, c, rng.randrange(size), size, root)
            for _ in range(PROVEN)]
    c.close()
    memory = watch.mib()
    lab.stop()
    return {"entries": size, "fill": filled,
            "startup_s": statistics.median(restarts),
            "startup_each_s": restarts,
            "startup_after_kill_of_fill_s": round(after_fill, 3),
            "anonymous_mib": memory, "proofs_verified": len(took),
            "proofs": figures(took)}


def lab_ready(lab):
    """The index holds all entries."""
    def known():
        size, _ = lab.head()
        code, _, _ = lab.request(
            "GET", "/%s/ct/v1/get-proof-by-hash?%s" % (
                lab.name, urllib.parse.urlencode({
                    "hash": ctlab.b64(leaf_hash(lab, size - 1, size)),
                    "tree_size": size})))
        return code == 200
    ctlab.wait(600, known)


def proofs(lab, entries):
    filled = lab.fill(entries)
    lab.serve()
    lab_ready(lab)
    size, root = lab.head()
    rng = random.Random(2)
    say("warm proofs")
    c = lab.connect()
    for i in range(0, size, 256):  # every tile and the whole index once
        prove_inclusion(lab, c, rng.randrange(i, min(i + 256, size)), size,
                        root)
    warm = {"inclusion": [], "consistency": []}
    cold = {"inclusion": [], "consistency": []}

    def measure(into, n, before):
        for _ in range(n):
            before()
            into["inclusion"].append(prove_inclusion(
                lab, c, rng.randrange(size), size, root))
            before()
            into["consistency"].append(prove_consistency(
                lab, c, rng.randrange(1, size), size, root))
    measure(warm, WARM, lambda: None)
    c.close()
    lab.stop()
    say("cold proofs")
    os.sync()
    evict(lab.dir)  # the index, too: nobody has it mapped now
    lab.serve()
    size, root = lab.head()
    c = lab.connect()
    measure(cold, COLD, lambda: evict(lab.dir + "/tile"))
    c.close()
    lab.stop()
    return {"entries": size, "fill": filled,
            "warm": {k: figures(v) for k, v in warm.items()},
            "cold": {k: figures(v) for k, v in cold.items()}}


def main():
    kind, top, entries = sys.argv[1], sys.argv[2], int(sys.argv[3])
    lab = Big(top)
    try:
        result = (ten_million if kind == "10m" else proofs)(lab, entries)
    finally:
        lab.stop()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
