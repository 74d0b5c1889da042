#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The issue pipeline on virtual time: no invariant breaks in thousands of
# worlds; the same seed is the same world; and each way of building it wrong is
# found, with a command that shows the world where it was.
set -euo pipefail

sim=${TROTH_BIN:-build/bin}/test/issue-sim
fail() {
	printf 'FAIL: %s\n' "$*"
	exit 1
}

"$sim" --seeds 2000 || fail "an invariant broke"

[ "$("$sim" --first 7 --seeds 100)" = "$("$sim" --first 7 --seeds 100)" ] ||
	fail "the same seeds, other worlds"
[ "$("$sim" --first 7 --seeds 1 | tail -n 1)" != \
	"$("$sim" --first 8 --seeds 1 | tail -n 1)" ] ||
	fail "other seeds, the same world"

ways=$({ "$sim" --help || true; } 2>&1 | sed -n 's/^ways: sound //p')
[ "$(wc -w <<<"$ways")" -ge 10 ] || fail "ways to break it: $ways"
for way in $ways; do
	! found=$("$sim" --seeds 2000 --broken "$way") ||
		fail "$way: not found in 2000 worlds"
	what=$(sed -n 's/^FAILED seed=[0-9]*: //p' <<<"$found")
	replay=$(sed -n 's/^replay: issue-sim //p' <<<"$found")
	if [ -z "$what" ] || [ -z "$replay" ]; then
		fail "$way: $found"
	fi
	# shellcheck disable=SC2086 # arguments
	! again=$("$sim" $replay) || fail "$way: the replay passes"
	grep -q -- " FAILED $what\$" <<<"$again" ||
		fail "$way: the replay shows something else"
	printf '%s: %s\n' "$way" "$(head -n 1 <<<"$found")"
done
