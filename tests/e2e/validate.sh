#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The validation suite of deploy/ passes on a deployment that is whole, and
# each of its checks fails when what it is about is spoilt: by a proxy between
# suite and deployment, or in the files that it looks at.
set -euo pipefail

# shellcheck source=deploy/trustchain/infrastructure/local-deployment.sh
. deploy/trustchain/infrastructure/local-deployment.sh

suite=deploy/trustchain/infrastructure/validate-deployment.sh
proxy=tests/e2e/validate_proxy.py
code() {
	local got=0
	"$@" >"$said" 2>&1 || got=$?
	echo "$got"
}
said=$(mktemp)

# Usage, and what there is to check: the guide's list, all of it.
[ "$(code "$suite")" = 2 ] || { echo "FAIL: no environment"; exit 1; }
[ "$(code "$suite" local --only nonsense)" = 2 ] || { echo "FAIL: unknown check"; exit 1; }
checks=$("$suite" local --list | grep -v P2)
for id in health ready issue-35ms issue-100-way csr-san chain-verify crl-parse ocsp-good ocsp-revoked revoke \
	sct-embedded sct-verify proof tree-size consistency append-1000-per-min witness-quorum tls13-only hsts pins \
	rate-429 audit-test metrics-names alerts-api dashboard backup-recent restore-drill runbooks; do
	grep -qx -- "$id" <<<"$checks" || { echo "FAIL: no check $id"; exit 1; }
done
# Nothing configured is nothing claimed; in production that is not enough.
[ "$(code env "VALIDATE_CA=https://[::1]:1" "$suite" staging --only backup-recent)" = 0 ] || { cat "$said"; exit 1; }
grep -q '^SKIP backup-recent' "$said" || { cat "$said"; exit 1; }
grep -q '^0 passed, 0 failed, 1 skipped$' "$said" || { cat "$said"; exit 1; }
[ "$(code "$suite" production --only backup-recent)" = 1 ] || { cat "$said"; exit 1; }
[ "$(code "$suite" production --only backup-recent --allow-skip backup-recent)" = 0 ] || { cat "$said"; exit 1; }
rm -f "$said"

local_up
said=$LAB/said
export VALIDATE_RUNBOOKS=deploy/trustchain/runbooks

# What the security audit finds in order, and what not.  Before the address is
# told to slow down.
audit=deploy/trustchain/tests/security-audit.sh
export AUDIT_ROOT=$LAB AUDIT_PIDS="$LAB_CA_PID $LAB_CT_PID" AUDIT_LIST=$LAB/libraries
[ "$(code "$audit" --no-adversary)" = 0 ] || lab_fail "audit: $(cat "$said")"
tail -n 1 "$said"
grep -q '^PASS tls-testssl-ca ' "$said" || lab_fail "$(cat "$said")"
grep -q '^trustchain-ca libssl.so.3 ' "$AUDIT_LIST" || lab_fail "dependencies: $(cat "$AUDIT_LIST")"
chmod 644 "$LAB/etc/trustchain/keys/seal.key"
sleep 60 & # a child of this shell without a filter
LAB_PIDS+=($!)
[ "$(code env AUDIT_HOSTS=none "AUDIT_PIDS=$$" "$audit" --no-adversary)" = 1 ] || lab_fail "audit: $(cat "$said")"
for id in permissions-secrets processes; do
	grep -q "^FAIL $id " "$said" || lab_fail "$id does not fail: $(cat "$said")"
done
chmod 600 "$LAB/etc/trustchain/keys/seal.key"

# Straight at it: all pass.
# Times are measured again on a machine that was busy with something else.
direct=$(code "$suite" local)
tail -n 1 "$said"
[ "$(grep -c '^PASS \|^FAIL ' "$said")" = "$(wc -l <<<"$checks")" ] || lab_fail "$(cat "$said")"
if [ "$direct" != 0 ]; then
	! grep '^FAIL' "$said" | grep -v 'FAIL \(issue-35ms\|issue-100-way\|append-1000-per-min\) ' >"$LAB/wrong-ones" ||
		lab_fail "$(cat "$LAB/wrong-ones")"
	for _ in 1 2 3 4; do
		sleep 5
		direct=$(code "$suite" local --only issue-35ms --only issue-100-way --only append-1000-per-min)
		[ "$direct" != 0 ] || break
	done
fi
[ "$direct" = 0 ] || lab_fail "$(cat "$said")"
grep -qx '[0-9]* passed, 0 failed, 0 skipped' "$said" || lab_fail "last line"

# Load: steady, counted, and a miss is a miss.
build=${LAB_BIN%/bin}
ninja -C "$build" bench/http_load bench/make_bodies >/dev/null || lab_fail "the load generator"
export TROTH_BENCH=$build/bench
load=deploy/trustchain/tests/load-test.sh
[ "$(code "$load" --rps=x)" = 2 ] || lab_fail "usage of load-test.sh"
[ "$(code "$load" --duration=4s --rps=20 --max-p99-ms=2000)" = 0 ] || lab_fail "load: $(cat "$said")"
jq -e '.ok == 80 and .errors == 0 and .missed == [] and .p50_ms <= .p99_ms and .p99_ms <= .max_ms' "$said" >/dev/null || lab_fail "load: $(cat "$said")"
mkdir "$LAB/wrong"
cp "$LAB/tokens/auditor" "$LAB/wrong/issuer"
[ "$(code env "VALIDATE_TOKENS=$LAB/wrong" "$load" --duration=1s --rps=20)" = 1 ] || lab_fail "load that is refused: $(cat "$said")"
jq -e '.missed | index("errors") != null' "$said" >/dev/null || lab_fail "$(cat "$said")"
[ "$(code "$load" --duration=1s --rps=20 --max-p99-ms=0)" = 1 ] || lab_fail "load over its bound: $(cat "$said")"

# The proxy has a certificate of the CA's, for the suite verifies it.
"$OPENSSL" req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$LAB/proxy.key" \
	-out "$LAB/proxy.csr" -subj / -addext "subjectAltName=IP:::1" 2>/dev/null
jq -n --rawfile csr "$LAB/proxy.csr" '{csr: $csr, profile: "service"}' |
	lab_get "$LAB_CA/api/v1/ca/issue" --data-binary @- -H 'Content-Type: application/json' \
		-H "Authorization: Bearer $(cat "$LAB/tokens/tls")" >"$LAB/proxy.json" || lab_fail "$(cat "$LAB/proxy.json")"
jq -r '.certificate, .chain[]' "$LAB/proxy.json" >"$LAB/proxy.pem"
: >"$LAB/fault"
/usr/bin/python3 "$proxy" "$LAB/proxy.key" "$LAB/proxy.pem" "$LAB/fault" "CA=$VALIDATE_CA" "STATUS=$VALIDATE_STATUS" \
	"CT=$VALIDATE_CT" "CA_METRICS=$VALIDATE_CA_METRICS" "DASHBOARD=$VALIDATE_DASHBOARD" >"$LAB/proxy.out" 2>"$LAB/log/proxy.log" &
LAB_PIDS+=($!)
lab_wait 10 grep -q ^DASHBOARD "$LAB/proxy.out" || lab_fail "no proxy"
direct_ca=$VALIDATE_CA
while IFS='=' read -r name url; do
	export "VALIDATE_$name=$url"
done <"$LAB/proxy.out"
export VALIDATE_ISSUES=20 VALIDATE_HAMMER=1100

# It alone spoils nothing but TLS, time, and the SCTs of a certificate that it does
# not show.
passing=()
for id in $checks; do
	case $id in sct-verify | tls13-only | rate-429 | issue-35ms | issue-100-way | append-1000-per-min) ;; *) passing+=(--only "$id") ;; esac
done
[ "$(code "$suite" local "${passing[@]}")" = 0 ] || lab_fail "through the proxy: $(cat "$said")"

# spoilt ID: the check must fail, and say so.
spoilt() {
	local id=$1
	shift
	[ "$(code "$@" "$suite" local --only "$id")" = 1 ] || lab_fail "$id does not fail: $(cat "$said")"
	grep -q "^FAIL $id measured=" "$said" || lab_fail "$id: $(cat "$said")"
	proven="$proven $id"
}
proven=
for id in $(/usr/bin/python3 "$proxy" --checks); do
	[ "$id" != rate-429 ] || continue
	echo "$id" >"$LAB/fault"
	if [ "$id" = sct-verify ]; then
		spoilt "$id" env "VALIDATE_CA=$direct_ca"
	else
		spoilt "$id" env
	fi
done
: >"$LAB/fault"
spoilt tls13-only env
[ "$(code env AUDIT_HOSTS=ca "$audit" --no-adversary)" = 1 ] || lab_fail "audit: $(cat "$said")"
grep -q '^FAIL tls-sslscan-ca .*TLSv1.2' "$said" || lab_fail "TLS 1.2 is not found: $(cat "$said")"
mkdir "$LAB/old" "$LAB/bad" "$LAB/books"
cp "$VALIDATE_BACKUPS"/* "$LAB/old"
touch -d '8 hours ago' "$LAB"/old/*
spoilt backup-recent env "VALIDATE_BACKUPS=$LAB/old"
age-keygen -o "$LAB/other.txt" 2>/dev/null
spoilt restore-drill env "VALIDATE_IDENTITY=$LAB/other.txt"
cp "$VALIDATE_RUNBOOKS"/*.md "$LAB/books"
rm "$LAB/books/incident-response.md"
spoilt runbooks env "VALIDATE_RUNBOOKS=$LAB/books"
echo rate-429 >"$LAB/fault"
spoilt rate-429 env
for id in $checks; do
	grep -qw -- "$id" <<<"$proven" || lab_fail "nothing shows that $id can fail"
done
echo "ok: each of $(wc -w <<<"$proven") checks can fail"
