# SPDX-License-Identifier: Apache-2.0
"""An ACME client of the tests' own, which sends what it is told to, honest or
not.  It shares no code with the server.

Environment: LAB_ROOT_CERT, trust anchors of the servers; LAB_CA, whose
directory is meant where none is named.
"""

import base64
import http.client
import ipaddress
import json
import os
import ssl
import sys
import time
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

URN = "urn:ietf:params:acme:error:"


def ok(condition, what):
    if not condition:
        sys.exit("FAIL: %s" % what)
    ok.passed += 1


ok.passed = 0


def b64(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        content = self.headers.get("content-type", "").split(";")[0]
        if content != "application/problem+json" or not self.body:
            return None
        return self.json()["type"].removeprefix(URN)


def is_address(name):
    return ":" in name or not any(c.isalpha() for c in name)


def request(method, url, body=None, content_type=None):
    parts = urlsplit(url)
    context = ssl.create_default_context(cafile=os.environ["LAB_ROOT_CERT"])
    connection = http.client.HTTPSConnection(
        parts.hostname, parts.port, context=context, timeout=30)
    path = parts.path + ("?" + parts.query if parts.query else "")
    headers = {"Content-Type": content_type} if content_type else {}
    connection.request(method, path, body, headers)
    reply = Reply(connection.getresponse())
    connection.close()
    return reply


class Client:
    """An account-to-be with a key of its own."""

    def __init__(self, directory=None, key=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        n = self.key.public_key().public_numbers()
        self.jwk = {"crv": "P-256", "kty": "EC",
                    "x": b64(n.x.to_bytes(32, "big")),
                    "y": b64(n.y.to_bytes(32, "big"))}
        digest = hashes.Hash(hashes.SHA256())
        digest.update(json.dumps(
            self.jwk, sort_keys=True, separators=(",", ":")).encode())
        self.thumbprint = b64(digest.finalize())
        self.kid = None
        self.directory = request("GET", directory or (
            os.environ["LAB_CA"] + "/acme/directory")).json()

    def nonce(self):
        return request(
            "HEAD", self.directory["newNonce"]).headers["replay-nonce"]

    def jws(self, url, payload, **header):
        h = {"alg": "ES256", "nonce": None, "url": url}
        h.update({"kid": self.kid} if self.kid else {"jwk": self.jwk})
        h.update(header)
        h["nonce"] = h["nonce"] or self.nonce()
        return self.sign(
            {k: v for k, v in h.items() if v is not ...}, payload)

    def sign(self, header, payload):
        protected = b64(json.dumps(header))
        text = b64(payload if isinstance(payload, str)
                   else json.dumps(payload))
        der = self.key.sign(
            ("%s.%s" % (protected, text)).encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        signature = b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return {"protected": protected, "payload": text,
                "signature": signature}

    def send(self, url, body, content_type="application/jose+json"):
        if not isinstance(body, str):
            body = json.dumps(body)
        return request("POST", url, body, content_type)

    def post(self, url, payload, **header):
        return self.send(url, self.jws(url, payload, **header))

    def sign_up(self):
        r = self.post(self.directory["newAccount"],
                      {"termsOfServiceAgreed": True})
        ok(r.status == 201, "new account: %d %s" % (r.status, r.body))
        self.kid = r.headers["location"]
        return self

    def order(self, *names, **more):
        """Of names, and of addresses: what has a colon or no letters."""
        return self.post(self.directory["newOrder"], dict(
            {"identifiers": [
                {"type": "ip" if is_address(n) else "dns", "value": n}
                for n in names]}, **more))

    def challenge(self, name, type_="http-01"):
        """An order for a name: (order URL, authz URL, challenge)."""
        r = self.order(name)
        ok(r.status == 201, "order of %s: %s" % (name, r.body))
        authz = r.json()["authorizations"][0]
        c = [x for x in self.post(authz, "").json()["challenges"]
             if x["type"] == type_]
        ok(len(c) == 1, "%s offers %s" % (name, type_))
        return r.headers["location"], authz, c[0]

    def wait(self, url, *states):
        for _ in range(200):
            o = self.post(url, "").json()
            if o["status"] not in states:
                return o
            time.sleep(0.1)
        sys.exit("FAIL: %s stays %s" % (url, o["status"]))

    def csr(self, *names, key=None):
        key = key or ec.generate_private_key(ec.SECP256R1())
        csr = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([])).add_extension(x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(n)) if is_address(n)
                 else x509.DNSName(n) for n in names]), False).sign(
                    key, hashes.SHA256())
        return b64(csr.public_bytes(serialization.Encoding.DER))
