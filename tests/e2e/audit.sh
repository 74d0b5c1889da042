#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119
#
# The audit log of a running CA: every certificate has its event, once, also
# when the daemon is killed in between; names do not enter it; an independent
# reader accepts it; the daemon refuses one that was edited or put back.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

# A section of its own at the end of [issue], the last hook of the lab's file.
syslog_port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
LAB_CA_ISSUE=$'\n[audit]\ncheckpoint_s = 1'
LAB_CA_ISSUE+=$'\nsyslog = "udp://127.0.0.1:'$syslog_port'"'
lab_new
/usr/bin/python3 - "$syslog_port" >"$LAB/syslog.out" <<'PYTHON' &
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    print(s.recv(8192).decode(), flush=True)
PYTHON
LAB_PIDS+=($!)
lab_start

audit=$LAB_STATE/ca/audit
db=$LAB_STATE/ca/ca.db

sql() {
	sqlite3 -readonly "$db" "$1"
}

drained() {
	[ "$(sql 'SELECT count(*) FROM outbox')" = 0 ]
}

# The checkpoint covers every line that is in the log now.
published() {
	[ "$(sed -n 2p "$audit/checkpoint")" -ge "$(wc -l <"$audit/audit.log")" ]
}

# Each issued row has exactly one event, and the reader accepts the log.
check_log() {
	local serial n
	lab_wait 10 drained || lab_fail "the outbox is not drained"
	lab_wait 10 published || lab_fail "no checkpoint covers the log"
	for serial in $(sql "SELECT lower(hex(serial)) FROM cert
	    WHERE state = 'I'"); do
		n=$(grep -c "\"cert.issued\".* serial=$serial " \
			"$audit/audit.log") || true
		[ "$n" = 1 ] || lab_fail "$n events for serial $serial"
	done
	tests/interop/audit_reader.py "$audit" "$(cat "$audit/vkey")" ||
		lab_fail "the independent reader refuses the log"
}

for i in 1 2 3 4 5; do
	lab_issue "first$i.test" >"$LAB/out.$i"
done
check_log
# Each line reached the syslog server too, as RFC 5424 has it.
head='<110>1 [0-9T:.-]*Z [^ ]* trustchain-ca - [a-z._]* - '
grep "cert.issued" "$audit/audit.log" >"$LAB/issued"
mirrored() {
	local line
	while read -r line; do
		sed -n "s/^$head//p" "$LAB/syslog.out" | grep -qxF "$line" ||
			return 1
	done <"$LAB/issued"
}
lab_wait 10 mirrored || lab_fail "an event did not reach the syslog server"
if grep -q 'first1' "$audit/audit.log"; then
	lab_fail "a name is in the audit log"
fi
[ "$(sql 'PRAGMA integrity_check')" = ok ] || lab_fail "integrity_check"
lab_say "ok: every certificate has its event and the log verifies"

# Killed while it issues, its children with it.
cp "$audit/audit.log" "$LAB/old.log"
for round in 1 2 3; do
	(for i in $(seq 20); do
		lab_issue "round$round-$i.test" || break
	done >/dev/null 2>&1) &
	client=$!
	sleep "0.$((round * 3))"
	children=$(pgrep -P "$LAB_CA_PID")
	# shellcheck disable=SC2086 # a list of numbers
	kill -9 "$LAB_CA_PID" $children
	wait "$client" || true
	wait "$LAB_CA_PID" 2>/dev/null || true
	lab_serve_ca
	check_log
done
lab_say "ok: the same after each of 3 kills"

# It stops, and refuses to start on what is not its log.
stop_ca() {
	kill "$LAB_CA_PID"
	wait "$LAB_CA_PID" || lab_fail "the CA did not stop well"
}
refuses() {
	local code=0
	LAB_EXEC='exec' timeout 20 "$LAB_BIN/trustchain-ca" --root "$LAB" \
		--config "$LAB/etc/trustchain/ca.toml" serve \
		>>"$LAB/log/refused.log" 2>&1 || code=$?
	[ "$code" = 5 ] || lab_fail "exit code $code on $1"
}
stop_ca
cp "$audit/audit.log" "$LAB/good.log"
sed -i '3s/"timestamp_ns":1/"timestamp_ns":2/' "$audit/audit.log"
refuses "an edited log"
cp "$LAB/old.log" "$audit/audit.log"
refuses "last week's log"
# With its checkpoint gone too, the database still knows how far it was.
mv "$audit/checkpoint" "$LAB/good.checkpoint"
refuses "last week's log without checkpoint"
cp "$LAB/good.log" "$audit/audit.log"
mv "$LAB/good.checkpoint" "$audit/checkpoint"
lab_serve_ca
check_log
lab_say "ok: edited and rolled-back logs are refused"

# Anyone with the files and the key can check them, without us: whole, as a
# bundle of some records, and by a reader that shares no code.
verify="$LAB_BIN/troth-audit-verify --vkey $audit/vkey"
id=$(sed -n '5s/^{"event_id":"\([^"]*\)".*/\1/p' "$audit/audit.log")
$verify --event-id "$id" "$audit" | tee "$LAB/verify.out"
grep -q ' index=4$' "$LAB/verify.out" || lab_fail "the event is not found"
$verify --export "$LAB/part.tar" --from 3 --to 20 "$audit"
$verify "$LAB/part.tar" | grep -q 'records 3 to 19$' ||
	lab_fail "the bundle of a part"
[ "$(tests/interop/bundle_reader.py "$LAB/part.tar" "$(cat "$audit/vkey")" |
	cut -d' ' -f1-3)" = "ok 3 20" ] || lab_fail "the reader of bundles"
# The last member of the archive are the lines.
sed -i 's/"cert.issued"/"cert.Issued"/' "$LAB/part.tar"
code=0
$verify "$LAB/part.tar" 2>"$LAB/verify.err" || code=$?
[ "$code" = 5 ] || lab_fail "exit code $code on an edited bundle"
grep -q '^\[ERROR\] record [0-9]* was changed$' "$LAB/verify.err" ||
	lab_fail "$(cat "$LAB/verify.err")"
lab_say "ok: log and bundle verify offline, an edited record is named"
