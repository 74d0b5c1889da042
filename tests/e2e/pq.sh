#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The post-quantum hierarchy through the whole pipeline: an ML-DSA-87 root of a
# ceremony, an ML-DSA-65 issuer in the daemon, certificates for ML-DSA-44, 65
# and 87 keys, logged before they leave, which OpenSSL 3.5 verifies and serves
# TLS with.  A classical issuer takes no such key.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
"$OPENSSL" list -signature-algorithms 2>/dev/null | grep -q ML-DSA-65 || {
	echo "FAIL: needs OpenSSL 3.5 ($OPENSSL)"
	exit 1
}

lab_new
lab_pq 'key_types = ["mldsa44", "mldsa65", "mldsa87"]
		acme = true'
lab_ca init-ca --verify-chain >"$LAB/log/verify.log" 2>&1 || lab_fail "verify-chain"
grep -q 'chain ok .* issuer=pq-1' "$LAB/log/verify.log" || lab_fail "pq-1 is not verified"
lab_start

# request KIND NAME
request() {
	"$OPENSSL" genpkey -quiet -algorithm "$1" -out "$LAB/$1.key"
	"$OPENSSL" req -new -key "$LAB/$1.key" -subj "/CN=$2" \
		-addext "subjectAltName=DNS:$2" -out "$LAB/$1.csr"
}

for kind in ML-DSA-44 ML-DSA-65 ML-DSA-87; do
	name=$(tr '[:upper:]' '[:lower:]' <<<"$kind").test
	request "$kind" "$name"
	lab_ca issue --csr "$LAB/$kind.csr" --profile server-pq >"$LAB/$kind.pem" 2>"$LAB/log/issue.log" ||
		lab_fail "issue $kind"
	"$OPENSSL" verify -x509_strict -purpose sslserver -verify_hostname "$name" \
		-CAfile "$LAB/pq/root-ca.crt" -untrusted "$LAB/$kind.pem" "$LAB/$kind.pem" \
		>"$LAB/log/verify.log" 2>&1 || lab_fail "openssl verify $kind"
	"$OPENSSL" x509 -in "$LAB/$kind.pem" -noout -text >"$LAB/text"
	grep -q 'Signature Algorithm: ML-DSA-65' "$LAB/text" || lab_fail "not signed by ML-DSA-65"
	grep -q "Public Key Algorithm: $kind" "$LAB/text" || lab_fail "not a key of $kind"
	grep -q 'CT Precertificate SCTs' "$LAB/text" || lab_fail "no SCT in it"
done

# Where its intermediate points to.
"$OPENSSL" x509 -in "$LAB/pq/intermediate-ca-1.crt" -noout -text |
	grep -q '/aia/root-pq.cer' || lab_fail "it points elsewhere"
curl -fsSg "$LAB_HTTP/aia/root-pq.cer" >"$LAB/root-pq.cer" || lab_fail "no root-pq.cer"
"$OPENSSL" x509 -in "$LAB/pq/root-ca.crt" -outform DER | cmp -s - "$LAB/root-pq.cer" ||
	lab_fail "root-pq.cer is another"
curl -fsSg "$LAB_HTTP/aia/root.cer" | cmp -s - "$LAB/root-pq.cer" && lab_fail "one root for both"
"$LAB_BIN/trustchain-ca" ceremony crl --root "$LAB/pq" --operator Ada >"$LAB/log/ceremony.log" 2>&1
cp "$LAB/pq/root-ca.crl" "$LAB_STATE/ca/crl/root-pq.crl"
for root in root root-pq; do
	curl -fsSg "$LAB_HTTP/crl/$root.crl" >"$LAB/$root.crl" || lab_fail "no $root.crl"
	"$OPENSSL" crl -inform DER -in "$LAB/$root.crl" -noout -CAfile "$LAB_ROOT_CERT" \
		>"$LAB/said" 2>&1 || lab_fail "$root.crl"
	grep -q 'verify OK' "$LAB/said" || lab_fail "$root.crl: $(cat "$LAB/said")"
done

# Its key and certificate serve TLS.
port=$(lab_ports 1)
"$OPENSSL" s_server -accept "[::1]:$port" -cert "$LAB/ML-DSA-65.pem" \
	-cert_chain "$LAB/ML-DSA-65.pem" -key "$LAB/ML-DSA-65.key" -www >"$LAB/log/tls.log" 2>&1 &
LAB_PIDS+=($!)
shakes() {
	"$OPENSSL" s_client -connect "[::1]:$port" -CAfile "$LAB/pq/root-ca.crt" \
		-verify_return_error -verify_hostname ml-dsa-65.test </dev/null
}
lab_wait 10 shakes || lab_fail "no TLS with it"
shakes 2>/dev/null | grep -q 'Peer signature type: mldsa65' || lab_fail "not signed by the key"

# The classical issuer refuses such a key, and server-pq any other.
if lab_ca issue --csr "$LAB/ML-DSA-65.csr" --profile server >"$LAB/log/refused.log" 2>&1; then
	lab_fail "a classical issuer certified an ML-DSA key"
fi
grep -q 'kind of key not allowed' "$LAB/log/refused.log" || lab_fail "no reason"
"$OPENSSL" genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$LAB/p256.key"
"$OPENSSL" req -new -key "$LAB/p256.key" -subj /CN=p256.test -out "$LAB/p256.csr"
if lab_ca issue --csr "$LAB/p256.csr" --profile server-pq >"$LAB/log/refused.log" 2>&1; then
	lab_fail "server-pq certified a P-256 key"
fi
lab_ca issue --csr "$LAB/p256.csr" >"$LAB/p256.pem" || lab_fail "the other issuer is gone"
echo "pq: ok"
