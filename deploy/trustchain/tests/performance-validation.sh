#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every benchmark of the identity plane, each held to its bound:
#
#   performance-validation.sh [--quick] [BENCHMARK]...
#
# They are bench/*.sh of the source tree and measure this machine, not a
# deployment elsewhere.  Prints PASS|FAIL <benchmark>.<bound> measured=<v>
# bound=<v>, last "N passed, N failed"; exit 1 with a FAIL.  --quick runs
# each for seconds and with few rows: what it says is a hint, not a result.
set -euo pipefail

quick='' names=()
for arg; do
	case $arg in
	--quick) quick=1 ;;
	-*)
		sed -n '6p' "$0" | sed 's/^# *//' >&2
		exit 2
		;;
	*) names+=("$arg") ;;
	esac
done
cd "$(dirname "$0")/../../.."
[ ${#names[@]} -gt 0 ] || names=(issue_rest ct_append ct_proof ct_10m status revoke_all pq_issue)
for name in "${names[@]}"; do
	[ -x "bench/$name.sh" ] || {
		echo "[ERROR] no benchmark $name" >&2
		exit 2
	}
done
if [ -n "$quick" ]; then
	export SECONDS_RATE=5 SECONDS_MAX=3 ROWS=2000 REVOKED=200
	export ENTRIES=20000
fi
out=$(mktemp)
trap 'rm -f "$out" "$out".*' EXIT
for name in "${names[@]}"; do
	code=0
	"bench/$name.sh" >"$out" || code=$?
	if ! jq -e . "$out" >/dev/null 2>&1; then
		printf 'FAIL %s measured=exit_%d bound=a_result\n' "$name" "$code"
		continue
	fi
	# Bounds as {bound, measured, held}, or as numbers beside one verdict.
	jq -r --arg name "$name" --argjson code "$code" '
		[.bounds // {} | to_entries[] | select(.value | type == "object") |
			"\(if .value.held then "PASS" else "FAIL" end) \($name).\(.key) measured=\(.value.measured) bound=\(.value.bound)"]
		as $each | if $each != [] then $each[] else
			"\(if $code == 0 and (.pass != false) then "PASS" else "FAIL" end) \($name) measured=\((.measured // .results // .) | tojson | gsub(" "; "") | .[0:200]) bound=\(.bounds // "exit_0" | tojson)"
		end' "$out"
done | tee "$out.lines"
failed=$(grep -c '^FAIL' "$out.lines" || true)
printf '%d passed, %d failed\n' "$(grep -c '^PASS' "$out.lines" || true)" "$failed"
[ "$failed" -eq 0 ]
