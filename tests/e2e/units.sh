#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The systemd units are units, confine what they start, and name programs and
# users that exist.
set -euo pipefail

fail() {
	echo "FAIL: $*"
	exit 1
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
units=deploy/trustchain/systemd
# The programs are not installed here: the same units with true for them.
for u in "$units"/*.service; do
	sed -E 's,^ExecStart=/usr/local/bin/\S+.*,ExecStart=/bin/true,' "$u" >"$tmp/${u##*/}"
	program=$(sed -nE 's,^ExecStart=/usr/local/bin/(\S+).*,\1,p' "$u")
	[ -x "$TROTH_BIN/$program" ] || fail "$u starts $program"
	command=$(sed -nE 's,^ExecStart=/usr/local/bin/\S+ (\S+)$,\1,p' "$u")
	"$TROTH_BIN/$program" "$command" --help | grep -q "^usage: $program $command" || fail "$u: $program has no command $command"
done
if command -v systemd-analyze >/dev/null; then
	SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$tmp"/*.service >"$tmp/verify" 2>&1 || fail "$(cat "$tmp/verify")"
	! grep -F "$tmp" "$tmp/verify" || fail "systemd-analyze verify complains"
	# 0 is confined, 10 is not; a change that opens a unit up is noticed.
	for u in "$tmp"/*.service; do
		systemd-analyze security --offline=yes --threshold=35 --no-pager "$u" >"$tmp/security" 2>&1 || fail "$(grep -v '✓' "$tmp/security")"
		tail -n 1 "$tmp/security"
	done
	sed -i '/^SystemCallFilter/d; /^CapabilityBoundingSet/d; /^Protect/d; /^Private/d' "$tmp/trustchain-ca.service"
	! systemd-analyze security --offline=yes --threshold=35 --no-pager "$tmp/trustchain-ca.service" >/dev/null 2>&1 || fail "the threshold stops nothing"
else
	echo "no systemd-analyze here"
fi
for user in trustchain trustchain-keys; do
	grep -Eq "^u $user " "$units/trustchain.sysusers.conf" || fail "no user $user"
	grep -rq "\"$user\"" src/trustchain || fail "nobody uses the user $user"
done
