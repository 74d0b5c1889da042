# SPDX-License-Identifier: Apache-2.0
"""One script of requests, sent to our server and to pebble.  What each answers
is noted as status and last part of the error's type; where they differ there
must be a row in the table "Differences from pebble" of
doc/acme-divergences.md, and no row without a difference.

Environment: LAB_CA LAB_PEBBLE LAB_ROOT_CERT NET_SECRET.
"""
import base64
import concurrent.futures
import hashlib
import json
import os
import re
import sys
import time

import acme_client
import acme_hosts
from acme_client import b64, request
from acme_hosts import Tls, Web, sni_of
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

PAGE = "doc/acme-divergences.md"
TITLE = "## Differences from pebble"


class Run:
    """All scenarios against one server."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory
        self.seen = {}

    def client(self):
        c = acme_client.Client(self.directory)
        r = c.post(c.directory["newAccount"], {"termsOfServiceAgreed": True})
        c.kid = r.headers["location"]
        return c

    def note(self, what, reply):
        """A reply, or the text of an end state."""
        if not isinstance(reply, str):
            reply = "%d %s" % (reply.status, reply.type) if reply.type \
                else str(reply.status)
        assert what not in self.seen, what
        self.seen[what] = reply

    def settle(self, c, url, *states):
        for _ in range(200):
            o = c.post(url, "").json()
            if o["status"] not in states:
                return o
            time.sleep(0.1)
        return {"status": "hangs"}

    # ---- accounts and envelopes -------------------------------------------

    def directory_and_nonces(self):
        c = acme_client.Client(self.directory)
        url = c.directory["newNonce"]
        self.note("newNonce by HEAD", request("HEAD", url))
        self.note("newNonce by GET", request("GET", url))
        self.note("newOrder by GET", request("GET", c.directory["newOrder"]))
        base = url.rsplit("/", 1)[0]
        self.note("no such path", request("GET", base + "/nothing"))

    def accounts(self):
        c = acme_client.Client(self.directory)
        url = c.directory["newAccount"]
        agree = {"termsOfServiceAgreed": True}
        self.note("newAccount onlyReturnExisting, unknown", c.post(
            url, {"onlyReturnExisting": True}))
        for what, contact in (
                ("tel: contact", "tel:+123"),
                ("contact without address", "mailto:"),
                ("two addresses in a contact", "mailto:a@b.test,c@d.test"),
                ("contact with hfields", "mailto:a@b.test?subject=x")):
            self.note("newAccount " + what,
                      acme_client.Client(self.directory).post(
                          url, dict(agree, contact=[contact])))
        r = c.post(url, dict(agree, contact=["mailto:a@b.test"]))
        self.note("newAccount", r)
        kid = r.headers["location"]
        self.note("newAccount again", c.post(url, agree))
        self.note("newAccount onlyReturnExisting, known", c.post(
            url, {"onlyReturnExisting": True}))
        self.note("newAccount signed by kid", c.post(
            url, agree, jwk=..., kid=kid))
        c.kid = kid
        self.note("account, POST-as-GET", c.post(kid, ""))
        self.note("account, new contact", c.post(
            kid, {"contact": ["mailto:x@b.test"]}))
        other = self.client()
        self.note("account of another", other.post(kid, ""))
        self.note("account deactivated", c.post(
            kid, {"status": "deactivated"}))
        self.note("order of a deactivated account", c.order("a.test"))
        c.kid = None
        self.note("newAccount of a deactivated account", c.post(url, agree))

    def envelopes(self):
        c = self.client()
        url = c.directory["newOrder"]
        good = {"identifiers": [{"type": "dns", "value": "a.test"}]}
        body = c.jws(url, good)
        self.note("JWS good", c.send(url, body))
        self.note("JWS replayed", c.send(url, body))
        self.note("JWS nonce unknown", c.post(url, good, nonce="A" * 32))
        self.note("JWS nonce no base64", c.post(url, good, nonce="=*="))
        self.note("JWS for another url", c.send(
            url, c.jws(c.directory["newAccount"], good)))
        for alg in ("none", "HS256", "RS256"):
            self.note("JWS alg " + alg, c.post(url, good, alg=alg))
        self.note("JWS with kid and jwk", c.post(url, good, jwk=c.jwk))
        self.note("JWS with jwk for kid", c.post(
            url, good, kid=..., jwk=c.jwk))
        self.note("JWS unknown kid", c.post(
            url, good, kid=c.kid[:-2] + "zz"))
        body = c.jws(url, good)
        self.note("JWS unprotected header", c.send(
            url, dict(body, header={"a": 1})))
        self.note("JWS forged signature", c.send(
            url, dict(c.jws(url, good), signature=b64(b"\1" * 64))))
        self.note("JWS signatures", c.send(url, {
            "payload": body["payload"], "signatures": [body]}))
        self.note("JWS as application/json", c.send(
            url, c.jws(url, good), "application/json"))
        self.note("JWS no JSON", c.send(url, "{"))
        self.note("JWS payload no JSON", c.send(url, c.jws(url, "{")))
        thief = acme_client.Client(self.directory)
        thief.kid = c.kid
        self.note("JWS by another's kid", thief.post(url, good))

    # ---- orders -----------------------------------------------------------

    def orders(self):
        c = self.client()

        def order(what, idents, **more):
            r = c.post(c.directory["newOrder"], dict(
                {"identifiers": idents}, **more))
            self.note("newOrder " + what, r)
            return r

        def name(value, type_="dns"):
            return {"type": type_, "value": value}

        order("without identifiers", [])
        order("of type email", [name("a@b.test", "email")])
        order("of an empty name", [name("")])
        order("of a name with underscore", [name("a_b.test")])
        order("of a name with a dot at its end", [name("a.test.")])
        order("of a name in capitals", [name("UPPER.test")])
        order("of a wildcard", [name("*.a.test")])
        order("of a wildcard inside", [name("a.*.test")])
        order("of an address as name", [name("192.0.2.1")])
        order("of an IPv6 address", [name("fd99::2", "ip")])
        order("of an odd IPv6 address", [name("fd99:0::2", "ip")])
        order("of a name as address", [name("a.test", "ip")])
        order("of one name twice", [name("t.test"), name("t.test")])
        order("of several bad names", [name("a_.test"), name("-b.test")])
        order("with notAfter", [name("a.test")],
              notAfter="2030-01-01T00:00:00Z")
        order("with an unknown profile", [name("a.test")], profile="nothing")
        r = order("of two names", [name("o.test"), name("p.test")])
        o = r.json()
        url = r.headers["location"]
        self.note("order, POST-as-GET", c.post(url, ""))
        self.note("order by GET", request("GET", url))
        authz = o["authorizations"][0]
        self.note("authz, POST-as-GET", c.post(authz, ""))
        challenge = c.post(authz, "").json()["challenges"][0]["url"]
        self.note("challenge, POST-as-GET", c.post(challenge, ""))
        other = self.client()
        self.note("order of another", other.post(url, ""))
        self.note("authz of another", other.post(authz, ""))
        self.note("challenge of another", other.post(challenge, {}))
        self.note("finalize of another", other.post(
            o["finalize"], {"csr": other.csr("o.test")}))
        self.note("finalize too early", c.post(
            o["finalize"], {"csr": c.csr("o.test", "p.test")}))
        self.note("authz, status valid", c.post(authz, {"status": "valid"}))
        self.note("authz, deactivated", c.post(
            authz, {"status": "deactivated"}))
        self.note("order of a deactivated authz",
                  self.settle(c, url, "nothing")["status"])
        self.note("no such order", c.post(url[:-3] + "zzz", ""))
        self.note("no such authz", c.post(authz[:-3] + "zzz", ""))

    # ---- validations ------------------------------------------------------

    def prove(self, c, name, method, how=""):
        r = c.order(name)
        authz = r.json()["authorizations"][0]
        found = [x for x in c.post(authz, "").json()["challenges"]
                 if x["type"] == method]
        if not found:
            return r, {"status": "not offered"}
        keyauth = found[0]["token"] + "." + c.thumbprint
        digest = b64(hashlib.sha256(keyauth.encode()).digest())
        if method == "http-01":
            Web.keyauth[found[0]["token"]] = keyauth
        elif method == "tls-alpn-01":
            Tls.show(sni_of(name), ["other.test"] if how == "san"
                     else [name], keyauth, how)
        elif how != "nothing":
            acme_hosts.txt("_acme-challenge." + name.removeprefix("*."),
                           "wrong" if how == "wrong" else digest)
        c.post(found[0]["url"], {})
        return r, self.settle(c, authz, "pending")

    def validation(self, name, method, how=""):
        c = self.client()
        name = name.replace("X", self.name)
        r, authz = self.prove(c, name, method, how)
        end = authz["status"]
        if end == "invalid":
            errors = [x["error"]["type"] for x in authz["challenges"]
                      if "error" in x]
            end += " " + " ".join(e.rsplit(":", 1)[-1] for e in errors)
            order = self.settle(c, r.headers["location"], "pending")
            end += ", order " + order["status"]
        return end

    VALIDATIONS = (
        ("http-01", "good.h2.test", "http-01", ""),
        ("http-01 of an address", "fd99::2", "http-01", ""),
        ("http-01, wrong body", "wrong.h2.test", "http-01", ""),
        ("http-01, 404", "missing.h2.test", "http-01", ""),
        ("http-01, nobody listens", "good.h6.test", "http-01", ""),
        ("http-01, no such name", "nowhere.test", "http-01", ""),
        ("http-01, SERVFAIL", "servfail-aaaa.h2.test", "http-01", ""),
        ("dns-01", "X-good.dns.test", "dns-01", ""),
        ("dns-01 of a wildcard", "*.X-wild.dns.test", "dns-01", ""),
        ("dns-01, wrong record", "X-wrong.dns.test", "dns-01", "wrong"),
        ("dns-01, no record", "X-none.dns.test", "dns-01", "nothing"),
        ("dns-01, SERVFAIL", "servfail-txt.dns.test", "dns-01", "nothing"),
        ("http-01 of a wildcard", "*.h2.test", "http-01", ""),
        ("dns-01 of an address", "fd99::2", "dns-01", ""),
        ("tls-alpn-01", "good.h2.test", "tls-alpn-01", ""),
        ("tls-alpn-01 of an address", "fd99::2", "tls-alpn-01", ""),
        ("tls-alpn-01, another name", "san.h2.test", "tls-alpn-01", "san"),
        ("tls-alpn-01, wrong digest", "digest.h2.test", "tls-alpn-01",
         "digest"),
        ("tls-alpn-01, not critical", "uncritical.h2.test", "tls-alpn-01",
         "uncritical"),
        ("tls-alpn-01, no extension", "noext.h2.test", "tls-alpn-01",
         "noext"),
        ("tls-alpn-01, no ALPN", "noalpn.h2.test", "tls-alpn-01", "noalpn"),
        ("tls-alpn-01, nobody listens", "good.h6.test", "tls-alpn-01", ""),
        ("tls-alpn-01, no TLS", "good.h5.test", "tls-alpn-01", ""),
        ("tls-alpn-01, closed", "good.h4.test", "tls-alpn-01", ""),
    )

    # ---- issuance ---------------------------------------------------------

    def issuance(self):
        c = self.client()
        r, authz = self.prove(c, "issue.h2.test", "http-01")
        url, finalize = r.headers["location"], r.json()["finalize"]
        self.note("order after validation",
                  self.settle(c, url, "pending")["status"])
        for what, csr in (("no base64", "***"), ("no CSR", "AAAA"),
                          ("another name", c.csr("other.test")),
                          ("a name more", c.csr("issue.h2.test", "b.test")),
                          ("the account's key", c.csr("issue.h2.test",
                                                      key=c.key))):
            self.note("finalize, " + what, c.post(finalize, {"csr": csr}))
        key = ec.generate_private_key(ec.SECP256R1())
        self.note("finalize", c.post(
            finalize, {"csr": c.csr("issue.h2.test", key=key)}))
        order = self.settle(c, url, "processing")
        self.note("order in the end", order["status"])
        cert = c.post(order["certificate"], "")
        self.note("certificate", cert)
        self.note("certificate of another", self.client().post(
            order["certificate"], ""))
        self.note("finalize again", c.post(
            finalize, {"csr": c.csr("issue.h2.test", key=key)}))
        pem = cert.body.split(b"-----")[2]
        der = b64(base64.b64decode(pem))
        revoke = c.directory["revokeCert"]
        self.note("revoke, bad reason", c.post(
            revoke, {"certificate": der, "reason": 99}))
        self.note("revoke, no certificate", c.post(
            revoke, {"certificate": "AAAA"}))
        self.note("revoke by another", self.client().post(
            revoke, {"certificate": der}))
        self.note("revoke", c.post(revoke, {"certificate": der, "reason": 4}))
        self.note("revoke again", c.post(revoke, {"certificate": der}))

    # ---- new keys ---------------------------------------------------------

    def roll(self, c, new, account=None, url=None, old=None):
        """keyChange (RFC 8555 section 7.3.5)."""
        target = c.directory["keyChange"]
        kid, new.kid = new.kid, None
        inner = new.jws(url or target, {"account": account or c.kid,
                                        "oldKey": old or c.jwk}, nonce="x")
        new.kid = kid
        # Section 7.3.5: the inner one has no nonce.
        header = json.loads(base64.urlsafe_b64decode(
            inner["protected"] + "=="))
        header.pop("nonce")
        return c.post(target, self.sign(new, header, inner["payload"]))

    @staticmethod
    def sign(c, header, payload):
        protected = b64(json.dumps(header))
        r, s = utils.decode_dss_signature(c.key.sign(
            ("%s.%s" % (protected, payload)).encode(),
            ec.ECDSA(hashes.SHA256())))
        return {"protected": protected, "payload": payload,
                "signature": b64(r.to_bytes(32, "big")
                                 + s.to_bytes(32, "big"))}

    def key_change(self):
        c, other = self.client(), self.client()
        new = acme_client.Client(self.directory)
        self.note("keyChange to a key in use", self.roll(c, other))
        self.note("keyChange, another account", self.roll(
            c, new, account=other.kid))
        self.note("keyChange, another old key", self.roll(
            c, new, old=other.jwk))
        self.note("keyChange, another url", self.roll(
            c, new, url=c.directory["newOrder"]))
        self.note("keyChange", self.roll(c, new))
        self.note("order with the old key", c.order("a.test"))
        new.kid = c.kid
        self.note("order with the new key", new.order("a.test"))

    def all(self):
        for f in (self.directory_and_nonces, self.accounts, self.envelopes,
                  self.orders, self.issuance, self.key_change):
            f()
        for what, name, method, how in self.VALIDATIONS:
            self.note(what, self.validation(name, method, how))
        return self.seen


def listed():
    """The table: scenario -> (ours, pebble's)."""
    with open(PAGE, encoding="utf-8") as f:
        text = f.read().split(TITLE)[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$",
                      text, re.M)
    return {r[0]: (r[1].strip("`"), r[2].strip("`")) for r in rows[2:]}


def main():
    acme_hosts.start()
    ours = Run("ours", os.environ["LAB_CA"] + "/acme/directory")
    pebble = Run("pebble", os.environ["LAB_PEBBLE"])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run.all) for run in (ours, pebble)]
        for job in jobs:
            job.result()
    differ = {what: (ours.seen[what], pebble.seen[what])
              for what in ours.seen if ours.seen[what] != pebble.seen[what]}
    wanted = listed()
    bad = [w for w in set(differ) | set(wanted)
           if differ.get(w) != wanted.get(w)]
    for what in sorted(bad):
        print("FAIL: %s: ours %s, pebble %s; the page says %s" % (
            (what,) + differ.get(what, ("the same", "as ours"))
            + (wanted.get(what),)))
    if bad:
        sys.exit(1)
    print("pebble: %d answers compared, %d differ as %s says" % (
        len(ours.seen), len(differ), PAGE))


if __name__ == "__main__":
    main()
