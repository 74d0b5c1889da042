#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A stranger's ACME client gets a publicly logged certificate: the whole path
# on this machine, step by step.
#
#   tools/demo.sh [--once]
#
# Stays up until Ctrl-C, so that you can look around; --once ends after the
# last step.  Exit 0 if every step worked.  Everything is on loopback and in a
# scratch folder that is removed at the end (LAB_KEEP=1 keeps it).
set -euo pipefail

cd "$(dirname "$0")/.."
once=
case ${1:-} in
'') ;;
--once) once=1 ;;
*)
	echo "usage: tools/demo.sh [--once]" >&2
	exit 2
	;;
esac

# The system's own openssl: not the library that the programs use.
OPENSSL=/usr/bin/openssl
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
name=www.demo.test
step=0

title() {
	step=$((step + 1))
	printf '\n%2d. %s\n' "$step" "$*"
}

say() {
	printf '    %s\n' "$*"
}

# show COMMAND...: print the command, run it, indent what it says.
show() {
	printf '    $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/      /'
}

# check_ports PORT...: each must be free.
check_ports() {
	local port
	for port in "$@"; do
		if ss -Hltn "sport = :$port" | grep -q .; then
			echo "[ERROR] port $port is in use on this machine." >&2
			echo "        \`ss -ltnp \"sport = :$port\"' shows by what.  Stop it, or choose another" >&2
			echo "        port by CA_PORT, STATUS_PORT, CA_METRICS_PORT, CT_PORT or" >&2
			echo "        CT_METRICS_PORT in the environment." >&2
			exit 1
		fi
	done
}

: "${CA_PORT:=8443}" "${STATUS_PORT:=8080}" "${CA_METRICS_PORT:=9090}"
: "${CT_PORT:=8444}" "${CT_METRICS_PORT:=9091}"
check_ports "$CA_PORT" "$STATUS_PORT" "$CA_METRICS_PORT" "$CT_PORT" "$CT_METRICS_PORT"
read -r dns_port validation_port tls_port <<<"$(lab_ports 3)"

echo "Troth: a certificate that is in a public log before anybody can use it."

title "Keys and certificates of a laboratory"
lab_new "$CA_PORT" "$STATUS_PORT" "$CA_METRICS_PORT" "$CT_PORT" \
	"$CT_METRICS_PORT" "$dns_port" "$validation_port"
sed -n 's/^\[SUCCESS\]/    &/p' "$LAB/log/init-ca.log" "$LAB/log/init-log.log"
say "everything is in $LAB; the root is ${LAB_ROOT_CERT#"$LAB"/}"
say "the keys are encrypted files that one process of each program reads"

title "The Certificate Transparency log: trustchain-ct"
lab_dns
lab_serve_ct
sed -n 's/^\[SUCCESS\]/    &/p' "$LAB/log/ct.log"
say "look at http://[::1]:$CT_METRICS_PORT/metrics and $LAB/log/ct.log"

title "The certificate authority: trustchain-ca"
lab_serve_ca
lab_wait 5 grep -q '^\[SUCCESS\]' "$LAB/log/ca.log"
sed -n 's/^\[SUCCESS\]/    &/p' "$LAB/log/ca.log"
say "its own TLS certificate came the same way, and is in the log:"
lab_wait 15 sh -c "curl -fsSg 'http://[::1]:$CA_METRICS_PORT/health' | grep -q '\"status\":\"Healthy\"'" ||
	lab_fail "the CA is not healthy"
lab_get "$LAB_CA/health" | jq -r '"      health: " + .status'
lab_ca list | sed 's/^/      /'
say "look at $LAB_CA/acme/directory and http://[::1]:$CA_METRICS_PORT/metrics"

title "An unmodified certbot asks for $name, by http-01"
certbot=(certbot certonly --standalone --non-interactive --agree-tos
	--register-unsafely-without-email --server "$LAB_CA/acme/directory"
	-d "$name" --http-01-address ::1 --http-01-port "$validation_port")
printf '    $ REQUESTS_CA_BUNDLE=%s \\\n      %s\n' "$LAB_ROOT_CERT" "${certbot[*]}"
REQUESTS_CA_BUNDLE=$LAB_ROOT_CERT PATH=/usr/bin:/bin "${certbot[@]}" \
	--config-dir "$LAB/certbot" --work-dir "$LAB/certbot/work" \
	--logs-dir "$LAB/certbot/log" >"$LAB/log/certbot.log" 2>&1 ||
	lab_fail "certbot got no certificate"
grep -E '^Successfully' "$LAB/log/certbot.log" | sed 's/^/      /'
live=$LAB/certbot/live/$name

title "openssl verifies the chain"
show "$OPENSSL" verify -x509_strict -CAfile "$LAB_ROOT_CERT" \
	-untrusted "$live/chain.pem" -verify_hostname "$name" "$live/cert.pem"
show "$OPENSSL" x509 -in "$live/cert.pem" -noout -subject -dates

title "A TLS client insists on the log's promise in the certificate (SCT)"
lab_get "$LAB_CT/api/v1/ct/ctlogfile" --insecure >"$LAB/ctlogfile"
"$OPENSSL" s_server -accept "[::1]:$tls_port" -cert "$live/cert.pem" \
	-key "$live/privkey.pem" -cert_chain "$live/chain.pem" -quiet \
	>"$LAB/log/s_server.log" 2>&1 &
LAB_PIDS+=("$!")
lab_wait 10 sh -c "ss -Hltn 'sport = :$tls_port' | grep -q ." ||
	lab_fail "openssl s_server does not listen"
client=("$OPENSSL" s_client -connect "[::1]:$tls_port" -servername "$name"
	-verify_hostname "$name" -verify_return_error -CAfile "$LAB_ROOT_CERT"
	-ct -ctlogfile "$LAB/ctlogfile")
printf '    $ %s\n' "${client[*]}"
"${client[@]}" </dev/null >"$LAB/log/s_client.log" 2>&1 ||
	lab_fail "openssl s_client refused the connection"
grep -qi 'validation status: valid' "$LAB/log/s_client.log" ||
	lab_fail "openssl s_client saw no valid SCT"
sed -nE '/Verification: OK|SCTs present|[Vv]alidation status/s/^ */      /p' "$LAB/log/s_client.log"

title "The certificate is in the published tree: our program judges the proof"
lab_get "$LAB_CT/api/v1/ct/logs" --insecure >"$LAB/logs.json"
serial=$("$OPENSSL" x509 -in "$live/cert.pem" -noout -serial | sed 's/serial=//' | tr A-F a-f)
sct=$(lab_ca show "$serial" --json | jq -r .sct)
shard=$(lab_ca show "$serial" --json | jq -r '.scts[0].shard')
vkey=$(jq -r --arg s "$shard" '.logs[] | select(.name == $s).note_vkey' "$LAB/logs.json")
lab_get "$LAB_CT/api/v1/ct/proof/$sct" --insecure -H 'Accept: text/plain' >"$LAB/proof.txt"
printf '    $ %s\n' "trustchain-ct proof verify $LAB/proof.txt --cert $live/fullchain.pem --vkey $vkey"
lab_ct proof verify "$LAB/proof.txt" --cert "$live/fullchain.pem" --vkey "$vkey" 2>&1 | sed 's/^/      /'

title "Python that shares no code with us rebuilds the tree from the tiles"
show /usr/bin/python3 tests/e2e/promises.py --logs "$LAB/logs.json" \
	--shards "$LAB_STATE/ct" --issuer "$LAB_ISSUER_CERT" "$live/cert.pem"
say "the tiles are plain files: $LAB_STATE/ct/$shard/tile"

title "Look around"
lab_ca list | sed 's/^/      /'
token=$(lab_ca token create --role issuer --role auditor --name-scope test --ttl 1h)
cat <<EOF
    export TRUSTCHAIN_ROOT=$LAB
    $LAB_BIN/trustchain-ca list
    $LAB_BIN/trustchain-ca root
    curl -g --cacert $LAB_ROOT_CERT $LAB_CA/api/v1/ca/certificates \\
        -H 'Authorization: Bearer ${token#token=}'
    curl -gk $LAB_CT/api/v1/ct/tree
    less $LAB_STATE/ca/audit/audit.log
EOF

echo
echo "[SUCCESS] every step worked"
[ -z "$once" ] || exit 0
echo "Running until Ctrl-C."
trap 'exit 0' INT TERM
while :; do
	sleep 3600 &
	wait $! || true
done
