#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How long after its SCT an entry is covered by a checkpoint that three of four
# witnesses, all on this machine, have cosigned: from the answer to the
# submission until the checkpoint is seen by somebody who looks every 5 ms.  At
# RATE submissions a second for SECONDS, after one warm-up second; the median
# of three runs.  One JSON object on stdout.  Bound: p99 below 1 s.
#
#   publish_lag.sh          RATE=100 SECONDS_EACH=8 by default
set -euo pipefail

cd "$(dirname "$0")/.."
openssl=$(tools/setup.sh --openssl)
TROTH_BIN=build/bin PYTHONPATH=tests/e2e /usr/bin/python3 -W ignore \
	bench/publish_lag.py "${RATE:-100}" "${SECONDS_EACH:-8}" |
	jq --arg commit "$(git rev-parse --short HEAD)" \
		--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo |
			head -1)" \
		--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
		--arg openssl "$("$openssl" version)" \
		'{benchmark: "publish_lag", commit: $commit,
			machine: {cpu: $cpu, cores: ($cores | tonumber),
				kernel: $kernel},
			versions: {openssl: $openssl},
			bounds: {p99_ms: {bound: 1000, measured: .p99_ms,
				held: (.p99_ms < 1000)}},
			results: .}'
