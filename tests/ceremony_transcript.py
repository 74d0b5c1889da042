#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Verify the transcript of a ceremony without Troth: the chain of SHA-256, the
root's signatures (P-384; others are left to `openssl`), and the files beside
it.  A second implementation for tests.

    ceremony_transcript.py FOLDER
"""
import base64
import hashlib
import json
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

folder = sys.argv[1]
with open(os.path.join(folder, "root-ca.crt"), "rb") as f:
    root = x509.load_pem_x509_certificate(f.read()).public_key()
with open(os.path.join(folder, "transcript.jsonl"), "rb") as f:
    lines = f.read().split(b"\n")
assert lines.pop() == b"", "the last line ends"
prev, signed, digests = "0" * 64, 0, {}
for number, line in enumerate(lines, 1):
    entry = json.loads(line)
    assert entry["seq"] == number and entry["prev"] == prev, number
    if entry["event"] == "transcript.signed":
        message = f"trustchain/ceremony-transcript/v1\n{number}\n{prev}\n"
        root.verify(base64.b64decode(entry["signature"]), message.encode(),
                    ec.ECDSA(hashes.SHA384()))
        signed += 1
    else:
        digests.update((o["name"], o["digest"]) for o in entry["outputs"])
    prev = hashlib.sha256(line).hexdigest()
assert entry["event"] == "transcript.signed"
for name, digest in digests.items():
    with open(os.path.join(folder, name), "rb") as f:
        got = hashlib.sha256(f.read()).hexdigest()
    assert digest == "sha256:" + got, name
print(len(lines), signed)
