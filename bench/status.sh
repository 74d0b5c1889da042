#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast the CA says what has become of its certificates.  One JSON object on
# stdout, progress on stderr.
#
#   status.sh         ROWS=1000000 REVOKED=100000 SECONDS_EACH=5 RUNS=3
#
# The store is filled with ROWS live certificates, of which REVOKED are revoked.
# ocsp_cached: answers whose signature is kept, without nonce; bound 10,000/s.
# ocsp_signed: with a nonce, each one signed for its request; bound 5,000/s.  The
# key process signs 10,000/s at most: above that is tryLater, an error here.
# Both over plain HTTP on 8 connections, the median of RUNS, every thousandth
# answer verified by OpenSSL.  crl: all shards and the whole list published anew;
# bound 5 s.  The peer in the same run is "cfssl ocspserve", which serves files
# of answers that were signed beforehand: it stands beside ocsp_cached.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
rows=${ROWS:-1000000}
revoked=${REVOKED:-100000}
seconds=${SECONDS_EACH:-5}
runs=${RUNS:-3}
load=build/bench/ocsp_load
OPENSSL=$(tools/setup.sh --openssl)

progress() {
	printf 'bench: %s\n' "$*" >&2
}

# measure NAME ARGUMENT...: RUNS times; their objects and the median rate.
measure() {
	local name=$1 i status
	shift
	progress "$name"
	: >"$LAB/runs"
	for ((i = 0; i < runs; i++)); do
		status=0
		"$load" --connections 8 --seconds "$seconds" "$@" \
			>>"$LAB/runs" || status=$?
		[ $status -lt 2 ] || exit $status
	done
	jq -cs --arg name "$name" '{($name): {
		median_per_s: (map(.rate_per_s) | sort | .[length / 2 | floor]),
		runs: .}}' "$LAB/runs" >>"$LAB/results"
}

ocsp() {
	local name=$1
	shift
	measure "$name" --port "$LAB_HTTP_PORT" --issuer "$LAB_ISSUER_CERT" \
		--root "$LAB_ROOT_CERT" --serials "$LAB/serials" "$@"
}

# peer: fifty answers that cfssl signed with its own CA, served by it.
peer() {
	local root dir port pid
	root=$(tools/debian13.sh golang-cfssl)
	dir=$(mktemp -d "${root%/}/tmp/troth-bench.XXXXXX")
	port=$(lab_ports 1)
	echo '{"CN":"Bench CA","key":{"algo":"ecdsa","size":256},
		"ca":{"expiry":"26280h"}}' >"$dir/csr.json"
	echo '{"CN":"leaf.test","hosts":["leaf.test"],
		"key":{"algo":"ecdsa","size":256}}' >"$dir/leaf.json"
	cat >"$dir/serve" <<-SH
		set -e
		cd ${dir#"${root%/}"}
		cfssl gencert -loglevel=5 -initca csr.json | cfssljson -bare ca
		for i in \$(seq 50); do
			cfssl gencert -loglevel=5 -ca=ca.pem -ca-key=ca-key.pem \
				leaf.json | cfssljson -bare leaf
			cp leaf.pem leaf-\$i.pem
			cfssl ocspsign -loglevel=5 -ca=ca.pem -responder=ca.pem \
				-responder-key=ca-key.pem -cert=leaf.pem \
				>answer.json
			sed -n 's/.*"ocspResponse":"\([^"]*\)".*/\1/p' answer.json \
				>>answers
		done
		exec cfssl ocspserve -loglevel=5 -address=127.0.0.1 \
			-port=$port -responses=answers
	SH
	chroot "$root" bash "${dir#"${root%/}"}/serve" \
		>"$LAB/log/cfssl.log" 2>&1 &
	pid=$!
	LAB_PIDS+=("$pid")
	lab_wait 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" ||
		lab_fail "cfssl ocspserve does not answer"
	for f in "$dir"/leaf-[0-9]*.pem; do
		"$OPENSSL" x509 -in "$f" -noout -serial | sed 's/.*=//'
	done >"$LAB/cfssl.serials"
	measure cfssl_served --host 127.0.0.1 --port "$port" --path / \
		--sha1 --issuer "$dir/ca.pem" --root "$dir/ca.pem" \
		--serials "$LAB/cfssl.serials"
	kill "$pid"
	wait "$pid" || true
	rm -rf "$dir"
	# shellcheck disable=SC2016 # dpkg-query expands it
	CFSSL_VERSION=$(chroot "$root" dpkg-query -W -f '${Version}' golang-cfssl)
}

LAB_CA_ISSUE=$(printf '\n[status]\nocsp_nonce_per_s = 100000')
LAB_CA_ISSUER='max_sign_per_s = 100000'
lab_new
lab_start
kill "$LAB_CA_PID" && wait "$LAB_CA_PID"
progress "filling the store with $rows rows"
/usr/bin/python3 bench/fill_ca.py "$LAB_STATE/ca/ca.db" "$rows" "$revoked" \
	"$LAB/serials"
lab_serve_ca 120
progress "first publication of the CRLs"
lab_ca crl publish >/dev/null
ocsp ocsp_warm_up
ocsp ocsp_cached
ocsp ocsp_signed --nonce
progress "publishing"
begin=$EPOCHREALTIME
lab_ca crl publish >/dev/null
crl_s=$(echo "$EPOCHREALTIME - $begin" | bc)
peer
ocsp ocsp_cached_again

jq -s --arg commit "$(git rev-parse --short HEAD)" \
	--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
	--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
	--arg load "$(cut -d' ' -f1 /proc/loadavg)" \
	--arg openssl "$("$OPENSSL" version)" --arg cfssl "$CFSSL_VERSION" \
	--argjson rows "$rows" --argjson revoked "$revoked" \
	--arg crl_s "$crl_s" '
	add as $r | ($crl_s | tonumber) as $crl | {
		benchmark: "status", commit: $commit,
		machine: {cpu: $cpu, cores: ($cores | tonumber),
			kernel: $kernel, load_average: ($load | tonumber)},
		versions: {openssl: $openssl, cfssl: $cfssl},
		rows: $rows, revoked: $revoked,
		bounds: {
			ocsp_cached_per_s: {bound: 10000,
				measured: $r.ocsp_cached.median_per_s,
				held: ($r.ocsp_cached.median_per_s >= 10000)},
			ocsp_signed_per_s: {bound: 5000,
				measured: $r.ocsp_signed.median_per_s,
				held: ($r.ocsp_signed.median_per_s >= 5000)},
			crl_all_shards_s: {bound: 5, measured: $crl,
				held: ($crl < 5)}},
		ratio_to_cfssl_ocspserve: ((($r.ocsp_cached.median_per_s +
			$r.ocsp_cached_again.median_per_s) / 2) /
			$r.cfssl_served.median_per_s),
		results: $r}' "$LAB/results"
