#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What no honest ACME client and no honest host sends gets its documented
# error: acme_hostile.py against the lab, with DNS records that forbid.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

LAB_TLS_PORT=$(lab_ports 1)
LAB_CA_ACME="validation_attempts = 1
		validation_tls_port = $LAB_TLS_PORT"
lab_new
lab_dns --address=/denied.test/fd00::1 \
	"$(lab_caa caa-ours.test 0 issue ca.lab.test)" \
	"$(lab_caa caa-method.test 128 issue \
		'ca.lab.test; validationmethods=dns-01,http-01')" \
	"$(lab_caa caa-forbids.test 0 issue ';')" \
	"$(lab_caa caa-critical.test 128 tbs Unknown)" \
	"$(lab_caa caa-account.test 0 issue \
		'ca.lab.test; accounturi=https://[::1]/acme/acct/1')" \
	"$(lab_caa caa-dns01.test 0 issue 'ca.lab.test; validationmethods=dns-01')"
lab_serve_ct
lab_serve_ca

# A certificate that nobody trusts.
"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$LAB/tls.key" -out "$LAB/tls.pem" -subj /CN=nobody \
	2>/dev/null
export LAB_TLS_PORT LAB LAB_BIN LAB_CA LAB_ROOT_CERT LAB_VALIDATION_PORT LAB_CA_PID \
	LAB_CT_PID
/usr/bin/python3 tests/e2e/acme_hostile.py || lab_fail "acme_hostile.py"
