#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Between a validation suite and a deployment: validate_proxy.py KEY CERT FAULT
NAME=URL... prints NAME=URL of a listener for each, passes on what it is asked,
and spoils the answers as the file FAULT says."""
import base64
import http.client
import http.server
import json
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse

LOCK = threading.Lock()
STATE = {"n": 0}


def member(change):
    """A fault in a JSON answer."""
    def spoil(r):
        o = json.loads(r.body)
        change(o)
        r.body = json.dumps(o).encode()
    return spoil


def status(code):
    def spoil(r):
        r.status = code
    return spoil


def flip(at):
    def spoil(r):
        b = bytearray(r.body)
        b[at if at >= 0 else len(b) + at] ^= 1
        r.body = bytes(b)
    return spoil


def delay(seconds):
    def spoil(_):
        time.sleep(seconds)
    return spoil


def every_tenth(r):
    with LOCK:
        STATE["n"] += 1
        if STATE["n"] % 10 == 0:
            r.status, r.body = 503, b'{"code":"seeded"}'


def first_again(r):
    STATE.setdefault("first", r.body)
    r.body = STATE["first"]


def without_hsts(r):
    if r.status == 404:
        r.headers = [h for h in r.headers
                     if h[0].lower() != "strict-transport-security"]


def text(old, new):
    def spoil(r):
        changed = re.sub(old.encode(), new.encode(), r.body)
        assert changed != r.body, "the fault changes nothing"
        r.body = changed
    return spoil


def other_keys(r):
    def key(m):
        k = bytearray(base64.b64decode(m.group(1)))
        k[-1] ^= 1
        return b"key = " + base64.b64encode(bytes(k))
    r.body = re.sub(rb"key = (\S+)", key, r.body)


def ca_instead(o):
    o["certificate"] = STATE["ca"]


def leaf_instead(o):
    o["certificate"] = STATE["leaf"]


def another_path(o):
    o["proof"]["audit_path"] = ["A" * 43 for _ in o["proof"]["audit_path"]]


def another_proof(o):
    o["consistency"] = [base64.b64encode(bytes(32)).decode()
                        for _ in o["consistency"]]


def critical(o):
    o["alerts"].append({"id": "0", "name": "ByzantineDetected", "value": 1,
                        "severity": "critical", "state": "Active",
                        "since": "now", "threshold": 0})


ISSUE = "/api/v1/ca/issue"
# Check: listener, beginning of the path, what happens to the answer.
FAULTS = {
    "health": ("CA", "/health", status(503)),
    "ready": ("CA_METRICS", "/ready", status(503)),
    "issue-35ms": ("CA", ISSUE, delay(0.04)),
    "issue-100-way": ("CA", ISSUE, every_tenth),
    "csr-san": ("CA", ISSUE, member(leaf_instead)),
    "chain-verify": ("CA", ISSUE, member(
        lambda o: o.update(chain=[STATE["leaf"]]))),
    "crl-parse": ("STATUS", "/crl/", flip(-5)),
    "ocsp-good": ("STATUS", "/ocsp", flip(-5)),
    "sct-embedded": ("CA", ISSUE, member(ca_instead)),
    "sct-verify": ("CT", "/api/v1/ct/ctlogfile", other_keys),
    "proof": ("CT", "/api/v1/ct/proof/", member(another_path)),
    "tree-size": ("CT", "/api/v1/ct/tree", first_again),
    "consistency": ("CT", r"/\w+/ct/v1/get-sth-consistency",
                    member(another_proof)),
    "append-1000-per-min": ("CA", ISSUE, delay(0.07)),
    "witness-quorum": ("CT", "/api/v1/ct/monitor", member(
        lambda o: o["quorum"].update(met=False))),
    "hsts": ("CA", "/", without_hsts),
    "pins": ("CA", "/api/v1/ca/pinned-cert", member(
        lambda o: o["pins"][0].update(spki_sha256="00" * 32))),
    "rate-429": ("CA", "/api/v1/ca/root", status(200)),
    "audit-test": ("CA", "/api/v1/ca/audit/test", member(
        lambda o: o.update(verified=False))),
    "metrics-names": ("CA_METRICS", "/metrics", text(
        "trustchain_ca_revocations_total", "trustchain_ca_revoked_total")),
    "alerts-api": ("DASHBOARD", "/api/alerts", member(critical)),
    "dashboard": ("DASHBOARD", "/", text("<title>TrustChain", "<title>X")),
}
# Those that the deployment never hears of.
DENIED = {
    "revoke": (403, b'{"code":"forbidden"}'),
    "ocsp-revoked": (200, b'{"revoked":1}'),
}


class Reply:
    def __init__(self, r):
        self.status, self.headers, self.body = \
            r.status, r.getheaders(), r.read()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass

    def upstream(self):
        u = urllib.parse.urlsplit(self.server.url)
        c = getattr(self, "connection_up", None)
        if c is None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            c = http.client.HTTPConnection(u.hostname, u.port, timeout=20) \
                if u.scheme == "http" else http.client.HTTPSConnection(
                    u.hostname, u.port, timeout=20, context=context)
            self.connection_up = c
        return c

    def any(self):
        with open(sys.argv[3], encoding="utf-8") as f:
            fault = f.read().strip()
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if fault in DENIED and self.path == "/api/v1/ca/revoke":
            self.answer(DENIED[fault][0], [], DENIED[fault][1])
            return
        c = self.upstream()
        c.request(self.command, self.path, body, {
            k: v for k, v in self.headers.items()
            if k.lower() not in ("host", "connection")})
        r = Reply(c.getresponse())
        where, path, spoil = FAULTS.get(fault, (None, None, None))
        if where == self.server.name and re.match(path, self.path):
            spoil(r)
        self.answer(r.status, r.headers, r.body)

    do_GET = do_POST = any

    def answer(self, code, headers, body):
        self.send_response_only(code)
        for k, v in headers:
            if k.lower() not in ("content-length", "connection",
                                 "transfer-encoding", "keep-alive"):
                self.send_header(k, v)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    request_queue_size = 256
    daemon_threads = True

    def __init__(self, name, url):
        self.name, self.url = name, url
        super().__init__(("::1", 0), Handler)
        scheme = urllib.parse.urlsplit(url).scheme
        if scheme == "https":
            # TLS 1.2 too: what no listener of ours may do.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2], sys.argv[1])
            self.context = context
        else:
            self.context = None
        print("%s=%s://[::1]:%d" % (name, scheme, self.server_port),
              flush=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        if self.context is not None:
            request.settimeout(20)
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # probes of TLS hang up


def main():
    if sys.argv[1] == "--checks":
        print(*FAULTS, *DENIED)
        return
    with open(sys.argv[2], encoding="utf-8") as f:
        pems = f.read().split("-----END CERTIFICATE-----")
    for name, pem in zip(("leaf", "ca"), pems):
        STATE[name] = pem.strip() + "\n-----END CERTIFICATE-----\n"
    for arg in sys.argv[4:]:
        Server(*arg.split("=", 1))
    threading.Event().wait()


if __name__ == "__main__":
    main()
