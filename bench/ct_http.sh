#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How fast the log takes precertificates over HTTPS: add-pre-chain as fast as 64
# connections go, each entry durable before its SCT; as the disk is, and with
# 3 ms more for each sync.  One JSON object on stdout, progress on stderr.
#
#   ct_http.sh     SECONDS_MAX=10 RUNS=3 BODIES=100000 by default
#
# Bound: p99 of the SCT below 100 ms, the median of RUNS.  The peer in the same
# run, on the same disk, is sunlight of Debian unstable, which answers when it
# has sequenced, once a second; the ratio of entries/s is reported.  Where no
# mirror has it, "sunlight" is null.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
seconds=${SECONDS_MAX:-10}
runs=${RUNS:-3}
count=${BODIES:-100000}
OPENSSL=$(tools/setup.sh --openssl)

progress() {
	printf 'bench: %s\n' "$*" >&2
}

# p256 NAME ARGUMENT...: a self-signed certificate and its key, in $LAB.
p256() {
	local name=$1
	shift
	"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout "$LAB/$name.key" -out "$LAB/$name.crt" \
		-days 30 "$@" 2>/dev/null
}

# measure NAME URL CACERT: RUNS times; no run sends what another has sent, for
# a log answers an entry that it has from its index.
measure() {
	local name=$1 i status=0
	progress "$name"
	: >"$LAB/runs"
	for ((i = 0; i < runs; i++)); do
		status=0
		build/bench/http_load --url "$2" --bodies "$LAB/bodies.$i" \
			--cacert "$3" --header 'Content-Type: application/json' \
			--connections 64 --seconds "$seconds" \
			--count $((count / runs)) >>"$LAB/runs" || status=$?
		[ $status -lt 2 ] || exit $status
	done
	jq -cs --arg name "$name" '
		def median(f): map(f) | sort | .[length / 2 | floor];
		{($name): {p99_ms: median(.p99_ms), p50_ms: median(.p50_ms),
			entries_per_s: median(.rate_per_s),
			errors: (map(.errors) | add), runs: .}}' \
		"$LAB/runs" >>"$LAB/results"
}

# fresh_log [DELAY-MS]: the log without an entry, with so much more for each
# sync; until it has the certificate of its HTTPS from the CA.
fresh_log() {
	kill "$LAB_CT_PID" && wait "$LAB_CT_PID"
	rm -rf "${LAB_STATE:?}/ct"
	cp -a "$LAB/ct.new" "$LAB_STATE/ct"
	export TRUSTCHAIN_FSYNC_DELAY_MS=${1:-0}
	lab_serve_ct 30
	lab_wait 30 lab_get "$LAB_CT/$shard/ct/v1/get-sth" ||
		lab_fail "the log has no HTTPS"
}

ours() {
	measure "$1" "$LAB_CT/$shard/ct/v1/add-pre-chain" "$LAB_ROOT_CERT"
}

# sunlight_end: it makes its tiles immutable, and nobody could remove the lab.
sunlight_end() {
	kill "$SUNLIGHT_PID" 2>/dev/null || true
	wait "$SUNLIGHT_PID" || true
	chattr -R -f -i "$LAB/sunlight/data" || true
}

# sunlight_run BIN: on a port of 127.0.0.1, with a log of its own.
sunlight_run() {
	local dir=$LAB/sunlight port
	port=$(lab_ports 1)
	mkdir -p "$dir/data"
	p256 sunlight -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1
	cp "$LAB/sunlight.crt" "$dir/sunlight.pem"
	cp "$LAB/sunlight.key" "$dir/sunlight-key.pem"
	head -c 32 /dev/urandom >"$dir/seed.bin"
	sqlite3 "$dir/checkpoints.db" \
		"CREATE TABLE checkpoints (logID BLOB PRIMARY KEY, body TEXT)"
	cat >"$dir/sunlight.yaml" <<-YAML
		listen: ["127.0.0.1:$port"]
		checkpoints: $dir/checkpoints.db
		logs:
		  - name: 127.0.0.1/bench
		    shortname: bench
		    inception: $(date +%F)
		    submissionprefix: https://127.0.0.1/bench
		    monitoringprefix: https://127.0.0.1/monitor
		    roots: $LAB/bench.crt
		    secret: $dir/seed.bin
		    cache: $dir/cache.db
		    localdirectory: $dir/data
		    notafterstart: $(date -u -d '-1 day' +%FT%TZ)
		    notafterlimit: $(date -u -d '+30 days' +%FT%TZ)
	YAML
	# Debian's build takes the router of an old Go, which knows no methods.
	(cd "$dir" && GODEBUG=httpmuxgo121=0 exec "$1/sunlight" -testcert \
		-c sunlight.yaml \
		>"$LAB/log/sunlight.json" 2>"$LAB/log/sunlight.log") &
	SUNLIGHT_PID=$!
	trap 'sunlight_end; lab_end' EXIT
	lab_wait 15 curl -fsS --cacert "$LAB/sunlight.crt" \
		"https://127.0.0.1:$port/bench/ct/v1/get-roots" ||
		lab_fail "sunlight does not answer"
	measure sunlight "https://127.0.0.1:$port/bench/ct/v1/add-pre-chain" \
		"$LAB/sunlight.crt"
	jq -es '.[-1].sunlight.errors == 0' "$LAB/results" >/dev/null ||
		lab_fail "sunlight refuses"
}

LAB_CT_SERVER='rate_per_min = 0'
lab_new
machine=$(bench/machine.py "$OPENSSL" "$LAB")
cp -a "$LAB_STATE/ct" "$LAB/ct.new"
p256 bench -subj "/CN=Bench Root" -addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign
lab_start
lab_ca token create --role issuer --name-scope localhost --name-scope ::1 \
	--profile service --ttl 1d |
	sed -n 's/.*token=//p' >"$LAB/etc/trustchain/ct.token"
chmod 600 "$LAB/etc/trustchain/ct.token"
LAB_CT_SERVER="$LAB_CT_SERVER
ca_url = \"$LAB_CA\"
token_file = \"/etc/trustchain/ct.token\""
lab_config_ct
sed -i 's|^roots = .*|roots = ["/etc/trustchain/certs/root-ca.crt", "/bench.crt"]|' \
	"$LAB/etc/trustchain/ct.toml"
progress "making $count precertificates"
shard=$(date -u -d '+1 day' +%Gw%V)
build/bench/make_bodies prechain "$count" "$LAB/bench.crt" "$LAB/bench.key" 1 \
	>"$LAB/bodies"
split -d -a 1 -n "l/$runs" "$LAB/bodies" "$LAB/bodies."
fresh_log
ours ct_http
fresh_log 3
ours ct_http_sync3ms
kill "$LAB_CT_PID" && wait "$LAB_CT_PID"
peer=null
if root=$(tools/sid.sh sunlight); then
	sunlight_run "$root/usr/bin"
	peer="\"$(cat "$root/.have-sunlight")\""
else
	progress "sunlight is in Debian unstable only, and no mirror has it"
fi

jq -s --argjson machine "$machine" --argjson peer "$peer" '
	add as $r | {benchmark: "ct_http"} + $machine |
	.versions.sunlight = $peer | . + {
		bounds: {
			p99_ms: {bound: 100, measured: $r.ct_http.p99_ms,
				held: ($r.ct_http.p99_ms < 100)},
			sync3ms_p99_ms: {bound: 100,
				measured: $r.ct_http_sync3ms.p99_ms,
				held: ($r.ct_http_sync3ms.p99_ms < 100)},
			errors: ($r.ct_http.errors + $r.ct_http_sync3ms.errors |
				{bound: 0, measured: ., held: (. == 0)})},
		ratio_to_sunlight: (if $r.sunlight.entries_per_s > 0 then
			$r.ct_http.entries_per_s / $r.sunlight.entries_per_s
			else null end),
		sunlight: $r.sunlight,
		results: ($r | del(.sunlight))}' "$LAB/results"
