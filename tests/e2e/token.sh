#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# An intermediate whose key is on a PKCS #11 token (SoftHSM 2), in a key
# process of its own: it issues; with the token gone it answers 503 and raises
# the alarm; it is back by itself; a wrong PIN is tried once.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

module=
for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ -e "$path" ] && module=$path
done
[ -n "$module" ] || { echo "FAIL: no SoftHSM (package softhsm2)"; exit 1; }

# Slot label, PIN and its file, as the operator sets them up.
token=$(mktemp -d "${TMPDIR:-/tmp}/troth-token.XXXXXX")
mkdir -p "$token/tokens" "$token/away"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' \
	"$token" >"$token/softhsm2.conf"
export SOFTHSM2_CONF=$token/softhsm2.conf
softhsm2-util --init-token --free --label Troth --so-pin 12345678 --pin 1234 >/dev/null
(umask 077 && printf '1234\n' >"$token/pin")

LAB_CA_KEY='pkcs11:token=Troth;object=intermediate-1'
LAB_CA_PASS=/etc/trustchain/pin
LAB_CA_ISSUER="pkcs11_module = \"$module\"
		pkcs11_paths = [\"$token\"]"

# The pass file has to be there before init-ca logs in.
eval "$(declare -f lab_config_ct | sed '1s/lab_config_ct/lab_config_ct_plain/')"
lab_config_ct() {
	install -m 0600 "$token/pin" "$LAB/etc/trustchain/pin"
	lab_config_ct_plain
}
end() {
	lab_end
	rm -rf "$token"
}
lab_new
trap end EXIT
grep -q 'made pkcs11:token=Troth;object=intermediate-1' "$LAB/log/init-ca.log" ||
	lab_fail "init-ca made no key on the token"
[ ! -e "$LAB/etc/trustchain/keys/intermediate-ca-1.key" ] || lab_fail "a key file was made"

# issues NAME: a certificate that openssl verifies, whose issuer's key is the
# token's.
issues() {
	lab_issue "$1" >"$LAB/$1.json" || return 1
	jq -r '.certificate, .chain | if type == "array" then .[] else . end' "$LAB/$1.json" >"$LAB/$1.pem"
	lab_check_chain "$LAB/$1.pem" "$1"
}

# refuses NAME: 503 key_unavailable, and nothing else.
refuses() {
	local said
	said=$(lab_issue "$1" 2>/dev/null) || true
	grep -q key_unavailable <<<"$said"
}

lab_unhealthy() {
	curl -sg --cacert "$LAB_ROOT_CERT" "$LAB_CA/health" |
		jq -e '.components.keys.state != "Healthy"'
}

lab_start
issues first.test || lab_fail "cannot issue: $(cat "$LAB/first.test.json")"

# Four processes: the token's keys have one of their own.
[ "$(pgrep -P "$LAB_CA_PID" | wc -l)" -eq 3 ] || lab_fail "not three children"

# Unplugged: no fallback.  And back, without a restart.
mv "$token"/tokens/* "$token/away/"
lab_wait 15 refuses gone.test || lab_fail "issues from a token that is gone"
grep -q '"key.unavailable"' "$LAB/log/ca.log" || lab_fail "no alarm"
grep -q 'key.unavailable' "$LAB"/var/lib/trustchain/ca.refused* -r || lab_fail "no alarm in the audit log"
mv "$token"/away/* "$token/tokens/"
lab_wait 10 issues back.test || lab_fail "not back ten seconds after the token"
grep -q '"key.available"' "$LAB/log/ca.log" || lab_fail "the alarm is not cleared"

# A wrong PIN is tried once, whatever is reloaded, and a right one helps.
printf '4321\n' >"$LAB/etc/trustchain/pin"
kill -HUP "$LAB_CA_PID"
lab_wait 15 grep -q 'CKR_PIN_INCORRECT' "$LAB/log/ca.log" || lab_fail "the wrong PIN was not noticed"
refuses pin.test || lab_fail "issues with a wrong PIN"
kill -HUP "$LAB_CA_PID"
lab_wait 15 grep -q 'refused this PIN, and it is not tried again' "$LAB/log/ca.log" || lab_fail "no word about the PIN"
lab_wait 10 lab_unhealthy || lab_fail "healthy without its key"
[ "$(grep -c CKR_PIN_INCORRECT "$LAB/log/ca.log")" -eq 1 ] || lab_fail "the wrong PIN was tried twice"
cp "$token/pin" "$LAB/etc/trustchain/pin"
kill -HUP "$LAB_CA_PID"
lab_wait 15 issues pin.test || lab_fail "not back with the right PIN"
