#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The CA logs to a RFC 6962 log of somebody else (rfc6962_log.py, which shares
# no code with us): beside ours, and alone.  What it must not take from such a
# log it does not take.  The SCTs are judged by python3-cryptography, by
# `openssl s_client -ct' and by our own lint.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
away=$LAB/away
mkdir "$away"
FOREIGN_PORT=$(lab_ports 1)
/usr/bin/python3 tests/e2e/rfc6962_log.py serve "$away" "$FOREIGN_PORT" \
	>"$LAB/log/foreign.log" 2>&1 &
LAB_PIDS+=("$!")
lab_wait 10 curl -fksSg "https://[::1]:$FOREIGN_PORT/shard/ct/v1/get-sth" ||
	lab_fail "the foreign log does not answer"

# foreign START END [KEY]: a [[log]] section.
foreign() {
	printf '%s\n' '[[log]]' "url = \"https://[::1]:$FOREIGN_PORT/shard\"" \
		"key = \"${3:-/away/log.pem}\"" "start = \"$1\"" "end = \"$2\""
}
now=2020-01-01T00:00:00Z later=2100-01-01T00:00:00Z

# restart [STATE]: the CA with the configuration as it is now, until it is ready
# or in another state.
restart() {
	kill "$LAB_CA_PID"
	wait "$LAB_CA_PID" || true
	LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
	LAB_CA_PID=$!
	LAB_PIDS+=("$LAB_CA_PID")
	lab_wait 20 curl -fsSg "http://[::1]:$LAB_METRICS_PORT/${1:-ready}" ||
		lab_fail "the CA is not back"
}

ready() {
	lab_wait 15 curl -fsSg "http://[::1]:$LAB_METRICS_PORT/ready"
}

# not_ready WHY: and why.
not_ready() {
	curl -sg "http://[::1]:$LAB_METRICS_PORT/ready" | grep -q "$1"
}

refused() {
	lab_issue "$1" >"$LAB/refused.json" 2>/dev/null && lab_fail "issued: $1"
	jq -e '.code == "ct_unavailable"' "$LAB/refused.json" >/dev/null ||
		lab_fail "$1: $(cat "$LAB/refused.json")"
}

# issued NAME SCTS: into NAME.pem; the answer is in NAME.json.
issued() {
	lab_issue "$1" >"$LAB/$1.json" || lab_fail "not issued: $1: $(cat "$LAB/$1.json")"
	jq -r .certificate "$LAB/$1.json" >"$LAB/$1.pem"
	[ "$(jq '.scts | length' "$LAB/$1.json")" = "$2" ] || lab_fail "$1: $(jq -c .scts "$LAB/$1.json")"
}

# judged NAME KEY...: as three others see it.
judged() {
	local name=$1 n=0
	shift
	/usr/bin/python3 tests/e2e/rfc6962_log.py judge "$LAB/$name.pem" "$LAB_ISSUER_CERT" "$@" ||
		lab_fail "$name: python3-cryptography"
	said=$(lab_ca lint "$LAB/$name.pem") || lab_fail "lint $name: $said"
	{
		printf 'enabled_logs = %s\n' "$(seq -s, "$#")"
		for key in "$@"; do
			n=$((n + 1))
			printf '[%d]\ndescription = log %d\nkey = %s\n' "$n" "$n" "$(sed '/^-/d' "$key" | tr -d '\n')"
		done
	} >"$LAB/ctlogs.cnf"
	port=$(lab_ports 1)
	"$OPENSSL" s_server -accept "[::1]:$port" -cert "$LAB/$name.pem" -key "$LAB/$name.key" \
		-cert_chain "$LAB_ISSUER_CERT" -quiet >"$LAB/log/s_server.log" 2>&1 &
	local server=$!
	LAB_PIDS+=("$server")
	handshake() {
		"$OPENSSL" s_client -connect "[::1]:$port" -ct -ctlogfile "$LAB/ctlogs.cnf" \
			-CAfile "$LAB_ROOT_CERT" -verify_return_error -servername "$name" \
			</dev/null >"$LAB/s_client" 2>&1
	}
	lab_wait 5 handshake || lab_fail "s_client -ct: $(cat "$LAB/s_client")"
	kill "$server"
	[ "$(grep -c 'validation status: valid' "$LAB/s_client")" = "$#" ] ||
		lab_fail "$name: s_client: $(grep -A20 SCT "$LAB/s_client")"
}

# 1: both.
LAB_CA_ISSUE='min_scts = 2'
LAB_CA_ISSUER=$(foreign "$now" "$later")
lab_config_ca "$LAB_VKEY"
lab_start
issued both.test 2
jq -e '[.scts[] | select(.leaf_index == null and .shard == null)] | length == 1' \
	"$LAB/both.test.json" >/dev/null || lab_fail "a foreign log has an index: $(jq -c .scts "$LAB/both.test.json")"
jq -e '[.scts[] | select((.leaf_index | type) == "number" and (.shard | type) == "string")] | length == 1' \
	"$LAB/both.test.json" >/dev/null || lab_fail "ours has none: $(jq -c .scts "$LAB/both.test.json")"
shard=$(jq -r '.scts[] | select(.shard != null) | .shard' "$LAB/both.test.json")
lab_get -k "$LAB_CT/api/v1/ct/logs" | jq -r ".logs[] | select(.name == \"$shard\") | .key" |
	base64 -d | "$OPENSSL" pkey -pubin -inform DER -out "$LAB/ours.pem"
judged both.test "$LAB/ours.pem" "$away/log.pem"
/usr/bin/python3 tests/e2e/rfc6962_log.py judge "$LAB/both.test.pem" "$LAB_ISSUER_CERT" \
	"$LAB/ours.pem" "$away/other.pem" 2>/dev/null && lab_fail "the judge takes any key"
serial=$(jq -r .serial "$LAB/both.test.json")
lab_ca show "$serial" >"$LAB/show" || lab_fail "show"
grep -q "foreign log $(jq -r '.scts[] | select(.shard == null) | .log_id' "$LAB/both.test.json")" "$LAB/show" ||
	lab_fail "show: $(cat "$LAB/show")"
grep -q "logged in .* $shard index [0-9]" "$LAB/show" || lab_fail "show: $(cat "$LAB/show")"
lab_ca --json show "$serial" | jq -e '.scts | map(.leaf_index == null) | sort == [false, true]' >/dev/null ||
	lab_fail "show --json"

# 2: an SCT of another key, one that does not verify, one with extensions.
for lie in key signature extensions; do
	printf '%s\n' "$lie" >"$away/mode"
	refused "$lie.test"
	: >"$away/mode"
	# A log that lied counts as down until it answers again.
	ready || lab_fail "not ready again after $lie"
	issued "$lie.test" 2
done
grep -q '"log down".*bad SCT' "$LAB/log/ca.log" || lab_fail "no word about the bad SCTs"

# 3: heads of another key: not ready, and doctor knows why.
printf 'head\n' >"$away/mode"
restart startup
lab_wait 10 grep -q '"log down".*get-sth' "$LAB/log/ca.log" ||
	lab_fail "a head of another key is taken"
lab_ca doctor >"$LAB/doctor" 2>&1 && lab_fail "doctor is content"
grep -q 'get-sth' "$LAB/doctor" || lab_fail "doctor: $(cat "$LAB/doctor")"
: >"$away/mode"
ready || lab_fail "not ready again"

# 4: a log for other times, and a key that is not the log's.
LAB_CA_ISSUER=$(foreign "$now" 2021-01-01T00:00:00Z)
lab_config_ca "$LAB_VKEY"
restart startup
lab_wait 10 not_ready 'no shard for this time' || lab_fail "the range does not count"
refused range.test
LAB_CA_ISSUER=$(foreign "$now" "$later" /away/other.pem)
lab_config_ca "$LAB_VKEY"
restart startup
lab_wait 10 not_ready 'get-sth' || lab_fail "any key will do"
refused other.test
lab_ca lint "$LAB/both.test.pem" >"$LAB/said" && lab_fail "our lint takes any key"
grep -q L18 "$LAB/said" || lab_fail "lint: $(cat "$LAB/said")"

# 5: the foreign log alone; ours is down.
kill "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
LAB_CA_ISSUE=''
LAB_CA_ISSUER=$(foreign "$now" "$later")
lab_config_ca "$LAB_VKEY"
sed -i '/^\[\[log\]\]$/,/^$/{/ct.sock/d;/list_vkey/d}' "$LAB/etc/trustchain/ca.toml"
/usr/bin/python3 - "$LAB/etc/trustchain/ca.toml" <<'PYTHON'
import re
import sys
text = open(sys.argv[1]).read()
text = re.sub(r"\[\[log\]\]\s*\n(?=\s*\n|\s*\[acme\])", "", text)
open(sys.argv[1], "w").write(text)
PYTHON
restart
issued alone.test 1
judged alone.test "$away/log.pem"
jq -e '.scts[0] | .leaf_index == null and .shard == null' "$LAB/alone.test.json" >/dev/null ||
	lab_fail "$(jq -c .scts "$LAB/alone.test.json")"
lab_ca doctor >"$LAB/doctor" 2>&1 || true
grep -q 'answers, foreign' "$LAB/doctor" || lab_fail "doctor: $(cat "$LAB/doctor")"

# 6: no such key.
kill "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
printf 'nonsense\n' >"$away/log.pem"
code=0
lab_ca serve >"$LAB/said" 2>&1 || code=$?
[ "$code" = 2 ] || lab_fail "a key that is none: exit $code: $(cat "$LAB/said")"
grep -q 'no P-256 key' "$LAB/said" || lab_fail "a key that is none: $(cat "$LAB/said")"
rm "$away/log.pem"
code=0
lab_ca serve >"$LAB/said" 2>&1 || code=$?
[ "$code" = 2 ] || lab_fail "a key that is not there: exit $code: $(cat "$LAB/said")"
echo "foreign_log: ok"
