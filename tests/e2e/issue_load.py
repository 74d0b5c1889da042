#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ask a CA for certificates by REST and remember what was asked and answered.

    issue_load.py run --url U --root PEM --token T --csr PEM --dir D
                  [--threads N] [--count N] [--seconds S] [--rate R]
    issue_load.py again ... [--wait S]

run: each request has an Idempotency-Key of its own, noted in D/asked before it
is sent; each certificate that arrives is written to D/KEY.pem.  With a rate
the requests begin R times a second, all threads together, whatever the answers
take.  Errors are counted and change nothing: the server may be killed meanwhile.

again: ask for every noted key once more, until all are answered or S seconds
have passed.  A key whose answer had arrived must give the same certificate.
"""
import argparse
import http.client
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse


class Client:
    def __init__(self, args):
        u = urllib.parse.urlsplit(args.url)
        self.host, self.port = u.hostname, u.port
        self.context = ssl.create_default_context(cafile=args.root)
        self.token = args.token
        with open(args.csr) as f:
            self.body = json.dumps({"csr": f.read()})
        self.connection = None

    def ask(self, key):
        """The certificate, or None when there was no 201."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.host, self.port, timeout=15, context=self.context)
            self.connection.request(
                "POST", "/api/v1/ca/issue", self.body, {
                    "Authorization": "Bearer " + self.token,
                    "Content-Type": "application/json",
                    "Idempotency-Key": key})
            r = self.connection.getresponse()
            data = r.read()
            self.last = "%d %s" % (r.status, data[:200].decode("latin1"))
            if r.status != 201:
                return None
            return json.loads(data)["certificate"]
        except (OSError, http.client.HTTPException) as e:
            self.last = repr(e)
            self.connection = None
            return None


def run(args):
    began = time.monotonic()
    deadline = began + args.seconds
    asked = open(os.path.join(args.dir, "asked"), "a", buffering=1)
    lock = threading.Lock()
    counts = {"asked": 0, "answered": 0}
    prefix = "%d-%d" % (os.getpid(), int(time.time()))

    def work():
        client = Client(args)
        while time.monotonic() < deadline:
            with lock:
                n = counts["asked"]
                due = began + n / args.rate if args.rate else 0
                if (args.count and n >= args.count) or due > deadline:
                    return
                counts["asked"] += 1
                key = "%s-%d" % (prefix, n)
                asked.write(key + "\n")
            time.sleep(max(0, due - time.monotonic()))
            cert = client.ask(key)
            if cert is None:
                time.sleep(args.pause)
                continue
            with open(os.path.join(args.dir, key + ".pem"), "w") as f:
                f.write(cert)
            with lock:
                counts["answered"] += 1

    threads = [threading.Thread(target=work) for _ in range(args.threads)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("asked %(asked)d answered %(answered)d" % counts)


def again(args):
    deadline = time.monotonic() + args.wait
    client = Client(args)
    with open(os.path.join(args.dir, "asked")) as f:
        keys = f.read().split()
    same = new = 0
    for key in keys:
        path = os.path.join(args.dir, key + ".pem")
        cert = client.ask(key)
        while cert is None:
            if time.monotonic() > deadline:
                sys.exit("key %s is not answered: %s" % (key, client.last))
            time.sleep(0.2)
            cert = client.ask(key)
        if os.path.exists(path):
            with open(path) as f:
                if f.read() != cert:
                    sys.exit("key %s: another certificate than before" % key)
            same += 1
        else:
            with open(path, "w") as f:
                f.write(cert)
            new += 1
    print("%d keys gave the same certificate, %d a first one" % (same, new))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("mode", choices=["run", "again"])
    for name in ("url", "root", "token", "csr", "dir"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--threads", type=int, default=4)
    p.add_argument("--count", type=int, default=0)
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--pause", type=float, default=0.05)
    p.add_argument("--rate", type=float, default=0)
    p.add_argument("--wait", type=float, default=60)
    args = p.parse_args()
    (run if args.mode == "run" else again)(args)


main()
