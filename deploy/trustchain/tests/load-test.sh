#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A steady load of certificate requests on a deployment:
#
#   load-test.sh --duration=1h --rps=1000 [--max-error=0] [--max-p99-ms=100]
#
# The load is open: request i is due at start + i/RPS, and its latency counts
# from then on, so a stall is felt by every request it delayed.  Prints p50,
# p99, max and errors as one JSON object; exit 1 when there are more errors than
# allowed, when fewer requests were answered than were due, or p99 is above its
# bound; 2 for a usage error.
#
#   VALIDATE_CA VALIDATE_ROOT VALIDATE_TOKENS   as for validate-deployment.sh;
#       the issuer's token must allow the names below "test", which the
#       requests are for, and the issuer must be allowed to sign as fast
#       (max_sign_per_s at least twice RPS)
#
# Without VALIDATE_CA a local deployment is brought up for it.
set -euo pipefail

usage() {
	sed -n '6p' "$0" | sed 's/^# *//' >&2
	exit 2
}

duration=60s rps=200 max_error=0 max_p99_ms=100
for arg; do
	case $arg in
	--duration=*) duration=${arg#*=} ;;
	--rps=*) rps=${arg#*=} ;;
	--max-error=*) max_error=${arg#*=} ;;
	--max-p99-ms=*) max_p99_ms=${arg#*=} ;;
	*) usage ;;
	esac
done
[[ $duration =~ ^([1-9][0-9]*)([smh]?)$ ]] || usage
case ${BASH_REMATCH[2]} in
m) seconds=$((BASH_REMATCH[1] * 60)) ;;
h) seconds=$((BASH_REMATCH[1] * 3600)) ;;
*) seconds=${BASH_REMATCH[1]} ;;
esac
[[ $rps =~ ^[1-9][0-9]{0,5}$ && $max_error =~ ^[0-9]+$ && $max_p99_ms =~ ^[0-9]+$ ]] || usage

cd "$(dirname "$0")/../../.."
tools=${TROTH_BENCH:-build/bench}
for program in http_load make_bodies; do
	[ -x "$tools/$program" ] || {
		echo "[ERROR] $tools/$program is missing; fix: ninja -C build bench/http_load bench/make_bodies" >&2
		exit 2
	}
done
if [ -z "${VALIDATE_CA:-}" ]; then
	LAB_CA_ISSUER="max_sign_per_s = $((rps * 2 > 500 ? rps * 2 : 500))"
	# shellcheck source=deploy/trustchain/infrastructure/local-deployment.sh
	. deploy/trustchain/infrastructure/local-deployment.sh
	local_up
	scratch=$LAB
else
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
fi

"$tools/make_bodies" csr 2000 >"$scratch/csrs"
status=0
"$tools/http_load" --url "$VALIDATE_CA/api/v1/ca/issue" --bodies "$scratch/csrs" \
	--cacert "$VALIDATE_ROOT" --expect 201 --connections 64 \
	--header "Authorization: Bearer $(cat "$VALIDATE_TOKENS/issuer")" \
	--header 'Content-Type: application/json' \
	--rate "$rps" --seconds "$seconds" >"$scratch/load.json" || status=$?
[ "$status" -lt 2 ] || exit 2
jq --argjson rps "$rps" --argjson seconds "$seconds" --argjson max_error "$max_error" \
	--argjson max_p99 "$max_p99_ms" '{
		duration_s: $seconds, rps: $rps, answered_per_s: .rate_per_s,
		p50_ms, p99_ms, max_ms, ok, errors, last_bad_status,
		missed: ([
			if .errors > $max_error then "errors" else empty end,
			if .ok + .errors < $rps * $seconds * 0.99 then "rate" else empty end,
			if .p99_ms > $max_p99 then "p99" else empty end])}' \
	"$scratch/load.json" | tee "$scratch/report.json"
jq -e '.missed == []' "$scratch/report.json" >/dev/null
