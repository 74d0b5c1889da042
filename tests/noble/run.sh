#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Our primitives and the @noble packages agree on random inputs.  TROTH_SEED
# repeats an earlier run; known answers that are in the tree do not drift.
#
#   tests/noble/run.sh PEER
set -euo pipefail

peer=$(realpath "$1")
cd "$(dirname "$0")"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Node.js trusts what the system trusts.
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}

# What npm installed is what the lock file says now.
if ! cmp -s package-lock.json node_modules/.troth-lock; then
	echo "installing the @noble packages"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.troth-lock
fi
node compare.mjs "$peer" ${TROTH_SEED:+"$TROTH_SEED"}
node known.mjs | cmp - ../vectors/noble/known.json ||
	{ echo "FAIL: known.json is not what known.mjs prints"; exit 1; }
