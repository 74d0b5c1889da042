# SPDX-License-Identifier: Apache-2.0
"""The measuring part of publish_lag.sh: publish_lag.py RATE SECONDS."""
import json
import statistics
import sys
import threading
import time

import ctlab
import quorum
import witness

WITNESSES, K, THREADS, RUNS = 4, 3, 8, 3


class Run:
    def __init__(self, lab, certs, rate):
        self.lab, self.certs, self.rate = lab, certs, rate
        self.lock = threading.Lock()
        self.answered = []  # (time, shard, index)
        self.seen = []      # (time, shard, size)
        self.over = threading.Event()
        self.next = 0

    def submit(self):
        while True:
            with self.lock:
                i = self.next
                self.next += 1
            if i >= len(self.certs):
                return
            time.sleep(max(0, self.start + i / self.rate - time.monotonic()))
            status, body, _ = self.lab.submit(self.certs[i])
            now = time.monotonic()
            assert status == 200, body
            ext = ctlab.base64.b64decode(json.loads(body)["extensions"])
            with self.lock:
                self.answered.append((now, self.lab.shard(self.certs[i]),
                                      int.from_bytes(ext[3:], "big")))

    def watch(self, shard):
        last = -1
        while not self.over.is_set():
            status, body, _ = self.lab.request("GET", "/%s/checkpoint" % shard)
            size = int(body.split(b"\n")[1]) if status == 200 else -1
            if size > last:
                self.seen.append((time.monotonic(), shard, size))
                last = size
            time.sleep(0.005)

    def go(self):
        """Lags in ms, without those of the first second."""
        shards = {self.lab.shard(c) for c in self.certs}
        watchers = [threading.Thread(target=self.watch, args=(s,))
                    for s in shards]
        workers = [threading.Thread(target=self.submit)
                   for _ in range(THREADS)]
        self.start = time.monotonic() + 0.2
        for t in watchers + workers:
            t.start()
        for t in workers:
            t.join()
        time.sleep(2)
        self.over.set()
        for t in watchers:
            t.join()
        lags = []
        for at, shard, index in self.answered:
            if at < self.start + 1:
                continue
            covered = [t for t, s, size in self.seen
                       if s == shard and size > index]
            assert covered, "never published"
            lags.append(1000 * (covered[0] - at))
        return sorted(lags)


def main():
    rate, seconds = int(sys.argv[1]), int(sys.argv[2])
    lab = ctlab.Lab()
    with open(lab.config, encoding="utf-8") as f:
        text = f.read().replace("checkpoint_ms = 50", "checkpoint_ms = 250")
    with open(lab.config, "w", encoding="utf-8") as f:
        f.write(text)  # the default
    logs = quorum.logs_of(lab)
    ours = [witness.Witness(logs, key44=False, name="witness.test/w%d" % i)
            .start() for i in range(WITNESSES)]
    runs = []
    try:
        quorum.configure(lab, K, [("w%d" % i, "unix:" + w.sock, w.vkey)
                                  for i, w in enumerate(ours)])
        quorum.started(lab)
        for run in range(RUNS):
            certs = [lab.issuer.leaf("l%d-%d.test" % (run, i))
                     for i in range(rate * seconds)]
            lags = Run(lab, certs, rate).go()
            runs.append({"n": len(lags), "p50_ms": round(
                lags[len(lags) // 2], 1), "p99_ms": round(
                    lags[len(lags) * 99 // 100], 1),
                "max_ms": round(lags[-1], 1)})
        met = lab.get("/api/v1/ct/monitor")["quorum"]
        assert met["met"], met
    finally:
        lab.close()
        for w in ours:
            w.close()
    print(json.dumps({
        "p99_ms": statistics.median(r["p99_ms"] for r in runs),
        "p50_ms": statistics.median(r["p50_ms"] for r in runs),
        "rate_per_s": rate, "quorum": met, "runs": runs}))


if __name__ == "__main__":
    main()
