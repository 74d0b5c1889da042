#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# doctor finds what is broken on purpose, one thing at a time, and says how it
# is put right; key passwd re-encrypts a key that the daemon then takes by
# SIGHUP; key show names each key; a self-signed issuer is refused everywhere.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
keys=$LAB/etc/trustchain/keys

# examine CODE: doctor ends with it.
examine() {
	local code=0
	lab_ca doctor >"$LAB/said" 2>&1 || code=$?
	[ "$code" -eq "$1" ] || lab_fail "doctor: exit $code, not $1: $(cat "$LAB/said")"
}

# found LEVEL CHECK TEXT: with its fix unless all is well.
found() {
	local line
	line=$(grep -F -- "[$1] $2: " "$LAB/said" | grep -F -- "$3") ||
		lab_fail "doctor does not say [$1] $2: $3: $(cat "$LAB/said")"
	[ "$1" = SUCCESS ] || grep -q '; fix: .' <<<"$line" || lab_fail "no fix: $line"
}

# The log is down, and the daemon.
examine 1
found ERROR log ct.sock
found WARN daemon ca.ctl
found WARN root-key offline-root
mv "$LAB_STATE/ca/offline-root" "$LAB/away"
lab_start
examine 0
found SUCCESS log 'answers, list'
found SUCCESS daemon 'is running'
found SUCCESS openssl built
found SUCCESS seccomp filters
found SUCCESS 'key issuer ca-1' opens
found SUCCESS 'issuer ca-1' 'leads to a root'
found SUCCESS root-key 'not on this machine'
grep -q '^\[\(SUCCESS\|WARN\)\] landlock: ' "$LAB/said" || lab_fail "nothing about Landlock"
grep -q '^\[\(SUCCESS\|WARN\)\] clock: ' "$LAB/said" || lab_fail "nothing about the clock"
grep -q '^\[[A-Z]*\] disk: ' "$LAB/said" || lab_fail "nothing about the disk"

# Three things at once.
chmod 0644 "$keys/intermediate-ca-1.pass"
chmod 0750 "$LAB_STATE/ca"
mv "$keys/seal.pass" "$LAB/seal.pass"
echo wrong | install -m 0600 /dev/stdin "$keys/seal.pass"
examine 1
found ERROR pass-file 'intermediate-ca-1.pass has mode 0644'
grep -q "fix: chmod 0600 $keys/intermediate-ca-1.pass" "$LAB/said" || lab_fail "no chmod"
found ERROR state 'mode 0750'
found ERROR 'key seal' 'decryption failed'
chmod 0600 "$keys/intermediate-ca-1.pass"
chmod 0700 "$LAB_STATE/ca"
mv "$LAB/seal.pass" "$keys/seal.pass"
cp "$LAB/etc/trustchain/ca.toml" "$LAB/keep.toml"
echo 'nonsense = 1' >>"$LAB/etc/trustchain/ca.toml"
examine 1
found ERROR configuration nonsense
cp "$LAB/keep.toml" "$LAB/etc/trustchain/ca.toml"
# Another log answers: its list is not signed by the key that is configured.
sed -i "s|list_vkey = .*|list_vkey = \"$(/usr/bin/python3 - "$LAB_VKEY" <<-'PYTHON'
	import base64, hashlib, sys
	name = sys.argv[1].split("+")[0]
	key = b"\x01" + bytes(range(32))
	digest = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
	print(f"{name}+{digest}+{base64.b64encode(key).decode()}")
PYTHON
)\"|" "$LAB/etc/trustchain/ca.toml"
code=0
lab_ca --json doctor >"$LAB/said.json" || code=$?
[ "$code" -eq 1 ] || lab_fail "doctor --json: exit $code"
jq -e '(.ok | not) and ([.findings[] | select(.check == "log" and .level == "error" and
	(.finding | contains("not signed by list_vkey")) and .fix != null)] | length == 1)' \
	"$LAB/said.json" >/dev/null || lab_fail "doctor --json: $(cat "$LAB/said.json")"
cp "$LAB/keep.toml" "$LAB/etc/trustchain/ca.toml"

# The keys: what they are called, their halves as openssl has them.
lab_ca key show >"$LAB/show"
spki=$("$OPENSSL" x509 -in "$LAB_ISSUER_CERT" -noout -pubkey |
	"$OPENSSL" pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
grep -qx "file:$keys/intermediate-ca-1.key slot=0 p256 spki-sha256:$spki" "$LAB/show" ||
	lab_fail "key show: $(cat "$LAB/show")"
grep -q "^file:$keys/seal.key slot=[0-9]* x25519 spki-sha256:" "$LAB/show" || lab_fail "no seal key"
vkey=$(cat "$LAB_STATE/ca/audit/vkey")
grep -qF "audit-ca.key slot=251 ed25519" "$LAB/show" || lab_fail "no audit key"
grep -qF " vkey=$vkey" "$LAB/show" || lab_fail "not the audit log's vkey: $vkey"
lab_ca --json key show | jq -e '.keys | length == 3' >/dev/null || lab_fail "key show --json"

# Another passphrase: the old one no longer opens the key, the daemon takes the
# new one when it is told to.
uri=file:$keys/intermediate-ca-1.key
head -c 24 /dev/urandom | base64 | install -m 0600 /dev/stdin "$keys/new.pass"
cp "$keys/intermediate-ca-1.key" "$LAB/old.key"
echo open >"$LAB/open.pass"
chmod 0644 "$LAB/open.pass"
lab_ca key passwd "$uri" --new-pass-file "$LAB/open.pass" >"$LAB/said" 2>&1 &&
	lab_fail "takes a passphrase that others may read"
cmp -s "$LAB/old.key" "$keys/intermediate-ca-1.key" || lab_fail "the key was changed all the same"
code=0
lab_ca key passwd 'pkcs11:token=T;object=O' >"$LAB/said" 2>&1 || code=$?
[ "$code" -eq 2 ] || lab_fail "a token's PIN: exit $code"
code=0
lab_ca key passwd "$uri" >"$LAB/said" 2>&1 </dev/null || code=$?
[ "$code" -eq 2 ] || lab_fail "without a terminal: exit $code"
lab_ca key passwd "$uri" --new-pass-file "$keys/new.pass" >"$LAB/said" 2>&1 ||
	lab_fail "key passwd: $(cat "$LAB/said")"
grep -qxF "[SUCCESS] key $uri re-encrypted" "$LAB/said" || lab_fail "key passwd says otherwise"
[ "$(stat -c %a "$keys/intermediate-ca-1.key")" = 600 ] || lab_fail "the key's mode"
examine 1
found ERROR 'key issuer ca-1' 'decryption failed'
sed -i 's/intermediate-ca-1.pass/new.pass/' "$LAB/etc/trustchain/ca.toml"
kill -HUP "$LAB_CA_PID"
lab_wait 15 grep -q 'key process replaced' "$LAB/log/ca.log" || true
lab_issue after.test >"$LAB/after.json" || lab_fail "cannot issue with the new passphrase"

# R4, and the rows of init-ca --verify-chain.
verify() {
	local want=$1 text=$2 code=0
	lab_ca init-ca --verify-chain >"$LAB/said" 2>&1 || code=$?
	[ "$code" -eq "$want" ] || lab_fail "verify-chain: exit $code, not $want: $(cat "$LAB/said")"
	grep -qF -- "$text" "$LAB/said" || lab_fail "verify-chain does not say $text: $(cat "$LAB/said")"
}
verify 0 '[SUCCESS] chain ok root=sha256:'
cp "$LAB_ISSUER_CERT" "$LAB/keep.crt"
cp "$LAB_ROOT_CERT" "$LAB_ISSUER_CERT"
verify 2 'a self-signed issuer; the root key stays offline'
examine 1
found ERROR issuers 'a self-signed issuer'
code=0
lab_ca serve >"$LAB/said" 2>&1 || code=$?
[ "$code" -eq 2 ] || lab_fail "serve with a self-signed issuer: exit $code: $(cat "$LAB/said")"
jq -r .certificate "$LAB/after.json" >"$LAB_ISSUER_CERT"
verify 2 'not a CA certificate'
echo garbage >"$LAB_ISSUER_CERT"
verify 2 'no acceptable certificate'
"$LAB_BIN/trustchain-ca" ceremony root --out "$LAB/other" --operator Ada >/dev/null
"$LAB_BIN/trustchain-ca" csr --key "file:$LAB/o.key" --pass-file "$LAB/o.pass" \
	--issuer-id o --out "$LAB/o.csr" >/dev/null 2>&1
"$LAB_BIN/trustchain-ca" ceremony sign --root "$LAB/other" --csr "$LAB/o.csr" --operator Ada >/dev/null
cp "$LAB/other/intermediate-ca-1.crt" "$LAB_ISSUER_CERT"
verify 2 'does not lead to a root'
rm "$LAB_ISSUER_CERT"
verify 1 'fix: init-ca --generate-if-missing'
cp "$LAB/keep.crt" "$LAB_ISSUER_CERT"
verify 0 '[SUCCESS] chain ok'
# The key of another certificate.
cp "$LAB/other/intermediate-ca-1.crt" "$LAB_ISSUER_CERT"
cat "$LAB/other/root-ca.crt" >>"$LAB_ROOT_CERT"
examine 1
found ERROR 'issuer ca-1' 'of another key'
cp "$LAB/keep.crt" "$LAB_ISSUER_CERT"
echo "doctor: ok"
