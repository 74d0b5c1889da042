#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# An intermediate is rotated by SIGHUP alone: a second [[issuer]] appears, the
# default moves to it, both have CRL and OCSP, and not one request fails.
# What cannot be taken over is named and changes nothing.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
lab_start
etc=$LAB/etc/trustchain
toml=$etc/ca.toml
cp "$toml" "$LAB/first.toml"

# The second intermediate, beside the first.
second() {
	cat <<-TOML
		[[issuer]]
		id = "ca-2"
		cert = "$1"
		chain = "/etc/trustchain/certs/root-ca.crt"
		key = "file:/etc/trustchain/keys/ca-2.key"
		pass_file = "/etc/trustchain/keys/ca-2.pass"
	TOML
}
{
	cat "$LAB/first.toml"
	second /etc/trustchain/certs/ca-2.crt
} >"$LAB/etc/trustchain/second.toml"
"$LAB_BIN/trustchain-ca" --root "$LAB" --config "$LAB/etc/trustchain/second.toml" init-ca --generate-if-missing >"$LAB/log/second.log" 2>&1 ||
	lab_fail "a second intermediate: $(cat "$LAB/log/second.log")"
[ -s "$etc/certs/ca-2.crt" ] || lab_fail "no second intermediate"

# reload: SIGHUP, until the log says $1.
reload() {
	: >"$LAB/log/mark"
	local from
	from=$(wc -l <"$LAB/log/ca.log")
	kill -HUP "$LAB_CA_PID"
	lab_wait 40 said_since "$from" "$1" || lab_fail "the log does not say $1"
}
said_since() {
	tail -n "+$(($1 + 1))" "$LAB/log/ca.log" | grep -q -- "$2"
}
issuer_of() {
	jq -r .issuer "$LAB/$1.json"
}

mkdir "$LAB/load"
lab_key load.test
/usr/bin/python3 tests/e2e/issue_load.py run --url "$LAB_CA" --root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
	--csr "$LAB/load.test.csr" --dir "$LAB/load" --threads 4 --seconds 300 --rate 20 >"$LAB/load.out" &
loader=$!
LAB_PIDS+=("$loader")
lab_issue one.test >"$LAB/one.json"
[ "$(issuer_of one)" = ca-1 ] || lab_fail "the first is of $(issuer_of one)"

# A certificate that is no CA's: everything stays.
{
	cat "$LAB/first.toml"
	second /etc/trustchain/certs/nothing.crt
} >"$toml"
reload 'issuers, roots and profiles not reloaded.*nothing.crt'
# In front of the other: slots are places.
/usr/bin/python3 - "$LAB/first.toml" "$(second /etc/trustchain/certs/ca-2.crt)" >"$toml" <<-'PYTHON'
	import sys
	text = open(sys.argv[1]).read()
	print(text.replace("[[issuer]]", sys.argv[2] + "\n[[issuer]]", 1))
PYTHON
reload 'issuers, roots and profiles not reloaded.*not where it was'
lab_issue two.test >"$LAB/two.json"
[ "$(issuer_of two)" = ca-1 ] || lab_fail "after refused reloads: $(issuer_of two)"

# Behind it: known, by name at once, not the default yet; and a profile.
{
	cat "$LAB/first.toml"
	second /etc/trustchain/certs/ca-2.crt
	printf '[profile.short]\nbase = "server"\nvalidity_s = 7200\nissuer = "ca-2"\n'
} >"$toml"
reload 'issuers, roots and profiles reloaded.*"issuers":2,"default":"ca-1"'
lab_key three.test
lab_ca issue --csr "$LAB/three.test.csr" --issuer ca-2 >"$LAB/three.pem" || lab_fail "ca-2 does not issue"
lab_check_chain "$LAB/three.pem" three.test
lab_ca issue --csr "$LAB/three.test.csr" --profile short --json | jq -e '.issuer == "ca-2" and .profile == "short"' >/dev/null || lab_fail "the new profile"
lab_issue four.test >"$LAB/four.json"
[ "$(issuer_of four)" = ca-1 ] || lab_fail "the default is $(issuer_of four)"

# The default moves.
sed -i 's/^default = true$//' "$toml"
sed -i '/^id = "ca-2"$/a default = true' "$toml"
reload 'issuers, roots and profiles reloaded.*"default":"ca-2"'
lab_issue five.test >"$LAB/five.json"
[ "$(issuer_of five)" = ca-2 ] || lab_fail "the default is $(issuer_of five)"
lab_get "$LAB_CA/api/v1/ca/chain" | "$OPENSSL" x509 -noout -serial | grep -q "$("$OPENSSL" x509 -in "$etc/certs/ca-2.crt" -noout -serial | sed 's/.*=//')" || lab_fail "/chain"

# Both have their status: CRL and OCSP, before and after a revocation.
"$OPENSSL" x509 -in "$etc/certs/intermediate-ca-1.crt" -out "$LAB/ca-1.crt"
cp "$etc/certs/ca-2.crt" "$LAB/ca-2.crt"
ocsp() {
	jq -r .certificate "$LAB/$1.json" >"$LAB/$1.pem"
	"$OPENSSL" ocsp -issuer "$LAB/$2.crt" -cert "$LAB/$1.pem" -url "$LAB_HTTP/ocsp" -CAfile "$LAB_ROOT_CERT" -verify_other "$LAB/$2.crt" -no_nonce 2>/dev/null | grep -q ": $3"
}
lab_wait 20 ocsp four ca-1 good || lab_fail "OCSP of the old issuer"
lab_wait 20 ocsp five ca-2 good || lab_fail "OCSP of the new issuer"
lab_ca revoke "$(jq -r .serial "$LAB/four.json")" >/dev/null
lab_ca revoke "$(jq -r .serial "$LAB/five.json")" >/dev/null
lab_ca crl publish >"$LAB/published" || lab_fail "crl publish"
grep -q 'issuer=ca-1' "$LAB/published" || lab_fail "$(cat "$LAB/published")"
grep -q 'issuer=ca-2' "$LAB/published" || lab_fail "$(cat "$LAB/published")"
lab_wait 20 ocsp four ca-1 revoked || lab_fail "OCSP of the old issuer after a revocation"
lab_wait 20 ocsp five ca-2 revoked || lab_fail "OCSP of the new issuer after a revocation"
for i in 1 2; do
	lab_get "$LAB_CA/api/v1/ca/crl?format=der&issuer=ca-$i" >"$LAB/ca-$i.crl" || lab_fail "CRL of ca-$i"
	"$OPENSSL" crl -inform DER -in "$LAB/ca-$i.crl" -noout -CAfile "$LAB/ca-$i.crt" 2>&1 | grep -q 'verify OK' || lab_fail "CRL of ca-$i is not its own"
done

# The daemon's own certificate comes from the new one, too; a restart changes nothing.
lab_ca rotate-cert --immediate >/dev/null || lab_fail "rotate-cert"
kill "$loader"
wait "$loader" 2>/dev/null || true
asked=$(wc -l <"$LAB/load/asked")
answered=$(find "$LAB/load" -name '*.pem' | wc -l)
if [ "$answered" -lt $((asked - 4)) ] || [ "$answered" -lt 50 ]; then
	lab_fail "$asked asked, $answered answered"
fi
lab_say "$asked asked, $answered answered, at most 4 on their way at the end"
kill -TERM "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
lab_serve_ca
lab_issue six.test >"$LAB/six.json"
[ "$(issuer_of six)" = ca-2 ] || lab_fail "after a restart: $(issuer_of six)"
