# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A whole identity plane in a scratch folder of this machine: CA, log, three
# witnesses of which two must cosign, dashboard, a backup.  Sourced, from the
# root of the tree: local_up starts it and sets what validate.py and the tests
# in ../tests ask for; the end of the shell takes it down.

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

# local_witness I: witness I on sockets below the lab, for all shards; its
# verifier key goes to $LAB/witnessI/vkey.
local_witness() {
	local home=$LAB/witness$1 log
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
		name = "witness$1.lab.test"
		key = "file:$home/keys/witness.key"
		pass_file = "$home/keys/witness.pass"
	TOML
	for log in "$LAB_STATE"/ct/*/log.json; do
		jq -r '"[[witness.log]]\norigin = \"\(.origin)\"\nvkeys = [\"\(.note_vkey)\"]"' \
			"$log" >>"$home/witness.toml"
	done
	"$LAB_BIN/trustchain-ct" --config "$home/witness.toml" witness \
		>>"$LAB/log/witness$1.log" 2>&1 &
	LAB_PIDS+=($!)
	lab_wait 20 grep -q 'witness ready vkey=' "$LAB/log/witness$1.log" ||
		lab_fail "witness $1 is not ready"
	sed -n 's/.*witness ready vkey=\(\S*\).*/\1/p' "$LAB/log/witness$1.log" \
		>"$home/vkey"
}

local_quorum() {
	local i
	printf '[quorum]\nk = 2\n' >>"$LAB/etc/trustchain/ct.toml"
	for i in 1 2 3; do
		cat >>"$LAB/etc/trustchain/ct.toml" <<-TOML
			[[witness_peer]]
			name = "witness$i"
			url = "unix:/witness$i/w.sock"
			vkey = "$(cat "$LAB/witness$i/vkey")"
		TOML
	done
}

local_dashboard() {
	local port=$1 metrics=$2
	cat >"$LAB/etc/trustchain/dashboard.toml" <<-TOML
		[server]
		environment = "local"
		listen = "[::1]:$port"
		metrics_listen = "[::1]:$metrics"
		ca_url = "$LAB_CA"
		service_names = ["localhost", "::1"]
		token_file = "/tokens/tls"
		seal_key = "file:/etc/trustchain/keys/seal.key"
		seal_pass_file = "/etc/trustchain/keys/seal.pass"

		[dashboard]
		targets = ["http://[::1]:$LAB_METRICS_PORT", "http://[::1]:$LAB_CT_METRICS_PORT"]
		scrape_s = 1
	TOML
	"$LAB_BIN/trustchain-ca" --root "$LAB" dashboard \
		>>"$LAB/log/dashboard.log" 2>&1 &
	LAB_PIDS+=($!)
	lab_wait 20 grep -q 'dashboard ready' "$LAB/log/dashboard.log" ||
		lab_fail "the dashboard is not ready"
}

local_backup() {
	age-keygen -o "$LAB/identity.txt" 2>/dev/null
	printf '[backup]\nrecipients = ["%s"]\n' \
		"$(age-keygen -y "$LAB/identity.txt")" >>"$LAB/etc/trustchain/ca.toml"
	lab_ca backup --full-backup --encrypt >"$LAB/log/backup.log" 2>&1 ||
		lab_fail "backup: $(cat "$LAB/log/backup.log")"
}

# local_token ROLE...: a token in $LAB/tokens/ROLE, named after the first.
local_token() {
	local role roles=()
	for role; do
		roles+=(--role "$role")
	done
	lab_ca token create "${roles[@]}" --name-scope lab.test --name-scope test --ttl 1d \
		--rate 1000000 | sed -n 's/.*token=//p' >"$LAB/tokens/$1"
	[ -s "$LAB/tokens/$1" ] || lab_fail "no token for $*"
}

local_up() {
	local i port metrics
	# As deployed: who has no token is limited.
	LAB_CA_SERVER='tls_handshakes_per_s = 5000'
	lab_new
	sed -i 's/^rate_per_min = 0/rate_per_min = 1000/' "$LAB/etc/trustchain/ca.toml"
	for i in 1 2 3; do
		local_witness "$i"
	done
	local_quorum
	lab_start
	mkdir -p "$LAB/tokens"
	lab_ca token create --role issuer --name-scope localhost --name-scope ::1 \
		--profile service --ttl 1d | sed -n 's/.*token=//p' >"$LAB/tokens/tls"
	read -r port metrics <<<"$(lab_ports 2)"
	local_dashboard "$port" "$metrics"
	local_backup
	for i in issuer revoker auditor operator; do
		local_token "$i"
	done
	local_wait_healthy
	export VALIDATE_CA=$LAB_CA VALIDATE_STATUS=$LAB_HTTP VALIDATE_CT=$LAB_CT \
		VALIDATE_CT_ANY=1 VALIDATE_NAME=lab.test \
		VALIDATE_CA_METRICS="http://[::1]:$LAB_METRICS_PORT" \
		VALIDATE_CT_METRICS="http://[::1]:$LAB_CT_METRICS_PORT" \
		VALIDATE_DASHBOARD="https://[::1]:$port" VALIDATE_ROOT=$LAB_ROOT_CERT \
		VALIDATE_TOKENS=$LAB/tokens VALIDATE_IDENTITY=$LAB/identity.txt \
		VALIDATE_BACKUPS=$LAB/var/backups/trustchain \
		VALIDATE_RESTORE_FLAGS="--root $LAB --config $LAB/etc/trustchain/ca.toml" \
		TRUSTCHAIN_CA=$LAB_BIN/trustchain-ca OPENSSL
}

# Every component was asked once more since the start.
local_wait_healthy() {
	lab_wait 15 sh -c "curl -fsSgk '$LAB_CA/health' | grep -q '\"status\":\"Healthy\"'" ||
		lab_fail "the CA is not healthy: $(curl -sSgk "$LAB_CA/health")"
}
