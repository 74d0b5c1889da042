#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Scenario A12: the CA's own TLS certificate is replaced under load without a
# failed request, and SIGTERM loses no reply.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

: "${ROTATE_SECONDS:=6}" "${ROTATE_RATE:=200}"

lab_new
lab_start
load=$(realpath tests/e2e/issue_load.py)
lab_key load.test

shown() {
	lab_get "$LAB_CA/api/v1/ca/cert" | "$OPENSSL" x509 -noout -serial -startdate
}

# Not due: nothing happens, and it says how long it will not be.
first=$(shown)
said=$(lab_ca rotate-cert) || lab_fail "rotate-cert: $said"
grep -Eq '^\[INFO\] not due remaining=8[0-9]{4}$' <<<"$said" || lab_fail "not due: $said"
said=$(lab_ca rotate-certs --check-expiry --rotate-threshold=6h --zero-downtime) || lab_fail "rotate-certs: $said"
grep -q '^\[INFO\] not due remaining=' <<<"$said" || lab_fail "rotate-certs: $said"
[ "$(shown)" = "$first" ] || lab_fail "rotated although not due"
code=0
lab_ca rotate-certs --rotate-threshold=1y >/dev/null 2>&1 || code=$?
[ "$code" = 2 ] || lab_fail "a threshold of a year: exit $code"

# Under load, on connections that live on and on new ones, by both names.
sealed=$LAB_STATE/ca/tls/tls.sealed
sum=$(sha256sum "$sealed")
mkdir "$LAB/load"
/usr/bin/python3 "$load" run --url "$LAB_CA" --root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
	--csr "$LAB/load.test.csr" --dir "$LAB/load" --threads 16 --rate "$ROTATE_RATE" --seconds "$ROTATE_SECONDS" >"$LAB/load.out" &
loader=$!
LAB_PIDS+=("$loader")
fresh=0
failed=0
end=$((SECONDS + ROTATE_SECONDS - 1))
{
	while [ "$SECONDS" -lt "$end" ]; do
		if lab_get "$LAB_CA/health" >/dev/null 2>&1; then
			fresh=$((fresh + 1))
		else
			failed=$((failed + 1))
		fi
	done
	echo "$fresh $failed" >"$LAB/fresh"
} &
prober=$!
LAB_PIDS+=("$prober")
sleep 1
ln -s "$(realpath "$LAB_BIN/trustchain-ca")" "$LAB/rotate-cert"
for _ in 1 2 3; do
	said=$("$LAB/rotate-cert" --root "$LAB" --config "$LAB/etc/trustchain/ca.toml" --immediate) || lab_fail "rotate-cert --immediate: $said"
	serial=$(sed -nE 's/^\[SUCCESS\] rotated serial=([0-9a-f]{32}) not_before=.*Z not_after=.*Z$/\1/p' <<<"$said")
	[ -n "$serial" ] || lab_fail "rotate-cert --immediate says: $said"
	now=$(shown)
	[ "$now" != "$first" ] || lab_fail "/api/v1/ca/cert is as before"
	grep -qi "serial=$serial" <<<"$now" || lab_fail "another certificate than $serial: $now"
	"$OPENSSL" s_client -connect "[::1]:$LAB_CA_PORT" </dev/null 2>/dev/null |
		"$OPENSSL" x509 -noout -serial | grep -qi "$serial" || lab_fail "new handshakes show another certificate"
	first=$now
	sleep 0.7
done
wait "$loader" "$prober" || lab_fail "the load failed"
read -r asked answered <<<"$(sed -nE 's/^asked ([0-9]+) answered ([0-9]+)$/\1 \2/p' "$LAB/load.out")"
read -r fresh failed <"$LAB/fresh"
lab_say "asked $asked answered $answered in $ROTATE_SECONDS s; new connections $fresh, failed $failed"
[ "$asked" = "$answered" ] || lab_fail "$((asked - answered)) of $asked requests failed"
[ "$failed" = 0 ] || lab_fail "$failed new connections failed"
[ "$fresh" -ge 20 ] || lab_fail "only $fresh new connections were tried"
[ "$asked" -ge $((ROTATE_RATE * ROTATE_SECONDS / 2)) ] || lab_fail "less than half of $ROTATE_RATE/s"
lab_wait 5 test "$(sha256sum "$sealed")" != "$sum" || lab_fail "tls.sealed is as before"
grep -c '"action":"tls.rotated"' "$LAB_STATE/ca/audit/audit.log" >"$LAB/rotations"
[ "$(cat "$LAB/rotations")" -ge 4 ] || lab_fail "$(cat "$LAB/rotations") rotations in the audit log"

# --json
said=$(lab_ca --json rotate-certs)
jq -e '.rotated and .program == "trustchain-ca" and .remaining_s > 86000' <<<"$(head -n 1 <<<"$said")" >/dev/null || lab_fail "--json: $said"

# The log is away: the old certificate stays in use, and the command says why.
before=$(shown)
kill -TERM "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
code=0
said=$(lab_ca rotate-cert --immediate 2>&1) || code=$?
[ "$code" = 4 ] || lab_fail "without the log: exit $code: $said"
grep -q 'ct_unavailable.*the certificate in use stays' <<<"$said" || lab_fail "without the log: $said"
[ "$(shown)" = "$before" ] || lab_fail "the certificate in use is gone"
lab_serve_ct
lab_wait 20 curl -fsSg "http://[::1]:$LAB_METRICS_PORT/ready" || lab_fail "not ready with the log back"

# SIGTERM under load: whatever was issued reached who asked for it.
mkdir "$LAB/term"
counted() {
	sqlite3 "file:$LAB_STATE/ca/ca.db?mode=ro" "SELECT count(*) FROM cert WHERE owner LIKE 'token:%' AND state='$1'"
}
was=$(counted I)
/usr/bin/python3 "$load" run --url "$LAB_CA" --root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
	--csr "$LAB/load.test.csr" --dir "$LAB/term" --threads 16 --rate "$ROTATE_RATE" --seconds 3 >"$LAB/term.out" &
loader=$!
LAB_PIDS+=("$loader")
sleep 1.5
kill -TERM "$LAB_CA_PID"
code=0
wait "$LAB_CA_PID" || code=$?
[ "$code" = 0 ] || lab_fail "exit $code after SIGTERM"
wait "$loader" || lab_fail "the load failed"
answered=$(find "$LAB/term" -name '*.pem' | wc -l)
issued=$(($(counted I) - was))
[ "$answered" -ge 100 ] || lab_fail "only $answered certificates before SIGTERM"
[ "$issued" = "$answered" ] || lab_fail "$issued issued, $answered arrived"
[ "$(counted P)" = 0 ] || lab_fail "$(counted P) rows left half way"
lab_say "SIGTERM: $answered issued, $answered arrived"
