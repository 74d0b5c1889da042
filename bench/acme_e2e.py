# SPDX-License-Identifier: Apache-2.0
"""The measuring part of acme_e2e.sh:

    acme_e2e.py DIRECTORY PORT RATE SECONDS

RATE clients a second begin, each with a key, a connection and a name of its
own, and go from newAccount by http-01 to the certificate.  The time counts from
when a client was due.  This process answers for all names on [::1]:PORT.
Prints one JSON object.
"""
import collections
import concurrent.futures
import http.client
import json
import os
import socketserver
import socket
import ssl
import sys
import threading
import time
from urllib.parse import urlsplit

import acme_client
from cryptography import x509

POLL_S = 0.02   # between two looks at what is pending
POLLS_MAX = 500
THREADS = 64
STEPS = ("account", "order", "authorized", "finalized", "downloaded")


class Responder(socketserver.ThreadingTCPServer):
    """http-01 for every name: what is in `keyauth' for the token."""
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256
    keyauth = {}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            path = self.rfile.readline(4096).split(b" ")[1].decode()
            while self.rfile.readline(4096).strip():
                pass
            body = Responder.keyauth.get(path.rsplit("/", 1)[1], "")
            self.wfile.write((
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                "Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (
                    len(body), body)).encode())


class Client(acme_client.Client):
    """One that keeps its connection, and the nonce of the last answer."""
    context = None

    def __init__(self, directory):
        super().__init__(directory)
        self.connection = None
        self.fresh = None
        self.requests = 0

    def ask(self, method, url, body=None, content_type=None):
        parts = urlsplit(url)
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=Client.context,
                timeout=30)
            self.connection.connect()
            self.connection.sock.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.request(
            method, parts.path, body,
            {"Content-Type": content_type} if content_type else {})
        reply = acme_client.Reply(self.connection.getresponse())
        self.requests += 1
        self.fresh = reply.headers.get("replay-nonce", self.fresh)
        return reply

    def nonce(self):
        if self.fresh is None:
            self.ask("HEAD", self.directory["newNonce"])
        nonce, self.fresh = self.fresh, None
        return nonce

    def send(self, url, body, content_type="application/jose+json"):
        return self.ask("POST", url, json.dumps(body), content_type)

    def until(self, url, state):
        for _ in range(POLLS_MAX):
            reply = self.post(url, "").json()
            if reply["status"] == state:
                return reply
            expect(reply["status"] in ("pending", "ready", "processing"),
                   str(reply))
            time.sleep(POLL_S)
        raise AssertionError("%s does not become %s" % (url, state))


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


class Flow:
    def __init__(self, directory, name):
        self.name = name
        self.client = Client(directory)
        self.csr = self.client.csr(name)
        self.at = {}

    def passed(self, step):
        self.at[step] = time.monotonic()

    def go(self, due):
        """The seconds it took."""
        c = self.client
        time.sleep(max(0, due - time.monotonic()))
        r = c.post(c.directory["newAccount"], {"termsOfServiceAgreed": True})
        expect(r.status == 201, r.body)
        c.kid = r.headers["location"]
        self.passed("account")
        r = c.order(self.name)
        expect(r.status == 201, r.body)
        order, body = r.headers["location"], r.json()
        self.passed("order")
        authz = body["authorizations"][0]
        challenge = [x for x in c.post(authz, "").json()["challenges"]
                     if x["type"] == "http-01"][0]
        Responder.keyauth[challenge["token"]] = "%s.%s" % (
            challenge["token"], c.thumbprint)
        r = c.post(challenge["url"], {})
        expect(r.status == 200, r.body)
        c.until(authz, "valid")
        self.passed("authorized")
        r = c.post(body["finalize"], {"csr": self.csr})
        expect(r.status == 200, r.body)
        body = r.json()
        if body["status"] != "valid":
            body = c.until(order, "valid")
        self.passed("finalized")
        r = c.post(body["certificate"], "")
        self.passed("downloaded")
        expect(r.status == 200, r.body)
        c.connection.close()
        self.pem = r.body
        return self.at["downloaded"] - due

    def steps(self, due):
        """Milliseconds of each step."""
        last = due
        for step in STEPS:
            yield step, 1000 * (self.at[step] - last)
            last = self.at[step]


def percentile(values, p):
    values = sorted(values)
    return round(values[int(p / 100 * (len(values) - 1) + 0.5)], 1)


def certified(flow):
    cert = x509.load_pem_x509_certificate(flow.pem)
    names = cert.extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName) == [flow.name]


def main():
    directory, port = sys.argv[1], int(sys.argv[2])
    rate, seconds = float(sys.argv[3]), float(sys.argv[4])
    Client.context = ssl.create_default_context(
        cafile=os.environ["LAB_ROOT_CERT"])
    server = Responder(("::1", port), Responder.Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    flows = [Flow(directory, "n%d-%d.test" % (os.getpid(), i))
             for i in range(int(rate * seconds))]
    start = time.monotonic() + 0.5
    dues = [start + i / rate for i in range(len(flows))]
    errors = collections.Counter()
    done = []
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        jobs = [pool.submit(f.go, due) for f, due in zip(flows, dues)]
        for flow, due, job in zip(flows, dues, jobs):
            try:
                done.append((flow, due, 1000 * job.result()))
            except (AssertionError, OSError, KeyError, IndexError,
                    http.client.HTTPException) as e:
                errors[repr(e)[:200]] += 1
    if not done:
        sys.exit("none succeeded: %s" % errors)
    expect(all(certified(f) for f, _, _ in done), "a wrong name certified")
    times = [t for _, _, t in done]
    steps = [dict(f.steps(due)) for f, due, _ in done]
    print(json.dumps({
        "flows": len(flows), "ok": len(done), "rate_per_s": rate,
        "errors": dict(errors),
        "requests_per_flow": round(
            sum(f.client.requests for f, _, _ in done) / len(done), 1),
        "mean_ms": round(sum(times) / len(times), 1),
        "p50_ms": percentile(times, 50), "p90_ms": percentile(times, 90),
        "p99_ms": percentile(times, 99), "max_ms": percentile(times, 100),
        "steps_p50_ms": {s: percentile([x[s] for x in steps], 50)
                         for s in STEPS},
        "client_cpu_s": round(time.process_time(), 2)}))


if __name__ == "__main__":
    main()
