#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# trustchain-ca as its operator sees it: configuration, exit codes, commands,
# tokens, health and metrics, signals, the death of a process.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

# expect CODE COMMAND...: its exit code; what it said is in $said.
expect() {
	local want=$1 got=0
	shift
	said=$("$@" 2>&1) || got=$?
	[ "$got" -eq "$want" ] || lab_fail "exit $got instead of $want: $*: $said"
}

says() {
	grep -qF -- "$1" <<<"$said" || lab_fail "does not say \"$1\": $said"
}

LAB_CT_LOG=$'\n[audit]\ncheckpoint_s = 1'
lab_new
toml=$LAB/etc/trustchain/ca.toml
printf '[audit]\ncheckpoint_s = 1\n' >>"$toml"

# Configuration: nothing is ignored, and the message says where.
expect 0 lab_ca --check-config
expect 0 lab_ca --version
says "RFC 8555"
expect 2 lab_ca nonsense
expect 2 lab_ca issue --nonsense
cp "$toml" "$LAB/good.toml"
printf '[server]\nworkerz = 1\n' >"$LAB/bad.toml"
expect 2 lab_ca --config "$LAB/bad.toml" --check-config
says "bad.toml:2: [server] unknown key workerz"
expect 2 env TRUSTCHAIN_SERVER_WORKERS=65 "$LAB_BIN/trustchain-ca" --root "$LAB" --check-config
says "TRUSTCHAIN_SERVER_WORKERS"
sed -i 's/"local"/"production"/; s/^dns_insecure.*//; s/^validation_http_port.*//' "$toml"
expect 0 lab_ca --check-config
expect 2 env "TRUSTCHAIN_SERVER_BASE_URL=https://[2001:db8::1]" "$LAB_BIN/trustchain-ca" --root "$LAB" --check-config
says "address for documentation"
expect 3 lab_ca init-ca --generate-if-missing
cp "$LAB/good.toml" "$toml"
expect 2 env TRAFFIC_PERCENTAGE=101 "$LAB_BIN/trustchain-ca" --root "$LAB" serve
says "TRAFFIC_PERCENTAGE"
[ "$(stat -c %a "$LAB_STATE/ca/offline-root/root-ca.key")" = 600 ] || lab_fail "root key mode"

# Without a daemon the commands that need it say so.
expect 4 lab_ca list
says "start \`serve' first"
expect 4 lab_ca token create --role issuer --ttl 1h
expect 0 lab_ca root
says "sha256:"
says "REQUESTS_CA_BUNDLE="
expect 0 lab_ca init-ca --verify-chain
says "[SUCCESS] chain ok root=sha256:"

# The CA before its log: up, honest about it, and not ready.
lab_dns
LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
LAB_CA_PID=$!
LAB_PIDS+=("$LAB_CA_PID")
metrics="http://[::1]:$LAB_METRICS_PORT"
lab_wait 20 curl -fsSg "$metrics/startup" || lab_fail "not started"
code=$(curl -sg -o "$LAB/ready" -w '%{http_code}' "$metrics/ready")
[ "$code" = 503 ] || lab_fail "/ready without a log: $code"
lab_key a.test
expect 4 lab_ca issue --csr "$LAB/a.test.csr"
says "ct_unavailable"
expect 2 lab_ca serve
says "another daemon uses this state directory"

# The log comes: ready, with a certificate of its own.
lab_serve_ct
lab_wait 20 curl -fsSg "$metrics/ready" || lab_fail "not ready although the log is"
lab_wait 5 grep -q '^\[SUCCESS\] trustchain-ca ready issuers=1 logs=1' "$LAB/log/ca.log" || lab_fail "no ready line"
lab_wait 10 lab_get "$LAB_CA/health" || lab_fail "not healthy although ready"
lab_get "$LAB_CA/health" | jq -e '.components | has("ca") and has("ct") and has("keys") and has("store")' >/dev/null || lab_fail "health document"
curl -fsSg "$metrics/metrics" >"$LAB/metrics"
for m in trustchain_ca_certificates_issued_total trustchain_ca_issuance_duration_seconds_bucket \
	'trustchain_key_operations_total{slot="ca-1",status="ok"} [1-9]' 'trustchain_key_operations_total{slot="seal",status="ok"} 1$' \
	'trustchain_availability_ratio{component="store",window="1h"} 1$' 'trustchain_availability_ratio{component="ca",window="30d"} 0' \
	trustchain_store_commit_seconds_count trustchain_fsync_seconds_sum trustchain_ca_live_certificates; do
	grep -q "^$m" "$LAB/metrics" || lab_fail "no metric $m"
done
# One # TYPE line a metric, samples numeric: what Prometheus insists on.
/usr/bin/python3 - "$LAB/metrics" <<-'PYTHON' || lab_fail "metrics are not in the text format"
	import re, sys
	types = {}
	for line in open(sys.argv[1]):
	    if line.startswith("# TYPE "):
	        _, _, name, kind = line.split()
	        assert name not in types, name
	        types[name] = kind
	    elif not line.startswith("#"):
	        m = re.fullmatch(r'([a-zA-Z_:]\w*)(\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? (\S+)\n', line)
	        assert m, line
	        float(m.group(3))
	        base = re.sub(r"_(bucket|sum|count)$", "", m.group(1))
	        assert m.group(1) in types or types.get(base) == "histogram", line
PYTHON

# Its own TLS key is on disk only sealed; without the log a restart shows the
# same certificate, over which a client that trusts the root hears 503.
sealed=$LAB_STATE/ca/tls/tls.sealed
lab_wait 5 test -s "$sealed" || lab_fail "no tls.sealed"
[ "$(stat -c %a "$sealed")" = 600 ] || lab_fail "mode of tls.sealed"
! grep -q "PRIVATE KEY" "$sealed" || lab_fail "tls.sealed holds an open key"
shown() {
	"$OPENSSL" s_client -connect "[::1]:$LAB_CA_PORT" </dev/null 2>/dev/null | "$OPENSSL" x509 -noout -serial
}
own_certificates() {
	lab_ca --json list | jq '[.certificates[] | select(.owner == "system" and .profile != "ocsp-signer")] | length'
}
restart_ca() {
	kill -TERM "$LAB_CA_PID"
	wait "$LAB_CA_PID" || true
	LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
	LAB_CA_PID=$!
	LAB_PIDS+=("$LAB_CA_PID")
	lab_wait 20 curl -fsSg "$metrics/startup" || lab_fail "not started again"
}
first=$(shown)
[ "$(own_certificates)" = 1 ] || lab_fail "$(own_certificates) certificates of its own"
expect 0 lab_ca token create --role issuer --name-scope test --ttl 1h
LAB_TOKEN=${said#token=}
kill -TERM "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
restart_ca
[ "$(shown)" = "$first" ] || lab_fail "another certificate after a restart"
lab_issue down.test >"$LAB/down.json" 2>"$LAB/down.err" && lab_fail "issued without a log"
jq -e '.code == "ct_unavailable"' "$LAB/down.json" >/dev/null || lab_fail "without the log: $(cat "$LAB/down.json" "$LAB/down.err")"
# Probes and requests that went wrong are measured.
asked() {
	curl -fsSg "$metrics/metrics" | sed -n "s/^trustchain_availability_ratio{component=\"$1\",window=\"1h\"} //p"
}
less_than_all() {
	/usr/bin/python3 -c 'import sys; sys.exit(not float(sys.argv[1]) < 1)' "$(asked "$1")"
}
lab_wait 8 less_than_all ca || lab_fail "availability of the CA without its log: $(asked ca)"
[ "$(asked store)" = 1 ] || lab_fail "availability of the store: $(asked store)"
lab_serve_ct
lab_wait 20 curl -fsSg "$metrics/ready" || lab_fail "not ready with the log back"
[ "$(own_certificates)" = 1 ] || lab_fail "a restart logged a certificate"
# What does not fit is not used: a damaged file, other names.
sed -i '/SEALED/{n;s/^..../AAAA/}' "$sealed"
restart_ca
lab_wait 20 curl -fsSg "$metrics/ready" || lab_fail "not ready with a damaged tls.sealed"
second=$(shown)
[ "$second" != "$first" ] || lab_fail "a damaged tls.sealed was used"
grep -q 'sealed certificate not used' "$LAB/log/ca.log" || lab_fail "no word about the damaged file"
sed -i '0,/"localhost", /s///' "$toml"
restart_ca
lab_wait 20 curl -fsSg "$metrics/ready" || lab_fail "not ready with other names"
[ "$(shown)" != "$second" ] || lab_fail "a certificate for other names was used"
grep -q 'service_names have changed' "$LAB/log/ca.log" || lab_fail "no word about the names"
cp "$LAB/good.toml" "$toml"
restart_ca
lab_wait 20 curl -fsSg "$metrics/ready" || lab_fail "not ready"
grep -q '"action":"tls.rotated"' "$LAB_STATE/ca/audit/audit.log" || lab_fail "no tls.rotated in the audit log"

# Commands.
expect 0 lab_ca issue --csr "$LAB/a.test.csr" --hours 2
printf '%s\n' "$said" >"$LAB/a.pem"
"$OPENSSL" verify -CAfile "$LAB_ROOT_CERT" -untrusted "$LAB/a.pem" "$LAB/a.pem" >/dev/null || lab_fail "issued certificate does not verify"
serial=$("$OPENSSL" x509 -in "$LAB/a.pem" -noout -serial | sed 's/serial=//' | tr A-F a-f)
expect 0 lab_ca show "$serial"
says "Valid"
expect 0 lab_ca --json show "$serial"
jq -e --arg s "$serial" '.serial == $s and .status == "Valid" and (.scts | length) == 1' <<<"$said" >/dev/null || lab_fail "show --json: $said"
expect 0 lab_ca list --status Valid
says "$serial"
expect 0 lab_ca list --status Abandoned
! grep -q "$serial" <<<"$said" || lab_fail "list --status does not choose"
expect 1 lab_ca show 00112233445566778899aabbccddeeff
lab_key '*.test' || true
"$OPENSSL" req -new -key "$LAB/a.test.key" -subj / -addext subjectAltName=DNS:singlelabel -out "$LAB/single.csr"
expect 3 lab_ca issue --csr "$LAB/single.csr"
says "rejected_name"

# The audit log, judged from its files while the daemon runs, and end to end.
expect 0 lab_ca token create --role auditor --ttl 1h
auditor=${said#token=}
lab_get "$LAB_CA/api/v1/ca/audit/test" -H "Authorization: Bearer $LAB_TOKEN" >"$LAB/audit.json" 2>/dev/null && lab_fail "audit/test without the role"
jq -e '.code == "forbidden"' "$LAB/audit.json" >/dev/null || lab_fail "audit/test: $(cat "$LAB/audit.json")"
lab_get "$LAB_CA/api/v1/ca/audit/test" -H "Authorization: Bearer $auditor" >"$LAB/audit.json" || lab_fail "audit/test: $(cat "$LAB/audit.json")"
jq -e '.verified == true and .index < .tree_size' "$LAB/audit.json" >/dev/null || lab_fail "audit/test: $(cat "$LAB/audit.json")"
event=$(jq -r .event_id "$LAB/audit.json")
[ "$(sed -n "$(($(jq -r .index "$LAB/audit.json") + 1))p" "$LAB_STATE/ca/audit/audit.log" | jq -r '.event_id + " " + .action')" = "$event audit.test" ] || lab_fail "audit.test is not at its index"
expect 0 lab_ca audit verify --event-id "$event" --vkey "$(cat "$LAB_STATE/ca/audit/vkey")"
says "[SUCCESS] event included index=$(jq -r .index "$LAB/audit.json")"
expect 0 lab_ca audit verify
says "--vkey names another"
expect 1 lab_ca audit verify --event-id 00000000-0000-4000-8000-000000000000
expect 2 lab_ca audit verify --vkey nonsense
lab_wait 10 test -s "$LAB_STATE/ct/audit/checkpoint" || lab_fail "no checkpoint of the log's audit log"
expect 0 lab_ct audit verify
expect 5 lab_ca audit verify --vkey "$(cat "$LAB_STATE/ct/audit/vkey")"

# Tokens: made once, listed without the secret, dead when revoked.
expect 2 lab_ca token create --ttl 1h
expect 2 lab_ca token create --role issuer --ttl 1y
expect 2 lab_ca token create --role root --ttl 1h
expect 3 lab_ca token create --role issuer --ttl 91d
says "token_max_ttl_d"
expect 0 lab_ca token create --role issuer --name-scope test --profile server --ttl 1h
LAB_TOKEN=${said#token=}
id=${LAB_TOKEN#tc_}
id=${id%%_*}
lab_issue b.test | jq -e '.status == "Valid"' >/dev/null || lab_fail "REST issue"
expect 0 lab_ca token list
says "$id"
! grep -qF "${LAB_TOKEN##*_}" <<<"$said" || lab_fail "the list shows the secret"
expect 0 lab_ca token revoke "$id"
lab_issue c.test >"$LAB/c.json" 2>/dev/null && lab_fail "a revoked token still issues"
jq -e '.code == "unauthorized"' "$LAB/c.json" >/dev/null || lab_fail "revoked token: $(cat "$LAB/c.json")"

# Nobody else may use the control socket.
ctl=$LAB/run/trustchain/trustchain-ca.ctl
[ "$(stat -c %a "$ctl")" = 600 ] || lab_fail "mode of the control socket"
if [ "$(id -u)" = 0 ]; then
	chmod 777 "$ctl" "$LAB" "$LAB/run" "$LAB/run/trustchain"
	expect 0 setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.settimeout(5)
try:
    s.sendall(b"{\"op\":\"token.list\"}\n")
    sys.exit(len(s.recv(1)))
except (BrokenPipeError, ConnectionResetError):
    sys.exit(0)' "$ctl"
fi

# SIGHUP: the configuration is read again by a main process that may not open
# it; what cannot change while it runs is named; a bad file changes nothing.
said_in_log() {
	lab_wait 10 grep -q -- "$1" "$LAB/log/ca.log" || lab_fail "the log does not say $1"
}
expect 3 lab_ca token create --role issuer --ttl 91d
{
	cat "$LAB/good.toml"
	printf '[auth]\ntoken_max_ttl_d = 91\n'
} | sed 's/^rate_per_min = 0/rate_per_min = 100000/' >"$toml.new"
mv "$toml.new" "$toml" # as editors do: another file of the same name
kill -HUP "$LAB_CA_PID"
said_in_log '"configuration reloaded".*"changed":"auth.token_max_ttl_d"'
said_in_log '"changes that need a restart".*"keys":"server.rate_per_min"'
expect 0 lab_ca token create --role issuer --ttl 91d
lab_wait 10 grep -q '"action":"ca.config.changed".*auth.token_max_ttl_d' "$LAB_STATE/ca/audit/audit.log" || lab_fail "no ca.config.changed"
echo nonsense >"$toml"
kill -HUP "$LAB_CA_PID"
said_in_log '"configuration not reloaded".*ca.toml:1'
lab_get "$LAB_CA/health" >/dev/null || lab_fail "a bad file ended the daemon"
cp "$LAB/good.toml" "$toml"

# And another key process, unnoticed.
keys_pid() {
	pgrep -P "$LAB_CA_PID" -f -- --role=keys
}
one_key_process() {
	[ "$(keys_pid | wc -l)" = 1 ]
}
before=$(keys_pid)
kill -HUP "$LAB_CA_PID"
replaced() {
	[ "$(keys_pid)" != "$before" ] && [ "$(keys_pid | wc -l)" = 1 ]
}
lab_wait 20 replaced || lab_fail "SIGHUP did not replace the key process"
expect 0 lab_ca issue --csr "$LAB/a.test.csr"

# The log makes one more shard while it runs.
listed() {
	[ "$(lab_get "$LAB_CT/api/v1/ct/logs" -k | jq '.logs | length')" = "$1" ]
}
listed 5 || lab_fail "the log lists another number of shards"
sed -i "s/^\[audit\]/shard_ahead = 5\n[audit]/" "$LAB/etc/trustchain/ct.toml"
kill -HUP "$LAB_CT_PID"
lab_wait 40 listed 6 || lab_fail "no sixth shard"

# SIGTERM drains and exits 0; what was issued is still there.
kill -TERM "$LAB_CA_PID"
code=0
wait "$LAB_CA_PID" || code=$?
[ "$code" = 0 ] || lab_fail "exit $code after SIGTERM"
tail -n 1 "$LAB_STATE/ca/audit/audit.log" | grep -q '"action":"ca.stop"' || lab_fail "the last event is not ca.stop"
[ ! -e "$ctl" ] || lab_fail "the control socket is left behind"
lab_serve_ca
expect 0 lab_ca show "$serial"
says "Valid"
# The revoked token of before, counted under a pseudonym of its network.
failed='"action":"auth.failed".*"target":"outbox=[0-9]+ address=p-[0-9a-f]{16} count=1"'
lab_wait 10 grep -qE "$failed" "$LAB_STATE/ca/audit/audit.log" || lab_fail "no auth.failed: $(grep auth.failed "$LAB_STATE/ca/audit/audit.log")"
# The CA has the new shard before any certificate needs it.
lab_wait 20 grep -q '"log list stored".*"shards":6' "$LAB/log/ca.log" || lab_fail "the CA did not take the new list"

# A child that dies ends the daemon with 1.  The new list may still be having
# the key process replaced.
lab_wait 20 one_key_process || lab_fail "there are two key processes"
kill -KILL "$(keys_pid)"
code=0
wait "$LAB_CA_PID" || code=$?
[ "$code" = 1 ] || lab_fail "exit $code after the key process died"
lab_serve_ca
kill -KILL "$(pgrep -P "$LAB_CA_PID" -f -- --role=main)"
code=0
wait "$LAB_CA_PID" || code=$?
[ "$code" = 1 ] || lab_fail "exit $code after main died"

# An edited audit log is an integrity violation.
lab_serve_ca
lab_wait 10 test -s "$LAB_STATE/ca/audit/checkpoint" || lab_fail "no audit checkpoint"
kill -TERM "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
sed -i '1s/ca.start/ca.stArt/' "$LAB_STATE/ca/audit/audit.log"
expect 5 lab_ca audit verify
expect 5 timeout 30 "$LAB_BIN/trustchain-ca" --root "$LAB" serve
echo "ok"
