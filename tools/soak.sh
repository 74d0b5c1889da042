#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The crash tests of "make check", long: every tests/e2e/crash* with
# TROTH_CRASHES kills each (1000 unless told) instead of 20, and the simulated
# issue pipeline in a thousand worlds for each of them, other ones each time.
# A minute without news is followed by a line that says how far it is.
#
#   tools/soak.sh [CRASHES]
set -euo pipefail

cd "$(dirname "$0")/.."
export TROTH_CRASHES=${1:-1000}
tools/build.sh
status=0
ran=0

# watch PID NAME LOG: while PID runs, say how far the test that writes LOG is.
watch() {
	local last='' line
	while kill -0 "$1" 2>/dev/null; do
		for _ in $(seq 60); do
			kill -0 "$1" 2>/dev/null || return 0
			sleep 1
		done
		line=$(grep -o 'progress: .*' "$3" | tail -n 1) || true
		[ "$line" = "$last" ] || echo "soak: $2, ${line#progress: }"
		last=$line
	done
}

for script in tests/e2e/crash*; do
	[ -f "$script" ] || continue
	ran=$((ran + 1))
	name=$(basename "$script")
	log=build/soak-$name.log
	start=$SECONDS
	echo "soak: $name, $TROTH_CRASHES crashes; log in $log"
	meson test -C build --no-rebuild --timeout-multiplier 0 \
		--logbase soak --verbose "e2e/$name" >"$log" 2>&1 &
	test=$!
	watch "$test" "$name" "$log"
	if wait "$test"; then
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
