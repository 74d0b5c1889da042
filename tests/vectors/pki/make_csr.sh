#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make the requests and certificates of this folder with the openssl program:
#   make_csr.sh OPENSSL OUT-DIR
# Keys are new each time, so that the files differ from run to run.
set -eu
o=$1 out=$2
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

key() { # name, arguments of genpkey
	n=$1
	shift
	"$o" genpkey -out "$t/$n.key" "$@" 2>/dev/null
}
csr() { # name, key, subject, extension lines
	n=$1 k=$2 s=$3
	shift 3
	set -- "$@"
	ext=
	for e in "$@"; do ext="$ext -addext $e"; done
	# shellcheck disable=SC2086
	"$o" req -new -key "$t/$k.key" -subj "$s" $ext -outform DER \
		-out "$out/$n.csr"
}

key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key rsa2048 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa1024 -algorithm RSA -pkeyopt rsa_keygen_bits:1024
key rsae3 -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_keygen_pubexp:3
key ed25519 -algorithm ED25519
key x448 -algorithm ED448

csr p256 p256 /CN=a.example.test \
	subjectAltName=DNS:a.example.test,DNS:b.example.test,IP:2001:db8::1
csr p384 p384 / subjectAltName=DNS:a.example.test
csr ed25519 ed25519 / subjectAltName=DNS:a.example.test
csr rsa2048 rsa2048 /CN=A.Example.Test
csr p521 p521 / subjectAltName=DNS:a.example.test
csr rsa1024 rsa1024 / subjectAltName=DNS:a.example.test
csr rsae3 rsae3 / subjectAltName=DNS:a.example.test
csr ed448 x448 / subjectAltName=DNS:a.example.test
csr none p256 /O=Nobody
csr ca_true p256 /CN=a.example.test basicConstraints=critical,CA:TRUE \
	keyUsage=keyCertSign subjectAltName=DNS:a.example.test
csr email p256 / subjectAltName=DNS:a.example.test,email:a@b.test
csr cn_space p256 "/CN=Example Server"
"$o" req -new -key "$t/p256.key" -subj /CN=a.example.test \
	-out "$out/p256.pem"

# A chain as openssl makes one: root, intermediate, leaf.
"$o" req -x509 -key "$t/p384.key" -subj "/CN=Root" -days 3650 \
	-addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign,cRLSign \
	-outform DER -out "$out/root.crt"
"$o" x509 -req -inform DER -in "$out/ca_true.csr" -CA "$out/root.crt" \
	-CAkey "$t/p384.key" -days 365 -copy_extensions copyall \
	-outform DER -out "$out/inter.crt" 2>/dev/null
"$o" x509 -req -inform DER -in "$out/ed25519.csr" -CA "$out/inter.crt" \
	-CAkey "$t/p256.key" -days 30 -copy_extensions copyall \
	-outform DER -out "$out/leaf.crt" 2>/dev/null
