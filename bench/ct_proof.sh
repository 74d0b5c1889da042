#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How long inclusion and consistency proofs take over HTTPS in a log of a
# million entries, drawn by lot and each verified by a reader that shares no
# code with the log.  One JSON object on stdout, progress on stderr.
#
#   ct_proof.sh [--entries N] [--dir FOLDER]
#
# Bounds: p99 below 5 ms warm, below 20 ms cold.  One connection, which asks
# again when the last answer is there.  Warm: every tile was read before.
# Cold: the daemon was started on files that are not in the page cache, and
# before each proof all tiles are taken out of it again; the index warms up
# with the proofs.  With --dir the log is kept for the next run.
set -euo pipefail

cd "$(dirname "$0")/.."
entries=${ENTRIES:-1000000} dir=''
while [ $# -gt 1 ]; do
	case $1 in
	--entries) entries=$2 ;;
	--dir) dir=$2 ;;
	esac
	shift 2
done
if [ -z "$dir" ]; then
	dir=$(mktemp -d "${TMPDIR:-/var/tmp}/troth-bench.XXXXXX")
	trap 'rm -rf "$dir"' EXIT
fi
mkdir -p "$dir"
openssl=$(tools/setup.sh --openssl)
machine=$(/usr/bin/python3 bench/machine.py "$openssl" "$dir")
TROTH_BIN=${TROTH_BIN:-build/bin} PYTHONPATH=tests/e2e \
	/usr/bin/python3 -W ignore bench/ct_big.py proof "$dir" "$entries" |
	jq --argjson machine "$machine" \
		'def below($b; $m): {bound: $b, measured: $m, held: ($m < $b)};
		def worst: [.[].p99_ms] | max;
		{benchmark: "ct_proof"} + $machine + {
			bounds: {warm_p99_ms: below(5; .warm | worst),
				cold_p99_ms: below(20; .cold | worst)},
			results: .}'
