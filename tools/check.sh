#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Build and run the tests; the last line is "N passed, N failed":
#
#   tools/check.sh [gcc|san]
#
# gcc: everything.  san: the unit tests and fuzz corpora under clang with the
# address and undefined-behaviour sanitizers.
set -euo pipefail

cd "$(dirname "$0")/.."
kind=${1:-gcc}
if ! tools/build.sh "$kind"; then
	echo "check: the build failed"
	echo "0 passed, 1 failed"
	exit 1
fi
exec /usr/bin/python3 tools/check.py "$kind"
