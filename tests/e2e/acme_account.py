# SPDX-License-Identifier: Apache-2.0
"""Accounts and certificates after they were made: external account binding,
key change, revocation, renewal information.  The MAC of a binding and all
signatures are Python's.

Environment as acme_client.py says, and LAB_EAB: "kid key" pairs by commas.
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from acme_client import Client, b64, ok, request


def refused(reply, status, type_, what):
    ok((reply.status, reply.type) == (status, type_), "%s: %d %s" % (
        what, reply.status, reply.body[:300]))


def bound(client, kid, key, url=None, alg="HS256", jwk=None):
    """A newAccount with an external account binding; the reply."""
    url = url or client.directory["newAccount"]
    protected = b64(json.dumps({"alg": alg, "kid": kid, "url": url}))
    payload = b64(json.dumps(jwk or client.jwk))
    key = base64.urlsafe_b64decode(key + "==")
    mac = hmac.new(key, ("%s.%s" % (protected, payload)).encode(),
                   hashlib.sha256).digest()
    reply = client.post(client.directory["newAccount"], {
        "termsOfServiceAgreed": True, "externalAccountBinding": {
            "protected": protected, "payload": payload,
            "signature": b64(mac)}})
    if reply.status == 201:
        client.kid = reply.headers["location"]
    return reply


def issue(client, name, key=None, **more):
    """A certificate for a preauthorized name: DER, and its order."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    r = client.order(name, **more)
    ok(r.status == 201 and r.json()["status"] == "ready",
       "order of %s: %s" % (name, r.body))
    url = r.headers["location"]
    r = client.post(r.json()["finalize"], {"csr": client.csr(name, key=key)})
    ok(r.status == 200, "finalize %s: %s" % (name, r.body))
    order = client.wait(url, "processing")
    ok(order["status"] == "valid", "order %s: %s" % (name, order))
    pem = client.post(order["certificate"], "").body
    cert = x509.load_pem_x509_certificate(pem)
    return cert.public_bytes(serialization.Encoding.DER), cert


def bindings(eabs):
    kid, key = eabs[0]
    client = Client()
    ok(client.directory["meta"]["externalAccountRequired"] is True, "meta")
    refused(client.post(client.directory["newAccount"], {}), 403,
            "externalAccountRequired", "no binding")
    refused(bound(client, "0" * 32, key), 403, "unauthorized", "unknown kid")
    refused(bound(client, kid, eabs[1][1]), 403, "unauthorized", "wrong key")
    refused(bound(client, kid, key, alg="HS512"), 400,
            "badSignatureAlgorithm", "HS512")
    refused(bound(client, kid, key, url=client.directory["newOrder"]), 400,
            "malformed", "another url")
    refused(bound(client, kid, key, jwk=Client().jwk), 400, "malformed",
            "another's key")
    ok(bound(client, kid, key).status == 201, "a good binding")
    refused(bound(Client(), kid, key), 403, "unauthorized", "bound twice")
    r = client.order("www.one.test", "www.two.test", "other.test")
    refused(r, 400, "compound", "names out of scope")
    ok({s["identifier"]["value"] for s in r.json()["subproblems"]} ==
       {"www.two.test", "other.test"}, "which names: %s" % r.body)
    return client


def key_change(client):
    fresh, taken = Client(), Client()
    url = client.directory["keyChange"]

    def inner(new, account=client.kid, old=client.jwk, signer=None, url=url):
        head = {"alg": "ES256", "url": url, "jwk": new.jwk}
        return (signer or new).sign(head, {"account": account, "oldKey": old})

    thief = bound_thief
    refused(thief.post(url, inner(fresh)), 400, "malformed",
            "a thief asks for another's account")
    refused(client.post(url, inner(fresh, signer=client)), 400, "malformed",
            "a key that nobody holds")
    r = client.post(url, inner(thief))
    refused(r, 409, "malformed", "a key that has an account")
    ok(r.headers["location"] == thief.kid, "whose it is")
    ok(client.post(url, inner(fresh)).status == 200, "key change")
    refused(client.post(client.kid, ""), 400, "malformed", "the old key")
    refused(taken.post(taken.directory["newAccount"],
                       {"onlyReturnExisting": True}), 400,
            "accountDoesNotExist", "a key without an account")
    fresh.kid = client.kid
    ok(fresh.post(fresh.kid, "").status == 200, "the new key")
    return fresh


def revocation(client, other):
    url = client.directory["revokeCert"]
    key = ec.generate_private_key(ec.SECP256R1())
    der, _ = issue(client, "revoke.one.test", key=key)

    def ask(who, der, **more):
        return who.post(url, dict({"certificate": b64(der)}, **more))

    refused(ask(other, der), 403, "unauthorized", "another account")
    refused(ask(client, der, reason=2), 400, "badRevocationReason", "cACompro")
    refused(ask(client, b"\x30\x00"), 404, "malformed", "no certificate")
    ok(ask(client, der, reason=4).status == 200, "by its account")
    refused(ask(client, der), 400, "alreadyRevoked", "twice")
    # by its key: no account, and the key is refused from then on
    der, _ = issue(client, "key.one.test", key=key)
    holder = Client(key=key)
    refused(Client().post(url, {"certificate": b64(der)}), 403,
            "unauthorized", "by some key")
    ok(ask(holder, der, reason=1).status == 200, "by its key")
    r = client.order("again.one.test")
    r = client.post(r.json()["finalize"],
                    {"csr": client.csr("again.one.test", key=key)})
    refused(r, 400, "badCSR", "a key that was compromised")
    # by an account that is authorized for all its names
    der, _ = issue(client, "shared.both.test")
    refused(ask(other, der), 403, "unauthorized", "not authorized yet")
    ok(other.order("shared.both.test").json()["status"] == "ready", "order")
    refused(ask(other, der, reason=1), 400, "badRevocationReason",
            "a key that is not theirs to call compromised")
    ok(ask(other, der, reason=5).status == 200, "by authorization")


def certid(cert):
    """RFC 9773 section 4.1, from the certificate's own octets."""
    aki = cert.extensions.get_extension_for_class(
        x509.AuthorityKeyIdentifier).value.key_identifier
    n = cert.serial_number
    return "%s.%s" % (b64(aki), b64(n.to_bytes(n.bit_length() // 8 + 1, "big")))


def window(client, cert):
    r = request("GET", "%s/%s" % (
        client.directory["renewalInfo"], certid(cert)))
    ok(r.status == 200, "renewal info: %s" % r.body)
    ok(r.headers["retry-after"] == "1800", "when to ask again")
    w = r.json()["suggestedWindow"]
    return [datetime.datetime.strptime(w[k], "%Y-%m-%dT%H:%M:%SZ")
            for k in ("start", "end")]


def renewal(client, other):
    hour = datetime.timedelta(hours=1)
    der, cert = issue(client, "renew.one.test")
    start, end = window(client, cert)
    ok((cert.not_valid_after - start, cert.not_valid_after - end) ==
       (8 * hour, 4 * hour), "the window: %s %s" % (start, end))
    info = client.directory["renewalInfo"]
    refused(request("GET", info + "/AAAA.AQ"), 404, "malformed", "unknown")
    refused(request("GET", info + "/AAAA"), 400, "malformed", "no name")
    # an order that was lost, one that is finalized, one too many
    ok(client.order("renew.one.test", replaces=certid(cert)).status == 201,
       "an order that comes to nothing")
    _, new = issue(client, "renew.one.test", replaces=certid(cert))
    refused(client.order("renew.one.test", replaces=certid(cert)), 409,
            "alreadyReplaced", "replaced already")
    refused(other.order("x.both.test", replaces=certid(new)), 403,
            "unauthorized", "another's certificate")
    refused(client.order("x.both.test", replaces=certid(new)), 400,
            "malformed", "none of its names")
    r = client.order("renew.one.test", replaces="AAAA.AQ")
    ok(r.status == 201 and "replaces" not in r.json(), "not ours: ignored")
    # revoked: at once
    ok(client.post(client.directory["revokeCert"], {
        "certificate": b64(der)}).status == 200, "revoke")
    start, end = window(client, cert)
    ok(start <= datetime.datetime.utcnow() and
       (end - start).seconds == 1, "renew now: %s %s" % (start, end))


def request_der(names, key, extensions=(), signer=None):
    """A CSR with more in it than the names; signed by another key if asked."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([])).add_extension(x509.SubjectAlternativeName(
            [x509.DNSName(n) for n in names]), False)
    for e in extensions:
        builder = builder.add_extension(e, True)
    der = builder.sign(key, hashes.SHA256()).public_bytes(
        serialization.Encoding.DER)
    if signer is not None:
        other = builder.sign(signer, hashes.SHA256())
        spki = [k.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
            for k in (key, signer)]
        der = other.public_bytes(
            serialization.Encoding.DER).replace(spki[1], spki[0])
    return b64(der)


def finalize(client, name, csr, **more):
    r = client.order(name, **more)
    ok(r.status == 201, "order of %s: %s" % (name, r.body))
    return r.headers["location"], client.post(
        r.json()["finalize"], {"csr": csr})


def requests_of_thieves(client):
    """Adversary rows: CSRs that ask for more than the order."""
    name = "csr.one.test"
    key, another = [ec.generate_private_key(ec.SECP256R1()) for _ in "ab"]
    _, r = finalize(client, name, request_der(
        [name], another, signer=key))
    refused(r, 400, "badCSR", "another's key")
    _, r = finalize(client, name, request_der([name, "two.test"], key))
    refused(r, 400, "badCSR", "an extra name")
    _, r = finalize(client, name, request_der(
        [name] + ["n%d.one.test" % i for i in range(1000)], key))
    refused(r, 400, "badCSR", "1,001 names")
    _, r = finalize(client, name, request_der(
        [name] + ["n%d.one.test" % i for i in range(10000)], key))
    refused(r, 413, "malformed", "10,001 names")
    # of a request only key and names count
    url, r = finalize(client, name, request_der([name], key, [
        x509.BasicConstraints(True, 3), x509.KeyUsage(
            False, False, False, False, False, True, True, False, False),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])]))
    ok(r.status == 200, "CA:TRUE: %s" % r.body)
    order = client.wait(url, "processing")
    cert = x509.load_pem_x509_certificate(
        client.post(order["certificate"], "").body)

    def extension(kind):
        return cert.extensions.get_extension_for_class(kind).value

    ok(not extension(x509.BasicConstraints).ca, "not a CA")
    ok(not extension(x509.KeyUsage).key_cert_sign, "signs no certificates")
    ok(list(extension(x509.ExtendedKeyUsage)) ==
       [ExtendedKeyUsageOID.SERVER_AUTH], "serverAuth only")


def profiles(client):
    ok(set(client.directory["meta"]["profiles"]) >=
       {"server", "service", "server-norev", "short"}, "offered")
    refused(client.order("p.one.test", profile="client"), 400,
            "invalidProfile", "one that ACME does not offer")
    _, cert = issue(client, "p.one.test", profile="server-norev")
    found = {e.oid.dotted_string: e for e in cert.extensions}
    ok("2.5.29.56" in found and not found["2.5.29.56"].critical and
       found["2.5.29.56"].value.value == b"\x05\x00", "noRevAvail")
    ok("2.5.29.31" not in found, "no CRL")
    _, cert = issue(client, "p.one.test", profile="service")
    ok(ExtendedKeyUsageOID.CLIENT_AUTH in cert.extensions
       .get_extension_for_class(x509.ExtendedKeyUsage).value, "service")
    _, cert = issue(client, "p.one.test", profile="short")
    ok((cert.not_valid_after - cert.not_valid_before).seconds == 7199,
       "two hours")
    ok([p.policy_identifier.dotted_string for p in cert.extensions
        .get_extension_for_class(x509.CertificatePolicies).value] ==
       ["2.23.140.1.2.1"], "its policy")
    start, _ = window(client, cert)
    ok(start > cert.not_valid_before, "its window lies in its life")


def several_errors(client):
    """What CAA forbids at finalize is told for each name."""
    names = ["no1.one.test", "yes.one.test", "no2.one.test"]
    r = client.order(*names)
    url = r.headers["location"]
    refused(client.post(r.json()["finalize"], {"csr": client.csr(*names)}),
            400, "compound", "two names that CAA forbids")
    order = client.post(url, "").json()
    ok(order["status"] == "invalid" and
       [(p["identifier"]["value"], p["type"].split(":")[-1])
        for p in order["error"]["subproblems"]] ==
       [("no1.one.test", "caa"), ("no2.one.test", "caa")],
       "the order's error: %s" % order)


def command(*args):
    """A command of the CA, as its operator gives it."""
    lab = os.environ["LAB"]
    subprocess.run(
        [os.environ["LAB_BIN"] + "/trustchain-ca", "--root", lab,
         "--config", lab + "/etc/trustchain/ca.toml", *args],
        check=True, stdout=subprocess.DEVNULL)


def halted(client):
    """While nothing is issued no order begins, and one under way waits."""
    r = client.order("halt.one.test")
    url, final = r.headers["location"], r.json()["finalize"]
    command("halt")
    new = client.order("halt2.one.test")
    old = client.post(final, {"csr": client.csr("halt.one.test")})
    for r in (new, old):
        refused(r, 503, "serverInternal", "halted")
        ok("issuance_halted" in r.json()["detail"] and
           int(r.headers["retry-after"]) > 0, "the code: %s" % r.body)
    ok(client.post(url, "").json()["status"] == "ready", "it stays ready")
    command("resume")
    issue(client, "halt2.one.test")


def blocks(client):
    """Names and keys that the operator refuses."""
    key = ec.generate_private_key(ec.SECP256R1())
    spki = hashlib.sha256(key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    r = client.order("late.one.test")
    command("block", "add", "name=late.one.test")
    command("block", "add", "spki=" + spki)
    refused(client.order("late.one.test"), 400, "rejectedIdentifier",
            "a blocked name")
    refused(client.post(r.json()["finalize"],
                        {"csr": client.csr("late.one.test")}), 400,
            "rejectedIdentifier", "blocked since it was ordered")
    _, r = finalize(client, "b.one.test", client.csr("b.one.test", key=key))
    refused(r, 400, "badCSR", "a blocked key")
    command("block", "remove", "name=late.one.test")
    issue(client, "late.one.test")
    # a blocked binding key ends its account
    command("block", "add", "eab=" + eabs[1][0])
    refused(bound_thief.order("a.two.test"), 401, "unauthorized",
            "the account of a blocked key")


def flood(client):
    """Nonces for whoever asks; honest clients finish meanwhile."""
    stop, taken = threading.Event(), []

    def take():
        parts = urlsplit(client.directory["newNonce"])
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=30,
            context=ssl.create_default_context(
                cafile=os.environ["LAB_ROOT_CERT"]))
        n = 0
        while not stop.is_set():
            connection.request("HEAD", parts.path)
            connection.getresponse().read()
            n += 1
        taken.append(n)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for t in threads:
        t.start()
    kept = client.nonce()
    for i in range(5):
        issue(client, "flood%d.one.test" % i)
    ok(client.post(client.kid, "", nonce=kept).status == 200, "an old nonce")
    stop.set()
    for t in threads:
        t.join()
    ok(sum(taken) > 500, "the flood was %d nonces" % sum(taken))


def restart(**environment):
    """Another daemon in place of the shell's, or of an earlier one."""
    lab = os.environ["LAB"]
    if started:
        started[-1].terminate()
        started[-1].wait()
    else:
        os.kill(int(os.environ["LAB_CA_PID"]), signal.SIGTERM)
    with open(lab + "/log/ca.log", "ab") as log:
        for _ in range(100):
            started.append(subprocess.Popen(
                [os.environ["LAB_BIN"] + "/trustchain-ca", "--root", lab,
                 "--config", lab + "/etc/trustchain/ca.toml", "serve"],
                env=dict(os.environ, **environment), stdout=log, stderr=log))
            time.sleep(0.2)
            if started[-1].poll() is None:
                break  # else the old one still has the state folder
    for _ in range(200):
        try:
            if request("GET", os.environ["LAB_CA"] + "/health").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    sys.exit("FAIL: the CA does not come back")


def traffic(client):
    """TRAFFIC_PERCENTAGE: which new names, and that renewals pass."""
    def share(name):
        return int.from_bytes(
            hashlib.sha256(name.encode()).digest()[:8], "big") % 100

    names = ["t%d.one.test" % i for i in range(40)]
    admitted = [n for n in names if share(n) < 50][:3]
    withheld = [n for n in names if share(n) >= 50][:4]
    _, cert = issue(client, withheld[0])
    for _ in range(4):
        issue(client, "dup.one.test")
    refused(client.order("dup.one.test"), 429, "rateLimited", "a fifth")
    restart(TRAFFIC_PERCENTAGE="50")
    r = client.order("dup.one.test")
    refused(r, 429, "rateLimited", "a restart resets no limit")
    ok(int(r.headers["retry-after"]) > 0, "when to come back")
    for name in admitted:
        issue(client, name)
    for name in withheld[1:]:
        url, r = finalize(client, name, client.csr(name))
        refused(r, 503, "serverInternal", name)
        ok("traffic_withheld" in r.json()["detail"] and
           r.headers["retry-after"] == "60", "the code: %s" % r.body)
        ok(client.post(url, "").json()["status"] == "ready", "it stays ready")
    issue(client, withheld[0])  # the same names are live
    names = [withheld[1], withheld[0]]
    r = client.order(*names, replaces=certid(cert))
    r = client.post(r.json()["finalize"], {"csr": client.csr(*names)})
    ok(r.status == 200, "a renewal is not withheld: %s" % r.body)


started = []
eabs = [e.split(" ") for e in os.environ["LAB_EAB"].split(",")]
bound_thief = Client()
ok(bound(bound_thief, *eabs[1]).status == 201, "a second account")
account = key_change(bindings(eabs))
revocation(account, bound_thief)
renewal(account, bound_thief)
requests_of_thieves(account)
profiles(account)
flood(account)
several_errors(account)
blocks(account)
halted(account)
traffic(account)
print("accounts: %d checks passed" % ok.passed)
started[-1].terminate()
started[-1].wait()
sys.exit(0)
