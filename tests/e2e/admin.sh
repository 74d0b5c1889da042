#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Client certificates: the admin listener, roles on the API, and everybody who
# has no business there: other profiles, revoked ones, foreign CAs, forgeries
# of our CA's name, who asks for a reserved name.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

admin_port=$(lab_ports 1)
LAB_CA_SERVER="admin_listen = \"[::1]:$admin_port\""
lab_new
cat >>"$LAB/etc/trustchain/ca.toml" <<-TOML
	[auth]
	mtls_roles = [
	  { san = "alice.ops.test", role = "operator" },
	  { san = "bob.ops.test", role = "auditor" },
	  { san = "urn:troth:node:0123", role = "revoker" },
	]
TOML
lab_start
admin="https://[::1]:$admin_port/api/v1/admin"

status() {
	lab_get --no-fail-with-body -o "$LAB/body" -w '%{http_code}' "$@" 2>"$LAB/curl" || true
}
# expect CODE CURL-ARGUMENT...
expect() {
	local want=$1 got
	shift
	got=$(status "$@")
	[ "$got" = "$want" ] || lab_fail "$got instead of $want: $*: $(cat "$LAB/body" "$LAB/curl")"
}
# by NAME: curl's arguments to show the certificate NAME.
by() {
	printf '%s\n' --cert "$LAB/$1.pem" --key "$LAB/$1.key"
}
# give NAME PROFILE [SAN]: a certificate by the control socket.
give() {
	"$OPENSSL" req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$LAB/$1.key" \
		-out "$LAB/$1.csr" -subj / -addext "subjectAltName=${3:-DNS:$1}" 2>/dev/null
	lab_ca issue --csr "$LAB/$1.csr" --profile "$2" >"$LAB/$1.pem" 2>"$LAB/said" || lab_fail "$1: $(cat "$LAB/said")"
}
give alice.ops.test client
give bob.ops.test client
give node client URI:urn:troth:node:0123
mapfile -t alice < <(by alice.ops.test)
mapfile -t bob < <(by bob.ops.test)
mapfile -t node < <(by node)

# An operator sees it all, and nothing that opens anything.
expect 200 "${alice[@]}" "$admin/config"
jq -e '.server.environment == "local" and .issue.min_scts == 1 and (.issuer | length) == 1 and .["auth.mtls_roles"][1].role == "auditor"' "$LAB/body" >/dev/null || lab_fail "config: $(cat "$LAB/body")"
lab_ca eab create --name-scope test --ttl 1h >"$LAB/eab" 2>&1 || lab_fail "eab create: $(cat "$LAB/eab")"
expect 200 "${alice[@]}" "$admin/tokens"
jq -e '.tokens | length >= 1 and .[0].status == "Valid"' "$LAB/body" >/dev/null || lab_fail "tokens"
! grep -qF "${LAB_TOKEN##*_}" "$LAB/body" || lab_fail "a token's secret is shown"
expect 200 "${alice[@]}" "$admin/eab"
jq -e '.eabs | length == 1' "$LAB/body" >/dev/null || lab_fail "eab"
! grep -q "$(sed -n 's/.*hmac_key=//p' "$LAB/eab")" "$LAB/body" || lab_fail "a binding key is shown"
expect 200 "${alice[@]}" "$admin/orders"
jq -e '.orders == []' "$LAB/body" >/dev/null || lab_fail "orders"
expect 200 "${alice[@]}" "$admin/logs?limit=3"
[ "$(jq -s length "$LAB/body")" = 3 ] || lab_fail "logs"
expect 404 "${alice[@]}" "$admin/nonsense"
expect 405 "${alice[@]}" -d '' "$admin/config"

# Maintenance: refused while it lasts, also to the operator, and then not.
expect 400 "${alice[@]}" -X PUT -d '{"on":1}' "$admin/maintenance"
expect 200 "${alice[@]}" -X PUT -d '{"on":true}' "$admin/maintenance"
lab_key m.test
body=$(jq -n --rawfile csr "$LAB/m.test.csr" '{csr: $csr}')
expect 503 "$LAB_CA/api/v1/ca/issue" -d "$body" -H 'Content-Type: application/json' -H "Authorization: Bearer $LAB_TOKEN"
grep -q issuance_halted "$LAB/body" || lab_fail "maintenance: $(cat "$LAB/body")"
expect 200 "$LAB_CA/api/v1/ca/chain"
expect 200 "${alice[@]}" -X PUT -d '{"on":false}' "$admin/maintenance"
expect 201 "$LAB_CA/api/v1/ca/issue" -d "$body" -H 'Content-Type: application/json' -H "Authorization: Bearer $LAB_TOKEN"

# Others are known, but no operators; tokens open nothing here; without a
# certificate there is no connection.
expect 403 "${bob[@]}" "$admin/config"
expect 403 "${node[@]}" "$admin/config"
operator=$(lab_ca token create --role operator --ttl 1h | sed -n 's/.*token=//p')
expect 403 "${bob[@]}" "$admin/config" -H "Authorization: Bearer $operator"
expect 000 "$admin/config" -H "Authorization: Bearer $operator"

# On the API a role is a role.
expect 200 "${bob[@]}" "$LAB_CA/api/v1/ca/certificates?limit=1"
expect 403 "${node[@]}" "$LAB_CA/api/v1/ca/certificates?limit=1"
expect 401 "$LAB_CA/api/v1/ca/certificates?limit=1"
expect 200 "${bob[@]}" "$LAB_CA/api/v1/ca/token"
jq -e '.roles == ["auditor"]' "$LAB/body" >/dev/null || lab_fail "roles: $(cat "$LAB/body")"

# A reserved name is given out by hand only: not by REST, not by ACME.
scoped=$(lab_ca token create --role issuer --name-scope test --profile client --profile server --ttl 1h | sed -n 's/.*token=//p')
for profile in client server; do
	body=$(jq -n --rawfile csr "$LAB/alice.ops.test.csr" --arg p "$profile" '{csr: $csr, profile: $p}')
	expect 422 "$LAB_CA/api/v1/ca/issue" -d "$body" -H 'Content-Type: application/json' -H "Authorization: Bearer $scoped"
	grep -q rejected_name "$LAB/body" || lab_fail "reserved: $(cat "$LAB/body")"
done
body=$(jq -n --rawfile csr "$LAB/m.test.csr" '{csr: $csr, san: ["ALICE.ops.test"], profile: "client"}')
expect 422 "$LAB_CA/api/v1/ca/issue" -d "$body" -H 'Content-Type: application/json' -H "Authorization: Bearer $scoped"

# The right name in the wrong certificate: another profile, one of a foreign
# CA, one that only says that our CA issued it.
give alice.server server DNS:alice.ops.test
mapfile -t server < <(by alice.server)
expect 401 "${server[@]}" "$admin/config"
foreign() {
	"$OPENSSL" req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -keyout "$LAB/foreign-ca.key" \
		-out "$LAB/foreign-ca.pem" -subj "$1" 2>/dev/null
	"$OPENSSL" x509 -req -in "$LAB/alice.ops.test.csr" -CA "$LAB/foreign-ca.pem" -CAkey "$LAB/foreign-ca.key" \
		-days 1 -set_serial "0x$2" -copy_extensions copyall -out "$LAB/forged.pem" 2>/dev/null
	cp "$LAB/alice.ops.test.key" "$LAB/forged.key"
}
serial=$("$OPENSSL" x509 -in "$LAB/alice.ops.test.pem" -noout -serial | sed 's/serial=//')
foreign /CN=somebody 01
mapfile -t forged < <(by forged)
expect 401 "${forged[@]}" "$admin/config"
foreign "/$("$OPENSSL" x509 -in "$LAB_ISSUER_CERT" -noout -subject -nameopt RFC2253,sep_multiline | sed -n 's/^ *//; 2,$p' | paste -sd/)" "$serial"
expect 401 "${forged[@]}" "$admin/config"

# A revoked one is out at once; a name without a role never was in.
lab_ca revoke "${serial,,}" >/dev/null || lab_fail "revoke"
expect 401 "${alice[@]}" "$admin/config"
give carol.ops.test client
mapfile -t carol < <(by carol.ops.test)
expect 403 "${carol[@]}" "$admin/config"
echo "ok"
