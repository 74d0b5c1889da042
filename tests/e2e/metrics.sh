#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Metrics and alert rules before the judge that is not ours, promtool: names,
# types and units of what the daemons say, and every alert rule firing and
# clearing.  Availability is kept over a restart.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

rules=deploy/trustchain/infrastructure/prometheus
promtool check rules "$rules/trustchain.rules.yml" >/dev/null ||
	{ promtool check rules "$rules/trustchain.rules.yml"; exit 1; }
said=$(cd "$rules" && promtool test rules trustchain.rules.test.yml 2>&1) ||
	{ echo "$said"; exit 1; }
alerts=$(sed -n 's/^      - alert: //p' "$rules/trustchain.rules.yml")
[ "$(wc -w <<<"$alerts")" -ge 11 ] || { echo "FAIL: alerts: $alerts"; exit 1; }
# Those that the tests do not miss when they are gone; meanwhile the rest runs.
unmissed() {
	local alert tmp
	for alert in $alerts; do
		tmp=$(mktemp -d)
		cp "$rules/trustchain.rules.test.yml" "$tmp"
		sed "s/alert: $alert\$/alert: Missing/" "$rules/trustchain.rules.yml" \
			>"$tmp/trustchain.rules.yml"
		! (cd "$tmp" && promtool test rules trustchain.rules.test.yml) \
			>/dev/null 2>&1 || echo "$alert"
		rm -rf "$tmp"
	done
	echo "all"
}

lab_new
unmissed >"$LAB/unmissed" &
missing=$!
lab_start
lab_issue m.test >"$LAB/answer" || lab_fail "issue: $(cat "$LAB/answer")"

# metrics URL: what promtool says about it, nothing when it is content.
metrics() {
	curl -fsSg "$1/metrics" >"$LAB/metrics" || lab_fail "$1/metrics"
	said=$(promtool check metrics <"$LAB/metrics" 2>&1) ||
		lab_fail "promtool check metrics: $said"
	[ -z "$said" ] || lab_fail "promtool check metrics: $said"
}
ca="http://[::1]:$LAB_METRICS_PORT" ct="http://[::1]:$LAB_CT_METRICS_PORT"
metrics "$ct"
for m in 'trustchain_ct_fill_ratio{shard="' 'process_cpu_seconds_total [0-9]' \
	'process_resident_memory_bytes [1-9]' 'trustchain_disk_free_ratio 0\.' \
	'trustchain_ct_append_duration_seconds_bucket{shard=".*le="0.035"}'; do
	grep -q "^$m" "$LAB/metrics" || lab_fail "no metric $m of the log"
done
metrics "$ca"
for m in 'trustchain_ca_certificates_issued_total{issuer="ca-1",profile="server",via="rest"} 1$' \
	'trustchain_ca_issuer_remaining_seconds{issuer="ca-1"} 9' \
	'trustchain_ca_abandoned_total 0$'; do
	grep -q "^$m" "$LAB/metrics" || lab_fail "no metric $m of the CA"
done
# It counts what it should not and is told so: the judge can say no.
sed 's/^# TYPE cert_issuance_rate gauge/# TYPE cert_issuance_rate counter/' "$LAB/metrics" >"$LAB/wrong"
! promtool check metrics <"$LAB/wrong" >/dev/null 2>&1 || lab_fail "promtool takes anything"

# A failure before a restart is still part of the ratio after it.
ratio() {
	curl -fsSg "$ca/metrics" | sed -n 's/^trustchain_availability_ratio{component="ct",window="30d"} //p'
}
kill -TERM "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
failed() {
	[ -n "$(ratio)" ] && [ "$(ratio)" != 1 ]
}
lab_wait 15 failed || lab_fail "availability with the log down: $(ratio)"
before=$(ratio)
lab_serve_ct
kill -TERM "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
[ -s "$LAB_STATE/ca/measure/availability" ] || lab_fail "availability not written down"
lab_serve_ca
# Since this start every probe was good.
rising() {
	/usr/bin/python3 -c "import sys; sys.exit(not float(sys.argv[1]) > float(sys.argv[2]))" "$(ratio)" "$before"
}
lab_wait 15 rising || lab_fail "availability after the restart: $(ratio)"
failed || lab_fail "the failures before the restart are forgotten: $(ratio)"
wait "$missing"
[ "$(cat "$LAB/unmissed")" = all ] || lab_fail "the tests of the rules do not notice that these are gone: $(cat "$LAB/unmissed")"
echo "ok: $(wc -w <<<"$alerts") alerts, availability $before, after a restart $(ratio)"
