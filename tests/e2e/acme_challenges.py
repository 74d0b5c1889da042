# SPDX-License-Identifier: Apache-2.0
"""Every way a validation can end, and issuance for what they prove.  The hosts
and the DNS server are acme_hosts.py; the network, Knot's zones and the CA are
acme_challenges.sh's.  A name's first label says how its host or its look-ups
behave, "h2" and so on where it is.

Environment: LAB_CA LAB_ROOT_CERT NET_SECRET.
"""
import concurrent.futures
import hashlib
import sys

import acme_client
import acme_hosts
from acme_client import URN, b64, ok
from acme_hosts import Tls, Web, sni_of
from cryptography import x509


def base(name):
    return name[2:] if name.startswith("*.") else name


class Client(acme_client.Client):
    def prove(self, name, method, how=""):
        """Order, do what the method asks for, respond: the authorization."""
        order, authz, c = self.challenge(name, method)
        keyauth = c["token"] + "." + self.thumbprint
        digest = b64(hashlib.sha256(keyauth.encode()).digest())
        at = "_acme-challenge." + base(name)
        if method == "http-01":
            Web.keyauth[c["token"]] = keyauth
        elif method == "tls-alpn-01":
            sans = {"san": ["other.test"], "sans": [name, "other.test"]}
            Tls.show(sni_of(name), sans.get(how, [name]), keyauth, how)
        elif how == "parts":
            acme_hosts.update("add", at, "TXT", '"%s" "%s"' % (
                digest[:20], digest[20:]))
        elif how == "alias":
            acme_hosts.txt("proof.lab", digest)
        elif how != "nothing":
            for i in range({"among": 60, "many": 120}.get(how, 0)):
                acme_hosts.txt(at, "%043d" % i)
            if how != "many":
                acme_hosts.txt(at, "x" + digest[1:] if how == "wrong"
                               else digest)
        ok(self.post(c["url"], {}).status == 200, "response for " + name)
        return order, self.wait(authz, "pending")


# Identifier, challenge, what is done wrong, how it ends (None: valid).
ROWS = (
    ("good.h2.lab", "http-01", "", None),
    ("four.lab", "http-01", "", None),
    ("fd99::2", "http-01", "", None),
    ("192.0.2.7", "http-01", "", None),
    ("wrong.h2.lab", "http-01", "", "unauthorized"),
    ("missing.h2.lab", "http-01", "", "incorrectResponse"),
    ("hang.h2.lab", "http-01", "", "connection"),
    ("good.h6.lab", "http-01", "", "connection"),
    # redirected to loopback, and rebound to it between two look-ups
    ("loopback.h2.lab", "http-01", "", "connection"),
    ("rebind-aaaa.h2.test", "http-01", "", "connection"),
    # below a signed zone
    ("unsigned-aaaa.h2.lab", "http-01", "", "dns"),
    ("forged-aaaa.h2.lab", "http-01", "", "dns"),
    ("servfail-aaaa.h2.lab", "http-01", "", "dns"),
    ("hang-aaaa.h2.lab", "http-01", "", "dns"),
    ("nowhere.lab", "http-01", "", "dns"),
    ("unsigned-caa.h2.lab", "http-01", "", "caa"),
    ("forged-caa.h2.lab", "tls-alpn-01", "", "caa"),
    ("servfail-caa.h2.lab", "tls-alpn-01", "", "caa"),
    ("hang-caa.h2.lab", "http-01", "", "caa"),
    # RFC 8657: what a zone allows
    ("caa-dns.h2.lab", "dns-01", "", None),
    ("caa-dns.h2.lab", "http-01", "", "caa"),
    ("caa-dns.h2.lab", "tls-alpn-01", "", "caa"),
    ("caa-alpn.h2.lab", "tls-alpn-01", "", None),
    ("caa-alpn.h2.lab", "dns-01", "", "caa"),
    ("caa-http.h2.lab", "http-01", "", None),
    ("caa-http.h2.lab", "tls-alpn-01", "", "caa"),
    ("caa-wild.h2.lab", "dns-01", "", None),
    ("*.caa-wild.h2.lab", "dns-01", "", "caa"),
    ("caa-many.h2.lab", "dns-01", "", "caa"),
    ("caa-other.h2.lab", "dns-01", "", "caa"),
    ("caa-other.h2.lab", "tls-alpn-01", "", "caa"),
    ("good.dns.lab", "dns-01", "", None),
    ("*.wild.dns.lab", "dns-01", "", None),
    ("parts.dns.lab", "dns-01", "parts", None),
    ("alias.lab", "dns-01", "alias", None),
    ("among.dns.lab", "dns-01", "among", None),
    ("good.dns.test", "dns-01", "", None),
    ("many.dns.lab", "dns-01", "many", "unauthorized"),
    ("wrong.dns.lab", "dns-01", "wrong", "unauthorized"),
    ("nothing.dns.lab", "dns-01", "nothing", "unauthorized"),
    ("unsigned-txt.dns.lab", "dns-01", "", "dns"),
    ("forged-txt.dns.lab", "dns-01", "", "dns"),
    ("servfail-txt.dns.lab", "dns-01", "", "dns"),
    ("hang-txt.dns.lab", "dns-01", "", "dns"),
    ("good.h2.test", "tls-alpn-01", "", None),
    ("tls12.h2.test", "tls-alpn-01", "tls12", None),
    ("four.lab", "tls-alpn-01", "", None),
    # one of its addresses hangs, or nobody listens there
    ("both.lab", "tls-alpn-01", "", None),
    ("both.lab", "http-01", "", None),
    ("fd99::2", "tls-alpn-01", "", None),
    ("192.0.2.7", "tls-alpn-01", "", None),
    ("san.h2.lab", "tls-alpn-01", "san", "unauthorized"),
    ("sans.h2.lab", "tls-alpn-01", "sans", "unauthorized"),
    ("nosan.h2.lab", "tls-alpn-01", "nosan", "unauthorized"),
    ("digest.h2.lab", "tls-alpn-01", "digest", "unauthorized"),
    ("short.h2.lab", "tls-alpn-01", "short", "unauthorized"),
    ("uncritical.h2.lab", "tls-alpn-01", "uncritical", "unauthorized"),
    ("noext.h2.lab", "tls-alpn-01", "noext", "unauthorized"),
    ("noalpn.h2.lab", "tls-alpn-01", "noalpn", "unauthorized"),
    ("otheralpn.h2.lab", "tls-alpn-01", "otheralpn", "unauthorized"),
    ("huge.h2.lab", "tls-alpn-01", "huge", "tls"),
    ("good.h3.lab", "tls-alpn-01", "", "connection"),
    ("good.h4.lab", "tls-alpn-01", "", "tls"),
    ("good.h5.lab", "tls-alpn-01", "", "tls"),
    ("good.h6.lab", "tls-alpn-01", "", "connection"),
)


# What the operator must be able to read.
DETAILS = {
    "many.dns.lab": "not among the first 100 records",
    "caa-many.h2.lab": "more than 100 CAA records",
    "unsigned-txt.dns.lab": "fails DNSSEC validation",
    "unsigned-aaaa.h2.lab": "fails DNSSEC validation",
    "loopback.h2.lab": "not one that validations may connect to",
    "unsigned-caa.h2.lab": "the CAA answer fails DNSSEC validation",
    "forged-caa.h2.lab": "the CAA answer fails DNSSEC validation",
    "servfail-caa.h2.lab": "CAA records could not be looked up",
    "noalpn.h2.lab": "does not speak acme-tls/1",
    "good.h4.lab": "closed in the TLS handshake",
}


def row(name, method, how, type_):
    what = "%s by %s %s" % (name, method, how)
    _, authz = Client().sign_up().prove(name, method, how)
    shown = authz["challenges"]
    ok([c["type"] for c in shown] == [method], what + " shows its challenge")
    if type_ is None:
        ok(authz["status"] == "valid", "%s: %s" % (what, authz))
        return
    ok(authz["status"] == "invalid", "%s: %s" % (what, authz))
    ok(shown[0]["error"]["type"] == URN + type_, "%s: %s" % (
        what, shown[0]["error"]))
    ok(DETAILS.get(name, "") in shown[0]["error"]["detail"],
       "%s: %s" % (what, shown[0]["error"]))


def issue():
    """Addresses and a wildcard, from order to certificate."""
    c = Client().sign_up()
    names = ("fd99::2", "192.0.2.7", "*.issue.lab", "issue.lab")
    for name, method in zip(names, ("tls-alpn-01", "http-01", "dns-01",
                                    "dns-01")):
        _, authz = c.prove(name, method)
        ok(authz["status"] == "valid", "%s: %s" % (name, authz))
        ok(authz.get("wildcard", False) == name.startswith("*."), "wildcard")
    r = c.order(*names)
    ok(r.json()["status"] == "ready", "all is proven: %s" % r.body)
    finalize = r.json()["finalize"]
    for bad in (names[1:], ("fd99::3",) + names[1:], names[:3],
                names + ("fd99::3",)):
        r2 = c.post(finalize, {"csr": c.csr(*bad)})
        ok((r2.status, r2.type) == (400, "badCSR"), "%s: %s" % (bad, r2.body))
    order = c.post(finalize, {"csr": c.csr(*names)})
    ok(order.status == 200, "finalize: %s" % order.body)
    order = c.wait(r.headers["location"], "processing")
    ok(order["status"] == "valid", "order: %s" % order)
    pem = c.post(order["certificate"], "").body
    leaf = x509.load_pem_x509_certificate(pem)
    sans = leaf.extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value
    ok(sorted(str(s.value) for s in sans) == sorted(names), "the names")


def crowd():
    """As many names as an order takes, each with three challenges."""
    c = Client().sign_up()
    r = c.order(*["n%d.h2.test" % i for i in range(100)])
    ok(r.status == 201, "100 names: %s" % r.body)
    last = c.post(r.json()["authorizations"][99], "").json()
    ok(len(last["challenges"]) == 3, "three challenges: %s" % last)


def caa_again():
    """CAA is asked for again at finalize, with account and method."""
    c = Client().sign_up()
    for name, text in (("caa-mine.h2.lab", '0 issue "ca.lab.test; '
                        'accounturi=%s"' % c.kid),
                       ("caa-later.h2.lab", '0 issue "ca.lab.test; '
                        'validationmethods=dns-01"')):
        acme_hosts.update("add", name, "CAA", text)
        order, authz = c.prove(name, "dns-01")
        ok(authz["status"] == "valid", "%s: %s" % (name, authz))
        if name.startswith("caa-later"):
            acme_hosts.update("replace", name, "CAA", '0 issue ";"')
        r = c.post(order + "/finalize", {"csr": c.csr(name)})
        if name.startswith("caa-mine"):
            ok(r.status == 200, "finalize: %s" % r.body)
            continue
        ok((r.status, r.type) == (403, "caa"), "forbidden since: %s" % r.body)
        o = c.post(order, "").json()
        ok(o["status"] == "invalid" and o["error"]["type"] == URN + "caa",
           "the order: %s" % o)


def main():
    acme_hosts.start()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(row, *r) for r in ROWS]
        jobs += [pool.submit(f) for f in (issue, crowd, caa_again)]
        for job in jobs:
            try:
                job.result()
            except SystemExit as e:
                print(e.code, file=sys.stderr)
                sys.exit(1)
    ok(Web.loopback_hits == 0, "nobody came to loopback")
    ok(acme_hosts.asked["rebind-aaaa.h2.test", "AAAA"] == 2,
       "the rebinding name was looked up once for each request")
    print("challenges: %d checks passed" % ok.passed)


if __name__ == "__main__":
    main()
