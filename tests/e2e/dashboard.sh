#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The dashboard in front of a real CA and a real log: pages, merged metrics
# before promtool, live events, logs and acknowledgement by the CA's tokens,
# an alert that a slow disk raises and a quick one clears.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
# A disk that takes 60 ms to sync, twice for each certificate.
export TRUSTCHAIN_FSYNC_DELAY_MS=60
lab_start
unset TRUSTCHAIN_FSYNC_DELAY_MS
read -r port metrics_port stub_port <<<"$(lab_ports 3)"
dash="https://[::1]:$port"
# A target that says what this test wants.
printf 'trustchain_backup_age_seconds 10\n' >"$LAB/stub"
/usr/bin/python3 - "$stub_port" "$LAB/stub" <<-'PYTHON' &
	import http.server, socket, sys
	class H(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        body = open(sys.argv[2], "rb").read()
	        self.send_response(200)
	        self.send_header("content-length", str(len(body)))
	        self.end_headers()
	        self.wfile.write(body)
	    def log_message(self, *a):
	        pass
	class S(http.server.HTTPServer):
	    address_family = socket.AF_INET6
	S(("::1", int(sys.argv[1])), H).serve_forever()
PYTHON
LAB_PIDS+=($!)
toml=$LAB/etc/trustchain/dashboard.toml
cat >"$toml" <<-TOML
	[server]
	environment = "local"
	listen = "[::1]:$port"
	metrics_listen = "[::1]:$metrics_port"
	ca_url = "$LAB_CA"
	service_names = ["localhost", "::1"]
	seal_key = "file:/etc/trustchain/keys/seal.key"
	seal_pass_file = "/etc/trustchain/keys/seal.pass"
	token_file = "/etc/trustchain/dashboard.token"

	[dashboard]
	targets = ["http://[::1]:$LAB_METRICS_PORT", "http://[::1]:$LAB_CT_METRICS_PORT", "http://[::1]:$stub_port"]
	scrape_s = 1
TOML
# It is a command of the CA's program with a file of its own.
dashboard() {
	${LAB_EXEC:-} "$LAB_BIN/trustchain-ca" --root "$LAB" "$@"
}
dashboard dashboard --check-config >"$LAB/said" || lab_fail "check-config: $(cat "$LAB/said")"
if TRUSTCHAIN_DASHBOARD_SCRAPE_S=0 dashboard dashboard --check-config 2>"$LAB/said"; then
	lab_fail "scrape_s = 0 is taken"
fi
# start: and wait until the ${1}th time that it is ready.
start() {
	LAB_EXEC='exec' dashboard dashboard >>"$LAB/log/dashboard.log" 2>&1 &
	pid=$!
	LAB_PIDS+=("$pid")
	lab_wait 20 sh -c "[ \$(grep -c '^.SUCCESS. dashboard ready' '$LAB/log/dashboard.log') = $1 ]" || lab_fail "not ready"
}
get() {
	lab_get --no-fail-with-body "$@"
}
# Without its token it is up, shows a certificate of its own and is not ready;
# with it the CA certifies it, and the same one is shown after a restart.
LAB_EXEC='exec' dashboard dashboard >>"$LAB/log/dashboard.log" 2>&1 &
pid=$!
LAB_PIDS+=("$pid")
lab_wait 20 curl -fsSkg -o /dev/null "$dash/" || lab_fail "not up"
[ "$(curl -sg -o "$LAB/body" -w '%{http_code}' "http://[::1]:$metrics_port/ready")" = 503 ] || lab_fail "ready without a certificate"
lab_ca token create --role issuer --name-scope localhost --name-scope ::1 --profile service --ttl 1h |
	sed -n 's/.*token=//p' >"$LAB/etc/trustchain/dashboard.token"
kill -TERM "$pid"
wait "$pid" || lab_fail "exit $?"
start 1
get "$dash/" >/dev/null || lab_fail "its certificate does not verify"
shown() {
	"$OPENSSL" s_client -connect "[::1]:$port" </dev/null 2>/dev/null | "$OPENSSL" x509 -noout -serial
}
first=$(shown)
! grep -q "PRIVATE KEY" "$LAB_STATE/dashboard/tls/tls.sealed" || lab_fail "tls.sealed holds an open key"
kill -TERM "$pid"
wait "$pid" || lab_fail "exit $?"
start 2
[ "$(shown)" = "$first" ] || lab_fail "a restart shows another certificate"
status() {
	get -o "$LAB/body" -w '%{http_code}' "$@"
}
get -D "$LAB/head" "$dash/" >"$LAB/page"
grep -q '<title>TrustChain' "$LAB/page" || lab_fail "title"
grep -qi '^strict-transport-security: max-age=31536000' "$LAB/head" || lab_fail "HSTS"
grep -qi "^content-security-policy: default-src 'none'" "$LAB/head" || lab_fail "CSP"
! grep -Eo '(src|href)="[^"/]*//?[^"]*"' "$LAB/page" | grep -vE '="/[a-z.]*"' || lab_fail "resources from elsewhere"
# Without a script the table is there: each target, and what it does.
for t in "$LAB_METRICS_PORT" "$LAB_CT_METRICS_PORT" "$stub_port"; do
	grep -qF "[::1]:$t</td><td class=up>up" "$LAB/page" || lab_fail "no row of target $t"
done
for f in style.css live.js; do
	[ "$(status "$dash/$f")" = 200 ] || lab_fail "$f"
done
[ "$(status "$dash/nonsense")" = 404 ] || lab_fail "404"
[ "$(status -X DELETE "$dash/")" = 405 ] || lab_fail "DELETE"

# The metrics of all, as Prometheus wants them, each with its instance.
get "$dash/metrics" >"$LAB/all"
said=$(promtool check metrics <"$LAB/all" 2>&1) || lab_fail "promtool: $said"
grep -qF "trustchain_ca_live_certificates{instance=\"[::1]:$LAB_METRICS_PORT\"} " "$LAB/all" || lab_fail "instance"
[ "$(grep -c '^# TYPE trustchain_fsync_seconds ' "$LAB/all")" = 1 ] || lab_fail "a metric is there twice"
[ "$(grep -c '^trustchain_fsync_seconds_count' "$LAB/all")" = 2 ] || lab_fail "a target's samples are missing"

# Live: two events, each the table.
get -N --max-time 4 "$dash/events" >"$LAB/events" 2>/dev/null || true
[ "$(grep -c '^event: live' "$LAB/events")" -ge 2 ] || lab_fail "events"
grep -q '^data: <p>as of .*Services.*</svg>$' "$LAB/events" || lab_fail "what events hold"

# Logs and acknowledgement are for those whom the CA knows.
token() {
	lab_ca token create --role "$1" --ttl 1h | sed -n 's/.*token=//p'
}
auditor=$(token auditor) operator=$(token operator)
[ "$(status "$dash/logs")" = 401 ] || lab_fail "logs without a token"
[ "$(status "$dash/logs" -H "Authorization: Bearer $operator")" = 403 ] || lab_fail "logs for an operator"
[ "$(status "$dash/logs" -H "Authorization: Bearer ${auditor/tc_????/tc_0000}")" = 401 ] || lab_fail "logs with a wrong token"
[ "$(status "$dash/logs" -H "Authorization: Bearer $auditor")" = 200 ] || lab_fail "logs"
jq -es 'length > 5 and (map(.time) == (map(.time) | sort)) and
	any(.program == "trustchain-ca" and .event == "ready") and any(.event == "dashboard" or .component == "scrape" or .component == "daemon")' \
	"$LAB/body" >/dev/null || lab_fail "log lines: $(head -3 "$LAB/body")"

# A fault raises its alert; gone and acknowledged, it is resolved.
alert() {
	get "$dash/api/alerts" | jq -e --arg n "$1" --arg s "$2" '.alerts | map(select(.name == $n and .state == $s)) | length == 1' >/dev/null
}
get "$dash/api/alerts" | jq -e '.alerts | map(select(.name == "BackupOld")) == []' >/dev/null || lab_fail "alert before its fault"
printf 'trustchain_backup_age_seconds 30000\n' >"$LAB/stub"
lab_wait 10 alert BackupOld Active || lab_fail "BackupOld not raised: $(get "$dash/api/alerts")"
id=$(get "$dash/api/alerts" | jq -r '.alerts[] | select(.name == "BackupOld").id')
get "$dash/api/alerts" | jq -e '.alerts[] | select(.name == "BackupOld") | .severity == "warning" and .value == 30000 and .threshold == 25200 and has("since")' >/dev/null || lab_fail "members of an alert"
get "$dash/alerts" | grep -q "BackupOld" || lab_fail "alerts page"
[ "$(status -d "" "$dash/api/alerts/$id/ack")" = 401 ] || lab_fail "ack without a token"
[ "$(status -d "" "$dash/api/alerts/$id/ack" -H "Authorization: Bearer $auditor")" = 403 ] || lab_fail "ack by an auditor"
[ "$(status -d "" "$dash/api/alerts/0000000000000000/ack" -H "Authorization: Bearer $operator")" = 404 ] || lab_fail "ack of nothing"
[ "$(status -d "" "$dash/api/alerts/$id/ack" -H "Authorization: Bearer $operator")" = 200 ] || lab_fail "ack: $(cat "$LAB/body")"
alert BackupOld Acknowledged || lab_fail "not acknowledged"
printf 'trustchain_backup_age_seconds 10\n' >"$LAB/stub"
lab_wait 10 alert BackupOld Resolved || lab_fail "BackupOld not resolved"
[ "$(status -d "" "$dash/api/alerts/$id/ack" -H "Authorization: Bearer $operator")" = 409 ] || lab_fail "ack of a resolved one"

# The slow disk: issuing at p99 above 100 ms; seen at once, alerted after 1 m.
for i in 1 2 3; do
	lab_issue "s$i.test" >/dev/null || lab_fail "issue"
done
slow() {
	get "$dash/" | grep -F "[::1]:$LAB_METRICS_PORT</td>" |
		/usr/bin/python3 -c "
import re, sys
row = [r for r in sys.stdin.read().split('<tr>') if ']:$LAB_METRICS_PORT</td>' in r][0]
cells = re.findall(r'<td class=n>(.*?)</td>', row)
sys.exit(not (cells[2] and float(cells[2]) > 100))"
}
lab_wait 10 slow || lab_fail "the slow disk does not show"

# A target that talks nonsense, and one that is gone, are down and say why.
printf 'trustchain_backup_age_seconds{ 10\n' >"$LAB/stub"
lab_wait 10 sh -c "curl -skg '$dash/' | grep -q 'class=down>down line 1 of its metrics'" || lab_fail "nonsense is taken"
lab_wait 10 alert AvailabilityLow Active || lab_fail "AvailabilityLow: $(get "$dash/api/alerts")"
lab_wait 10 lab_get "http://[::1]:$metrics_port/ready" || lab_fail "not ready any more"

# Its key process has one key and its main process no way to files of others.
for child in $(pgrep -P "$pid"); do
	! grep -q '^Seccomp:.*0$' "/proc/$child/status" || lab_fail "process $child has no filter"
done
kill -TERM "$pid"
wait "$pid" || lab_fail "exit $?"
echo "ok"
