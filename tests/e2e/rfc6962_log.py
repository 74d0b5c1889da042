#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A RFC 6962 log of somebody else, and a judge of its SCTs: python3-cryptography
and a few lines of DER, nothing of this project.

  rfc6962_log.py serve FOLDER PORT    makes FOLDER/{log,other}.pem, listens on
      https://[::1]:PORT/shard; FOLDER/mode says how the log lies
  rfc6962_log.py judge CERT ISSUER KEY.pem...    each KEY has signed exactly one
      SCT embedded in CERT, and there are no others
"""
import base64
import datetime
import hashlib
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

POISON = "1.3.6.1.4.1.11129.2.4.3"
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def tlv(data, at):
    """The tag, header end and end of the element at ${at}."""
    length, start = data[at + 1], at + 2
    if length & 0x80:
        n = length & 0x7f
        length, start = int.from_bytes(data[start:start + n], "big"), start + n
    assert start + length <= len(data)
    return data[at], start, start + length


def element(tag, body):
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def children(data, start, end):
    while start < end:
        stop = tlv(data, start)[2]
        yield data[start:stop]
        start = stop


def without_poison(tbs):
    out, found = b"", 0
    for child in children(tbs, *tlv(tbs, 0)[1:]):
        if child[0] == 0xa3:
            _, start, end = tlv(child, 0)
            _, start, end = tlv(child, start)
            kept = b""
            for e in children(child, start, end):
                if bytes.fromhex("060a2b06010401d679020403") in e[:20]:
                    found += 1
                else:
                    kept += e
            child = element(0xa3, element(0x30, kept))
        out += child
    assert found == 1
    return element(0x30, out)


def key_hash(key):
    return hashlib.sha256(key.public_bytes(DER, SPKI)).digest()


def signed_input(at, issuer_key, tbs, extensions):
    return (struct.pack(">BBQH", 0, 0, at, 1) + key_hash(issuer_key) +
            len(tbs).to_bytes(3, "big") + tbs +
            struct.pack(">H", len(extensions)) + extensions)


def signature(key, data):
    sig = key.sign(data, ec.ECDSA(hashes.SHA256()))
    return bytes([4, 3]) + struct.pack(">H", len(sig)) + sig


class Log:
    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.leaves = []
        self.key = self.make("log")
        self.other = self.make("other")

    def make(self, name):
        key = ec.generate_private_key(ec.SECP256R1())
        path = os.path.join(self.folder, name + ".pem")
        with open(path + ".new", "wb") as f:
            f.write(key.public_key().public_bytes(PEM, SPKI))
        os.rename(path + ".new", path)
        return key

    def mode(self):
        try:
            with open(os.path.join(self.folder, "mode")) as f:
                return f.read().strip()
        except FileNotFoundError:
            return ""

    def root(self, hashed):
        if not hashed:
            return hashlib.sha256().digest()
        if len(hashed) == 1:
            return hashed[0]
        k = 1 << ((len(hashed) - 1).bit_length() - 1)
        return hashlib.sha256(b"\1" + self.root(hashed[:k]) +
                              self.root(hashed[k:])).digest()

    def head(self):
        with self.lock:
            size, root = len(self.leaves), self.root(self.leaves)
        at = int(time.time() * 1000)
        key = self.other if self.mode() == "head" else self.key
        sig = signature(key, struct.pack(">BBQQ", 0, 1, at, size) + root)
        return {"tree_size": size, "timestamp": at,
                "sha256_root_hash": base64.b64encode(root).decode(),
                "tree_head_signature": base64.b64encode(sig).decode()}

    def add(self, chain):
        cert, issuer = (x509.load_der_x509_certificate(base64.b64decode(c))
                        for c in chain[:2])
        poison = cert.extensions.get_extension_for_oid(
            x509.ObjectIdentifier(POISON))
        assert poison.critical and cert.issuer == issuer.subject
        issuer.public_key().verify(cert.signature, cert.tbs_certificate_bytes,
                                   ec.ECDSA(cert.signature_hash_algorithm))
        mode = self.mode()
        key = self.other if mode == "key" else self.key
        ext = bytes.fromhex("0000050000000007") if mode == "extensions" else b""
        at = int(time.time() * 1000)
        data = signed_input(at, issuer.public_key(),
                            without_poison(cert.tbs_certificate_bytes), ext)
        sig = bytearray(signature(key, data))
        if mode == "signature":
            sig[-1] ^= 1
        with self.lock:
            self.leaves.append(hashlib.sha256(b"\0" + data).digest())
        return {"sct_version": 0, "timestamp": at,
                "id": base64.b64encode(key_hash(key.public_key())).decode(),
                "extensions": base64.b64encode(ext).decode(),
                "signature": base64.b64encode(bytes(sig)).decode()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log = None

    def answer(self, o):
        body = json.dumps(o).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/shard/ct/v1/get-sth":
            self.send_error(404)
            return
        self.answer(self.log.head())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/shard/ct/v1/add-pre-chain":
            self.send_error(404)
            return
        self.answer(self.log.add(json.loads(body)["chain"]))


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


def serve(folder, port):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ct.test")])
    now = datetime.datetime.utcnow()
    cert = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now,
        now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    path = os.path.join(folder, "tls.pem")
    with open(path, "wb") as f:
        f.write(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()))
        f.write(cert.public_bytes(PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = Server(("::1", port), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.log = Log(folder)
    server.serve_forever()


def judge(cert, issuer, keys):
    with open(cert, "rb") as f:
        cert = x509.load_pem_x509_certificate(f.read())
    with open(issuer, "rb") as f:
        issuer = x509.load_pem_x509_certificate(f.read())
    known = {}
    for path in keys:
        with open(path, "rb") as f:
            key = serialization.load_pem_public_key(f.read())
        known[key_hash(key)] = key
    scts = cert.extensions.get_extension_for_class(
        x509.PrecertificateSignedCertificateTimestamps).value
    for sct in scts:
        key = known.pop(sct.log_id)
        at = sct.timestamp.replace(tzinfo=datetime.timezone.utc)
        at = (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
              ) // datetime.timedelta(milliseconds=1)
        key.verify(sct.signature, signed_input(
            at, issuer.public_key(), cert.tbs_precertificate_bytes,
            sct.extension_bytes), ec.ECDSA(hashes.SHA256()))
    assert not known, "a log has no SCT in it"


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        judge(sys.argv[2], sys.argv[3], sys.argv[4:])
