#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every way a validation can end: DNS servers that lie, hang and rebind, hosts
# that show wrong certificates or nothing, CAA that forbids; addresses and
# wildcards up to the certificate.
set -euo pipefail
# shellcheck source=tests/e2e/acme_net.sh
. tests/e2e/acme_net.sh

net_enter "$@"
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

net_records() {
	local name
	for name in caa-dns caa-alpn caa-http caa-wild caa-other caa-mine \
		caa-many caa-later {unsigned,forged,servfail,hang}-{caa,aaaa}; do
		printf '%s.h2.%s. 0 AAAA fd99::2\n' "$name" "$1"
	done
	# What is tampered with exists, and would allow: a resolver may know by
	# other means that a name has no such record.
	for name in unsigned servfail hang; do
		printf '%s-caa.h2.%s. 0 CAA 0 issue "ca.lab.test"\n' "$name" \
			"$1"
	done
	printf 'forged-caa.h2.%s. 0 CAA 0 issue ";"\n' "$1"
	for name in dns alpn http; do
		printf 'caa-%s.h2.%s. 0 CAA 128 issue "ca.lab.test; %s"\n' \
			"$name" "$1" "validationmethods=$(
				sed 's/dns/dns-01/; s/alpn/tls-alpn-01/
				s/http/http-01/' <<<"$name")"
	done
	printf 'caa-wild.h2.%s. 0 CAA 0 issue "ca.lab.test"\n' "$1"
	printf "caa-many.h2.$1. 0 CAA 0 issue \"ca.lab.test; n=%s\"\n" {1..101}
	printf 'caa-wild.h2.%s. 0 CAA 0 issuewild ";"\n' "$1"
	printf 'caa-other.h2.%s. 0 CAA 0 issue "%s"\n' "$1" \
		"ca.lab.test; accounturi=https://ca.lab/acme/acct/other"
	printf '_acme-challenge.alias.%s. 0 CNAME proof.%s.\n' "$1" "$1"
	printf 'both.%s. 0 AAAA fd99::%s\n' "$1" 2 "$1" 3
	printf 'four.%s. 0 A 192.0.2.7\n' "$1"
}

NET_FORWARD_PORT=5353
LAB_CA_ISSUE="allow_ipv4 = true"
LAB_CA_ACME="validation_attempts = 1
		validation_timeout_ms = 2000
		caa_max_age_s = 0
		limit_accounts_3h = 0"
net_lab
ip addr add 192.0.2.7/32 dev lo

export LAB_CA NET_SECRET LAB_ROOT_CERT
/usr/bin/python3 tests/e2e/acme_challenges.py || lab_fail "acme_challenges.py"
lab_get "http://[::1]:9090/metrics" >"$LAB/metrics"
for method in http-01 dns-01 tls-alpn-01; do
	grep -q "^trustchain_acme_validations_total{.*$method.*\"valid\"" \
		"$LAB/metrics" ||
		lab_fail "no metric of valid $method"
done
