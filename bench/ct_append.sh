#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How many entries a second the engine of the log takes, without HTTP: parse,
# chain verification, dedup, write-ahead log, fdatasync, SCT signature, on two
# threads; as the disk is, and with 3 ms more for each sync.  One JSON object
# on stdout.  Bounds: 10,000 entries/s, p99 below 100 ms.
#
#   ct_append.sh            ENTRIES=100000 by default
set -euo pipefail

cd "$(dirname "$0")/.."
dir=$(mktemp -d "${TMPDIR:-/tmp}/troth-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
openssl=$(tools/setup.sh --openssl)
"$openssl" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$dir/key" -out "$dir/root" -subj "/CN=Bench Root" -days 30 \
	-addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign 2>/dev/null
build/bench/make_bodies chain "${ENTRIES:-100000}" "$dir/root" "$dir/key" 1 \
	>"$dir/bodies"
one() {
	build/bench/ct_append "$dir/shard.$1" "$dir/root" 2 "$1" 512 \
		<"$dir/bodies"
}
machine=$(/usr/bin/python3 bench/machine.py "$openssl" "$dir")
jq -n --argjson machine "$machine" --argjson plain "$(one 0)" --argjson slow "$(one 3)" \
	'{benchmark: "ct_append"} + $machine + {
		bounds: {
			entries_per_s: {bound: 10000,
				measured: $plain.entries_per_s,
				held: ($plain.entries_per_s >= 10000)},
			p99_ms: {bound: 100, measured: $plain.p99_ms,
				held: ($plain.p99_ms < 100)}},
		results: {plain: $plain, sync3ms: $slow}}'
