# SPDX-License-Identifier: Apache-2.0
"""A log on a scratch folder for the tests of trustchain-ct alone, with a CA
made of python3-cryptography instead of ours.  Checks raise AssertionError."""
import base64
import datetime
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BIN = os.environ.get("TROTH_BIN", "build/bin")
DAY = datetime.timedelta(days=1)
POISON = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.3"), b"\x05\x00")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


class Authority:
    """Root and intermediate; key None makes a root."""

    def __init__(self, name, parent=None, pathlen=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.parent = parent
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = parent or self
        b = self.builder(issuer.name, self.name, self.key, 100 * DAY)
        b = b.add_extension(x509.BasicConstraints(True, pathlen), True)
        b = b.add_extension(x509.KeyUsage(
            False, False, False, False, False, True, True, False, False), True)
        self.cert = b.sign(issuer.key, hashes.SHA256())

    @staticmethod
    def builder(issuer, subject, key, life, now=None):
        now = now or datetime.datetime.utcnow()
        return (x509.CertificateBuilder().issuer_name(issuer)
                .subject_name(subject).public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + life))

    def leaf(self, name, precert=True, life=DAY / 2, size=0, now=None):
        key = ec.generate_private_key(ec.SECP256R1())
        b = self.builder(self.name, x509.Name([]), key, life, now)
        b = b.add_extension(x509.SubjectAlternativeName(
            [x509.DNSName(name)]), True)
        if size:
            b = b.add_extension(x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.2.3.4"), bytes(size)), False)
        if precert:
            b = b.add_extension(POISON, True)
        return b.sign(self.key, hashes.SHA256())

    def key_hash(self):
        return sha(self.key.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Lab:
    def __init__(self, extra_log="", extra=""):
        self.top = tempfile.mkdtemp(prefix="troth-ct.")
        self.state = os.path.join(self.top, "state")
        self.sock = os.path.join(self.top, "ct.sock")
        self.process = None
        self.root = Authority("Lab Root")
        self.issuer = Authority("Lab Issuer", self.root, 0)
        pem = self.root.cert.public_bytes(serialization.Encoding.PEM)
        with open(os.path.join(self.top, "root.crt"), "wb") as f:
            f.write(pem)
        self.config = os.path.join(self.top, "ct.toml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("""[server]
environment = "local"
listen = "unix:{0}/ct.sock"
metrics_listen = ""
control = "{0}/ct.ctl"
state_dir = "{0}/state"
service_names = ["localhost"]
drain_s = 5
{2}
[log]
base = "ct.lab.test"
roots = ["{0}/root.crt"]
keys = "{0}/keys"
pass_file = "{0}/keys/log.pass"
list_key = "file:{0}/keys/list.key"
shard_ahead = 1
checkpoint_ms = 50
index_commit_s = 1
{1}
""".format(self.top, extra_log, extra))
        out = self.run("init-log", "--generate-if-missing")
        assert "[SUCCESS] list_vkey=" in out, out

    def ahead(self, n):
        """Ask for n shards ahead, from the next start on."""
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(re.sub(r"shard_ahead = \d+", "shard_ahead = %d" % n,
                           text))

    def command(self, *args):
        return [os.path.join(BIN, "trustchain-ct"), "--config", self.config,
                *args]

    def run(self, *args, code=0):
        done = subprocess.run(self.command(*args), capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == code, (done.returncode, done.stderr)
        return done.stdout + done.stderr

    def start(self, fault=None):
        env = dict(os.environ)
        env.pop("TRUSTCHAIN_FAULT", None)
        if fault:
            env["TRUSTCHAIN_FAULT"] = fault
        self.errors = open(os.path.join(self.top, "err.log"), "ab")
        self.process = subprocess.Popen(
            self.command("serve"), env=env, stdout=subprocess.PIPE,
            stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        return "[SUCCESS] trustchain-ct ready" in line

    def kill_main(self):
        """SIGKILL to the child with the role main; the daemon must end."""
        for pid in children(self.process.pid):
            with open("/proc/%d/cmdline" % pid, "rb") as f:
                if b"--role=main" in f.read():
                    os.kill(pid, signal.SIGKILL)
        assert self.process.wait(20) == 1

    def stop(self):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()
        self.process = None
        return code

    def close(self):
        self.stop()
        shutil.rmtree(self.top)

    def request(self, method, path, body=None, headers=None):
        c = UnixConnection(self.sock)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, r.read(), r.headers
        finally:
            c.close()

    def get(self, path):
        status, body, _ = self.request("GET", path)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def shard(self, cert):
        end = cert.not_valid_after
        return "%04dw%02d" % end.isocalendar()[:2]

    def submit(self, cert, verb="add-pre-chain", chain=None, shard=None):
        chain = [der(cert)] + [der(c) for c in
                               (chain or [self.issuer.cert])]
        return self.request("POST", "/%s/ct/v1/%s" % (
            shard or self.shard(cert), verb),
            json.dumps({"chain": [b64(c) for c in chain]}))

    def params(self, shard):
        with open(os.path.join(self.state, shard, "log.json"),
                  encoding="utf-8") as f:
            return json.load(f)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid),
              encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def timestamped(entry, timestamp, extensions, issuer_hash=None):
    """TimestampedEntry of RFC 6962 section 3.4."""
    kind = 1 if issuer_hash else 0
    return (struct.pack(">QH", timestamp, kind) + (issuer_hash or b"")
            + len(entry).to_bytes(3, "big") + entry
            + struct.pack(">H", len(extensions)) + extensions)


def tlv(tag, content):
    n = len(content)
    if n < 128:
        return bytes([tag, n]) + content
    raw = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(raw)]) + raw + content


def parts(data):
    """The elements of a constructed DER value, each as (tag, content)."""
    at, found = 0, []
    while at < len(data):
        n, head = data[at + 1], 2
        if n > 127:
            head = 2 + n - 128
            n = int.from_bytes(data[at + 2:at + head], "big")
        found.append((data[at], data[at + head:at + head + n]))
        at += head + n
    return found


def without_poison(cert):
    """The TBS of RFC 6962 section 3.2."""
    fields = parts(parts(cert.tbs_certificate_bytes)[0][1])
    tag, extensions = fields[-1]
    assert tag == 0xa3
    kept = [e for e in parts(parts(extensions)[0][1])
            if parts(e[1])[0][1] != bytes.fromhex("2b06010401d679020403")]
    extensions = tlv(0x30, b"".join(tlv(*e) for e in kept))
    fields[-1] = (tag, extensions)
    return tlv(0x30, b"".join(tlv(*f) for f in fields))


class Promise:
    """An SCT with what it is about; made only if its signature is good."""

    def __init__(self, lab, cert, answer):
        sct = json.loads(answer)
        self.shard = lab.shard(cert)
        self.cert = cert
        self.timestamp = sct["timestamp"]
        self.extensions = base64.b64decode(sct["extensions"])
        self.signature = base64.b64decode(sct["signature"])
        self.log_id = base64.b64decode(sct["id"])
        precert = any(e.oid == POISON.oid for e in cert.extensions)
        entry = timestamped(
            without_poison(cert) if precert else der(cert),
            self.timestamp, self.extensions,
            lab.issuer.key_hash() if precert else None)
        spki = base64.b64decode(lab.params(self.shard)["key"])
        assert sct["sct_version"] == 0 and self.log_id == sha(spki)
        assert self.signature[:2] == b"\4\3"
        serialization.load_der_public_key(spki).verify(
            self.signature[4:], b"\0\0" + entry, ec.ECDSA(hashes.SHA256()))
        assert self.extensions[:3] == b"\0\0\5"
        self.index = int.from_bytes(self.extensions[3:], "big")
        self.leaf = sha(b"\0\0\0", entry)

    def encoded(self):
        return (b"\0" + self.log_id + struct.pack(">QH", self.timestamp,
                len(self.extensions)) + self.extensions + self.signature)


def root_from_path(leaf, index, size, path):
    """RFC 9162 section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn > 0, "path too long"
        if fn & 1 or fn == sn:
            r = sha(b"\1", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "path too short"
    return r


def wait(seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)
