#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast an ML-DSA-65 issuer certifies ML-DSA-65 keys over REST, with a real
# log and both commits durable: two ML-DSA signatures and two verifications a
# certificate beside what every other takes.  One JSON object on stdout.
#
#   pq_issue.sh             SECONDS_RATE=20 SECONDS_MAX=10 by default
#
# Bounds: 100 requests a second, as an open load, with p99 below 100 ms; and at
# least 100 a second as fast as 16 connections go.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
seconds_rate=${SECONDS_RATE:-20}
seconds_max=${SECONDS_MAX:-10}
OPENSSL=$(tools/setup.sh --openssl)

LAB_CA_ISSUER='max_sign_per_s = 100000'
LAB_CT_SERVER='rate_per_min = 0'
lab_new
lab_pq 'key_types = ["mldsa65"]'
lab_start
LAB_TOKEN=$(lab_ca token create --role issuer --name-scope test \
	--profile server-pq --ttl 1d --rate 1000000 | sed -n 's/.*token=//p')
printf 'bench: making requests\n' >&2
build/bench/make_bodies csr 3000 ML-DSA-65 |
	jq -c '. + {profile: "server-pq"}' >"$LAB/csrs"

# issue NAME ARGUMENT...
issue() {
	local name=$1 status=0
	shift
	printf 'bench: %s\n' "$name" >&2
	build/bench/http_load --url "$LAB_CA/api/v1/ca/issue" \
		--bodies "$LAB/csrs" --cacert "$LAB_ROOT_CERT" --expect 201 \
		--header "Authorization: Bearer $LAB_TOKEN" \
		--header 'Content-Type: application/json' "$@" \
		>"$LAB/one.json" || status=$?
	[ $status -lt 2 ] || exit $status
	jq -c --arg name "$name" '{($name): .}' "$LAB/one.json" >>"$LAB/results"
}

issue warm_up --connections 16 --seconds 2
issue pq_issue --connections 64 --rate 100 --seconds "$seconds_rate"
issue pq_issue_max --connections 16 --seconds "$seconds_max"
jq -s --arg commit "$(git rev-parse --short HEAD)" \
	--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
	--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
	--arg openssl "$("$OPENSSL" version)" '
	add as $r | {
		benchmark: "pq_issue", commit: $commit,
		machine: {cpu: $cpu, cores: ($cores | tonumber),
			kernel: $kernel},
		versions: {openssl: $openssl},
		bounds: {
			pq_issue_p99_ms: {bound: 100,
				measured: $r.pq_issue.p99_ms,
				held: ($r.pq_issue.p99_ms < 100)},
			pq_issue_rate_per_s: {bound: 100,
				measured: $r.pq_issue_max.rate_per_s,
				held: ($r.pq_issue_max.rate_per_s >= 100)}},
		results: $r}' "$LAB/results"
