#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An unmodified certspotter follows trustchain-ct by RFC 6962: it verifies each
head against the entries it downloads, and finds the names it watches."""
import base64
import glob
import json
import os
import re
import socket
import ssl
import subprocess
import sys

import ctlab
from ctlab import wait

ENTRIES, WATCHED = 60, 7


def free_port():
    with socket.socket(socket.AF_INET6) as s:
        s.bind(("::1", 0))
        return s.getsockname()[1]


def loglist(lab, port, shards):
    logs = []
    for shard in shards:
        p = lab.params(shard)
        logs.append({
            "description": p["origin"], "log_id": p["log_id"],
            "key": p["key"], "mmd": p["mmd"],
            "url": "https://[::1]:%d/%s/" % (port, shard),
            "state": {"usable": {"timestamp": "2026-01-01T00:00:00Z"}},
            "temporal_interval": {"start_inclusive": p["start"],
                                  "end_exclusive": p["end"]}})
    path = os.path.join(lab.top, "loglist.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"version": "1", "operators": [
            {"name": "lab", "email": [], "logs": logs}]}, f)
    return path


class Spotter:
    def __init__(self, lab, port, shards):
        self.state = os.path.join(lab.top, "spotter")
        self.log = os.path.join(lab.top, "spotter.log")
        roots = os.path.join(lab.top, "tls.crt")
        with open(roots, "w", encoding="utf-8") as f:
            f.write(ssl.get_server_certificate(("::1", port)))
        names = os.path.join(lab.top, "watchlist")
        with open(names, "w", encoding="utf-8") as f:
            f.write(".watched.test\n")
        self.out = open(self.log, "ab")
        self.process = subprocess.Popen(
            ["certspotter", "-logs", loglist(lab, port, shards),
             "-watchlist", names, "-state_dir", self.state, "-stdout",
             "-verbose"], env=dict(os.environ, SSL_CERT_FILE=roots,
                                   HOME=lab.top),
            stdout=self.out, stderr=self.out)

    def found(self):
        """Names of the certificates it has stored."""
        seen = set()
        for path in glob.glob(self.state + "/certs/*/*.json"):
            with open(path, encoding="utf-8") as f:
                seen.update(re.findall(r"[a-z0-9-]+\.watched\.test",
                                       f.read()))
        return seen

    def position(self, lab, shard):
        """The size it has verified: its own tree's against our heads."""
        log_id = base64.urlsafe_b64encode(base64.b64decode(
            lab.params(shard)["log_id"])).decode()
        for path in glob.glob(self.state + "/logs/%s*/state.json"
                              % log_id.rstrip("=")):
            with open(path, encoding="utf-8") as f:
                return json.load(f)["verified_position"]["size"]
        return -1

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.out.close()


def main():
    lab = ctlab.Lab()
    port = free_port()
    with open(lab.config, encoding="utf-8") as f:
        text = f.read()
    with open(lab.config, "w", encoding="utf-8") as f:
        f.write(re.sub(r'listen = "unix:[^"]*"',
                       'listen = "[::1]:%d"' % port, text, count=1))
    spotter = None
    try:
        assert lab.start()
        shards, want = {}, set()

        def submit(n, tag):
            for i in range(n):
                name = "%s%d.%s.test" % (
                    tag, i, "watched" if i < WATCHED else "other")
                cert = lab.issuer.leaf(name, precert=i % 3 > 0)
                verb = "add-pre-chain" if i % 3 > 0 else "add-chain"
                status, answer, _ = lab.submit(cert, verb)
                assert status == 200, answer
                shards[lab.shard(cert)] = shards.get(lab.shard(cert), 0) + 1
                if i < WATCHED:
                    want.add(name)

        def published():
            for shard, size in shards.items():
                wait(10, lambda s=shard, n=size: lab.get(
                    "/%s/ct/v1/get-sth" % s)["tree_size"] == n)

        submit(ENTRIES, "a")
        published()
        spotter = Spotter(lab, port, sorted(shards))
        wait(40, lambda: spotter.found() == want)
        for shard, size in shards.items():
            wait(20, lambda s=shard, n=size: spotter.position(lab, s) == n)
        # And on, after a restart of both.
        spotter.stop()
        assert lab.stop() == 0 and lab.start()
        submit(ENTRIES, "b")
        published()
        spotter = Spotter(lab, port, sorted(shards))
        wait(40, lambda: spotter.found() == want)
        for shard, size in shards.items():
            wait(20, lambda s=shard, n=size: spotter.position(lab, s) == n)
        with open(spotter.log, encoding="utf-8") as f:
            said = f.read()
        said = said.replace("stopped with error context canceled", "")
        assert "inconsistent" not in said and "error" not in said.lower(), said
    except AssertionError:
        if spotter:
            with open(spotter.log, encoding="utf-8") as f:
                print(f.read()[-3000:])
            print(spotter.found(), glob.glob(spotter.state + "/**",
                                             recursive=True)[:40])
        raise
    finally:
        if spotter and spotter.process.poll() is None:
            spotter.stop()
        lab.close()
    print("ok: certspotter " + subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "certspotter"],
        capture_output=True, text=True, check=False).stdout)


if __name__ == "__main__":
    sys.exit(main())
