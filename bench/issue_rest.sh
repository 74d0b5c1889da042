#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast the CA issues over REST and the log appends, beside cfssl in the
# same run.  One JSON object on stdout, progress on stderr.
#
#   issue_rest.sh           SECONDS_RATE=60 SECONDS_MAX=15 by default
#
# issue_rest: a P-256 request in, a certificate with an embedded SCT of a real
# trustchain-ct out, both commits durable, 200 requests a second as an open
# load; once as the disk is, once with 3 ms more for each sync.  Bound: p99
# below 35 ms.  issue_max: as fast as 16 connections go, and the same against
# "cfssl serve", which signs and does nothing else.  ct_append: add-chain as
# fast as 64 connections go, over the log's unix socket.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
seconds_rate=${SECONDS_RATE:-60}
seconds_max=${SECONDS_MAX:-15}
load=build/bench/http_load
bodies=build/bench/make_bodies
OPENSSL=$(tools/setup.sh --openssl)

progress() {
	printf 'bench: %s\n' "$*" >&2
}

# cpu_of PID: seconds of CPU of a daemon's three processes, so far.
cpu_of() {
	local pid ticks=0 fields
	for pid in "$1" $(pgrep -P "$1"); do
		read -ra fields <"/proc/$pid/stat"
		ticks=$((ticks + fields[13] + fields[14]))
	done
	echo "scale=2; $ticks / $(getconf CLK_TCK)" | bc
}

# measure NAME ARGUMENT...: run http_load; note its object and the CPU of the
# daemons meanwhile under NAME in $LAB/results.
measure() {
	local name=$1 ca ct status=0
	shift
	progress "$name"
	ca=$(cpu_of "$LAB_CA_PID") ct=$(cpu_of "$LAB_CT_PID")
	"$load" "$@" >"$LAB/one.json" || status=$?
	[ $status -lt 2 ] || exit $status
	jq -c --arg name "$name" \
		--argjson ca "$(echo "$(cpu_of "$LAB_CA_PID") - $ca" | bc | sed 's/^\./0./')" \
		--argjson ct "$(echo "$(cpu_of "$LAB_CT_PID") - $ct" | bc | sed 's/^\./0./')" \
		'{($name): (. + {ca_cpu_s: $ca, ct_cpu_s: $ct})}' \
		"$LAB/one.json" >>"$LAB/results"
}

issue() {
	local name=$1
	shift
	measure "$name" --url "$LAB_CA/api/v1/ca/issue" \
		--bodies "$LAB/csrs" --cacert "$LAB_ROOT_CERT" --expect 201 \
		--header "Authorization: Bearer $LAB_TOKEN" \
		--header 'Content-Type: application/json' "$@"
}

append() {
	measure "$1" --url http://localhost/api/v1/ct/submit \
		--unix "$LAB/run/trustchain/ct.sock" --bodies "$LAB/submit" \
		--header 'Content-Type: application/json' --connections 64 \
		--seconds "$seconds_max"
}

# restart [DELAY-MS]: both daemons, with so much more for each sync.
restart() {
	kill "$LAB_CA_PID" && wait "$LAB_CA_PID"
	kill "$LAB_CT_PID" && wait "$LAB_CT_PID"
	export TRUSTCHAIN_FSYNC_DELAY_MS=${1:-0}
	lab_serve_ct 30
	lab_serve_ca 30
}

# cfssl_run: "cfssl serve" with its own P-256 CA, over TLS, 16 connections.
cfssl_run() {
	local root dir port pid
	root=$(tools/debian13.sh golang-cfssl)
	dir=$(mktemp -d "${root%/}/tmp/troth-bench.XXXXXX")
	port=$(lab_ports 1)
	echo '{"CN":"Bench CA","key":{"algo":"ecdsa","size":256},
		"ca":{"expiry":"26280h"}}' >"$dir/csr.json"
	echo '{"signing":{"default":{"expiry":"24h",
		"usages":["digital signature","server auth"]}}}' \
		>"$dir/config.json"
	"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout "$dir/tls.key" -out "$dir/tls.crt" \
		-subj /CN=localhost -days 2 \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	cat >"$dir/serve" <<-SH
		cd ${dir#"${root%/}"}
		cfssl gencert -loglevel=5 -initca csr.json | cfssljson -bare ca
		exec cfssl serve -address=127.0.0.1 -port=$port -ca=ca.pem \
			-ca-key=ca-key.pem -config=config.json \
			-tls-cert=tls.crt -tls-key=tls.key -loglevel=4
	SH
	chroot "$root" sh "${dir#"${root%/}"}/serve" >"$LAB/log/cfssl.log" 2>&1 &
	pid=$!
	LAB_PIDS+=("$pid")
	lab_wait 10 curl -sS --cacert "$dir/tls.crt" \
		"https://127.0.0.1:$port/" || lab_fail "cfssl does not answer"
	measure cfssl_max --url "https://127.0.0.1:$port/api/v1/cfssl/sign" \
		--bodies "$LAB/cfssl" --cacert "$dir/tls.crt" \
		--header 'Content-Type: application/json' --connections 16 \
		--seconds "$seconds_max"
	kill "$pid"
	wait "$pid" || true
	rm -rf "$dir"
	# shellcheck disable=SC2016 # dpkg-query expands it
	CFSSL_VERSION=$(chroot "$root" dpkg-query -W -f '${Version}' golang-cfssl)
}

LAB_CA_ISSUER='max_sign_per_s = 100000'
LAB_CA_SERVER='max_connections = 4096'
LAB_CT_SERVER='rate_per_min = 0'
lab_new
lab_start
progress "making requests"
"$bodies" csr 20000 >"$LAB/csrs"
"$bodies" cfssl 20000 >"$LAB/cfssl"
"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$LAB/bench.key" -out "$LAB/bench.crt" -subj "/CN=Bench Root" \
	-addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign -days 30 2>/dev/null
"$bodies" chain 200000 "$LAB/bench.crt" "$LAB/bench.key" 1 |
	jq -c '{certificate: .chain[0], chain: .chain[1:]}' >"$LAB/submit"
cat "$LAB/bench.crt" >>"$LAB_ROOT_CERT.bench"
sed -i 's|^roots = .*|roots = ["/etc/trustchain/certs/root-ca.crt", "/etc/trustchain/certs/root-ca.crt.bench"]|' \
	"$LAB/etc/trustchain/ct.toml"
restart
issue warm_up --connections 16 --seconds 3
issue issue_rest --connections 64 --rate 200 --seconds "$seconds_rate"
restart 3
issue issue_rest_sync3ms --connections 64 --rate 200 --seconds "$seconds_rate"
issue issue_max_sync3ms --connections 64 --seconds "$seconds_max"
restart
issue issue_max --connections 16 --seconds "$seconds_max"
cfssl_run
issue issue_max_again --connections 16 --seconds "$seconds_max"
append ct_append

machine=$(/usr/bin/python3 bench/machine.py "$OPENSSL" "$LAB")
jq -s --argjson machine "$machine" --arg cfssl "$CFSSL_VERSION" '
	add as $r | ((($r.issue_max.rate_per_s +
		$r.issue_max_again.rate_per_s) / 2) /
		$r.cfssl_max.rate_per_s) as $ratio |
	{benchmark: "issue_rest"} + $machine |
	.versions.cfssl = $cfssl | . + {
		bounds: {
			issue_rest_p99_ms: {bound: 35,
				measured: $r.issue_rest.p99_ms,
				held: ($r.issue_rest.p99_ms < 35)},
			issue_rest_sync3ms_p99_ms: {bound: 35,
				measured: $r.issue_rest_sync3ms.p99_ms,
				held: ($r.issue_rest_sync3ms.p99_ms < 35)},
			ratio_to_cfssl: {bound: 0.5, measured: $ratio,
				held: ($ratio >= 0.5)}},
		ratio_to_cfssl: $ratio,
		results: $r}' "$LAB/results"
