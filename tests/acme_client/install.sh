#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Install the npm package acme-client as the lock file says, unless it is.
set -euo pipefail

cd "$(dirname "$0")"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Node.js trusts what the system trusts.
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
if ! cmp -s package-lock.json node_modules/.troth-lock; then
	echo "installing acme-client"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json node_modules/.troth-lock
fi
