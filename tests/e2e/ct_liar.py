# SPDX-License-Identifier: Apache-2.0
"""A CT log, its CA and a witness that can lie, on unix sockets, in Python; they
share no code with ours.  For the tests of the monitor."""
import base64
import datetime
import gzip
import hashlib
import http.server
import json
import os
import re
import socketserver
import struct
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import ctlab
import tlog
from ctlab import b64, der, sha

SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """GET only: paths to bytes by .get(path) -> (status, body) or None."""
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path, get):
        self.get = get
        super().__init__(path, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass

    def address_string(self):
        return "unix"

    def do_GET(self):
        status, body = self.server.get(self.path) or (404, b"nothing")
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def millis():
    return int(time.time() * 1000)


class Log:
    """One shard: leaves are TileLeaf octets; what it serves may be replaced
    by .lie: a Log whose tree and head are shown instead."""

    def __init__(self, base, shard):
        self.shard, self.origin = shard, "%s/%s" % (base, shard)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        self.id = sha(self.spki)
        self.note = tlog.Key(self.origin)
        self.leaves, self.hashes = [], []
        self.note_text = None

    def params(self):
        return json.dumps({
            "name": self.shard, "origin": self.origin, "log_id": b64(self.id),
            "key": b64(self.spki), "note_vkey": self.note.vkey,
            "start": "2026-11-16T00:00:00Z", "end": "2026-11-23T00:00:00Z",
            "mmd": 60})

    def copy(self, size=None):
        other = Log.__new__(Log)
        other.__dict__.update(self.__dict__)
        other.leaves = self.leaves[:size]
        other.hashes = self.hashes[:size]
        return other

    def add(self, entry, timestamp, issuer_hash=None, precert=b"", index=None):
        """Returns extensions; the entry's index may be a lie, too."""
        at = len(self.leaves) if index is None else index
        ext = b"\0\0\5" + at.to_bytes(5, "big")
        body = ctlab.timestamped(entry, timestamp, ext, issuer_hash)
        self.hashes.append(sha(b"\0\0\0", body))
        if issuer_hash:
            body += len(precert).to_bytes(3, "big") + precert
        self.leaves.append(body + b"\0\0")
        return ext

    def fill(self, n, salt=b""):
        while len(self.leaves) < n:
            self.add(b"%s entry %d" % (salt, len(self.leaves)), millis())

    def head(self, timestamp=None):
        """Sign what there is."""
        timestamp = timestamp or millis()
        size, root = len(self.hashes), tlog.root(self.hashes)
        text = "%s\n%d\n%s\n" % (self.origin, size, b64(root))
        sig = self.key.sign(b"\0\1" + struct.pack(">QQ", timestamp, size)
                            + root, ec.ECDSA(hashes.SHA256()))
        body = sha(self.origin.encode(), b"\n\5", self.id)[:4] \
            + struct.pack(">Q", timestamp) + b"\4\3" \
            + struct.pack(">H", len(sig)) + sig
        self.note_text = text + "\n\u2014 %s %s\n" % (self.origin, b64(body)) \
            + self.note.line(text)
        return self

    def sct(self, entry, timestamp, ext, issuer_hash):
        sig = self.key.sign(b"\0\0" + ctlab.timestamped(
            entry, timestamp, ext, issuer_hash), ec.ECDSA(hashes.SHA256()))
        return b"\0" + self.id + struct.pack(">QH", timestamp, len(ext)) \
            + ext + b"\4\3" + struct.pack(">H", len(sig)) + sig

    def get(self, path):
        path = path.split("/" + self.shard + "/", 1)[-1]
        if path == "checkpoint":
            return self.note_text and (200, self.note_text.encode())
        found = re.fullmatch(r"tile/(data|\d)/((?:x\d{3}/)*\d{3})"
                             r"(?:\.p/(\d+))?", path)
        if not found:
            return None
        level = found.group(1)
        n = int(found.group(2).replace("x", "").replace("/", ""))
        nodes = self.leaves if level == "data" else self.level(int(level))
        part = nodes[256 * n:256 * n + 256]
        if len(part) < int(found.group(3) or 256):
            return None
        part = b"".join(part[:int(found.group(3) or 256)])
        return 200, gzip.compress(part) if level == "data" else part

    def level(self, level):
        nodes = self.hashes
        for _ in range(level):
            nodes = [tlog.root(nodes[i:i + 256])
                     for i in range(0, len(nodes) - 255, 256)]
        return nodes


class Ca:
    """Certificates with SCTs, and the REST reads that a monitor needs."""

    def __init__(self):
        self.root = ctlab.Authority("Liar Root")
        self.issuer = ctlab.Authority("Liar Issuer", self.root, 0)
        self.known = {}
        self.forgets = set()

    def builder(self, name):
        now = datetime.datetime.utcnow()
        key = ec.generate_private_key(ec.SECP256R1())
        return (x509.CertificateBuilder().issuer_name(self.issuer.name)
                .subject_name(x509.Name([])).public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now).not_valid_after(now + ctlab.DAY / 2)
                .add_extension(x509.SubjectAlternativeName(
                    [x509.DNSName(name)]), True))

    def precert(self, name):
        b = self.builder(name)
        pre = b.add_extension(ctlab.POISON, True).sign(
            self.issuer.key, hashes.SHA256())
        return b, pre, ctlab.without_poison(pre)

    def final(self, b, *scts):
        inner = b"".join(struct.pack(">H", len(s)) + s for s in scts)
        inner = struct.pack(">H", len(inner)) + inner
        cert = b.add_extension(x509.UnrecognizedExtension(
            SCT_LIST, ctlab.tlv(4, inner)), False).sign(
                self.issuer.key, hashes.SHA256())
        self.known["%x" % cert.serial_number] = cert
        return cert

    def issue(self, log, name, shift=0, age_ms=0, logged=True, forget=False):
        """Log and issue; the SCT's index is off by shift."""
        b, pre, tbs = self.precert(name)
        then, kh = millis() - age_ms, self.issuer.key_hash()
        at = len(log.leaves)
        ext = b"\0\0\5" + (at + shift).to_bytes(5, "big")
        if logged:
            log.add(tbs, then, kh, der(pre))
        if not forget:
            self.final(b, log.sct(tbs, then, ext, kh))
        return at

    def pem(self, cert):
        return cert.public_bytes(serialization.Encoding.PEM).decode()

    def get(self, path):
        if path == "/api/v1/ca/chain":
            return 200, self.pem(self.issuer.cert).encode()
        if path.startswith("/api/v1/ca/certificates?"):
            serials = [{"serial": hexed(s)} for s in self.known]
            return 200, json.dumps({"certificates": serials,
                                    "next": None}).encode()
        found = re.fullmatch("/api/v1/ca/certificates/([0-9a-f]+)", path)
        cert = found and self.known.get(found.group(1).lstrip("0"))
        if not cert:
            return 404, b'{"code":"not_found"}'
        return 200, json.dumps({
            "certificate": self.pem(cert),
            "chain": [self.pem(self.issuer.cert)]}).encode()


def hexed(serial):
    return serial if len(serial) % 2 == 0 else "0" + serial
