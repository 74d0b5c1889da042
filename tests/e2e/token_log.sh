#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A log whose P-256 keys are on a PKCS #11 token (SoftHSM 2), in a key process
# of their own, and whose note keys are in files: it signs SCTs and heads that
# everybody verifies; with the token gone it answers 503 and goes on answering
# reads; it is back by itself; keys of new shards are made on the token; the
# note keys sign no head that the token did not.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

module=
for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ -e "$path" ] && module=$path
done
[ -n "$module" ] || { echo "FAIL: no SoftHSM (package softhsm2)"; exit 1; }

token=$(mktemp -d "${TMPDIR:-/tmp}/troth-token.XXXXXX")
mkdir -p "$token/tokens" "$token/away"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' \
	"$token" >"$token/softhsm2.conf"
export SOFTHSM2_CONF=$token/softhsm2.conf
softhsm2-util --init-token --free --label Logs --so-pin 12345678 --pin 1234 >/dev/null

# An intermediate's request, with the key on the token: made there, once.
echo 1234 | install -m 0600 /dev/stdin "$token/pin"
for _ in 1 2; do
	"$LAB_BIN/trustchain-ca" csr --key 'pkcs11:token=Logs;object=intermediate' \
		--issuer-id ca-1 --pass-file "$token/pin" --pkcs11-module "$module" \
		--out "$token/ca-1.csr" >>"$token/said" 2>&1 || {
		echo "FAIL: csr: $(cat "$token/said")"
		exit 1
	}
	"$OPENSSL" req -verify -noout -in "$token/ca-1.csr" 2>&1 | grep -q 'verify OK' || {
		echo "FAIL: openssl does not verify the request"
		exit 1
	}
done
[ "$(grep -c 'made the key' "$token/said")" -eq 1 ] || { echo "FAIL: not one key"; exit 1; }

# The PIN file has to be there before init-log logs in.
eval "$(declare -f lab_config_ct | sed '1s/lab_config_ct/lab_config_ct_plain/')"
lab_config_ct() {
	lab_config_ct_plain
	echo 1234 | install -m 0600 /dev/stdin "$LAB/etc/trustchain/log.pin"
	sed -i 's|^keys = .*|keys = "pkcs11:token=Logs"|' "$LAB/etc/trustchain/ct.toml"
}
LAB_CT_LOG="pkcs11_module = \"$module\"
		pkcs11_paths = [\"$token\"]
		pin_file = \"/etc/trustchain/log.pin\"
		shard_ahead = 1"
end() {
	lab_end
	rm -rf "$token"
}
lab_new
trap end EXIT
keys=$LAB/etc/trustchain/keys
grep -q 'log key pkcs11:token=Logs;object=' "$LAB/log/init-log.log" || lab_fail "init-log made no key on the token"
compgen -G "$keys/*.log.key" >/dev/null && lab_fail "a log key is in a file"
compgen -G "$keys/*.note.key" >/dev/null || lab_fail "no note keys in files"
shards() {
	find "$LAB_STATE/ct" -mindepth 2 -maxdepth 2 -name log.json | wc -l
}
before=$(shards)

lab_start
issues() {
	lab_issue "$1" >"$LAB/$1.json" || return 1
	jq -r '.certificate, .chain | if type == "array" then .[] else . end' "$LAB/$1.json" >"$LAB/$1.pem"
	lab_check_chain "$LAB/$1.pem" "$1"
}
issues first.test || lab_fail "cannot issue: $(cat "$LAB/first.test.json")"
[ "$(pgrep -P "$LAB_CT_PID" | wc -l)" -eq 3 ] || lab_fail "not three children"

# Heads: the token's key and the note key have both signed, and others check.
shard=$(jq -r '.scts[0].shard' "$LAB/first.test.json")
sct=$(jq -r .sct "$LAB/first.test.json")
published() {
	lab_get "$LAB_CT/api/v1/ct/proof/$sct" >"$LAB/proof.json" -k
}
lab_wait 20 published || lab_fail "the entry is not published: $(cat "$LAB/proof.json")"
[ "$(grep -c '^— ' "$LAB_STATE/ct/$shard/checkpoint")" -eq 2 ] || lab_fail "not two signatures"
/usr/bin/python3 - "$LAB_STATE/ct/$shard" <<-'PYTHON' || lab_fail "the head is not signed by the keys of log.json"
	import base64, hashlib, json, struct, sys
	from cryptography.hazmat.primitives import hashes, serialization
	from cryptography.hazmat.primitives.asymmetric import ec, ed25519
	shard = sys.argv[1]
	params = json.load(open(shard + "/log.json"))
	note = open(shard + "/checkpoint", encoding="utf-8").read()
	text, lines = note.split("\n\n")
	text += "\n"
	origin, size, root = text.splitlines()
	sigs = [base64.b64decode(l.split(" ")[2]) for l in lines.splitlines()]
	key = next(v for v in params.values() if isinstance(v, str) and v.startswith("MFkw"))
	log = serialization.load_der_public_key(base64.b64decode(key))
	body = sigs[0][4:]
	time, = struct.unpack(">Q", body[:8])
	head = struct.pack(">BBQQ", 0, 1, time, int(size)) + base64.b64decode(root)
	log.verify(body[12:], head, ec.ECDSA(hashes.SHA256()))
	vkey = next(v for v in params.values() if isinstance(v, str) and "+" in v and v.startswith(origin))
	public = base64.b64decode(vkey.split("+", 2)[2])[1:]
	ed25519.Ed25519PublicKey.from_public_bytes(public).verify(sigs[1][4:], text.encode())
PYTHON

# Unplugged: 503, no SCT; what is published can be read; back without a
# restart within ten seconds.
refuses() {
	local said
	said=$(lab_issue "$1" 2>/dev/null) || true
	grep -q 'ct_unavailable' <<<"$said"
}
mv "$token"/tokens/* "$token/away/"
lab_wait 20 refuses gone.test || lab_fail "issues without a log key"
lab_get -k "$LAB_CT/$shard/checkpoint" | grep -q ct.lab.test || lab_fail "nothing can be read"
mv "$token"/away/* "$token/tokens/"
lab_wait 10 issues back.test || lab_fail "not back ten seconds after the token"

# More shards ahead: their keys are made on the token while the log runs.
sed -i 's/^shard_ahead = .*/shard_ahead = 3/' "$LAB/etc/trustchain/ct.toml"
sed -i 's/^\(\s*\)shard_ahead = .*/\1shard_ahead = 3/' "$LAB/etc/trustchain/ct.toml"
kill "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
lab_serve_ct
more() {
	[ "$(shards)" -gt "$before" ]
}
lab_wait 20 more || lab_fail "no new shard"
compgen -G "$keys/*.log.key" >/dev/null && lab_fail "a new log key is in a file"
lab_wait 20 issues again.test || lab_fail "cannot issue after the restart"
echo "token_log: ok"
