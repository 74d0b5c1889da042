#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fuzz with libFuzzer under the sanitizers, starting from tests/corpus:
#
#   tools/fuzz.sh [-s SECONDS] [TARGET...]
#
# Every target (or those named, as in "wire_json") runs for SECONDS, 300 unless
# told, JOBS at a time (as many as there are cores).  Inputs that reach new
# code are kept in build-fuzz/corpus, what crashes in build-fuzz/crashes.
set -euo pipefail

cd "$(dirname "$0")/.."
seconds=300
if [ "${1:-}" = -s ]; then
	seconds=$2
	shift 2
fi
tools/build.sh fuzz
if [ $# -eq 0 ]; then
	for f in build-fuzz/fuzz_*; do
		[ ! -f "$f" ] || set -- "$@" "${f#build-fuzz/fuzz_}"
	done
fi

# fuzz_one TARGET: one line of result, and status 1 with the log's tail when
# the target crashed, leaked, hung or used more than 2 GiB.
fuzz_one() {
	local name=$1 log=build-fuzz/logs/$1.log status=0
	mkdir -p "build-fuzz/corpus/$name" "build-fuzz/crashes/$name" \
		build-fuzz/logs
	"build-fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
		-rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
		-artifact_prefix="build-fuzz/crashes/$name/" \
		"build-fuzz/corpus/$name" "tests/corpus/$name" \
		>"$log" 2>&1 || status=1
	if [ $status -ne 0 ]; then
		echo "fuzz: $name FAILED; $log"
		tail -n 40 "$log"
		return 1
	fi
	echo "fuzz: $name clean," \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
}
export -f fuzz_one
export seconds

echo "fuzz: $# targets, $seconds s each"
if printf '%s\0' "$@" |
	xargs -0 -P "${JOBS:-$(nproc)}" -I '{}' bash -c 'fuzz_one {}'; then
	echo "fuzz: all clean"
else
	echo "fuzz: there are findings"
	exit 1
fi
