#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An unmodified names-prism (of sunlight, Debian unstable) parses our data
tiles, full and partial, and finds every name in them."""
import json
import os
import subprocess
import sys
import zlib

import ctlab
from ctlab import wait

ENTRIES = 270


def main():
    done = subprocess.run(["tools/sid.sh", "sunlight"], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        print("SKIP: sunlight is in Debian unstable only, and no mirror can "
              "be reached")
        sys.exit(77)
    root = done.stdout.strip()
    lab = ctlab.Lab()
    try:
        assert lab.start()
        want, shards = {}, set()
        for i in range(ENTRIES):
            name = "n%d.prism.test" % i
            cert = lab.issuer.leaf(name, precert=i % 2 == 0)
            status, answer, _ = lab.submit(
                cert, "add-pre-chain" if i % 2 == 0 else "add-chain")
            assert status == 200, answer
            shards.add(lab.shard(cert))
            want[name] = json.loads(answer)["timestamp"]
        for shard in shards:
            wait(10, lambda s=shard: int(lab.request(
                "GET", "/%s/checkpoint" % s)[1].split(b"\n")[1])
                == lab.get("/%s/ct/v1/get-sth" % s)["tree_size"])
        assert lab.stop() == 0
        found = {}
        for shard in shards:
            folder = os.path.join(lab.state, shard)
            names = os.path.join(folder, "tile", "names")
            os.mkdir(names)
            out = subprocess.run([root + "/usr/bin/names-prism", folder],
                                 capture_output=True, text=True, timeout=60,
                                 check=False)
            assert out.returncode == 0 and "ERROR" not in out.stderr, out
            for top, _, files in os.walk(names):
                for name in files:
                    with open(os.path.join(top, name), "rb") as f:
                        data = f.read()
                    if data[:2] == b"\x1f\x8b":
                        data = zlib.decompress(data, 31)
                    for line in data.splitlines():
                        entry = json.loads(line)
                        for dns in entry["DNS"]:
                            found[dns] = entry["Timestamp"]
        assert found == want, (len(found), len(want))
    finally:
        lab.close()
    with open(root + "/.have-sunlight", encoding="utf-8") as f:
        print("ok: names-prism of sunlight " + f.read().strip())


if __name__ == "__main__":
    sys.exit(main())
