#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Scenario A11, the log: one that is restored behind its witness is retired,
# a successor with new keys takes over; one that is not behind goes on.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
age-keygen -o "$LAB/identity.txt" 2>/dev/null
printf '[backup]\nrecipients = ["%s"]\ninterval_h = 0\n' "$(age-keygen -y "$LAB/identity.txt")" >>"$LAB/etc/trustchain/ca.toml"
home=$LAB/witness
mkdir -p "$home/keys"
cat >"$home/witness.toml" <<-TOML
	[server]
	environment = "local"
	listen = "unix:$home/w.sock"
	metrics_listen = ""
	control = "$home/w.ctl"
	state_dir = "$home/state"
	service_names = ["localhost"]

	[witness]
	name = "witness.lab.test"
	key = "file:$home/keys/witness.key"
	pass_file = "$home/keys/witness.pass"
TOML
for log in "$LAB_STATE"/ct/*/log.json; do
	jq -r '"[[witness.log]]\norigin = \"\(.origin)\"\nvkeys = [\"\(.note_vkey)\"]"' "$log" >>"$home/witness.toml"
done
"$LAB_BIN/trustchain-ct" --config "$home/witness.toml" witness >>"$LAB/log/witness.log" 2>&1 &
LAB_PIDS+=($!)
lab_wait 20 grep -q 'witness ready vkey=' "$LAB/log/witness.log" || lab_fail "the witness is not ready"
cat >>"$LAB/etc/trustchain/ct.toml" <<-TOML
	[quorum]
	k = 1
	[[witness_peer]]
	name = "witness.lab.test"
	url = "unix:/witness/w.sock"
	vkey = "$(sed -n 's/.*witness ready vkey=\(\S*\).*/\1/p' "$LAB/log/witness.log")"
TOML
lab_start

stop() {
	kill -TERM "$LAB_CA_PID" "$LAB_CT_PID"
	wait "$LAB_CA_PID" "$LAB_CT_PID" || true
}
backup() {
	lab_ca backup --full-backup --encrypt | sed -nE 's/^\[SUCCESS\] backup (\S+) .*/\1/p'
}
shard_of() {
	jq -r '.scts[0].shard' "$LAB/$1.json"
}

lab_issue one.test >"$LAB/one.json"
shard=$(shard_of one)
sleep 1
old=$(backup)
lab_issue two.test >"$LAB/two.json"
cosigned() {
	cmp -s "$LAB_STATE/ct/$shard/checkpoint" "$LAB/seen" && return 1
	cp "$LAB_STATE/ct/$shard/checkpoint" "$LAB/seen"
	grep -q "witness.lab.test" "$LAB/seen" && [ "$(sed -n 2p "$LAB/seen")" -ge 3 ]
}
lab_wait 10 cosigned || lab_fail "the head is not cosigned: $(cat "$LAB_STATE/ct/$shard/checkpoint")"
sleep 1
new=$(backup)
stop

# Not behind: it goes on.
mv "$LAB_STATE" "$LAB/lost1"
said=$(lab_ca restore "$new" --identity "$LAB/identity.txt" 2>&1) || lab_fail "restore: $said"
! grep -q retired <<<"$said" || lab_fail "retired although not behind: $said"
lab_serve_ct
lab_serve_ca
lab_issue three.test >"$LAB/three.json" || lab_fail "not issued with a log that is not behind"
[ "$(shard_of three)" = "$shard" ] || lab_fail "another shard: $(shard_of three)"
stop

# Behind: retired, and everything that was promised is lost and said.
mv "$LAB_STATE" "$LAB/lost2"
said=$(lab_ca restore "$old" --identity "$LAB/identity.txt" 2>&1) || lab_fail "restore: $said"
grep -qx "\[WARN\] shard $shard retired" <<<"$said" || lab_fail "not retired: $said"
grep -q "next: trustchain-ct shard create ${shard}b" <<<"$said" || lab_fail "what next: $said"
[ "$(cat "$LAB_STATE/ct/$shard/state")" = retired ] || lab_fail "state of the shard"
lab_ct shard create "${shard}b" >"$LAB/log/create.log" 2>&1 || lab_fail "shard create: $(cat "$LAB/log/create.log")"
lab_serve_ct
lab_serve_ca
lab_issue four.test >"$LAB/four.json" || lab_fail "not issued with the successor: $(cat "$LAB/four.json")"
[ "$(shard_of four)" = "${shard}b" ] || lab_fail "shard $(shard_of four) took it"
lab_ct log-list | jq -e --arg s "$shard" '.logs[] | select(.name == $s) | .state == "retired"' >/dev/null || lab_fail "the list does not say retired"
before=$(sed -n 2p "$LAB_STATE/ct/$shard/checkpoint")
sleep 1
[ "$(sed -n 2p "$LAB_STATE/ct/$shard/checkpoint")" = "$before" ] || lab_fail "a retired shard grows"
