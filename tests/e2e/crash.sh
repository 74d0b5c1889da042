#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Kill the daemons, with SIGKILL, at every point of the issue pipeline and of
# the log's sequencer and publisher, and then TROTH_CRASHES times (20) at
# random under load.  After that: each certificate that anyone received is
# provably in the log, each request that was ever made is answered, with the
# same certificate if it had been answered before, and no row is left half
# done.  The proof is tests/e2e/promises.py, which shares no code with us.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
# A row left behind by a crash is taken up again after 2 s.
LAB_CA_SERVER='drain_s = 1'
# Few shards, so that a start has few keys to decrypt.
LAB_CT_LOG=$(printf 'checkpoint_ms = 100\nshard_ahead = 1\n')
lab_new
mkdir "$LAB/certs"
lab_key host.test

load() {
	local mode=$1
	shift
	exec /usr/bin/python3 tests/e2e/issue_load.py "$mode" --url "$LAB_CA" \
		--root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
		--csr "$LAB/host.test.csr" --dir "$LAB/certs" "$@"
}

ca_ready() {
	curl -fsSg "http://[::1]:$LAB_METRICS_PORT/ready"
}

# What waited for the log can take it past the armed point at once.
ca_ready_or_killed() {
	ca_ready || { [ -n "${TRUSTCHAIN_FAULT:-}" ] && dead "$LAB_CT_PID"; }
}

# dead PID: whether the daemon with this pid has ended.
dead() {
	! kill -0 "$1" 2>/dev/null
}

# restart ca|ct: start the daemon again, without faults.
restart() {
	if [ "$1" = ca ]; then
		wait "$LAB_CA_PID" 2>/dev/null || true
		lab_serve_ca 30
	else
		wait "$LAB_CT_PID" 2>/dev/null || true
		lab_serve_ct 30
		# The CA asks a log that was down every 5 s.
		lab_wait 30 ca_ready_or_killed || lab_fail "the CA is not ready:" \
			"$(curl -sSg "http://[::1]:$LAB_METRICS_PORT/ready")"
	fi
}

# stop ca|ct: by SIGTERM, and it must be a clean end.
stop() {
	local pid=$LAB_CA_PID
	[ "$1" = ca ] || pid=$LAB_CT_PID
	kill "$pid"
	wait "$pid" || lab_fail "$1 did not end cleanly: $?"
}

# check [ARGUMENT...]: the promises, by the independent reader.
check() {
	curl -fsSg --unix-socket "$LAB/run/trustchain/ct.sock" \
		http://localhost/api/v1/ct/logs >"$LAB/logs.json"
	rm -rf "$LAB/pems" && mkdir "$LAB/pems"
	find "$LAB/certs" -name '*.pem' -exec cp -t "$LAB/pems" {} +
	/usr/bin/python3 tests/e2e/promises.py --logs "$LAB/logs.json" \
		--shards "$LAB_STATE/ct" --issuer "$LAB_ISSUER_CERT" \
		--db "$LAB_STATE/ca/ca.db" "$@" "$LAB/pems" ||
		lab_fail "a promise is broken"
}

# settle: a checkpoint covers everything and no row waits.
settled() {
	[ "$(sqlite3 -readonly "$LAB_STATE/ca/ca.db" \
		"SELECT count(*) FROM cert WHERE state IN ('P', 0)")" = 0 ]
}
# at_point ca|ct POINT: arm it, ask until the daemon dies there, start again.
at_point() {
	local which=$1 point=$2 pid
	stop "$which"
	export TRUSTCHAIN_FAULT="$point=kill:2"
	restart "$which"
	unset TRUSTCHAIN_FAULT
	pid=$LAB_CA_PID
	[ "$which" = ca ] || pid=$LAB_CT_PID
	load run --threads 2 --seconds 60 --pause 0.2 >/dev/null &
	local loader=$!
	if lab_wait 12 dead "$pid"; then
		lab_say "killed at $point"
		killed=$((killed + 1))
	else
		lab_say "never passed $point"
		missed="$missed $point"
	fi
	kill "$loader" 2>/dev/null || true
	wait "$loader" 2>/dev/null || true
	dead "$pid" || stop "$which"
	restart "$which"
}

mapfile -t ca_points < <(sed -n '/ca_issue_points\[\]/,/;/p' \
	src/trustchain/ca_issue.c | grep -o '"[a-z0-9.]*"' | tr -d '"')
mapfile -t ct_points < <(sed -n 's/.*CT_POINT_[A-Z_]* "\(.*\)".*/\1/p' \
	src/trustchain/ct_points.h)
((${#ca_points[@]} >= 15 && ${#ct_points[@]} >= 8)) ||
	lab_fail "the lists of fault points were not found"
killed=0
missed=

# The log stores an issuer's certificate once: with the first entry of all,
# which is the CA's own TLS certificate.
lab_dns
export TRUSTCHAIN_FAULT=ct.issuer.before=kill
lab_serve_ct
unset TRUSTCHAIN_FAULT
(lab_wait 30 dead "$LAB_CT_PID" && echo dead >"$LAB/first") &
LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
LAB_CA_PID=$!
LAB_PIDS+=("$LAB_CA_PID")
lab_wait 30 test -e "$LAB/first" ||
	lab_fail "the log passed ct.issuer.before alive"
killed=1
restart ct
lab_token
for point in "${ca_points[@]}"; do
	# Only a row that stays unlogged for minutes is abandoned; the unit
	# test of the driver passes these points.
	# CRLs are published by themselves, and emergencies are rare:
	# tests/e2e/revoke.sh and emergency.sh kill it there.
	case $point in ca.abandon.* | ca.crl.* | ca.sweep.*) continue ;; esac
	at_point ca "$point"
done
for point in "${ct_points[@]}"; do
	# The issuer was first; no request makes the log make a shard, and
	# tests/e2e/ct_shards.py kills it there.
	case $point in ct.issuer.before | ct.shard.*) continue ;; esac
	at_point ct "$point"
done
[ -z "$missed" ] || lab_fail "no request passed:$missed"
(load again --wait 300)
check --pending-ok
lab_say "killed at $killed points"

# pids_of PID: the supervisor and its children.
pids_of() {
	echo "$1"
	pgrep -P "$1" || true
}

for i in $(seq "${TROTH_CRASHES:-20}"); do
	which=ca pid=$LAB_CA_PID
	[ $((RANDOM % 2)) -eq 0 ] || which=ct pid=$LAB_CT_PID
	load run --threads 4 --seconds 2 --count 150 >/dev/null &
	loader=$!
	sleep "0.$((RANDOM % 900 + 100))"
	mapfile -t pids < <(pids_of "$pid")
	victim=${pids[$((RANDOM % ${#pids[@]}))]}
	kill -9 "$victim" || true
	lab_wait 10 dead "$pid" || lab_fail "$which outlives process $victim"
	restart "$which"
	wait "$loader" || true
	[ $((i % 10)) -ne 0 ] && continue
	check --pending-ok
	lab_say "progress: $i of ${TROTH_CRASHES:-20} kills"
done
(load again --wait 300)
lab_wait 30 settled || lab_fail "rows are left pending"
sleep 1
check
lab_say "PASS: ${TROTH_CRASHES:-20} random kills"
