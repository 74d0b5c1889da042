# shellcheck shell=bash disable=SC2034,SC2120
# SPDX-License-Identifier: Apache-2.0
#
# A lab for the end-to-end tests, the demo and the benchmarks: a CA, a log and
# a DNS server on loopback, with free ports and everything below one scratch
# folder.  Sourced, from the root of the tree:
#
#   . tests/e2e/lib.sh
#   lab_new            choose ports, write the configuration, make the keys
#   lab_start          DNS server, log and CA, until they are ready
#
# and then $LAB_CA (https://[::1]:PORT), $LAB_ROOT_CERT, $LAB_TOKEN and the
# functions below.  Whatever was started ends when the shell does; with
# LAB_KEEP=1 the folder stays, and is printed.

LAB_BIN=${TROTH_BIN:-build/bin}
OPENSSL=${OPENSSL:-openssl}
LAB_PIDS=()

lab_say() {
	printf '%s\n' "$*"
}

lab_fail() {
	printf 'FAIL: %s\n' "$*"
	lab_logs
	exit 1
}

# lab_logs: the end of every log, for the reader of a failed test.
lab_logs() {
	local f
	for f in "$LAB"/log/*.log; do
		[ -s "$f" ] || continue
		printf -- '--- %s\n' "$f"
		tail -n 15 "$f"
	done
}

# lab_end: stop what was started, each by its pid, and remove the folder.
lab_end() {
	local pid
	for pid in "${LAB_PIDS[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${LAB_PIDS[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	if [ -n "${LAB_KEEP:-}" ]; then
		lab_say "kept $LAB"
	else
		rm -rf "$LAB"
	fi
}

# lab_ports N: print N free TCP ports of ::1, none twice.
lab_ports() {
	/usr/bin/python3 - "$1" <<-'PYTHON'
		import socket, sys
		held = []
		for _ in range(int(sys.argv[1])):
		    s = socket.socket(socket.AF_INET6)
		    s.bind(("::1", 0))
		    held.append(s)
		print(*(s.getsockname()[1] for s in held))
	PYTHON
}

# lab_wait SECONDS COMMAND...: until it succeeds.
lab_wait() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# lab_new [PORT...]: everything up to starting the daemons.  The ports are
# CA, CA http, CA metrics, log, log metrics, DNS, validation.
lab_new() {
	LAB=$(mktemp -d "${TMPDIR:-/tmp}/troth-lab.XXXXXX")
	trap lab_end EXIT
	trap 'exit 130' INT TERM
	mkdir -p "$LAB"/{log,etc/trustchain,run/trustchain,var/lib/trustchain}
	if [ $# -ne 7 ]; then
		# shellcheck disable=SC2046 # a list of numbers
		set -- $(lab_ports 7)
	fi
	LAB_CA_PORT=$1 LAB_HTTP_PORT=$2 LAB_METRICS_PORT=$3 LAB_CT_PORT=$4
	LAB_CT_METRICS_PORT=$5 LAB_DNS_PORT=$6 LAB_VALIDATION_PORT=$7
	LAB_CA="https://${LAB_CA_HOST:-[::1]}:$LAB_CA_PORT"
	LAB_HTTP="http://[::1]:$LAB_HTTP_PORT"
	LAB_CT="https://[::1]:$LAB_CT_PORT"
	LAB_ROOT_CERT=$LAB/etc/trustchain/certs/root-ca.crt
	LAB_ISSUER_CERT=$LAB/etc/trustchain/certs/intermediate-ca-1.crt
	LAB_STATE=$LAB/var/lib/trustchain
	lab_config_ct
	lab_config_ca "vkey-follows"
	lab_ca init-ca --generate-if-missing >"$LAB/log/init-ca.log" 2>&1 ||
		lab_fail "init-ca: $(cat "$LAB/log/init-ca.log")"
	lab_ct init-log --generate-if-missing >"$LAB/log/init-log.log" 2>&1 ||
		lab_fail "init-log: $(cat "$LAB/log/init-log.log")"
	LAB_VKEY=$(sed -n 's/.*list_vkey=//p' "$LAB/log/init-log.log")
	[ -n "$LAB_VKEY" ] || lab_fail "init-log printed no list_vkey"
	lab_config_ca "$LAB_VKEY"
}

lab_config_ct() {
	cat >"$LAB/etc/trustchain/ct.toml" <<-TOML
		[server]
		environment = "local"
		listen = "[::1]:$LAB_CT_PORT"
		metrics_listen = "[::1]:$LAB_CT_METRICS_PORT"
		base_url = "$LAB_CT"
		service_names = ["localhost", "::1"]
		${LAB_CT_SERVER:-}

		[log]
		base = "${LAB_CT_BASE:-ct.lab.test}"
		roots = ["/etc/trustchain/certs/root-ca.crt"]
		keys = "/etc/trustchain/keys"
		pass_file = "/etc/trustchain/keys/ct.pass"
		list_key = "file:/etc/trustchain/keys/ct-list.key"
		${LAB_CT_LOG:-}
	TOML
}

# lab_config_ca VKEY
lab_config_ca() {
	local host=${LAB_CA_HOST:+", \"$LAB_CA_HOST\""}
	cat >"$LAB/etc/trustchain/ca.toml" <<-TOML
		[server]
		environment = "local"
		listen = "[::1]:$LAB_CA_PORT"
		http_listen = "[::1]:$LAB_HTTP_PORT"
		metrics_listen = "[::1]:$LAB_METRICS_PORT"
		base_url = "$LAB_CA"
		status_url = "http://[::1]:$LAB_HTTP_PORT"
		service_names = ["localhost", "::1"$host]
		seal_key = "file:/etc/trustchain/keys/seal.key"
		seal_pass_file = "/etc/trustchain/keys/seal.pass"
		rate_per_min = 0
		${LAB_CA_SERVER:-}

		[[issuer]]
		id = "ca-1"
		cert = "/etc/trustchain/certs/intermediate-ca-1.crt"
		chain = "/etc/trustchain/certs/root-ca.crt"
		key = "${LAB_CA_KEY:-file:/etc/trustchain/keys/intermediate-ca-1.key}"
		pass_file = "${LAB_CA_PASS:-/etc/trustchain/keys/intermediate-ca-1.pass}"
		default = true
		${LAB_CA_ISSUER:-}

		[issue]
		caa_identities = ["ca.lab.test"]
		${LAB_CA_ISSUE:-}

		[[log]]
		url = "unix:/run/trustchain/ct.sock"
		list_vkey = "$1"

		[acme]
		validation_http_port = $LAB_VALIDATION_PORT
		validation_allow = ["${LAB_CA_ALLOW:-::1/128}"]
		dns_forward = ["::1@$LAB_DNS_PORT"]
		dns_insecure = ["test"]
		${LAB_CA_ACME:-}
	TOML
}

# lab_ca ARGUMENT..., lab_ct ARGUMENT...: the programs on the lab's files.  With
# LAB_EXEC=exec they replace the shell, so that $! is the daemon's own pid.
lab_ca() {
	${LAB_EXEC:-} "$LAB_BIN/trustchain-ca" --root "$LAB" \
		--config "$LAB/etc/trustchain/ca.toml" "$@"
}

lab_ct() {
	${LAB_EXEC:-} "$LAB_BIN/trustchain-ct" --root "$LAB" \
		--config "$LAB/etc/trustchain/ct.toml" "$@"
}

# lab_get URL [CURL-ARGUMENT...]: by curl, trusting the lab's root.
lab_get() {
	curl -sS --fail-with-body --max-time 20 --cacert "$LAB_ROOT_CERT" \
		-g "$@"
}

# lab_dns: every name under test is ::1 and has no other records.
lab_dns() {
	PATH=$PATH:/usr/sbin dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--port="$LAB_DNS_PORT" --listen-address=::1 --bind-interfaces \
		--no-resolv --no-hosts --pid-file= --address=/test/::1 \
		--local=/test/ \
		"$@" >"$LAB/log/dns.log" 2>&1 &
	LAB_DNS_PID=$!
	LAB_PIDS+=("$LAB_DNS_PID")
}

# lab_caa NAME FLAG TAG VALUE: the option of lab_dns that serves the record.
lab_caa() {
	printf -- '--dns-rr=%s,257,' "$1"
	printf '%02x%02x' "$2" "${#3}"
	printf '%s%s' "$3" "$4" | od -An -v -tx1 | tr -d ' \n'
}

# lab_serve_ct, lab_serve_ca: start, until ready; the log before the CA.
lab_serve_ct() {
	LAB_EXEC='exec' lab_ct serve >>"$LAB/log/ct.log" 2>&1 &
	LAB_CT_PID=$!
	LAB_PIDS+=("$LAB_CT_PID")
	lab_wait "${1:-20}" curl -fsSg \
		"http://[::1]:$LAB_CT_METRICS_PORT/ready" ||
		lab_fail "the log is not ready"
}

lab_serve_ca() {
	LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
	LAB_CA_PID=$!
	LAB_PIDS+=("$LAB_CA_PID")
	lab_wait "${1:-20}" curl -fsSg \
		"http://[::1]:$LAB_METRICS_PORT/ready" ||
		lab_fail "the CA is not ready"
}

lab_start() {
	lab_dns
	lab_serve_ct
	lab_serve_ca
	lab_token
}

# lab_token: a token that may issue for every name under test.
lab_token() {
	LAB_TOKEN=$(lab_ca token create --role issuer --name-scope test \
		--profile server --ttl 1d --rate 1000000 |
		sed -n 's/.*token=//p')
	[ -n "$LAB_TOKEN" ] || lab_fail "token create printed no token"
}

# lab_key NAME: a key and a request for NAME in $LAB/NAME.{key,csr}.
lab_key() {
	"$OPENSSL" req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$LAB/$1.key" -out "$LAB/$1.csr" -subj / \
		-addext "subjectAltName=DNS:$1" 2>/dev/null
}

# lab_issue NAME [JSON-MEMBER...]: by REST; the answer is on stdout.
lab_issue() {
	local name=$1
	shift
	[ -e "$LAB/$name.csr" ] || lab_key "$name"
	jq -n --rawfile csr "$LAB/$name.csr" "{csr: \$csr} $*" |
		lab_get "$LAB_CA/api/v1/ca/issue" --data-binary @- \
			-H 'Content-Type: application/json' \
			-H "Authorization: Bearer $LAB_TOKEN"
}

# lab_check_chain FILE NAME: a chain as a relying party sees it: path, name,
# embedded SCTs.
lab_check_chain() {
	sed '/END CERTIFICATE/q' "$1" >"$LAB/leaf.pem"
	sed '1,/END CERTIFICATE/d' "$1" >"$LAB/rest.pem"
	"$OPENSSL" verify -CAfile "$LAB_ROOT_CERT" -untrusted "$LAB/rest.pem" \
		"$(case $2 in *:*) echo -verify_ip ;; *) echo -verify_hostname ;; esac)" \
		"$2" "$LAB/leaf.pem" >/dev/null ||
		lab_fail "$1 does not verify for $2"
	"$OPENSSL" x509 -in "$LAB/leaf.pem" -noout -text |
		grep -q 'CT Precertificate SCTs' || lab_fail "$1 has no SCT"
}

# lab_pq PROFILE-LINES: after lab_new, a second issuer `pq-1' with an ML-DSA-65
# key below an ML-DSA-87 root of a ceremony, and a profile server-pq of it.
lab_pq() {
	local keys=$LAB/etc/trustchain/keys certs=$LAB/etc/trustchain/certs
	{
		"$LAB_BIN/trustchain-ca" ceremony root --out "$LAB/pq" \
			--alg mldsa87 --operator Ada &&
		"$LAB_BIN/trustchain-ca" csr --key "file:$keys/pq-1.key" \
			--pass-file "$keys/pq-1.pass" --issuer-id pq-1 \
			--alg mldsa65 --out "$LAB/pq-1.csr" &&
		"$LAB_BIN/trustchain-ca" ceremony sign --root "$LAB/pq" \
			--csr "$LAB/pq-1.csr" --operator Ada
	} >"$LAB/log/ceremony.log" 2>&1 || lab_fail ceremony
	cp "$LAB/pq/intermediate-ca-1.crt" "$certs/pq-1.crt"
	cat "$LAB/pq/root-ca.crt" >>"$LAB_ROOT_CERT"
	LAB_CA_ISSUER="${LAB_CA_ISSUER:-}
		[[issuer]]
		id = \"pq-1\"
		cert = \"/etc/trustchain/certs/pq-1.crt\"
		chain = \"/etc/trustchain/certs/pq-1.crt\"
		key = \"file:/etc/trustchain/keys/pq-1.key\"
		pass_file = \"/etc/trustchain/keys/pq-1.pass\"
		max_sign_per_s = 100000

		[profile.server-pq]
		base = \"server\"
		issuer = \"pq-1\"
		$1"
	lab_config_ca "$LAB_VKEY"
}
