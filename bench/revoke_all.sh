#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Revoke-all over a store of live certificates.  One JSON object on stdout,
# progress on stderr; exit 1 when a bound is missed.
#
#   revoke_all.sh     ROWS=1000000
#
# answer_s: from the request with the emergency token to its answer, when all
# is revoked, issuance halted and counted; bound 2 s.  crl_s: from the request
# until every CRL is in place; bound 30 s.  dry_run_s: counting alone.  The
# results are held against the store: how many were revoked, what the whole CRL
# has, as OpenSSL reads and verifies it, and what a sample's OCSP answer is.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
rows=${ROWS:-1000000}
OPENSSL=$(tools/setup.sh --openssl)

progress() {
	printf 'bench: %s\n' "$*" >&2
}

# post TOKEN QUERY: the answer in $LAB/answer; $TOOK seconds.
post() {
	TOOK=$(curl -sS --fail-with-body --max-time 120 --http1.1 \
		--cacert "$LAB_ROOT_CERT" -g -o "$LAB/answer" \
		-w '%{time_total}' -X POST -H "Authorization: Bearer $1" \
		"$LAB_CA/api/v1/ca/revoke-all$2") ||
		lab_fail "revoke-all: $(cat "$LAB/answer")"
}

operation() {
	lab_get "$LAB_CA/api/v1/ca/revoke-all/$1" \
		-H "Authorization: Bearer $OPERATOR" | jq -r .state
}

finished() {
	[ "$(operation "$1")" = "done" ]
}

lab_new
for o in alice bob; do
	(umask 077 && "$OPENSSL" genpkey -algorithm ed25519 -out "$LAB/$o.key")
	lab_ca emergency arm --as "$o" --key "$LAB/$o.key" >"$LAB/out" 2>&1 || true
	grep -o "$o+[0-9a-f]*+[A-Za-z0-9+/=]*" "$LAB/out" | tail -1 >"$LAB/$o.vkey"
done
LAB_CA_ACME=$(printf '\n[auth]\noperators = ["%s", "%s"]' \
	"$(cat "$LAB/alice.vkey")" "$(cat "$LAB/bob.vkey")")
lab_config_ca "$LAB_VKEY"
lab_start
OPERATOR=$(lab_ca token create --role operator --ttl 1d |
	sed -n 's/.*token=//p')
kill "$LAB_CA_PID" && wait "$LAB_CA_PID"
progress "filling the store with $rows rows"
/usr/bin/python3 bench/fill_ca.py "$LAB_STATE/ca/ca.db" "$rows" 0 "$LAB/serials"
lab_serve_ca 120
lab_ca crl publish >/dev/null
post "$OPERATOR" '?dry_run=true'
dry_s=$TOOK
lab_ca emergency arm --as alice --key "$LAB/alice.key" --reason 4 \
	--out "$LAB/all.note" >/dev/null
TOKEN=$(lab_ca emergency approve "$LAB/all.note" --as bob --key "$LAB/bob.key" |
	sed -n 's/^EMERGENCY_TOKEN=//p')
progress "revoke-all"
begin=$EPOCHREALTIME
post "$TOKEN" ''
answer_s=$TOOK
revoked=$(jq .revoked "$LAB/answer")
id=$(jq -r .operation_id "$LAB/answer")
lab_wait 120 finished "$id" || lab_fail "the CRLs were not published"
crl_s=$(echo "$EPOCHREALTIME - $begin" | bc)

progress "checking"
[ "$revoked" -ge "$rows" ] || lab_fail "revoked $revoked of $rows"
crl=$LAB_STATE/ca/crl/ca-1/full.crl
"$OPENSSL" crl -inform der -in "$crl" -noout -CAfile "$LAB_ISSUER_CERT" \
	-verify >"$LAB/out" 2>&1 || true
grep -q 'verify OK' "$LAB/out" || lab_fail "the whole CRL: $(cat "$LAB/out")"
serial=$(head -1 "$LAB/serials")
"$OPENSSL" ocsp -issuer "$LAB_ISSUER_CERT" -serial "0x$serial" -no_nonce \
	-url "$LAB_HTTP/ocsp" -CAfile "$LAB_ROOT_CERT" \
	-verify_other "$LAB_ISSUER_CERT" >"$LAB/out" 2>&1 || true
grep -q ': revoked' "$LAB/out" || lab_fail "OCSP: $(cat "$LAB/out")"

jq -n --arg commit "$(git rev-parse --short HEAD)" \
	--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
	--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
	--arg load "$(cut -d' ' -f1 /proc/loadavg)" \
	--arg openssl "$("$OPENSSL" version)" \
	--argjson rows "$rows" --argjson revoked "$revoked" \
	--argjson dry "$dry_s" --argjson answer "$answer_s" \
	--arg crl "$crl_s" --argjson bytes "$(stat -c %s "$crl")" '
	($crl | tonumber) as $crl | {
		benchmark: "revoke_all", commit: $commit,
		machine: {cpu: $cpu, cores: ($cores | tonumber),
			kernel: $kernel, load_average: ($load | tonumber)},
		versions: {openssl: $openssl},
		rows: $rows, revoked: $revoked, crl_bytes: $bytes,
		dry_run_s: $dry, answer_s: $answer, crl_s: $crl,
		bounds: {answer_s: 2, crl_s: 30},
		pass: ($answer <= 2 and $crl <= 30)}' | tee "$LAB/result"
jq -e .pass "$LAB/result" >/dev/null
