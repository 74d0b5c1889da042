#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The same requests to our server and to pebble (Debian 13): statuses and error
# types are the same but for what doc/acme-divergences.md lists.
set -euo pipefail
# shellcheck source=tests/e2e/acme_net.sh
. tests/e2e/acme_net.sh

if [ -z "${NET_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
	NET_D13=$(tools/debian13.sh pebble)
	export NET_D13
fi
net_enter "$@"
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

NET_FORWARD_PORT=5353
LAB_CA_ACME="validation_attempts = 1
		validation_timeout_ms = 2000
		limit_accounts_3h = 0"
net_lab
ip addr add 192.0.2.7/32 dev lo

# One certificate for pebble's directory, of nobody else's CA.
"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$LAB/pebble.key" -out "$LAB/pebble.pem" -subj /CN=pebble \
	-addext 'subjectAltName=DNS:ca.lab' 2>/dev/null
jq -n --arg lab "$LAB" '{pebble: {listenAddress: "[::1]:14000",
	managementListenAddress: "[::1]:15000",
	certificate: ($lab + "/pebble.pem"), privateKey: ($lab + "/pebble.key"),
	httpPort: 80, tlsPort: 443, ocspResponderURL: "",
	externalAccountBindingRequired: false}}' >"$LAB/pebble.json"
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 \
	"${NET_D13%/}/usr/bin/pebble" -config "$LAB/pebble.json" \
	-dnsserver '[::1]:5353' >"$LAB/log/pebble.log" 2>&1 &
LAB_PIDS+=($!)
cat "$LAB_ROOT_CERT" "$LAB/pebble.pem" >"$LAB/roots.pem"
LAB_PEBBLE=https://ca.lab:14000/dir
lab_wait 10 curl -sS --cacert "$LAB/roots.pem" "$LAB_PEBBLE" ||
	lab_fail "pebble does not answer"
export LAB_CA LAB_PEBBLE NET_SECRET LAB_ROOT_CERT=$LAB/roots.pem
/usr/bin/python3 tests/e2e/acme_pebble.py || lab_fail "acme_pebble.py"
