#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119
#
# An unmodified certbot obtains a certificate by http-01, obtains it again with
# another kind of key, and shows why a name is refused.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
lab_start

certbot_run() {
	REQUESTS_CA_BUNDLE=$LAB_ROOT_CERT /usr/bin/certbot "$@" \
		--server "$LAB_CA/acme/directory" --non-interactive \
		--config-dir "$LAB/certbot" --work-dir "$LAB/certbot-work" \
		--logs-dir "$LAB/log" >>"$LAB/log/certbot.log" 2>&1
}
certbot_issue() {
	certbot_run certonly --standalone --http-01-address ::1 \
		--http-01-port "$LAB_VALIDATION_PORT" --agree-tos \
		--register-unsafely-without-email "$@" ||
		lab_fail "certbot certonly"
}
serial() {
	"$OPENSSL" x509 -in "$live/cert.pem" -noout -serial
}

live=$LAB/certbot/live/www.certbot.test
certbot_issue -d www.certbot.test -d certbot.test
lab_check_chain "$live/fullchain.pem" certbot.test
first=$(serial)
certbot_issue --cert-name www.certbot.test -d www.certbot.test \
	-d certbot.test --force-renewal \
	--key-type rsa
lab_check_chain "$live/fullchain.pem" www.certbot.test
[ "$first" != "$(serial)" ] || lab_fail "the renewed certificate is the old one"

# A name whose host does not answer.
if certbot_run certonly --webroot -w "$LAB" -d nobody.certbot.test; then
	lab_fail "a name nobody answers for was certified"
fi
grep -q 'no address answers on the validation port' "$LAB/log/certbot.log" ||
	lab_fail "certbot did not show the reason"

certbot_run unregister || lab_fail "certbot unregister"

# The refusal is in the audit log, or on its way there in the outbox.
kill "$LAB_CA_PID"
wait "$LAB_CA_PID" || lab_fail "the CA did not stop cleanly"
sqlite3 "$LAB_STATE/ca/ca.db" "SELECT event, fields FROM outbox" \
	>"$LAB/events"
cat "$LAB_STATE/ca/audit/audit.log" >>"$LAB/events"
for event in acme.account.created acme.account.deactivated cert.issued \
	acme.validation.failed; do
	grep -q "$event" "$LAB/events" || lab_fail "no audit event $event"
done
lab_say "certbot: issued, renewed, refused, unregistered"
