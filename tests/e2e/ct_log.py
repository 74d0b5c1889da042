#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""trustchain-ct from outside: promises, proofs, files, hostile requests,
restarts and damaged disks, judged by code that shares nothing with it."""
import base64
import json
import os
import shutil
import subprocess
import sys
import time

import ctlab
import tile_reader
from ctlab import Promise, b64, der, root_from_path, sha, wait


def published(lab, shard, size):
    wait(10, lambda: lab.get("/%s/ct/v1/get-sth" % shard)["tree_size"] >= size)


def check_proofs(lab, promises):
    shard = promises[0].shard
    v1 = "/%s/ct/v1/" % shard
    published(lab, shard, max(p.index for p in promises) + 1)
    sth = lab.get(v1 + "get-sth")
    size, root = sth["tree_size"], base64.b64decode(sth["sha256_root_hash"])
    assert sth["timestamp"] >= max(p.timestamp for p in promises)
    for p in promises:
        proof = lab.get(v1 + "get-proof-by-hash?hash=%s&tree_size=%d" % (
            b64(p.leaf).replace("+", "%2B"), size))
        assert proof["leaf_index"] == p.index
        path = [base64.b64decode(x) for x in proof["audit_path"]]
        assert root_from_path(p.leaf, p.index, size, path) == root
        both = lab.get(v1 + "get-entry-and-proof?leaf_index=%d&tree_size=%d"
                       % (p.index, size))
        assert both["audit_path"] == proof["audit_path"]
        assert sha(b"\0", base64.b64decode(both["leaf_input"])) == p.leaf
        sct = base64.urlsafe_b64encode(p.encoded()).decode().rstrip("=")
        api = lab.get("/api/v1/ct/proof/" + sct)
        assert api["shard"] == shard
        path = [base64.b64decode(x) for x in api["proof"]["audit_path"]]
        assert b64(root_from_path(p.leaf, p.index, api["proof"]["tree_size"],
                                  path)) == api["proof"]["root_hash"]
        assert api["proof"]["root_hash"] in api["checkpoint"]
    status, text, _ = lab.request("GET", "/api/v1/ct/proof/" + sct,
                                  headers={"Accept": "text/plain"})
    assert status == 200 and text.startswith(
        b"c2sp.org/tlog-proof@v1\nindex %d\n" % p.index)
    wrong = bytearray(p.encoded())
    wrong[-1] ^= 1
    sct = base64.urlsafe_b64encode(bytes(wrong)).decode().rstrip("=")
    assert lab.request("GET", "/api/v1/ct/proof/" + sct)[0] == 404
    return size


def check_entries(lab, promises):
    shard = promises[0].shard
    got = lab.get("/%s/ct/v1/get-entries?start=0&end=999999" % shard)
    by_leaf = {sha(b"\0", base64.b64decode(e["leaf_input"])):
               base64.b64decode(e["extra_data"]) for e in got["entries"]}
    chain = b"".join(len(c).to_bytes(3, "big") + c for c in (
        der(lab.issuer.cert), der(lab.root.cert)))
    chain = len(chain).to_bytes(3, "big") + chain
    for p in promises:
        extra = by_leaf[p.leaf]
        cert = der(p.cert)
        assert extra in (
            chain, len(cert).to_bytes(3, "big") + cert + chain)
    roots = lab.get("/%s/ct/v1/get-roots" % shard)["certificates"]
    assert roots == [b64(der(lab.root.cert))]


def check_files(lab, shard):
    status, body, headers = lab.request("GET", "/%s/checkpoint" % shard)
    assert status == 200 and headers["content-type"] == \
        "text/plain; charset=utf-8"
    size = int(body.split(b"\n")[1])
    status, data, headers = lab.request(
        "GET", "/%s/tile/data/000.p/%d" % (shard, size))
    assert status == 200 and headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    status, body, headers = lab.request("GET", "/%s/issuer/%s" % (
        shard, sha(der(lab.issuer.cert)).hex()))
    assert body == der(lab.issuer.cert)
    assert headers["content-type"] == "application/pkix-cert"
    top = os.path.join(lab.state, shard)
    assert tile_reader.check(top, lab.params(shard)) == size
    # One flipped bit in any published file, and the stranger notices.
    copy = os.path.join(lab.top, "flipped")
    for folder, _, names in os.walk(os.path.join(top, "tile")):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), top)
            if path.split("/")[-1] != str(size):
                continue
            shutil.copytree(top, copy)
            with open(os.path.join(copy, path), "r+b") as f:
                f.seek(os.path.getsize(f.name) // 2)
                byte = f.read(1)[0]
                f.seek(-1, 1)
                f.write(bytes([byte ^ 1]))
            try:
                tile_reader.check(copy, lab.params(shard))
            except Exception:  # pylint: disable=broad-except
                pass
            else:
                raise AssertionError("%s flipped unnoticed" % path)
            shutil.rmtree(copy)


def check_consistency(lab, shard, old):
    """RFC 9162 section 2.1.4.2 from the head of an earlier size."""
    now = lab.get("/%s/ct/v1/get-sth" % shard)
    m, n = old["tree_size"], now["tree_size"]
    proof = [base64.b64decode(x) for x in lab.get(
        "/%s/ct/v1/get-sth-consistency?first=%d&second=%d"
        % (shard, m, n))["consistency"]]
    assert 0 < m < n
    first = base64.b64decode(old["sha256_root_hash"])
    if m & (m - 1) == 0:
        proof = [first] + proof
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if fn & 1 or fn == sn:
            fr, sr = sha(b"\1", c, fr), sha(b"\1", c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha(b"\1", sr, c)
        fn, sn = fn >> 1, sn >> 1
    assert (fr, b64(sr), sn) == (first, now["sha256_root_hash"], 0)


def check_hostile(lab):
    good = lab.issuer.leaf("hostile.test")
    other = ctlab.Authority("Nobody's Root")
    stray = other.leaf("stray.test")
    broken = bytearray(der(good))
    broken[-1] ^= 1
    shard = lab.shard(good)
    url = "/%s/ct/v1/" % shard
    size = lab.get(url + "get-sth")["tree_size"]

    def chain(*certs):
        return json.dumps({"chain": [b64(c) for c in certs]})

    issuer = der(lab.issuer.cert)
    cases = [
        ("POST", url + "add-pre-chain", "", 400, "malformed"),
        ("POST", url + "add-pre-chain", "{}", 400, "malformed"),
        ("POST", url + "add-pre-chain", "[]", 400, "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":[]}', 400, "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":[1]}', 400, "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":["!"]}', 400, "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":["AAAA"]}', 400,
         "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":[],"chain":[]}', 400,
         "malformed"),
        ("POST", url + "add-pre-chain", '{"chain":["AAAA"],"x":1}', 400,
         "malformed"),
        ("POST", url + "add-pre-chain", "[" * 5000 + "]" * 5000, 400,
         "malformed"),
        ("POST", url + "add-pre-chain", chain(der(good) + b"\0", issuer),
         400, "malformed"),
        ("POST", url + "add-pre-chain", chain(der(good)[:-1], issuer), 400,
         "malformed"),
        ("POST", url + "add-pre-chain", chain(bytes(broken), issuer), 400,
         "chain_bad_signature"),
        ("POST", url + "add-pre-chain",
         chain(der(stray), der(other.cert)), 400, "chain_unknown_root"),
        ("POST", url + "add-pre-chain", chain(der(good)), 400,
         "chain_unknown_root"),
        ("POST", url + "add-pre-chain", chain(der(good), *[issuer] * 9), 400,
         "chain_too_long"),
        ("POST", url + "add-pre-chain",
         chain(der(lab.issuer.leaf("a.test", precert=False)), issuer), 400,
         "precert_required"),
        ("POST", url + "add-chain", chain(der(good), issuer), 400,
         "not_precert"),
        ("POST", url + "add-chain", chain(
            der(lab.issuer.leaf("big.test", False, size=70000)), issuer),
         400, "too_large"),
        ("POST", url + "add-chain", chain(der(lab.issuer.leaf(
            "late.test", False, life=30 * ctlab.DAY)), issuer), 400,
         "not_after_outside_shard"),
        ("GET", url + "add-pre-chain", None, 405, "method_not_allowed"),
        ("POST", url + "get-sth", "{}", 405, "method_not_allowed"),
        ("GET", url + "get-nothing", None, 404, "not_found"),
        ("GET", url + "get-entries?start=5&end=4", None, 400, "malformed"),
        ("GET", url + "get-entries?start=-1&end=4", None, 400, "malformed"),
        ("GET", url + "get-entries?start=99999999999999999999&end=4", None,
         400, "malformed"),
        ("GET", url + "get-entries?start=%d&end=%d" % (size, size), None, 400,
         "malformed"),
        ("GET", url + "get-sth-consistency?first=1&second=999999", None, 400,
         "malformed"),
        ("GET", url + "get-sth-consistency?first=3", None, 400, "malformed"),
        ("GET", url + "get-proof-by-hash?hash=AAAA&tree_size=1", None, 400,
         "malformed"),
        ("GET", url + "get-proof-by-hash?hash=%s&tree_size=%d" % (
            b64(bytes(32)), size), None, 404, "not_found"),
        ("GET", "/%s/tile/0/000.p/%d" % (shard, size + 1), None, 404,
         "not_found"),
        ("GET", "/%s/tile/0/../../../keys/list.key" % shard, None, 404,
         "not_found"),
        ("GET", "/%s/tile/0/%%2e%%2e/%%2e%%2e/log.json" % shard, None, 404,
         "not_found"),
        ("GET", "/%s/log.json" % shard, None, 404, "not_found"),
        ("GET", "/%s/wal/0000000000000000.wal" % shard, None, 404,
         "not_found"),
        ("GET", "/%s/issuer/%s" % (shard, "0" * 64), None, 404, "not_found"),
        ("GET", "/%s/issuer/../log.json" % shard, None, 404, "not_found"),
        ("GET", "/2001w01/ct/v1/get-sth", None, 404, "not_found"),
        ("GET", "/", None, 404, "not_found"),
        ("GET", "/api/v1/ct/proof/AAAA", None, 400, "malformed"),
        ("GET", "/api/v1/ct/proof/" + "A" * 3000, None, 400, "malformed"),
        ("DELETE", url + "get-sth", None, 405, "method_not_allowed"),
        ("POST", "/api/v1/ct/submit", "{}", 400, "malformed"),
    ]
    for method, path, body, want, code in cases:
        status, answer, _ = lab.request(method, path, body)
        said = json.loads(answer)
        got = said.get("error_code", said.get("code"))
        assert (status, got) == (want, code), (method, path, body and
                                               body[:80], status, answer)
    # A body that is far too large is refused before it is sent, one that is
    # a little too large once it is.
    for length, sent in ((8 << 20, 0), (2 << 20, 2 << 20)):
        c = ctlab.UnixConnection(lab.sock)
        c.putrequest("POST", url + "add-chain")
        c.putheader("Content-Length", str(length))
        c.endheaders()
        if sent:
            c.send(b"x" * sent)
        answer = c.getresponse()
        assert answer.status == 413
        assert json.loads(answer.read())["error_code"] == "too_large"
        c.close()
    assert lab.get(url + "get-sth")["tree_size"] == size


def check_api(lab, shard):
    tree = lab.get("/api/v1/ct/tree")
    assert tree["shard"] in tree["checkpoint"]
    assert {s["name"] for s in tree["shards"]} >= {shard, tree["shard"]}
    monitor = lab.get("/api/v1/ct/monitor")
    assert monitor["status"] == "healthy" and monitor["evidence"] == 0
    assert lab.get("/api/v1/ct/evidence") == {"evidence": []}
    assert lab.get("/api/v1/ct/health")["status"] == "Healthy"
    _, logs, _ = lab.request("GET", "/api/v1/ct/logs")
    _, note, _ = lab.request("GET", "/api/v1/ct/logs.note")
    lines = note.decode().split("\n")
    assert lines[0] == "trustchain/log-list/v1"
    assert lines[2] == b64(sha(logs))
    listed = {log["name"]: log for log in json.loads(logs)["logs"]}
    for field in ("key", "log_id", "origin", "note_vkey"):
        assert listed[shard][field] == lab.params(shard)[field]
    assert listed[shard]["mmd"] == 60 and listed[shard]["state"] == "open"
    assert json.loads(lab.run("log-list")) == json.loads(logs)
    _, text, _ = lab.request("GET", "/api/v1/ct/ctlogfile")
    assert ("key = " + listed[shard]["key"]).encode() in text
    cert = lab.issuer.leaf("api.test")
    status, body, _ = lab.request("POST", "/api/v1/ct/submit", json.dumps(
        {"certificate": b64(der(cert)), "chain": [b64(der(
            lab.issuer.cert))]}))
    answer = json.loads(body)
    assert status == 200 and answer["shard"] == shard
    sct = base64.urlsafe_b64decode(answer["sct"] + "==")
    assert b64(sct[1:33]) == answer["log_id"] == listed[shard]["log_id"]
    published(lab, shard, answer["leaf_index"] + 1)


def check_completion(lab):
    """A chain that lacks what the log has seen is completed; what nobody has
    shown to it, or a forged issuer of the same name, is not."""
    def submit(cert, *chain):
        status, body, _ = lab.request(
            "POST", "/api/v1/ct/submit", json.dumps(
                {"certificate": b64(der(cert)),
                 "chain": [b64(der(c)) for c in chain]} if chain else
                {"certificate": b64(der(cert))}))
        return status, json.loads(body)

    cert = lab.issuer.leaf("bare.test")
    status, answer = submit(cert)
    assert status == 200, answer
    published(lab, answer["shard"], answer["leaf_index"] + 1)
    got = lab.get("/%s/ct/v1/get-entries?start=%d&end=%d" % (
        answer["shard"], answer["leaf_index"], answer["leaf_index"]))
    extra = base64.b64decode(got["entries"][0]["extra_data"])
    assert der(lab.issuer.cert) in extra and der(lab.root.cert) in extra
    # The same entry as with the chain.
    whole = json.loads(lab.submit(cert)[1])
    assert whole["timestamp"] == answer["timestamp"]
    deep = ctlab.Authority("Middle", lab.root, 1)
    low = ctlab.Authority("Low", deep, 0)
    leaf = low.leaf("deep.test")
    status, answer = submit(leaf)
    assert (status, answer["code"]) == (400, "chain_unknown_root"), answer
    status, answer = submit(leaf, low.cert)
    assert (status, answer["code"]) == (400, "chain_unknown_root"), answer
    assert submit(leaf, low.cert, deep.cert)[0] == 200
    status, answer = submit(low.leaf("deep2.test"))
    assert status == 200, answer
    published(lab, answer["shard"], answer["leaf_index"] + 1)
    twin = ctlab.Authority("Low", ctlab.Authority("Middle"), 0)
    status, answer = submit(twin.leaf("twin.test"))
    assert (status, answer["code"]) == (400, "chain_unknown_root"), answer
    return low


def check_audit(lab, shard):
    path = os.path.join(lab.state, "audit", "audit.log")

    def told():
        with open(path, encoding="utf-8") as f:
            return any("ct.shard.created" in x and shard in x for x in f)
    wait(10, told)


def check_damage(lab, shard):
    """What a disk must not do, and what it may: the table of events."""
    top = os.path.join(lab.state, shard)
    wal = os.path.join(top, "wal", sorted(os.listdir(top + "/wal"))[-1])
    with open(wal, "rb") as f:
        whole = f.read()

    def serve(code):
        done = subprocess.run(lab.command("serve"), capture_output=True,
                              text=True, timeout=30, check=False)
        assert done.returncode == code, (done.returncode, done.stderr)
        return done.stderr

    def put(path, data):
        with open(path, "wb") as f:
            f.write(data)

    put(wal, whole[:70] + bytes([whole[70] ^ 1]) + whole[71:])
    assert "bad record" in serve(5)
    with open(wal, "rb") as f:
        assert f.read(71)[70] == whole[70] ^ 1, "the evidence was changed"
    put(wal, whole)
    checkpoint = os.path.join(top, "checkpoint")
    with open(checkpoint, "rb") as f:
        note = f.read()
    put(checkpoint, note.replace(b"\n\n", b"\n", 1).replace(b"1", b"2", 1))
    assert "not what this key signed" in serve(5)
    put(checkpoint, note)
    size = int(note.split(b"\n")[1])
    tile = os.path.join(top, "tile/0/000.p/%d" % size)
    with open(tile, "rb") as f:
        hashes = f.read()
    put(tile, hashes[:-1] + bytes([hashes[-1] ^ 1]))
    assert "tiles" in serve(5)
    put(tile, hashes)
    # A torn record at the end was never promised; an index can be lost.
    put(wal, whole + whole[-40:])
    shutil.rmtree(os.path.join(top, "index"))
    os.mkdir(os.path.join(top, "index"))
    assert lab.start()
    second = subprocess.run(lab.command("serve"), capture_output=True,
                            text=True, timeout=30, check=False)
    assert second.returncode == 2, "two daemons on one state directory"


def main():
    lab = ctlab.Lab()
    try:
        began = time.monotonic()
        assert lab.start()
        promises = []
        for i in range(5):
            cert = lab.issuer.leaf("n%d.test" % i, precert=i % 2 == 0)
            verb = "add-pre-chain" if i % 2 == 0 else "add-chain"
            status, body, _ = lab.submit(cert, verb)
            assert status == 200, body
            promises.append(Promise(lab, cert, body))
            again = Promise(lab, cert, lab.submit(cert, verb)[1])
            assert (again.index, again.timestamp) == (
                promises[-1].index, promises[-1].timestamp)
        shard = promises[0].shard
        check_proofs(lab, promises)
        check_entries(lab, promises)
        check_files(lab, shard)
        check_api(lab, shard)
        check_audit(lab, shard)
        low = check_completion(lab)
        check_hostile(lab)
        old = lab.get("/%s/ct/v1/get-sth" % shard)
        lab.kill_main()
        lab.stop()
        assert lab.start()
        check_proofs(lab, promises)
        # It knows its issuers after a restart, from what it publishes.
        status, body, _ = lab.request(
            "POST", "/api/v1/ct/submit", json.dumps(
                {"certificate": b64(der(low.leaf("deep3.test")))}))
        assert status == 200, body
        cert = lab.issuer.leaf("later.test")
        promises.append(Promise(lab, cert, lab.submit(cert)[1]))
        check_proofs(lab, promises)
        if lab.get("/%s/ct/v1/get-sth" % shard)["tree_size"] > \
                old["tree_size"]:
            check_consistency(lab, shard, old)
        assert lab.stop() == 0
        check_damage(lab, shard)
        check_proofs(lab, promises)
        check_files(lab, shard)
        assert lab.stop() == 0
        print("ok %d promises, %.1f s" % (
            len(promises), time.monotonic() - began))
    finally:
        lab.close()


sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
main()
