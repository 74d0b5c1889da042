#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How long an ACME client takes from nothing to its certificate: newAccount,
# newOrder, http-01, finalize, download, over TLS, RATE clients a second, the
# embedded SCT of a real trustchain-ct and all commits included.  The same
# scripted client against pebble of Debian 13 in the same run, which has neither
# a disk nor a log.  One JSON object on stdout, progress on stderr.
#
#   acme_e2e.sh     RATE=20 SECONDS_EACH=20 RUNS=3 by default
#
# The runs of both take turns; the result is the median.  Bound: p99 below
# 250 ms, as the disk is and with 3 ms more for each sync.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
rate=${RATE:-20}
seconds=${SECONDS_EACH:-20}
runs=${RUNS:-3}
OPENSSL=$(tools/setup.sh --openssl)
root=$(tools/debian13.sh pebble)

# pebble_start: on $LAB_PEBBLE, without its delays and refusals.
pebble_start() {
	local ports
	read -ra ports <<<"$(lab_ports 2)"
	"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout "$LAB/pebble.key" -out "$LAB/pebble.pem" \
		-subj /CN=pebble -addext 'subjectAltName=IP:::1' 2>/dev/null
	jq -n --arg lab "$LAB" --arg listen "[::1]:${ports[0]}" \
		--arg manage "[::1]:${ports[1]}" \
		--argjson http "$LAB_VALIDATION_PORT" '{pebble: {
			listenAddress: $listen,
			managementListenAddress: $manage,
			certificate: ($lab + "/pebble.pem"),
			privateKey: ($lab + "/pebble.key"),
			httpPort: $http, tlsPort: 443, ocspResponderURL: "",
			externalAccountBindingRequired: false}}' \
		>"$LAB/pebble.json"
	PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 \
		"${root%/}/usr/bin/pebble" -config "$LAB/pebble.json" \
		-dnsserver "[::1]:$LAB_DNS_PORT" >"$LAB/log/pebble.log" 2>&1 &
	LAB_PIDS+=($!)
	LAB_PEBBLE="https://[::1]:${ports[0]}/dir"
	lab_wait 10 curl -fsSg --cacert "$LAB/pebble.pem" "$LAB_PEBBLE" ||
		lab_fail "pebble does not answer"
}

# client NAME DIRECTORY ROOTS SECONDS: one run; its object goes to NAME's.
client() {
	printf 'bench: %s\n' "$1" >&2
	LAB_ROOT_CERT=$3 PYTHONPATH=tests/e2e /usr/bin/python3 -W ignore \
		bench/acme_e2e.py "$2" "$LAB_VALIDATION_PORT" "$rate" "$4" |
		jq -c --arg name "$1" '{name: $name, run: .}' >>"$LAB/results"
}

ours() {
	client "$1" "$LAB_CA/acme/directory" "$LAB_ROOT_CERT" "$2"
}

LAB_CT_SERVER='rate_per_min = 0'
LAB_CA_ACME='limit_accounts_3h = 0'
lab_new
machine=$(bench/machine.py "$OPENSSL" "$LAB")
lab_start
pebble_start
ours warm_up 2
for ((i = 0; i < runs; i++)); do
	ours acme_e2e "$seconds"
	client pebble "$LAB_PEBBLE" "$LAB/pebble.pem" "$seconds"
done
kill "$LAB_CA_PID" && wait "$LAB_CA_PID"
kill "$LAB_CT_PID" && wait "$LAB_CT_PID"
export TRUSTCHAIN_FSYNC_DELAY_MS=3
lab_serve_ct 30
lab_serve_ca 30
ours warm_up 2
for ((i = 0; i < runs; i++)); do
	ours acme_e2e_sync3ms "$seconds"
done

# shellcheck disable=SC2016 # dpkg-query expands it
version=$(chroot "$root" dpkg-query -W -f '${Version}' pebble)
jq -s --argjson machine "$machine" --arg pebble "$version" '
	def median(f): map(f) | sort | .[length / 2 | floor];
	(group_by(.name) | map({(.[0].name): (map(.run) | {
		p50_ms: median(.p50_ms), p99_ms: median(.p99_ms),
		failed: (map(.flows - .ok) | add), runs: .})}) | add) as $r |
	{benchmark: "acme_e2e"} + $machine | .versions.pebble = $pebble | . + {
		bounds: {
			p99_ms: {bound: 250, measured: $r.acme_e2e.p99_ms,
				held: ($r.acme_e2e.p99_ms < 250)},
			sync3ms_p99_ms: {bound: 250,
				measured: $r.acme_e2e_sync3ms.p99_ms,
				held: ($r.acme_e2e_sync3ms.p99_ms < 250)},
			failed: ($r.acme_e2e.failed +
				$r.acme_e2e_sync3ms.failed |
				{bound: 0, measured: ., held: (. == 0)})},
		ratio_to_pebble: {
			p50: ($r.acme_e2e.p50_ms / $r.pebble.p50_ms),
			p99: ($r.acme_e2e.p99_ms / $r.pebble.p99_ms)},
		results: ($r | del(.warm_up))}' "$LAB/results"
