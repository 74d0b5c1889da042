#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119
#
# What accounts do besides ordering: external account binding, key change,
# revocation, by acme_account.py and by lego and certbot, unmodified.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

LAB_CA_ACME="require_eab = true
		limit_duplicate_day = 4

		[profile.short]
		base = \"server\"
		validity_s = 7200
		policy_oids = [\"2.23.140.1.2.1\"]
		acme = true"
lab_new
lab_dns "$(lab_caa no1.one.test 0 issue ';')" \
	"$(lab_caa no2.one.test 0 issue other.test)"
lab_serve_ct
lab_serve_ca

# eab SCOPE...: make a binding key; "kid key" on stdout.
eab() {
	local s
	local -a args=()
	for s; do
		args+=(--name-scope "$s")
	done
	lab_ca eab create --ttl 1h --preauthorized "${args[@]}" |
		sed -n 's/^kid=\([^ ]*\) hmac_key=/\1 /p'
}

LAB_EAB="$(eab one.test both.test),$(eab two.test both.test)"
export LAB LAB_BIN LAB_CA LAB_CA_PID LAB_ROOT_CERT LAB_EAB
/usr/bin/python3 tests/e2e/acme_account.py || lab_fail "acme_account.py"
code=0
TRAFFIC_PERCENTAGE=101 lab_ca serve >"$LAB/err" 2>&1 || code=$?
[ "$code" -eq 2 ] || lab_fail "TRAFFIC_PERCENTAGE=101 ends with $code"
lab_serve_ca

# Unmodified clients: bound by a key, revoked by account and by key.
read -r kid key <<<"$(eab lego.test)"
lego_run() {
	LEGO_CA_CERTIFICATES=$LAB_ROOT_CERT /usr/bin/lego --path "$LAB/lego" \
		--server "$LAB_CA/acme/directory" --accept-tos \
		--email admin@lego.test --http \
		--http.port "[::1]:$LAB_VALIDATION_PORT" --domains www.lego.test \
		--eab --kid "$kid" --hmac "$key" "$@" >>"$LAB/log/lego.log" 2>&1 || lab_fail "lego $*"
}
lego_run run
lab_check_chain "$LAB/lego/certificates/www.lego.test.crt" www.lego.test
serial=$("$OPENSSL" x509 -in "$LAB/lego/certificates/www.lego.test.crt" \
	-noout -serial | sed 's/.*=//' | tr A-F a-f)
lego_run revoke
[ "$(lab_ca show "$serial" --json | jq -r .status)" = Revoked ] ||
	lab_fail "lego's certificate is not revoked"

read -r kid key <<<"$(eab certbot.test)"
certbot_run() {
	local c=$LAB/certbot
	REQUESTS_CA_BUNDLE=$LAB_ROOT_CERT certbot "$@" --config-dir "$c" \
		--work-dir "$c/work" --logs-dir "$c/log" --non-interactive \
		--server "$LAB_CA/acme/directory" >>"$LAB/log/certbot.log" 2>&1 ||
		lab_fail "certbot $*"
}
certbot_run certonly --standalone --http-01-address ::1 --http-01-port \
	"$LAB_VALIDATION_PORT" --agree-tos --register-unsafely-without-email \
	--eab-kid "$kid" --eab-hmac-key "$key" -d www.certbot.test
live=$LAB/certbot/live/www.certbot.test
lab_check_chain "$live/fullchain.pem" www.certbot.test
serial=$("$OPENSSL" x509 -in "$live/cert.pem" -noout -serial |
	sed 's/.*=//' | tr A-F a-f)
certbot_run revoke --cert-path "$live/cert.pem" --key-path \
	"$live/privkey.pem" --reason keycompromise --no-delete-after-revoke
lab_ca show "$serial" --json | jq -e '.status == "Revoked" and .reason == 1' \
	>/dev/null || lab_fail "certbot's certificate is not revoked"
lab_ca block list | grep -q '^spki' || lab_fail "its key is not blocked"

# A node that was enrolled by a binding key is purged by it: all it has is
# revoked, for OCSP and on the CRL, and it gets nothing more.
read -r purged_kid purged_key <<<"$(eab purge.test)"
purge_lego() {
	LEGO_CA_CERTIFICATES=$LAB_ROOT_CERT /usr/bin/lego --path "$LAB/purged" \
		--server "$LAB_CA/acme/directory" --accept-tos \
		--email admin@purge.test --http \
		--http.port "[::1]:$LAB_VALIDATION_PORT" --domains "$1" \
		--eab --kid "$purged_kid" --hmac "$purged_key" run \
		>>"$LAB/log/lego.log" 2>&1
}
purge_lego www.purge.test || lab_fail "lego for the node to be purged"
purged=$LAB/purged/certificates/www.purge.test.crt
"$OPENSSL" x509 -in "$purged" -out "$LAB/purged.pem"
serial=$("$OPENSSL" x509 -in "$purged" -noout -serial | sed 's/.*=//')
revoker=$(lab_ca token create --role revoker --ttl 1h | sed -n 's/.*token=//p')
lab_get "$LAB_CA/api/v1/ca/revoke" -H "Authorization: Bearer $revoker" \
	-H 'Content-Type: application/json' \
	--data "{\"eab_kid\": \"$purged_kid\", \"block\": true}" |
	jq -e '.revoked == 1' >/dev/null || lab_fail "revoke by binding key"
is_purged() {
	"$OPENSSL" ocsp -issuer "$LAB_ISSUER_CERT" -cert "$LAB/purged.pem" \
		-url "$LAB_HTTP/ocsp" -CAfile "$LAB_ROOT_CERT" \
		-verify_other "$LAB_ISSUER_CERT" 2>&1 | grep 'pem: revoked' &&
		lab_get "$LAB_CA/api/v1/ca/crl" -o "$LAB/full.pem" &&
		"$OPENSSL" crl -in "$LAB/full.pem" -noout -text |
		grep "Serial Number: $serial"
}
lab_wait 5 is_purged || lab_fail "not purged within 5 s"
! purge_lego other.purge.test || lab_fail "a purged node got a certificate"

# The operator ends an account; a key that is revoked ends its account.
account=$(lab_ca acme account list --json |
	jq -r --arg kid "$kid" '.accounts[] | select(.eab_kid == $kid).account')
lab_ca acme account deactivate -- "$account" |
	grep -qx "\[SUCCESS\] account $account deactivated" ||
	lab_fail "account deactivate"
lab_ca acme account list | grep -q -- "^$account  *revoked" ||
	lab_fail "the account lives on"
lab_ca eab revoke "$kid" | grep -qx "\[SUCCESS\] eab $kid revoked" ||
	lab_fail "eab revoke"
if lab_ca eab revoke "$(printf %032d 0)" 2>"$LAB/err"; then
	lab_fail "an unknown key was revoked"
fi
for event in eab.created eab.revoked acme.account.created \
	acme.account.key_changed acme.account.deactivated cert.revoked; do
	lab_wait 10 grep -q "$event" "$LAB_STATE/ca/audit/audit.log" ||
		lab_fail "no audit event $event"
done
lab_say "accounts: bound, keys changed, certificates revoked"
