#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whether issuing stays as fast and as small as it was: RATE requests a second
# by REST for SECONDS_RATE, into a store that has ROWS live certificates before.
# One JSON object on stdout, progress on stderr; exit 1 when a bound is missed.
#
#   issue_soak.sh      ROWS=1000000 RATE=200 SECONDS_RATE=3600 SECONDS_WINDOW=300
#
# A short one: SECONDS_RATE=60 SECONDS_WINDOW=10.  Bounds: p99 of the last window
# at most 1.2 times that of the first; memory of the CA's processes at most 10 %
# more at the mean of the last window than at that of the first.  Memory is
# resident, of all processes of a daemon, pages that they share counted once.
# That of the log is reported beside it.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
rows=${ROWS:-1000000}
rate=${RATE:-200}
seconds=${SECONDS_RATE:-3600}
window=${SECONDS_WINDOW:-300}
warm=${SECONDS_WARM:-10}
OPENSSL=$(tools/setup.sh --openssl)

progress() {
	printf 'bench: %s\n' "$*" >&2
}

# issue ARGUMENT...
issue() {
	build/bench/http_load --url "$LAB_CA/api/v1/ca/issue" \
		--bodies "$LAB/csrs" --cacert "$LAB_ROOT_CERT" --expect 201 \
		--header "Authorization: Bearer $LAB_TOKEN" \
		--header 'Content-Type: application/json' \
		--connections 64 --rate "$rate" "$@"
}

# memory PID: KiB of a daemon's processes.
memory() {
	local pid
	for pid in "$1" $(pgrep -P "$1"); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '$1 == "Pss:" { n += $2 } END { print n }'
}

# watch: once a second "seconds CA log" in $LAB/memory, until killed.
watch() {
	local begin=$SECONDS
	while sleep 1; do
		printf '%d %d %d\n' $((SECONDS - begin)) \
			"$(memory "$LAB_CA_PID")" "$(memory "$LAB_CT_PID")"
	done >"$LAB/memory"
}

# mean COLUMN FROM TO: of the rows of $LAB/memory with these seconds.
mean() {
	awk -v c="$1" -v from="$2" -v to="$3" '
		$1 > from && $1 <= to { n++; s += $c }
		END { if (!n) exit 1; printf "%.0f", s / n }' "$LAB/memory"
}

LAB_CA_ISSUER="max_sign_per_s = $((rate * 2 > 500 ? rate * 2 : 500))"
LAB_CT_SERVER='rate_per_min = 0'
lab_new
machine=$(bench/machine.py "$OPENSSL" "$LAB")
lab_start
kill "$LAB_CA_PID" && wait "$LAB_CA_PID"
progress "filling the store with $rows rows"
/usr/bin/python3 bench/fill_ca.py "$LAB_STATE/ca/ca.db" "$rows" 0 "$LAB/serials"
lab_serve_ca 120
build/bench/make_bodies csr 20000 >"$LAB/csrs"
issue --seconds "$warm" >/dev/null || lab_fail "warming up"
progress "$rate/s for $seconds s"
watch &
watcher=$!
LAB_PIDS+=("$watcher")
status=0
issue --seconds "$seconds" --window "$window" >"$LAB/one.json" || status=$?
[ $status -lt 2 ] || exit $status
kill "$watcher"

last=$((seconds - window))
jq --argjson machine "$machine" --argjson rows "$rows" \
	--argjson window "$window" \
	--argjson ca "[$(mean 2 0 "$window"),$(mean 2 $last "$seconds")]" \
	--argjson ct "[$(mean 3 0 "$window"),$(mean 3 $last "$seconds")]" '
	. as $r | (.last_p99_ms / .first_p99_ms) as $p99 |
	($ca[1] / $ca[0] - 1) as $growth |
	{benchmark: "issue_soak"} + $machine + {
		rows: $rows, window_s: $window,
		bounds: {
			p99_last_to_first: {bound: 1.2, measured: $p99,
				held: ($p99 <= 1.2)},
			memory_growth: {bound: 0.1, measured: $growth,
				held: ($growth <= 0.1)},
			errors: {bound: 0, measured: .errors,
				held: (.errors == 0)}},
		memory_kib: {
			ca: {first: $ca[0], last: $ca[1]},
			ct: {first: $ct[0], last: $ct[1]}},
		results: $r}' "$LAB/one.json" | tee "$LAB/result"
jq -e '[.bounds[].held] | all' "$LAB/result" >/dev/null
