#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What certificates point to, as verifiers see it that we did not write: openssl,
# certtool and ocsptool of GnuTLS, and NSS accept chain, CRL and OCSP, agree
# before and after a revocation, and refuse answers that were changed on the
# way.  Then `serve --status-only' on the same state, beside the daemon and
# without it, and a flood of nonces.

set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/e2e/lib.sh

for tool in certtool ocsptool vfychain crlutil certutil; do
	[ -n "$(type -P "$tool")" ] || lab_fail "no $tool"
done

LAB_CA_ISSUER='ocsp_key = "file:/etc/trustchain/keys/ocsp-ca-1.key"
		ocsp_pass_file = "/etc/trustchain/keys/ocsp-ca-1.pass"
		ocsp_cert = "/etc/trustchain/ocsp/ca-1.pem"'
LAB_CA_ISSUE=$(printf '\n[status]\ncrl_debounce_ms = 200\nocsp_nonce_per_s = 100')
lab_new
# NSS reads no address in brackets.
sed -i "s|^status_url = .*|status_url = \"http://127.0.0.1:$LAB_HTTP_PORT\"|" \
	"$LAB/etc/trustchain/ca.toml"
/usr/bin/python3 tests/e2e/status_relay.py "$LAB_HTTP_PORT" "$LAB/tamper" &
LAB_PIDS+=("$!")
lab_start
lab_wait 10 test -s "$LAB_STATE/ca/crl/ca-1/full.crl" || lab_fail "no CRL"
lab_issue a.test >"$LAB/a.json"
lab_issue b.test >"$LAB/b.json"
ISSUER=$LAB_ISSUER_CERT ROOT=$LAB_ROOT_CERT
"$OPENSSL" x509 -in "$ISSUER" -outform der -out "$LAB/issuer.der"
for n in a b; do
	jq -r .certificate "$LAB/$n.json" >"$LAB/$n.pem"
	cat "$LAB/$n.pem" "$ISSUER" >"$LAB/$n.chain"
	"$OPENSSL" x509 -in "$LAB/$n.pem" -outform der -out "$LAB/$n.der"
done
NSS=sql:$LAB/nss
mkdir "$LAB/nss"
certutil -N -d "$NSS" --empty-password
certutil -A -d "$NSS" -n root -t "CT,," -i "$ROOT"
certutil -A -d "$NSS" -n int -t ",," -i "$ISSUER"

# said FILE GOOD REVOKED: which of the two patterns the output has.
said() {
	local good=no bad=no
	grep -q "$2" "$1" && good=yes
	grep -q "$3" "$1" && bad=yes
	case $good$bad in
	yesno) echo good ;;
	noyes) echo revoked ;;
	*) lab_fail "neither good nor revoked: $(cat "$1")" ;;
	esac
}

# fetch_crls NAME: as the certificate says, and the one for all.
fetch_crls() {
	local cdp
	cdp=$("$OPENSSL" x509 -in "$LAB/$1.pem" -noout \
		-ext crlDistributionPoints | sed -n 's/.*URI://p')
	curl -sSf "$cdp" | "$OPENSSL" crl -inform der -out "$LAB/shard.crl"
	curl -sSf "http://127.0.0.1:$LAB_HTTP_PORT/crl/ca-1/full.crl" \
		-o "$LAB/full.der"
	"$OPENSSL" crl -inform der -in "$LAB/full.der" -out "$LAB/full.crl"
}

by_openssl_crl() {
	"$OPENSSL" verify -CAfile "$ROOT" -untrusted "$ISSUER" -crl_check \
		-CRLfile "$LAB/shard.crl" "$LAB/$1.pem" >"$LAB/out" 2>&1 || true
	said "$LAB/out" 'pem: OK' 'certificate revoked'
}

# By the pointer in the certificate.
by_openssl_cdp() {
	"$OPENSSL" verify -CAfile "$ROOT" -untrusted "$ISSUER" -crl_check \
		-crl_download "$LAB/$1.pem" >"$LAB/out" 2>&1 || true
	said "$LAB/out" 'pem: OK' 'certificate revoked'
}

# By the pointer, verified by the root alone: $2 is SHA-1 or SHA-256.
by_openssl_ocsp() {
	local url
	url=$("$OPENSSL" x509 -in "$LAB/$1.pem" -noout -ocsp_uri)
	"$OPENSSL" ocsp "-$2" -issuer "$ISSUER" -cert "$LAB/$1.pem" -url "$url" \
		-CAfile "$ROOT" -verify_other "$ISSUER" >"$LAB/out" 2>&1 || true
	grep -q 'Response verify OK' "$LAB/out" ||
		lab_fail "openssl ocsp: $(cat "$LAB/out")"
	said "$LAB/out" 'pem: good' 'pem: revoked'
}

by_certtool() {
	certtool --verify --load-ca-certificate "$ROOT" --load-crl \
		"$LAB/$2.crl" --infile "$LAB/$1.chain" >"$LAB/out" 2>&1 || true
	said "$LAB/out" 'Chain verification output: Verified' 'chain is revoked'
}

by_ocsptool() {
	ocsptool "--ask=http://127.0.0.1:$LAB_HTTP_PORT/ocsp" "$2" \
		--load-issuer "$ISSUER" --load-cert "$LAB/$1.pem" \
		--load-trust "$ISSUER" >"$LAB/out" 2>&1 || true
	grep -q 'Verifying OCSP Response: Success' "$LAB/out" ||
		lab_fail "ocsptool: $(cat "$LAB/out")"
	said "$LAB/out" 'Certificate Status: good' 'Certificate Status: revoked'
}

by_nss_ocsp() {
	vfychain -d "$NSS" -u 1 -pp -g leaf -h requireFreshInfo \
		-m ocsp -s failIfNoInfo "$LAB/$1.der" \
		"$LAB/issuer.der" >"$LAB/out" 2>&1 || true
	said "$LAB/out" 'Chain is good' 'has been revoked'
}

by_nss_crl() {
	crlutil -D -d "$NSS" -n int >/dev/null 2>&1 || true
	crlutil -I -d "$NSS" -i "$LAB/full.der" >/dev/null
	vfychain -d "$NSS" -u 1 -pp -g leaf -m crl "$LAB/$1.der" \
		"$LAB/issuer.der" >"$LAB/out" 2>&1 || true
	said "$LAB/out" 'Chain is good' 'has been revoked'
}

# agree NAME WANT: every one of them.
agree() {
	local way said
	fetch_crls "$1"
	for way in 'openssl_crl' 'openssl_cdp' 'openssl_ocsp sha1' \
		'openssl_ocsp sha256' 'certtool shard' 'certtool full' \
		'ocsptool --nonce' 'ocsptool --no-nonce' 'nss_ocsp' 'nss_crl'; do
		# shellcheck disable=SC2086 # a function and its argument
		set -- "$1" "$2" $way
		said=$("by_$3" "$1" "${4:-}")
		[ "$said" = "$2" ] || lab_fail "$way says $said of $1, not $2"
	done
}

agree a good
agree b good

# The chain from what the certificate says: caIssuers leads to the issuer.
curl -sSf "$("$OPENSSL" x509 -in "$LAB/a.pem" -noout -ext authorityInfoAccess |
	sed -n 's/.*CA Issuers - URI://p')" -o "$LAB/aia.der" -D "$LAB/headers"
cmp -s "$LAB/aia.der" "$LAB/issuer.der" || lab_fail "caIssuers is another"

# Changed on the way, no answer is believed.
touch "$LAB/tamper"
url=http://127.0.0.1:$LAB_HTTP_PORT/ocsp
"$OPENSSL" ocsp -issuer "$ISSUER" -cert "$LAB/a.pem" -url "$url" \
	-CAfile "$ROOT" -verify_other "$ISSUER" >"$LAB/out" 2>&1 || true
grep -q 'Response Verify Failure' "$LAB/out" ||
	lab_fail "openssl believes a changed answer: $(cat "$LAB/out")"
ocsptool "--ask=$url" --load-issuer "$ISSUER" --load-cert "$LAB/a.pem" \
	--load-trust "$ISSUER" >"$LAB/out" 2>&1 || true
grep -q 'Verifying OCSP Response: Failure' "$LAB/out" ||
	lab_fail "ocsptool believes a changed answer: $(cat "$LAB/out")"
vfychain -d "$NSS" -u 1 -pp -g leaf -h requireFreshInfo \
	-m ocsp -s failIfNoInfo "$LAB/b.der" "$LAB/issuer.der" \
	>"$LAB/out" 2>&1 || true
grep -q 'Chain is bad' "$LAB/out" ||
	lab_fail "NSS believes a changed answer: $(cat "$LAB/out")"
rm "$LAB/tamper"
/usr/bin/python3 - "$LAB/full.der" "$LAB/bad.der" <<-'PYTHON'
	import sys
	crl = bytearray(open(sys.argv[1], "rb").read())
	crl[len(crl) // 2] ^= 1
	open(sys.argv[2], "wb").write(crl)
PYTHON
"$OPENSSL" crl -inform der -in "$LAB/bad.der" -CAfile "$ISSUER" -noout \
	-verify >"$LAB/out" 2>&1 || true
grep -q 'verify OK' "$LAB/out" && lab_fail "openssl verifies a changed CRL"

lab_ca revoke "$(jq -r .serial "$LAB/a.json")" --reason 4 >/dev/null
lab_ca crl publish >/dev/null
agree a revoked
agree b good

# What caches need.
fetch_crls a
curl -sSf -D "$LAB/headers" -o /dev/null "$LAB_HTTP/crl/ca-1/full.crl"
grep -qi '^content-type: application/pkix-crl' "$LAB/headers" ||
	lab_fail "CRL: $(cat "$LAB/headers")"
for header in last-modified 'cache-control: public, max-age='; do
	grep -qi "^$header" "$LAB/headers" || lab_fail "CRL: no $header"
done
tag=$(sed -n 's/^etag: //Ip' "$LAB/headers" | tr -d '\r')
[ "$(curl -sS -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" \
	"$LAB_HTTP/crl/ca-1/full.crl")" = 304 ] || lab_fail "no 304 for a CRL"
for path in crl/ca-1/9999.crl crl/ca-1/full.crl.tmp crl/ca-1/../../ca.db \
	crl/..%2fca.db aia/ca-2.cer ocsp; do
	[ "$(curl -sS -o /dev/null -w '%{http_code}' --path-as-is \
		"$LAB_HTTP/$path")" = 404 ] || lab_fail "/$path is there"
done
# The API's listener has it all, too.
"$OPENSSL" ocsp -issuer "$ISSUER" -cert "$LAB/a.pem" -no_nonce -reqout \
	"$LAB/plain.der" >/dev/null
"$OPENSSL" ocsp -issuer "$ISSUER" -cert "$LAB/a.pem" -reqout "$LAB/nonce.der" \
	>/dev/null
lab_get "$LAB_CA/api/v1/ca/ocsp" --data-binary "@$LAB/plain.der" \
	-H 'Content-Type: application/ocsp-request' -o "$LAB/post.der"
lab_get "$LAB_CA/api/v1/ca/ocsp/$(base64 -w0 "$LAB/plain.der" |
	sed 's/+/%2B/g; s/=/%3D/g')" -o "$LAB/get.der"
cmp -s "$LAB/post.der" "$LAB/get.der" || lab_fail "GET and POST differ"
lab_get "$LAB_CA/aia/ca-1.cer" -o /dev/null
lab_get "$LAB_CA/crl/ca-1/full.crl" -o /dev/null

# status_only: on ports of its own, ready.
status_only() {
	LAB_EXEC='exec' lab_ca --config "$LAB/etc/trustchain/status.toml" serve \
		--status-only >>"$LAB/log/status.log" 2>&1 &
	STATUS_PID=$!
	LAB_PIDS+=("$STATUS_PID")
	lab_wait 15 curl -fsSg "http://[::1]:${PORTS[1]}/ready" ||
		lab_fail "the status-only daemon is not ready"
}

# still NAME WANT: what the status-only daemon says.
still() {
	local good
	"$OPENSSL" ocsp -issuer "$ISSUER" -cert "$LAB/$1.pem" \
		-url "http://[::1]:${PORTS[0]}/ocsp" -CAfile "$ROOT" \
		-verify_other "$ISSUER" >"$LAB/out" 2>&1 || true
	good=$(said "$LAB/out" 'pem: good' 'pem: revoked')
	[ "$good" = "$2" ] || lab_fail "status-only says $good of $1, not $2"
	curl -fsSg "http://[::1]:${PORTS[0]}/crl/ca-1/full.crl" |
		cmp -s - "$LAB/full.der" || lab_fail "status-only: another CRL"
}

# renewal NAME: what both daemons suggest, which must be the same.
renewal() {
	local id hex
	hex=$("$OPENSSL" x509 -in "$LAB/$1.pem" -noout -ext \
		authorityKeyIdentifier | sed -n 's/^ *//; s/://g; /^[0-9A-F]*$/p')
	id=$(/usr/bin/python3 -c "
import base64
print('.'.join(base64.urlsafe_b64encode(bytes.fromhex(h)).decode().rstrip('=')
               for h in ('$hex', '$(jq -r .serial "$LAB/$1.json")')))")
	lab_get "$LAB_CA/acme/renewal-info/$id" >"$LAB/one"
	curl -fsSg "http://[::1]:${PORTS[0]}/acme/renewal-info/$id" >"$LAB/two"
	[ "$(jq -cS . "$LAB/one")" = "$(jq -cS . "$LAB/two")" ] ||
		lab_fail "renewal of $1: $(cat "$LAB/one" "$LAB/two")"
	jq -r .suggestedWindow.start "$LAB/two"
}

read -ra PORTS <<<"$(lab_ports 2)"
sed "s/^listen = .*/listen = \"\"/
s/^http_listen = .*/http_listen = \"[::1]:${PORTS[0]}\"/
s/^metrics_listen = .*/metrics_listen = \"[::1]:${PORTS[1]}\"/
/^\[server\]/a control = \"\"" "$LAB/etc/trustchain/ca.toml" \
	>"$LAB/etc/trustchain/status.toml"
CODE=0
lab_ca --config "$LAB/etc/trustchain/ca.toml" serve 2>/dev/null || CODE=$?
[ "$CODE" = 2 ] || lab_fail "a second daemon: exit $CODE"
lab_ca --config "$LAB/etc/trustchain/status.toml" serve --status-only \
	--check-config >/dev/null || lab_fail "status.toml is not usable"
sed 's/ocsp_cert = .*//' "$LAB/etc/trustchain/status.toml" >"$LAB/bad.toml"
CODE=0
lab_ca --config "$LAB/bad.toml" serve --status-only --check-config \
	2>/dev/null || CODE=$?
[ "$CODE" = 2 ] || lab_fail "no ocsp_cert: exit $CODE"
mkdir "$LAB/etc/trustchain/ocsp"
cp "$LAB_STATE/ca/ocsp/ca-1.pem" "$LAB/etc/trustchain/ocsp/"
status_only
still a revoked
still b good
[[ $(renewal a) < $(date -u +%FT%TZ) ]] || lab_fail "revoked, and no hurry"
[[ $(renewal b) > $(date -u +%FT%TZ) ]] || lab_fail "good, and renew now"
[ "$(curl -sSg -o /dev/null -w '%{http_code}' \
	"http://[::1]:${PORTS[0]}/acme/renewal-info/AAAA.AAAA")" = 404 ] ||
	lab_fail "renewal of nothing"
# What the daemon beside it does is seen at once.
lab_ca revoke "$(jq -r .serial "$LAB/b.json")" >/dev/null
lab_ca crl publish >/dev/null
fetch_crls b
still b revoked
kill "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
still b revoked
kill "$STATUS_PID"
wait "$STATUS_PID" || true
status_only
still a revoked
lab_issue c.test >/dev/null 2>&1 && lab_fail "something issues"
lab_serve_ca
lab_issue c.test >/dev/null || lab_fail "no issue beside a status-only daemon"

/usr/bin/python3 tests/e2e/status_flood.py "$LAB_HTTP_PORT" \
	"$LAB/nonce.der" "$LAB/plain.der" 2 || lab_fail "nonce flood"
lab_get "http://[::1]:$LAB_METRICS_PORT/metrics" >"$LAB/metrics"
for status in revoked tryLater; do
	grep -q "^trustchain_ocsp_responses_total{status=\"$status\"}" \
		"$LAB/metrics" || lab_fail "no metric of status $status"
done
lab_say "status: openssl, certtool, ocsptool and NSS agree: ok"
