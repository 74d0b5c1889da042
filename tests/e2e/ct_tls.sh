#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The log's own TLS certificate comes from the CA and is shown again after a
# restart; a CA sends its token only to a log that proves who it is.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

serial() {
	"$OPENSSL" s_client -connect "[::1]:$LAB_CT_PORT" -CAfile \
		"$LAB_ROOT_CERT" -verify_return_error -verify_hostname \
		localhost </dev/null 2>/dev/null |
		"$OPENSSL" x509 -noout -serial -issuer
}

certified() {
	serial | grep -q 'Intermediate'
}

stop() {
	kill "$1"
	wait "$1" || true
}

ca_unavailable() {
	curl -sg "http://[::1]:$LAB_METRICS_PORT/ready" | grep -q 'log https'
}

# The CA submits to the URLs in the log's list, so they must lead there.
read -r -a ports <<<"$(lab_ports 7)"
LAB_CT_BASE="[::1]:${ports[3]}"
lab_new "${ports[@]}"
lab_start

# 1: the log asks the CA, and keeps what it got.
lab_ca token create --role issuer --name-scope localhost \
	--name-scope ::1 --profile service --ttl 1d |
	sed -n 's/.*token=//p' >"$LAB/etc/trustchain/ct.token"
chmod 600 "$LAB/etc/trustchain/ct.token"
# shellcheck disable=SC2034 # read by lab_config_ct
LAB_CT_SERVER="ca_url = \"$LAB_CA\"
token_file = \"/etc/trustchain/ct.token\"
seal_key = \"file:/etc/trustchain/keys/ct-seal.key\"
seal_pass_file = \"/etc/trustchain/keys/ct-seal.pass\""
lab_config_ct
stop "$LAB_CT_PID"
lab_serve_ct
lab_wait 15 certified || lab_fail "the log shows no certificate of the CA"
before=$(serial)
stop "$LAB_CA_PID"
stop "$LAB_CT_PID"
lab_serve_ct
[ "$(serial)" = "$before" ] || lab_fail "another certificate after a restart"
grep -q 'PRIVATE KEY' "$LAB_STATE/ct/tls/tls.sealed" &&
	lab_fail "the key is in clear"
mode=$(stat -c %a "$LAB_STATE/ct/tls/tls.sealed")
[ "$mode" = 600 ] || lab_fail "tls.sealed has mode $mode"

# 2: submissions need a token, over TLS that is verified.
printf 'secret-token-of-the-ca' >"$LAB/etc/trustchain/log.token"
hash=$(printf 'secret-token-of-the-ca' | sha256sum | cut -d' ' -f1)
LAB_CT_LOG="[[log.tokens]]
hash = \"$hash\""
lab_config_ct
stop "$LAB_CT_PID"
lab_serve_ct
toml=$LAB/etc/trustchain/ca.toml
ca_log() {
	lab_config_ca "$LAB_VKEY"
	sed -i "s|^url = \"unix:.*|url = \"$LAB_CT\"\n$1|; s|^\turl = \"unix:.*|url = \"$LAB_CT\"\n$1|" "$toml"
}
ca_log ''
LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
LAB_CA_PID=$!
LAB_PIDS+=("$LAB_CA_PID")
lab_wait 20 curl -fsSg "http://[::1]:$LAB_METRICS_PORT/startup" ||
	lab_fail "the CA does not start"
lab_key a.test
jq -n --rawfile csr "$LAB/a.test.csr" '{csr: $csr}' |
	curl -sg --cacert "$LAB_ROOT_CERT" "$LAB_CA/api/v1/ca/issue" \
		--data-binary @- -H 'Content-Type: application/json' \
		-H "Authorization: Bearer $LAB_TOKEN" |
	grep -q ct_unavailable || lab_fail "issued without the log's token"
stop "$LAB_CA_PID"
ca_log 'token_file = "/etc/trustchain/log.token"'
lab_serve_ca
lab_issue a.test >/dev/null || lab_fail "not issued with the log's token"
stop "$LAB_CA_PID"
stop "$LAB_CT_PID"

# 3: another server in its place gets nothing, until its key is pinned.
"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$LAB/foreign.key" -out "$LAB/foreign.crt" -subj /CN=localhost \
	-addext 'subjectAltName=DNS:localhost,IP:::1' 2>/dev/null
/usr/bin/python3 - "$LAB" "$LAB_CT_PORT" <<'PYTHON' &
import http.server
import socket
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1] + "/foreign.requests", "a") as f:
            f.write("%s\n%s\n" % (self.path, self.headers))
        self.send_error(404)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


s = Server(("::1", int(sys.argv[2])), Handler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain(sys.argv[1] + "/foreign.crt", sys.argv[1] + "/foreign.key")
s.socket = c.wrap_socket(s.socket, server_side=True,
                         do_handshake_on_connect=False)
s.serve_forever()
PYTHON
foreign=$!
LAB_PIDS+=("$foreign")
lab_ca_start() {
	LAB_EXEC='exec' lab_ca serve >>"$LAB/log/ca.log" 2>&1 &
	LAB_CA_PID=$!
	LAB_PIDS+=("$LAB_CA_PID")
}
lab_ca_start
lab_wait 20 ca_unavailable || lab_fail "the foreign log is not down"
sleep 0.5
[ ! -e "$LAB/foreign.requests" ] || lab_fail "a foreign log was asked"
stop "$LAB_CA_PID"
pin=$("$OPENSSL" x509 -in "$LAB/foreign.crt" -noout -pubkey |
	"$OPENSSL" pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
ca_log "token_file = \"/etc/trustchain/log.token\"\ntls_spki = [\"$pin\"]"
lab_ca_start
lab_wait 20 test -s "$LAB/foreign.requests" ||
	lab_fail "a log with a pinned key is not asked"
stop "$LAB_CA_PID"
ca_log 'token_file = "/etc/trustchain/keys/seal.pass"'
code=0
lab_ca --check-config serve >/dev/null 2>&1 || code=$?
[ "$code" -eq 2 ] || lab_fail "a pass file as token_file: exit $code"
lab_say ok
