#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Halting and revoke-all against a real daemon: who may, who may not, what is
# revoked, that a token works once, that a kill in the middle loses nothing,
# and that only two operators let issuance resume.

set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/e2e/lib.sh

# call METHOD TOKEN PATH [CURL-ARGUMENT...]: the answer; $STATUS is set.
call() {
	local method=$1 token=$2 path=$3
	shift 3
	STATUS=$(curl -sS --max-time 20 --cacert "$LAB_ROOT_CERT" -g \
		-o "$LAB/answer" -w '%{http_code}' -X "$method" \
		-H "Authorization: Bearer $token" "$LAB_CA$path" "$@") ||
		STATUS=000
}

expect() {
	[ "$STATUS" = "$1" ] ||
		lab_fail "$2: status $STATUS, not $1: $(cat "$LAB/answer")"
}

answer() {
	jq -r "$1" "$LAB/answer"
}

# refused WANTED-EXIT-CODE ARGUMENT...: a command that must fail so.
refused() {
	local want=$1 code=0
	shift
	lab_ca "$@" >"$LAB/out" 2>&1 || code=$?
	[ "$code" = "$want" ] ||
		lab_fail "$*: exit $code, not $want: $(cat "$LAB/out")"
}

# arm AS NAME ARGUMENT...: the statement is $LAB/NAME.note; prints the id.
arm() {
	local as=$1 name=$2
	shift 2
	lab_ca emergency arm --as "$as" --key "$LAB/$as.key" \
		--out "$LAB/$name.note" "$@" | sed -n 's/^operation=//p'
}

# approve AS NAME: prints the token.
approve() {
	lab_ca emergency approve "$LAB/$2.note" --as "$1" --key "$LAB/$1.key" |
		sed -n 's/^EMERGENCY_TOKEN=//p'
}

record() {
	lab_ca show "$1" --json | jq -r '"\(.status) \(.reason)"'
}

state() {
	call GET "$OPERATOR" "/api/v1/ca/revoke-all/$1"
	expect 200 "operation $1"
	answer .state
}

is_done() {
	[ "$(state "$1")" = "done" ]
}

on_crl() {
	local serial=${1^^}
	"$OPENSSL" crl -inform der -in "$LAB_STATE/ca/crl/ca-1/full.crl" \
		-noout -text | grep -q "Serial Number: $serial"
}

# Halted it is not ready, but it answers.
restart_ca() {
	kill -9 "$LAB_CA_PID" 2>/dev/null || true
	wait "$LAB_CA_PID" 2>/dev/null || true
	LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
	LAB_CA_PID=$!
	LAB_PIDS+=("$LAB_CA_PID")
	lab_wait 20 lab_get "$LAB_CA/api/v1/ca/cert" ||
		lab_fail "the CA does not answer"
}

own_serial() {
	lab_get "$LAB_CA/api/v1/ca/cert" | "$OPENSSL" x509 -noout -serial |
		sed 's/.*=//' | tr A-F a-f
}

LAB_CA_ISSUE=$(printf '\n[status]\ncrl_debounce_ms = 200')
lab_new
for o in alice bob carol; do
	(umask 077 && "$OPENSSL" genpkey -algorithm ed25519 -out "$LAB/$o.key")
	lab_ca emergency arm --as "$o" --key "$LAB/$o.key" >"$LAB/out" 2>&1 &&
		lab_fail "$o is no operator yet"
	grep -o "$o+[0-9a-f]*+[A-Za-z0-9+/=]*" "$LAB/out" | tail -1 >"$LAB/$o.vkey"
done
# Bob's key is there under a second name: still one key.
BOBBY=$(/usr/bin/python3 - "$(cat "$LAB/bob.vkey")" <<-'PYTHON'
	import base64, hashlib, sys
	key = base64.b64decode(sys.argv[1].split("+", 2)[2])
	kid = hashlib.sha256(b"bobby\n" + key).digest()[:4].hex()
	print("bobby+" + kid + "+" + base64.b64encode(key).decode())
PYTHON
)
cp "$LAB/bob.key" "$LAB/bobby.key"
LAB_CA_ACME=$(printf '\n[auth]\noperators = ["%s", "%s", "%s"]' \
	"$(cat "$LAB/alice.vkey")" "$(cat "$LAB/bob.vkey")" "$BOBBY")
lab_config_ca "$LAB_VKEY"
lab_start
OPERATOR=$(lab_ca token create --role operator --ttl 1d | sed -n 's/.*token=//p')

# Halt and resume, by command and by REST.
lab_issue a.test >"$LAB/a.json"
A=$(jq -r .serial "$LAB/a.json")
lab_ca halt | grep -qx '\[SUCCESS\] issuance halted' || lab_fail halt
lab_issue b.test >"$LAB/answer" 2>/dev/null && lab_fail "issued while halted"
[ "$(answer .code)" = issuance_halted ] || lab_fail "$(cat "$LAB/answer")"
lab_ca resume | grep -qx '\[SUCCESS\] issuance open' || lab_fail resume
call POST "$LAB_TOKEN" /api/v1/ca/halt
expect 403 "halt by an issuer"
call POST "$OPERATOR" /api/v1/ca/halt
expect 200 halt
[ "$(answer .issuance)" = halted ] || lab_fail "halt: $(cat "$LAB/answer")"
call POST "$OPERATOR" /api/v1/ca/halt
expect 200 "halt again"
restart_ca
lab_issue b.test >/dev/null 2>&1 && lab_fail "a restart opened it"
call POST "$OPERATOR" /api/v1/ca/resume
expect 200 resume
lab_issue b.test >"$LAB/b.json"
B=$(jq -r .serial "$LAB/b.json")

# What it would do.
call POST "$OPERATOR" '/api/v1/ca/revoke-all?dry_run=true'
expect 200 "dry run"
WOULD=$(answer .would_revoke)
[ "$WOULD" -ge 2 ] || lab_fail "dry run: $(cat "$LAB/answer")"
[ "$(answer '.by_issuer["ca-1"]')" = "$WOULD" ] || lab_fail "by issuer"
lab_ca revoke-all --dry-run | grep -qx "\[SUCCESS\] op=none would_revoke=$WOULD" ||
	lab_fail "revoke-all --dry-run"

# Who may not.
call POST "$OPERATOR" /api/v1/ca/revoke-all
expect 403 "an operator's token"
call POST "tcE_00000000000000000000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	/api/v1/ca/revoke-all
expect 401 "an unknown token"
refused 3 revoke-all
ONE=$(arm alice one --action revoke-all --scope all --reason 4 --ttl 1h)
[ ${#ONE} = 32 ] || lab_fail "operation id $ONE"
refused 3 emergency approve "$LAB/one.note" --as alice --key "$LAB/alice.key"
refused 3 emergency approve "$LAB/one.note" --as carol --key "$LAB/carol.key"
arm bob two --scope all --reason 4 >/dev/null
refused 3 emergency approve "$LAB/two.note" --as bobby --key "$LAB/bobby.key"
refused 2 emergency arm --as alice --key "$LAB/alice.key" --ttl 91d
arm alice other --scope issuer:elsewhere >/dev/null
refused 3 emergency approve "$LAB/other.note" --as bob --key "$LAB/bob.key"
/usr/bin/python3 - "$LAB" <<-'PYTHON' || lab_fail "single-signed"
	import json, socket, sys
	lab = sys.argv[1]
	s = socket.socket(socket.AF_UNIX)
	s.connect(lab + "/run/trustchain/trustchain-ca.ctl")
	note = open(lab + "/one.note").read()
	s.sendall(json.dumps({"op": "emergency.approve", "note": note}).encode() + b"\n")
	r = json.loads(s.makefile().readline())
	assert not r["ok"] and "two different keys" in r["message"], r
	s.sendall(json.dumps({"op": "emergency.approve",
	    "note": note.replace("reason 4", "reason 5")}).encode() + b"\n")
	r = json.loads(s.makefile().readline())
	assert not r["ok"], r
PYTHON
arm alice short --scope all --ttl 2s >/dev/null
SHORT=$(approve bob short)
[ -n "$SHORT" ] || lab_fail "no token"
sleep 3
call POST "$SHORT" /api/v1/ca/revoke-all
expect 403 "an expired token"
TOKEN=$(approve bob one)
refused 3 emergency approve "$LAB/one.note" --as bob --key "$LAB/bob.key"
call POST "$TOKEN" /api/v1/ca/revoke-all -H 'Content-Type: application/json' \
	--data '{"scope":"issuer:ca-1"}'
expect 403 "another scope"
call POST "${TOKEN:0:37}$(tr 'A-Za-z' 'B-ZAb-za' <<<"${TOKEN:37}")" \
	/api/v1/ca/revoke-all
expect 401 "a changed token"
[ "$(record "$A")" = "Valid null" ] || lab_fail "refusals revoked something"

# ocsp SERIAL: what OCSP says of it; $LAB/out has the responder's id.
ocsp() {
	"$OPENSSL" ocsp -issuer "$LAB_ISSUER_CERT" -serial "0x$1" -resp_text \
		-url "$LAB_HTTP/ocsp" -CAfile "$LAB_ROOT_CERT" \
		-verify_other "$LAB_ISSUER_CERT" >"$LAB/out" 2>&1 || true
	grep -q 'Response verify OK' "$LAB/out" || lab_fail "$(cat "$LAB/out")"
	sed -n 's/ *Cert Status: //p' "$LAB/out"
}

responder() {
	sed -n 's/ *Responder Id: //p' "$LAB/out"
}

# The guide's own command.
[ "$(ocsp "$A")" = good ] || lab_fail "OCSP says $(cat "$LAB/out")"
RESPONDER=$(responder)
OWN=$(own_serial)
EMERGENCY_TOKEN=$TOKEN
call POST "$EMERGENCY_TOKEN" /api/v1/ca/revoke-all
expect 200 revoke-all
[ "$(answer '"\(.operation_id) \(.state) \(.issuance) \(.reason)"')" = \
	"$ONE running halted 4" ] || lab_fail "revoke-all: $(cat "$LAB/answer")"
[ "$(ocsp "$A")" = revoked ] || lab_fail "OCSP says $(cat "$LAB/out")"
REVOKED=$(answer .revoked)
[ "$REVOKED" -ge "$WOULD" ] || lab_fail "revoked $REVOKED, not $WOULD"
for s in "$A" "$B"; do
	[ "$(record "$s")" = "Revoked 4" ] || lab_fail "record $(record "$s")"
done
lab_wait 10 is_done "$ONE" || lab_fail "not done: $(cat "$LAB/answer")"
[ "$(answer .crl_published_at)" != null ] || lab_fail "no crl_published_at"
on_crl "$A" || lab_fail "not on the CRL"
on_crl "$B" || lab_fail "not on the CRL"
call POST "$TOKEN" /api/v1/ca/revoke-all
expect 200 "the same token again"
[ "$(answer '"\(.operation_id) \(.revoked)"')" = "$ONE $REVOKED" ] ||
	lab_fail "again: $(cat "$LAB/answer")"
own_renewed() {
	[ "$(own_serial)" != "$OWN" ]
}
lab_wait 10 own_renewed || lab_fail "own certificate not renewed"
# So is the OCSP signer, whose certificate was swept with the others.
other_responder() {
	[ "$(ocsp "$B")" = revoked ] && [ "$(responder)" != "$RESPONDER" ]
}
lab_wait 10 other_responder || lab_fail "OCSP signer not renewed"
[ "$(record "$(own_serial)")" = "Valid null" ] || lab_fail "own certificate"

# Only two operators let it resume.
lab_issue c.test >"$LAB/answer" 2>/dev/null && lab_fail "issued while halted"
refused 3 resume
refused 3 resume "$ONE"
arm bob again --action resume --operation "$ONE" >/dev/null
refused 3 resume "$ONE"
approve alice again >/dev/null
lab_ca resume "$ONE" | grep -qx '\[SUCCESS\] issuance open' ||
	lab_fail "resume $ONE"
lab_issue c.test >"$LAB/c.json" || lab_fail "not resumed"
C=$(jq -r .serial "$LAB/c.json")
[ "$(record "$C")" = "Valid null" ] || lab_fail "issued after it: $(record "$C")"
call POST "$TOKEN" /api/v1/ca/revoke-all
expect 200 "the token after resume"
[ "$(answer .state)" = resumed ] || lab_fail "$(cat "$LAB/answer")"
[ "$(record "$C")" = "Valid null" ] || lab_fail "a used token revoked again"

# Killed in the middle: before the transaction nothing happened, after it all.
THREE=$(arm alice three --scope issuer:ca-1 --reason 1)
TOKEN=$(approve bob three)
kill_at() {
	TRUSTCHAIN_FAULT=$1 restart_ca
}
kill_at ca.sweep.before=kill
call POST "$TOKEN" /api/v1/ca/revoke-all
[ "$STATUS" = 000 ] || lab_fail "it was to be killed: $STATUS"
restart_ca
[ "$(record "$C")" = "Valid null" ] || lab_fail "half a sweep"
[ "$(state "$THREE")" = armed ] || lab_fail "a used token: $(state "$THREE")"
kill_at ca.sweep.after=kill
call POST "$TOKEN" /api/v1/ca/revoke-all
[ "$STATUS" = 000 ] || lab_fail "it was to be killed: $STATUS"
rm -f "$LAB_STATE"/ca/crl/ca-1/*.crl
restart_ca
lab_wait 15 is_done "$THREE" || lab_fail "not done: $(cat "$LAB/answer")"
[ "$(record "$C")" = "Revoked 1" ] || lab_fail "lost: $(record "$C")"
on_crl "$C" || lab_fail "not on the CRL"
call POST "$TOKEN" /api/v1/ca/revoke-all
expect 200 "the token of a crash"
[ "$(answer .revoked)" -ge 1 ] || lab_fail "not counted: $(cat "$LAB/answer")"
# Reason 1: the issuer never issues again.
arm alice four --action resume --operation "$THREE" --scope issuer:ca-1 >/dev/null
approve bob four >/dev/null
lab_ca resume "$THREE" >"$LAB/out" 2>&1 || lab_fail "resume: $(cat "$LAB/out")"
grep -q 'ca-1 stays halted' "$LAB/out" || lab_fail "$(cat "$LAB/out")"
refused 3 resume
lab_issue d.test >/dev/null 2>&1 && lab_fail "a compromised issuer issued"
lab_ca emergency show | grep -q "^$THREE  resumed" || lab_fail "emergency show"
lab_ca emergency show "$LAB/four.note" | grep -q '^signed by *alice+' ||
	lab_fail "emergency show FILE"

lab_get "http://[::1]:$LAB_METRICS_PORT/metrics" >"$LAB/metrics"
grep -q 'trustchain_ca_halted{issuer="ca-1"} 1' "$LAB/metrics" ||
	lab_fail "trustchain_ca_halted"
events() {
	local e
	for e in emergency.armed emergency.approved emergency.executed \
		emergency.refused issuance.halted issuance.resumed; do
		grep -rq "\"$e\"" "$LAB_STATE/ca/audit" || return 1
	done
}
lab_wait 5 events || lab_fail "audit events"
lab_say "emergency: halt, arm, revoke-all $REVOKED, kill -9, resume: ok"
