#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119
#
# An unmodified lego obtains certificates by http-01 with each kind of key it
# has, and renews one.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
lab_start

lego_run() {
	LEGO_CA_CERTIFICATES=$LAB_ROOT_CERT /usr/bin/lego --path "$LAB/lego" \
		--server "$LAB_CA/acme/directory" --accept-tos \
		--email admin@lego.test --http \
		--http.port "[::1]:$LAB_VALIDATION_PORT" "$@" \
		>>"$LAB/log/lego.log" 2>&1 || lab_fail "lego $*"
}

for kind in ec256 ec384 rsa2048; do
	lego_run --key-type "$kind" --domains "$kind.lego.test" \
		--domains "www.$kind.lego.test" run
	lab_check_chain "$LAB/lego/certificates/$kind.lego.test.crt" \
		"www.$kind.lego.test"
done
lego_run --domains ec256.lego.test --domains www.ec256.lego.test \
	renew --days 90 --no-random-sleep
lab_check_chain "$LAB/lego/certificates/ec256.lego.test.crt" ec256.lego.test
lab_say "lego: issued with three kinds of key, renewed"
