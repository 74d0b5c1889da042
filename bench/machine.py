#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""machine.py OPENSSL DIR: the commit, the machine and the versions of a
benchmark's result, as one JSON object; the disk is that of DIR, which must
exist.  fdatasync: of 200 writes of 4 KiB.
"""
import json
import os
import subprocess
import sys
import time


def sync_times(folder):
    path = os.path.join(folder, "sync")
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    times = []
    for _ in range(200):
        os.write(fd, b"x" * 4096)
        begin = time.perf_counter()
        os.fdatasync(fd)
        times.append((time.perf_counter() - begin) * 1e6)
    os.close(fd)
    os.unlink(path)
    times.sort()
    return {"p50_us": round(times[100]), "p99_us": round(times[197])}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout.strip()


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


print(json.dumps({
    "commit": output("git", "rev-parse", "--short", "HEAD"),
    "machine": {
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "kernel": os.uname().release,
        "load_average": os.getloadavg()[0],
        "fdatasync": sync_times(sys.argv[2])},
    "versions": {"openssl": output(sys.argv[1], "version")}}))
