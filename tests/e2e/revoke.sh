#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Revocation against a real daemon: by REST and by command, with each selector;
# what is blocked is refused; CRLs, whole and of one shard, are read and
# verified by openssl and certtool, which agree before and after.

set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/e2e/lib.sh

# post TOKEN PATH JSON: the answer; $STATUS is set.
post() {
	STATUS=$(curl -sS --max-time 20 --cacert "$LAB_ROOT_CERT" -g \
		-o "$LAB/answer" -w '%{http_code}' \
		-H "Authorization: Bearer $1" \
		-H 'Content-Type: application/json' \
		--data-binary "$3" "$LAB_CA$2")
}

expect() {
	[ "$STATUS" = "$1" ] ||
		lab_fail "$2: status $STATUS, not $1: $(cat "$LAB/answer")"
}

answer() {
	jq -r "$1" "$LAB/answer"
}

token() {
	lab_ca token create --role "$1" --ttl 1d | sed -n 's/.*token=//p'
}

# crls SERIAL: good or revoked, as openssl and certtool say by the whole CRL
# and by that of the certificate's shard; they must agree.
crls() {
	local shard serial=${1^^} out whole=good part=good
	lab_get "$LAB_CA/api/v1/ca/crl" -o "$LAB/full.pem"
	"$OPENSSL" crl -in "$LAB/full.pem" -CAfile "$LAB_ISSUER_CERT" -noout \
		-verify >"$LAB/out" 2>&1 || true
	grep -q 'verify OK' "$LAB/out" ||
		lab_fail "openssl does not verify the whole CRL: $(cat "$LAB/out")"
	certtool --verify-crl --infile "$LAB/full.pem" \
		--load-ca-certificate "$LAB_ISSUER_CERT" >"$LAB/out" 2>&1 || true
	grep -q 'Verified' "$LAB/out" ||
		lab_fail "certtool does not verify the CRL: $(cat "$LAB/out")"
	out=$("$OPENSSL" crl -in "$LAB/full.pem" -noout -text)
	grep -q "Serial Number: $serial" <<<"$out" && whole=revoked
	shard=$(/usr/bin/python3 -c "
import hashlib, sys
d = hashlib.sha256(bytes.fromhex('$1')).digest()
print(int.from_bytes(d[:4], 'big') % 64)")
	lab_get "$LAB_CA/api/v1/ca/crl?shard=$shard&format=der" -o "$LAB/shard.crl"
	lab_get "$LAB_HTTP/crl/ca-1/$shard.crl" -o "$LAB/shard2.crl"
	cmp -s "$LAB/shard.crl" "$LAB/shard2.crl" ||
		lab_fail "8443 and 8080 show different CRLs"
	out=$("$OPENSSL" crl -inform der -in "$LAB/shard.crl" -noout -text \
		-CAfile "$LAB_ISSUER_CERT" -verify 2>&1)
	grep -q 'verify OK' <<<"$out" || lab_fail "shard $shard: $out"
	grep -q "X509v3 Issuing Distribution Point: critical" <<<"$out" ||
		lab_fail "shard $shard has no critical IDP"
	grep -q "Serial Number: $serial" <<<"$out" && part=revoked
	out=$(certtool --crl-info --inder --infile "$LAB/shard.crl")
	if grep -qi "serial.*${1}" <<<"$out"; then out=revoked; else out=good; fi
	[ "$whole$part" = "$part$out" ] ||
		lab_fail "CRLs disagree: whole $whole, shard $part, certtool $out"
	echo "$whole"
}

revoked_soon() {
	[ "$(crls "$1")" = revoked ]
}

LAB_CA_ISSUE=$(printf '\n[status]\ncrl_debounce_ms = 200')
lab_new
lab_start
REVOKER=$(token revoker)
AUDITOR=$(token auditor)
[ -s "$LAB_STATE/ca/crl/ca-1/full.crl" ] ||
	lab_wait 10 test -s "$LAB_STATE/ca/crl/ca-1/full.crl" ||
	lab_fail "no CRL after the start"

for n in a b c d; do
	lab_issue "$n.test" >"$LAB/$n.json"
done
A=$(jq -r .serial "$LAB/a.json")
B=$(jq -r .serial "$LAB/b.json")
C=$(jq -r .serial "$LAB/c.json")
[ "$(crls "$A")" = good ] || lab_fail "revoked before it was"

# Who may, and what is no request.
post "$LAB_TOKEN" /api/v1/ca/revoke "{\"serial\":\"$A\"}"
expect 403 "an issuer's token"
post "tc_nothing" /api/v1/ca/revoke "{\"serial\":\"$A\"}"
expect 401 "no token"
post "$REVOKER" /api/v1/ca/revoke '{"serial":"00112233445566778899aabbccddeeff"}'
expect 404 "an unknown serial"
post "$REVOKER" /api/v1/ca/revoke "{\"serial\":\"$A\",\"name\":\"a.test\"}"
expect 400 "two selectors"
post "$REVOKER" /api/v1/ca/revoke "{\"serial\":\"$A\",\"why\":1}"
expect 400 "an unknown field"

# By serial; again it keeps its date; verifiers see it.
post "$REVOKER" /api/v1/ca/revoke "{\"serial\":\"$A\",\"reason\":4}"
expect 200 "by serial"
AT=$(answer .at)
[ "$(answer '.serials[0]')" = "$A" ] || lab_fail "another serial"
post "$REVOKER" /api/v1/ca/revoke "{\"serial\":\"$A\",\"reason\":1}"
expect 200 "again"
[ "$(answer .at) $(answer .reason)" = "$AT 4" ] || lab_fail "date moved"
lab_wait 5 revoked_soon "$A" || lab_fail "not on the CRLs after 5 s"
lab_get "$LAB_CA/api/v1/ca/certificates/$A" \
	-H "Authorization: Bearer $AUDITOR" >"$LAB/answer"
[ "$(answer '"\(.status) \(.reason)"')" = "Revoked 4" ] ||
	lab_fail "record: $(cat "$LAB/answer")"
lab_ca show "$A" | grep -q '^status .*Revoked' || lab_fail "show"
lab_ca list --status Revoked | grep -q "^$A" || lab_fail "list"

# By fingerprint, blocking the key.
FP=$(jq -r .fingerprint_sha256 "$LAB/b.json")
post "$REVOKER" /api/v1/ca/revoke "{\"fingerprint\":\"$FP\",\"block\":true}"
expect 200 "by fingerprint"
lab_issue b.test >"$LAB/answer" && lab_fail "a blocked key was certified"
[ "$(answer .code)" = bad_key ] || lab_fail "blocked key: $(cat "$LAB/answer")"

# By name, with a second certificate, blocking the name.
lab_issue c.test >/dev/null
post "$REVOKER" /api/v1/ca/revoke '{"name":"C.test","block":true,"reason":5}'
expect 200 "by name"
[ "$(answer .revoked)" = 2 ] || lab_fail "by name: $(cat "$LAB/answer")"
lab_issue c.test >"$LAB/answer" && lab_fail "a blocked name was certified"
[ "$(answer .code)" = rejected_name ] ||
	lab_fail "blocked name: $(cat "$LAB/answer")"

# Commands: blocks, reason 1, publishing.
lab_ca block list --json | jq -e '.blocks | length == 2' >/dev/null ||
	lab_fail "block list"
lab_ca block remove name=c.test | grep -q 'block name=c.test removed' ||
	lab_fail "block remove"
lab_issue c.test >/dev/null || lab_fail "the name is blocked still"
lab_ca block add name=d.test >/dev/null
lab_issue d.test >"$LAB/answer" && lab_fail "d.test was certified"
if lab_ca block remove name=nobody.test 2>/dev/null; then
	lab_fail "what is not blocked was removed"
fi
D=$(jq -r .serial "$LAB/d.json")
lab_ca revoke "$D" --reason 1 | grep -qx "\[SUCCESS\] revoked serial=$D" ||
	lab_fail "command revoke"
lab_ca block list | grep -q '^spki.*reason 1' ||
	lab_fail "a compromised key is not blocked"
CODE=0
lab_ca revoke "$D" --name d.test 2>/dev/null || CODE=$?
[ "$CODE" = 2 ] || lab_fail "two selectors: exit $CODE"
lab_ca crl publish >"$LAB/out"
grep -qx '\[SUCCESS\] crl issuer=ca-1 entries=5' "$LAB/out" ||
	lab_fail "crl publish: $(cat "$LAB/out")"
for s in "$A" "$B" "$C" "$D"; do
	[ "$(crls "$s")" = revoked ] || lab_fail "$s is not on the CRLs"
done

# A CRL number rises over restarts; nothing is forgotten.
number() {
	"$OPENSSL" crl -inform der -in "$LAB_STATE/ca/crl/ca-1/full.crl" -noout \
		-crlnumber | sed 's/.*0x//'
}
N=$((16#$(number)))
kill -9 "$LAB_CA_PID"
wait "$LAB_CA_PID" 2>/dev/null || true
lab_serve_ca
newer() {
	[ $((16#$(number))) -gt "$N" ]
}
lab_wait 10 newer || lab_fail "the CRL number did not rise"
[ "$(crls "$B")" = revoked ] || lab_fail "forgotten over a restart"

# Killed while it publishes: every file is whole, and the next start goes on.
kill "$LAB_CA_PID"
wait "$LAB_CA_PID" 2>/dev/null || true
TRUSTCHAIN_FAULT=ca.crl.write=kill:30 LAB_EXEC='exec' lab_ca serve \
	>>"$LAB/log/ca.log" 2>&1 &
LAB_CA_PID=$!
LAB_PIDS+=("$LAB_CA_PID")
dead() {
	! kill -0 "$LAB_CA_PID" 2>/dev/null
}
lab_wait 20 dead || lab_fail "not killed while publishing"
for f in "$LAB_STATE"/ca/crl/ca-1/*.crl; do
	"$OPENSSL" crl -inform der -in "$f" -noout -verify \
		-CAfile "$LAB_ISSUER_CERT" >"$LAB/out" 2>&1 || true
	grep -q 'verify OK' "$LAB/out" || lab_fail "$f is not whole"
done
N=$((16#$(number)))
lab_serve_ca
lab_wait 10 newer || lab_fail "the CRL number did not rise after the kill"

lab_get "http://[::1]:$LAB_METRICS_PORT/metrics" >"$LAB/metrics"
grep -q '^trustchain_crl_age_seconds [0-9]' "$LAB/metrics" ||
	lab_fail "no trustchain_crl_age_seconds"
lab_ca revoke --name c.test --reason 3 >/dev/null
lab_get "http://[::1]:$LAB_METRICS_PORT/metrics" >"$LAB/metrics"
grep -q 'revocations_total{issuer="ca-1",reason="3"} 1' "$LAB/metrics" ||
	lab_fail "trustchain_ca_revocations_total: $(grep revoc "$LAB/metrics")"
lab_get "$LAB_CA/api/v1/ca/audit/test" -H "Authorization: Bearer $AUDITOR" \
	>/dev/null || lab_fail "audit test"
lab_ca audit verify >/dev/null 2>&1 || lab_fail "audit log"
for e in cert.revoked block.added block.removed crl.published; do
	grep -rq "\"$e\"" "$LAB_STATE/ca/audit" || lab_fail "no event $e"
done
lab_say "revoke: serial, fingerprint, name; blocks; CRLs: ok"
