# SPDX-License-Identifier: Apache-2.0
"""What no honest client sends: forged, replayed and misdirected requests, hosts
that answer http-01 with redirects and rubbish, CAA records that forbid.

Environment: LAB_CA LAB_ROOT_CERT LAB_VALIDATION_PORT LAB_TLS_PORT, and LAB LAB_BIN
LAB_CA_PID and LAB_CT_PID to kill and restart CA and log.  DNS is set by acme_hostile.sh.
"""

import http.client
import http.server
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import acme_client
from acme_client import URN, b64, ok, request

CA = os.environ["LAB_CA"]
PORT = int(os.environ["LAB_VALIDATION_PORT"])
TLS_PORT = int(os.environ["LAB_TLS_PORT"])
started = []  # daemons that the shell does not know


class Client(acme_client.Client):
    def validate(self, name):
        """Respond to a name's challenge; the authorization at its end."""
        order, authz, c = self.challenge(name)
        Host.keyauth[c["token"]] = c["token"] + "." + self.thumbprint
        ok(self.post(c["url"], {}).status == 200, "response for " + name)
        return order, self.wait(authz, "pending")


class Host(http.server.BaseHTTPRequestHandler):
    """The host that is validated: its name says how it answers."""
    keyauth = {}
    delay = 0

    def log_message(self, *args):
        pass

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def do_GET(self):
        host = self.headers["host"].split(":")[0].split(".")[0]
        token = self.path.split("/")[-1].split("?")[0]
        body = self.keyauth.get(token, "nothing")
        hops = int(self.path.split("?")[1]) if "?" in self.path else 0
        me = self.headers["host"]
        path = self.path.split("?")[0]
        if Host.delay:
            time.sleep(Host.delay)
        if host == "denied-redirect":
            self.redirect("http://[fd00::1]:%d/%s" % (PORT, token))
        elif host == "rebind-redirect":
            self.redirect("http://denied.test:%d/%s" % (PORT, token))
        elif host == "port-redirect":
            self.redirect("http://%s:22/%s" % (me.split(":")[0], token))
        elif host == "tls-redirect" and self.server.server_port == PORT:
            self.redirect("https://%s:%d%s" % (
                me.split(":")[0], TLS_PORT, path))
        elif host == "plain-to-tls-port":
            self.redirect("http://%s:%d%s" % (
                me.split(":")[0], TLS_PORT, path))
        elif host == "file-redirect":
            self.redirect("file:///etc/passwd")
        elif host == "loop-redirect" or \
                host == "ten-redirects" and hops < 10:
            self.redirect("http://%s%s?%d" % (me, path, hops + 1))
        elif host == "rubbish":
            self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        elif host == "missing":
            self.send_error(404)
        else:
            if host == "wrong":
                body = "x" + body
            elif host == "long":
                body += "A" * 10000
            elif host == "huge":
                body += "A" * 1000000
            elif host == "space":
                body += " \r\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


def refused(reply, status, type_, what):
    ok((reply.status, reply.type) == (status, type_), "%s: %d %s" % (
        what, reply.status, reply.body[:300]))


def envelopes(c):
    url = c.directory["newOrder"]
    good = {"identifiers": [{"type": "dns", "value": "a.test"}]}
    body = c.jws(url, good)
    ok(c.send(url, body).status == 201, "an honest order")
    refused(c.send(url, body), 400, "badNonce", "replay")
    refused(c.post(url, good, nonce="A" * 32), 400, "badNonce", "odd nonce")
    refused(c.send(url, c.jws(c.directory["newAccount"], good)), 403,
            "unauthorized", "signed for another url")
    for alg in ("none", "HS256", "ES512", "RS384"):
        r = c.post(url, good, alg=alg)
        refused(r, 400, "badSignatureAlgorithm", alg)
        ok("ES256" in r.json()["algorithms"], "algorithms are listed")
    refused(c.post(url, good, alg="RS256"), 400, "malformed", "alg of a key")
    thief = Client()
    thief.kid = c.kid
    refused(thief.post(url, good), 400, "malformed", "foreign kid")
    thief.kid = CA + "/acme/acct/nobody"
    refused(thief.post(url, good), 400, "accountDoesNotExist", "unknown kid")
    refused(c.post(url, good, jwk=c.jwk), 400, "malformed", "kid and jwk")
    refused(c.post(url, good, kid=..., jwk=c.jwk), 400, "malformed",
            "jwk where kid belongs")
    refused(c.post(url, good, crit=["b64"], b64=False), 400, "malformed",
            "crit")
    body = c.jws(url, good)
    refused(c.send(url, dict(body, header={})), 400, "malformed",
            "unprotected header")
    general = {"payload": body["payload"], "signatures": [
        {"protected": body["protected"], "signature": body["signature"]}]}
    refused(c.send(url, general), 400, "malformed", "general JSON form")
    refused(c.send(url, dict(body, signature=b64(b"\1" * 64))), 400,
            "malformed", "forged signature")
    ok(c.send(url, body).status == 201, "a forgery uses up no nonce")
    refused(c.send(url, body, "application/json"), 415, "malformed", "type")
    refused(request("GET", url), 405, "malformed", "GET")
    refused(c.send(url, "{" * 100), 400, "malformed", "deep JSON")
    refused(c.send(url, "A" * 70000), 413, "malformed", "70 kB")
    refused(c.send(CA + "/acme/nothing", body), 404, "malformed", "no path")


def orders(c):
    refused(c.order("*.test"), 400, "rejectedIdentifier", "wide wildcard")
    refused(c.order("under_score.test"), 400, "rejectedIdentifier", "name")
    r = c.order("a.*.test", "-b.test", "c.test")
    refused(r, 400, "compound", "several bad names")
    ok(len(r.json()["subproblems"]) == 2, "two subproblems")
    refused(c.order("a.test", notAfter="2030-01-01T00:00:00Z"), 400,
            "malformed", "notAfter")
    refused(c.order("a.test", profile="nothing"), 400, "invalidProfile",
            "profile")
    r = c.post(c.directory["newOrder"],
               {"identifiers": [{"type": "ip", "value": "::1"}]})
    refused(r, 400, "rejectedIdentifier", "our own address")
    refused(c.order("192.0.2.1"), 400, "rejectedIdentifier", "IPv4")
    refused(c.order("fd00:0::1"), 400, "malformed", "an odd spelling")
    refused(c.order(*["n%d.test" % i for i in range(101)]), 400, "malformed",
            "101 names")
    url, authz, challenge = c.challenge("early.test")
    finalize = url + "/finalize"
    refused(c.post(finalize, {"csr": c.csr("early.test")}), 403,
            "orderNotReady", "finalize too early")
    other = Client().sign_up()
    for u in (url, authz, challenge["url"]):
        refused(other.post(u, ""), 403, "unauthorized", "another's " + u)
    refused(other.post(challenge["url"], {}), 403, "unauthorized", "respond")
    url, authz = c.validate("good.test")
    ok(authz["status"] == "valid", "good.test: %s" % authz)
    finalize = url + "/finalize"
    for csr, what in ((c.csr("good.test", "extra.test"), "extra name"),
                      (c.csr("other.test"), "another name"),
                      (c.csr("good.test", key=c.key), "the account's key"),
                      ("AAAA", "no CSR")):
        refused(c.post(finalize, {"csr": csr}), 400, "badCSR", what)
    r = c.post(finalize, {"csr": c.csr("good.test")})
    ok(r.status == 200, "finalize: %s" % r.body)
    order = c.wait(url, "processing")
    ok(order["status"] == "valid", "order: %s" % order)
    ok(c.post(order["certificate"], "").body.count(b"BEGIN CERT") == 2,
       "leaf and intermediate")
    refused(other.post(order["certificate"], ""), 403, "unauthorized",
            "another's certificate")
    refused(c.post(finalize, {"csr": c.csr("good.test")}), 403,
            "orderNotReady", "finalize again")


def hosts(c):
    for name, type_ in (("space", None), ("ten-redirects", None),
                        ("tls-redirect", None),
                        ("plain-to-tls-port", "incorrectResponse"),
                        ("caa-ours", None), ("caa-method", None),
                        ("wrong", "unauthorized"), ("long", "unauthorized"),
                        ("huge", "incorrectResponse"),
                        ("missing", "incorrectResponse"),
                        ("rubbish", "incorrectResponse"),
                        ("denied-redirect", "connection"),
                        ("rebind-redirect", "connection"),
                        ("port-redirect", "incorrectResponse"),
                        ("file-redirect", "incorrectResponse"),
                        ("loop-redirect", "incorrectResponse"),
                        ("denied", "connection"),
                        ("caa-forbids", "caa"), ("caa-critical", "caa"),
                        ("caa-account", "caa"), ("caa-dns01", "caa"),
                        ("www.caa-forbids", "caa")):
        url, authz = c.validate(name + ".test")
        if type_ is None:
            ok(authz["status"] == "valid", "%s: %s" % (name, authz))
            continue
        ok(authz["status"] == "invalid", "%s: %s" % (name, authz))
        error = authz["challenges"][0]["error"]
        ok(error["type"] == URN + type_, "%s: %s" % (name, error))
        order = c.post(url, "").json()
        ok(order["status"] == "invalid", "the order of " + name)
        ok(order["error"]["type"] == URN + type_, "its error")
    url, authz = c.validate("no-such.example")
    ok(authz["challenges"][0]["error"]["type"] == URN + "dns",
       "a name that does not resolve: %s" % authz)


def flood(c):
    """Nonces cost the server nothing; honest clients finish."""
    kept = c.nonce()
    for _ in range(300):
        c.nonce()
    r = c.post(c.kid, "", nonce=kept)
    ok(r.status == 200, "an older nonce in a flood: %s" % r.body)


def daemon(program, config):
    """Start one that was killed; its pid was the shell's to end."""
    lab = os.environ["LAB"]
    with open("%s/log/%s.log" % (lab, config), "ab") as log:
        return subprocess.Popen(
            ["%s/%s" % (os.environ["LAB_BIN"], program), "--root", lab,
             "--config", "%s/etc/trustchain/%s.toml" % (lab, config),
             "serve"], stdout=log, stderr=log)


def outage(c):
    """Without a log nothing is issued; what was begun is issued later."""
    url, authz = c.validate("outage.test")
    ok(authz["status"] == "valid", "outage.test: %s" % authz)
    os.kill(int(os.environ["LAB_CT_PID"]), signal.SIGKILL)
    r = c.post(url + "/finalize", {"csr": c.csr("outage.test")})
    if r.status == 200:
        ok(r.json()["status"] == "processing", "the log is down: %s" % r.body)
        ok(r.headers["retry-after"] == "1", "when to ask again")
    else:
        refused(r, 503, "serverInternal", "the log is down")
        ok("ct_unavailable" in r.json()["detail"], "the code: %s" % r.body)
        ok(r.headers["retry-after"] is not None, "when to try again")
    ok(c.post(url, "").json()["status"] in ("processing", "ready"),
       "the order waits")
    started.append(daemon("trustchain-ct", "ct"))
    for _ in range(300):
        order = c.post(url, "").json()
        if order["status"] == "ready":
            c.post(url + "/finalize", {"csr": c.csr("outage.test")})
        elif order["status"] != "processing":
            break
        time.sleep(0.2)
    ok(order["status"] == "valid", "issued after all: %s" % order)
    ok(c.post(order["certificate"], "").status == 200, "and served")


def restart(c):
    """A validation that a crash interrupts begins again."""
    url, authz, challenge = c.challenge("restart.test")
    Host.keyauth[challenge["token"]] = \
        challenge["token"] + "." + c.thumbprint
    Host.delay = 3
    old = c.nonce()
    ok(c.post(challenge["url"], {}).json()["status"] == "processing",
       "the challenge is processing")
    os.kill(int(os.environ["LAB_CA_PID"]), signal.SIGKILL)
    Host.delay = 0
    started.append(daemon("trustchain-ca", "ca"))
    for _ in range(300):
        try:
            c.nonce()
            break
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    refused(c.post(c.kid, "", nonce=old), 400, "badNonce",
            "a nonce from before the restart")
    ok(c.wait(authz, "pending")["status"] == "valid", "validated anyway")
    ok(c.post(url, "").json()["status"] == "ready", "the order is ready")


def main():
    server = Server(("::1", PORT), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tls = Server(("::1", TLS_PORT), Host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    lab = os.environ["LAB"]
    context.load_cert_chain(lab + "/tls.pem", lab + "/tls.key")
    tls.socket = context.wrap_socket(tls.socket, server_side=True)
    threading.Thread(target=tls.serve_forever, daemon=True).start()
    envelopes(Client().sign_up())
    orders(Client().sign_up())
    hosts(Client().sign_up())
    c = Client().sign_up()
    flood(c)
    r = c.post(c.kid, {"status": "deactivated"})
    ok(r.json()["status"] == "deactivated", "deactivation")
    refused(c.order("a.test"), 401, "unauthorized", "a deactivated account")
    refused(c.post(c.directory["newAccount"], {}, kid=..., jwk=c.jwk), 401,
            "unauthorized", "its key")
    outage(Client().sign_up())
    restart(Client().sign_up())
    print("hostile: %d checks passed" % ok.passed)


if __name__ == "__main__":
    try:
        main()
    finally:
        for process in started:
            process.terminate()
            process.wait()
