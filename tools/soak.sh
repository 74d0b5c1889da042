#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The crash tests of "make check", long: every tests/e2e/crash* with
# TROTH_CRASHES kills each (200 unless told) instead of 20, and the simulated
# issue pipeline in a thousand worlds for each of them, other ones each time.
#
#   tools/soak.sh [CRASHES]
set -euo pipefail

cd "$(dirname "$0")/.."
export TROTH_CRASHES=${1:-200}
tools/build.sh
status=0
ran=0
for script in tests/e2e/crash*; do
	[ -f "$script" ] || continue
	ran=$((ran + 1))
	name=$(basename "$script")
	log=build/soak-$name.log
	start=$SECONDS
	echo "soak: $name, $TROTH_CRASHES crashes; log in $log"
	if meson test -C build --no-rebuild --timeout-multiplier 0 \
		--logbase soak --verbose "e2e/$name" >"$log" 2>&1; then
		echo "soak: $name passed in $((SECONDS - start)) s"
	else
		tail -n 40 "$log"
		echo "soak: $name FAILED after $((SECONDS - start)) s"
		status=1
	fi
done
[ "$ran" -gt 0 ] || {
	echo "soak: there is no tests/e2e/crash*" >&2
	exit 1
}
first=$(($(date +%s) * 1000))
echo "soak: issue-sim, $((TROTH_CRASHES * 1000)) worlds from $first on"
build/bin/test/issue-sim --first "$first" --seeds $((TROTH_CRASHES * 1000)) ||
	status=1
exit $status
