#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# deploy-production.sh: arguments are checked before anything runs, dry-run
# changes nothing, "local" below a folder makes what the daemons start from.
set -euo pipefail

deploy=deploy/trustchain/deploy-production.sh
tmp=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$tmp"' EXIT
fail() {
	echo "FAIL: $*"
	exit 1
}
PATH=$(realpath "$TROTH_BIN"):$PATH
export TRUSTCHAIN_ROOT=$tmp/root
mkdir "$TRUSTCHAIN_ROOT"

refused() {
	local code=0
	"$deploy" "$@" >"$tmp/out" 2>&1 || code=$?
	[ "$code" = 2 ] || fail "$*: exit $code: $(cat "$tmp/out")"
}
for args in "" "local" "local deploy" "mars deploy 1" "local nuke 1" "local deploy 9" "local deploy 1 wet" "local deploy 1 dry-run more" "local deploy 2" "production deploy 1" "staging deploy all"; do
	# shellcheck disable=SC2086 # words
	refused $args
done
PATH=/usr/bin:/bin refused local deploy 1
grep -q 'missing: .*trustchain-ca' "$tmp/out" || fail "a missing program is not named: $(cat "$tmp/out")"
"$deploy" local deploy all dry-run >"$tmp/out" || fail "dry-run: $(cat "$tmp/out")"
[ "$(grep -c '^\[INFO\] would ' "$tmp/out")" -ge 5 ] || fail "dry-run says: $(cat "$tmp/out")"
[ -z "$(ls -A "$TRUSTCHAIN_ROOT")" ] || fail "dry-run made $(ls -A "$TRUSTCHAIN_ROOT")"
"$deploy" local validate all dry-run | grep 'would run: .*validate-deployment.sh local' >/dev/null || fail "validate"

"$deploy" local deploy 1 >"$tmp/out" 2>&1 || fail "local: $(cat "$tmp/out")"
sum=$(cd "$TRUSTCHAIN_ROOT" && find . -type f -exec sha256sum {} + | sort)
"$deploy" local deploy all >"$tmp/out" 2>&1 || fail "a second time: $(cat "$tmp/out")"
[ "$(cd "$TRUSTCHAIN_ROOT" && find . -type f -exec sha256sum {} + | sort)" = "$sum" ] || fail "a second time changes files"
# It is what the daemons start from, on other ports.
read -r a b c d < <(/usr/bin/python3 -c 'import socket
held = [socket.socket(socket.AF_INET6) for _ in range(4)]
for s in held: s.bind(("::1", 0))
print(*(s.getsockname()[1] for s in held))')
TRUSTCHAIN_SERVER_METRICS_LISTEN="[::1]:$d" trustchain-ct serve >"$tmp/ct.log" 2>&1 &
pids+=($!)
TRUSTCHAIN_SERVER_LISTEN="[::1]:$a" TRUSTCHAIN_SERVER_HTTP_LISTEN="[::1]:$b" TRUSTCHAIN_SERVER_METRICS_LISTEN="[::1]:$c" \
	trustchain-ca serve >"$tmp/ca.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do
	! curl -fsSg -o /dev/null --max-time 2 "http://[::1]:$c/ready" 2>/dev/null || exit 0
	sleep 0.1
done
fail "not ready: $(tail -n 5 "$tmp"/*.log)"
