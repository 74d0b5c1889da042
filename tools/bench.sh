#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Run benchmarks: all of bench/*.sh, or those named.  Each writes one JSON
# object with its figures, the hardware and the versions to
# build/bench/NAME.json and prints it.  issue_soak takes an hour, and runs only
# when it is named.
#
#   tools/bench.sh [NAME]...
set -euo pipefail

cd "$(dirname "$0")/.."
tools/build.sh gcc bench/crypto_speed bench/ct_append bench/ct_fill bench/http_load bench/make_bodies bench/ocsp_load \
	bench/udp_plain
[ $# -gt 0 ] || for f in bench/*.sh; do
	[ "$f" = bench/issue_soak.sh ] || set -- "$@" "$(basename "$f" .sh)"
done
for name; do
	bench/"$name".sh | tee "build/bench/$name.json"
done
