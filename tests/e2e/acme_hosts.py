# SPDX-License-Identifier: Apache-2.0
"""The other side of ACME validations: a DNS server that passes on what Knot
says, or lies, and hosts that prove control, or do not.  What is asked for says
what is answered; see the names in acme_challenges.py.  For the network that
acme_net.sh makes."""
import datetime
import hashlib
import http.server
import ipaddress
import os
import socket
import socketserver
import ssl
import struct
import tempfile
import threading
import time

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsigkeyring
import dns.update
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KNOT = "::1"
LIAR_PORT = 5353
asked = {}  # (name, type) -> how often
DNSSEC_TYPES = (dns.rdatatype.RRSIG, dns.rdatatype.NSEC)


# ---- DNS ------------------------------------------------------------------

def update(verb, name, rdtype, text):
    """Add, delete or replace a record in Knot's zones."""
    ring = dns.tsigkeyring.from_text({"lab.": os.environ["NET_SECRET"]})
    zone = name.rsplit(".", 1)[-1] + "."
    change = dns.update.Update(zone, keyring=ring,
                               keyalgorithm="hmac-sha256.")
    rel = dns.name.from_text(name + ".").relativize(
        dns.name.from_text(zone))
    args = (rel, 0, rdtype, text) if verb != "delete" else (rel, rdtype, text)
    getattr(change, verb)(*args)
    reply = dns.query.tcp(change, KNOT, timeout=5)
    assert reply.rcode() == 0, reply


def txt(name, value):
    update("add", name, "TXT", '"%s"' % value)


def lie(how, message, count):
    """Change Knot's answer; False to say nothing at all."""
    if how == "hang":
        return False
    if how == "servfail":
        message.answer = message.authority = []
        message.set_rcode(dns.rcode.SERVFAIL)
    elif how == "unsigned":
        message.answer = [r for r in message.answer
                          if r.rdtype not in DNSSEC_TYPES]
        message.authority = [r for r in message.authority
                             if r.rdtype not in DNSSEC_TYPES]
    elif how == "forged":
        question = message.question[0]
        value = {"AAAA": "fd99::3", "TXT": '"forged"',
                 "CAA": '0 issue "ca.lab.test"'}[
                     dns.rdatatype.to_text(question.rdtype)]
        signatures = [r for r in message.answer
                      if r.rdtype == dns.rdatatype.RRSIG]
        message.authority = []
        message.answer = [dns.rrset.from_text(
            question.name, 0, "IN", question.rdtype, value)] + signatures
    elif how == "rebind":
        # First an address that may be connected, then loopback.
        message.answer = [dns.rrset.from_text(
            message.question[0].name, 0, "IN", "AAAA",
            "fd99::2" if count == 1 else "::1")]
    return True


def resolve(wire, by):
    """What to answer to a query; None: nothing."""
    query = dns.message.from_wire(wire)
    name = query.question[0].name.to_text().lower().rstrip(".")
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    asked[name, kind] = asked.get((name, kind), 0) + 1
    reply = by(query, KNOT, timeout=5)
    for label in name.split("."):
        how, _, what = label.partition("-")
        if what == kind.lower() and not lie(how, reply, asked[name, kind]):
            return None
    return reply


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, to = self.request
        reply = resolve(data, dns.query.udp)
        if reply is not None:
            # The flag of a truncated answer stands: it is asked by TCP then.
            to.sendto(reply.to_wire(max_size=65535), self.client_address)


class Stream(socketserver.BaseRequestHandler):
    def handle(self):
        head = self.request.recv(2, socket.MSG_WAITALL)
        data = self.request.recv(struct.unpack(">H", head)[0],
                                 socket.MSG_WAITALL)
        reply = resolve(data, dns.query.tcp)
        if reply is not None:
            wire = reply.to_wire(max_size=65535)
            self.request.sendall(struct.pack(">H", len(wire)) + wire)


class Udp(socketserver.ThreadingUDPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


class Tcp(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


def in_thread(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()


# ---- http-01 --------------------------------------------------------------

class Web(http.server.BaseHTTPRequestHandler):
    keyauth = {}
    loopback_hits = 0

    def log_message(self, *args):
        pass

    def do_GET(self):
        host = self.headers["host"].rsplit(":", 1)[0]
        how = host.split(".")[0]
        token = self.path.split("/")[-1]
        if self.server.server_address[0] == "::1":
            Web.loopback_hits += 1
        if how == "loopback":
            return self.redirect("http://[::1]" + self.path)
        if how == "rebind-aaaa":
            return self.redirect("http://" + host + self.path)
        if how == "missing":
            return self.send_error(404)
        if how == "hang":
            time.sleep(5)
        body = self.keyauth.get(token, "nothing")
        if how == "wrong":
            body = "x" + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
        return None

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()


class WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # whoever asked has lost patience

    def __init__(self, address):
        self.address_family = (socket.AF_INET6 if ":" in address
                               else socket.AF_INET)
        super().__init__((address, 80), Web)


# ---- tls-alpn-01 ----------------------------------------------------------

class Raw(socketserver.BaseRequestHandler):
    """Port 443 of hosts that speak no TLS."""

    def handle(self):
        how = self.server.how
        if how == "hang":
            time.sleep(5)
        elif how == "plain":
            self.request.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


class TlsServer(socketserver.ThreadingTCPServer):
    """Shows what Tls.show has made for a server name."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address):
        self.address_family = (socket.AF_INET6 if ":" in address
                               else socket.AF_INET)
        super().__init__((address, 443), Handshake)


class Handshake(socketserver.BaseRequestHandler):
    def handle(self):
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.sni_callback = Tls.choose
        try:
            outer.wrap_socket(self.request, server_side=True).recv(1)
        except OSError:
            pass


class Tls:
    contexts = {}

    @staticmethod
    def choose(connection, name, _):
        if name not in Tls.contexts:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = Tls.contexts[name]
        return None

    @staticmethod
    def show(sni, names, keyauth, how=""):
        """Answer for a server name, wrongly in one way."""
        digest = hashlib.sha256(keyauth.encode()).digest()
        if how == "digest":
            digest = bytes(32)
        value = b"\x04\x20" + digest
        if how == "short":
            value = b"\x04\x10" + digest[:16]
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([])
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder().issuer_name(subject)
                   .subject_name(subject).public_key(key.public_key())
                   .serial_number(7)
                   .not_valid_before(now - datetime.timedelta(hours=1))
                   .not_valid_after(now + datetime.timedelta(hours=1)))
        if how != "nosan":
            builder = builder.add_extension(x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address(n))
                 if ":" in n or n[-1].isdigit() else x509.DNSName(n)
                 for n in names]), False)
        if how != "noext":
            builder = builder.add_extension(x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31"), value),
                how != "uncritical")
        cert = builder.sign(key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if how == "tls12":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if how != "noalpn":
            context.set_alpn_protocols(
                ["h2" if how == "otheralpn" else "acme-tls/1"])
        with tempfile.NamedTemporaryFile() as f:
            f.write(key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
            f.write(cert * (300 if how == "huge" else 1))
            f.flush()
            context.load_cert_chain(f.name)
        Tls.contexts[sni] = context


def sni_of(name):
    """RFC 8738 section 6."""
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name


def start():
    """Liar on port 5353; hosts h2 (all), h3 hangs, h4 closes, h5 speaks HTTP
    on port 443, h6 listens nowhere; and loopback, where nobody should come."""
    in_thread(Udp(("::1", LIAR_PORT), Datagram))
    in_thread(Tcp(("::1", LIAR_PORT), Stream))
    for address in ("fd99::2", "192.0.2.7", "::1"):
        in_thread(WebServer(address))
    for address in ("fd99::2", "192.0.2.7"):
        in_thread(TlsServer(address))
    for n, how in ((3, "hang"), (4, "close"), (5, "plain")):
        server = Tcp(("fd99::%d" % n, 443), Raw)
        server.how = how
        in_thread(server)
