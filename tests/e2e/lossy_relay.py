#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lossy relay between plain sockets: what it does to numbered datagrams is
counted here and compared with what was asked for (within six standard
deviations), with its own counters (exactly) and with a second run of the same
seed (byte by byte)."""

import json
import math
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib

RELAY = os.path.join(os.environ.get("TROTH_BIN", "build/bin"),
                     "test", "lossy-relay")
SIGMAS = 6
COUNT = 4000


def check(good, text):
    if not good:
        print("FAIL: " + text)
        sys.exit(1)


def check_binomial(what, hits, n, p):
    sigma = math.sqrt(n * p * (1 - p))
    check(abs(hits - n * p) <= SIGMAS * sigma + 1e-9,
          "%s: %d of %d, asked for %g" % (what, hits, n, p))
    print("%s: %d of %d, asked for %g" % (what, hits, n, p))


class Relay:
    running = []

    def __init__(self, server, *flags):
        self.process = subprocess.Popen(
            [RELAY, "--listen", "[::1]:0", "--server",
             "[::1]:%d" % server.getsockname()[1]] + list(flags),
            stdout=subprocess.PIPE, text=True)
        Relay.running.append(self.process)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listen=\[::1\]:(\d+) seed=(\d+)\n", line)
        check(found, "first line: %r" % line)
        self.to = ("::1", int(found.group(1)))
        self.seed = int(found.group(2))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        text = self.process.communicate(timeout=20)[0]
        check(self.process.returncode == 0, "the relay's exit status")
        return json.loads(text)


def udp():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind(("::1", 0))
    return s


def datagram(number, size=200):
    body = number.to_bytes(4, "big") + bytes(number * k % 251
                                             for k in range(size - 8))
    return zlib.crc32(body).to_bytes(4, "big") + body


def drain(sock, quiet=0.3):
    """Everything that comes until nothing does, as (bytes, address)."""
    got = []
    while select.select([sock], [], [], quiet)[0]:
        got.append(sock.recvfrom(65536))
    return got


def send_paced(sock, to, count, got, server):
    """Send, taking what arrives meanwhile, so that no buffer overflows."""
    for i in range(count):
        sock.sendto(datagram(i), to)
        if i % 50 == 49:
            got += drain(server, 0.002)
    got += drain(server)


def rates(scratch):
    traces = []
    for run in range(2):
        trace = os.path.join(scratch, "trace.%d" % run)
        server, client = udp(), udp()
        relay = Relay(server, "--seed", "7", "--loss", "0.3", "--duplicate",
                      "0.1", "--corrupt", "0.05", "--reorder", "0.02",
                      "--delay", "1", "--jitter", "2", "--trace", trace)
        check(relay.seed == 7, "the seed it prints")
        got = []
        send_paced(client, relay.to, COUNT, got, server)
        stats = relay.end()["up"]
        whole, broken = {}, 0
        order = []
        for data, _ in got:
            if zlib.crc32(data[4:]).to_bytes(4, "big") != data[:4]:
                broken += 1
                # One bit, so that the number is right or off by one bit.
                continue
            number = int.from_bytes(data[4:8], "big")
            check(data == datagram(number), "a datagram was changed")
            whole[number] = whole.get(number, 0) + 1
            order.append(number)
        check(stats["in"] == COUNT and stats["no_room"] == 0 and
              stats["send_failed"] == 0, "counters: %s" % stats)
        check(stats["out"] == len(got) ==
              COUNT - stats["lost"] + stats["duplicated"],
              "%d came, counters: %s" % (len(got), stats))
        check(stats["corrupted"] == broken, "%d broken" % broken)
        twice = sum(n == 2 for n in whole.values())
        check(max(whole.values()) <= 2 and twice <= stats["duplicated"],
              "copies")
        if run == 0:
            check_binomial("lost", stats["lost"], COUNT, 0.3)
            check_binomial("duplicated", stats["duplicated"],
                           COUNT - stats["lost"], 0.1)
            check_binomial("corrupted", broken, COUNT - stats["lost"], 0.05)
            check_binomial("reordered", stats["reordered"],
                           COUNT - stats["lost"], 0.02)
        # Overtaken: those that came after a higher number.  Jitter alone
        # would not do that.
        late = sum(b < a for a, b in zip(order, order[1:]))
        check(0 < late <= stats["reordered"] * 2, "%d late" % late)
        with open(trace, encoding="ascii") as f:
            traces.append(f.read())
        check(traces[-1].count("\n") == COUNT, "lines in the trace")
    check(traces[0] == traces[1], "the same seed, another trace")
    print("same seed: the same trace of %d lines" % COUNT)


def flows():
    """Many clients: the server sees each as its own peer and its answers
    reach the right one; only the way back is lossy."""
    server = udp()
    clients = [udp() for _ in range(200)]
    relay = Relay(server, "--loss", "0.8", "--only", "down", "--seed", "3")
    for c in clients:
        c.sendto(b"hello from %d" % c.getsockname()[1], relay.to)
    got = drain(server)
    check(len(got) == 200, "%d of 200 came" % len(got))
    check(len({address for _, address in got}) == 200, "peers")
    for _ in range(20):
        for data, address in got:
            server.sendto(b"back " + data, address)
        time.sleep(0.02)
    back = 0
    for c in clients:
        for data, address in drain(c, 0.0):
            check(address[:2] == relay.to, "who answered")
            check(data == b"back hello from %d" % c.getsockname()[1],
                  "answer of another")
            back += 1
    stats = relay.end()
    check(stats["flows"] == 200 and stats["up"]["lost"] == 0, str(stats))
    check(stats["down"]["in"] == 4000 and stats["down"]["out"] == back,
          str(stats))
    check_binomial("lost on the way back", stats["down"]["lost"], 4000, 0.8)


def delays():
    server, client = udp(), udp()
    relay = Relay(server, "--delay", "50")
    other = Relay(server)
    check(relay.seed != other.seed, "seeds are not random")
    other.end()
    took = []
    for i in range(20):
        start = time.monotonic()
        client.sendto(datagram(i), relay.to)
        server.recvfrom(65536)
        took.append(time.monotonic() - start)
    relay.end()
    check(min(took) >= 0.050, "%f s is sooner than 50 ms" % min(took))
    check(sorted(took)[10] < 0.120, "median %f s" % sorted(took)[10])
    print("delay of 50 ms: median %.1f ms" % (sorted(took)[10] * 1000))


def limits():
    server = udp()
    relay = Relay(server, "--flows-max", "2", "--delay", "200",
                  "--waiting-max", "10")
    clients = [udp() for _ in range(3)]
    for c in clients:
        c.sendto(b"x", relay.to)
    for _ in range(20):
        clients[0].sendto(b"x", relay.to)
    time.sleep(0.4)
    stats = relay.end()
    check(stats["flows"] == 2, str(stats))
    check(stats["up"]["out"] == 10 and stats["up"]["no_room"] == 13,
          str(stats))


def usage():
    for flags in (["--loss", "1.1"], ["--loss", "x"], ["--loss", "-1"],
                  ["--listen", "nowhere"], ["--only", "both"], ["--new", "1"],
                  ["--seed", "-1"], ["more"], ["--flows-max", "0"]):
        done = subprocess.run([RELAY, "--listen", "[::1]:0", "--server",
                               "[::1]:9"] + flags, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        check(done.returncode == 2 and b"usage:" in done.stderr,
              "accepted %s" % flags)
    check(subprocess.run([RELAY], stderr=subprocess.DEVNULL,
                         check=False).returncode == 2, "no flags")


def main():
    scratch = tempfile.mkdtemp(prefix="troth-relay.")
    try:
        usage()
        rates(scratch)
        flows()
        delays()
        limits()
    finally:
        for process in Relay.running:
            process.kill()
        shutil.rmtree(scratch)
    print("lossy relay: what it claims")


if __name__ == "__main__":
    main()
