#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What we issue is held against our own lints and against zlint (Debian 13):
# leaves of every profile with every kind of key, the laboratory's root and
# intermediate, and a ceremony's, constrained and not.  And what is not as it
# should be is found, by its number.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh
# shellcheck source=/dev/null
. /etc/os-release
zroot=
if [ "$(id -u)" -eq 0 ] || [ "${VERSION_ID:-}" = 13 ]; then
	zroot=$(tools/debian13.sh zlint)
fi

lab_new
# Roots and intermediates: the laboratory's, and a ceremony's.
"$LAB_BIN/trustchain-ca" ceremony root --out "$LAB/root" --operator Ada >"$LAB/log/ceremony.log" 2>&1
"$LAB_BIN/trustchain-ca" csr --key "file:$LAB/etc/trustchain/keys/nc.key" --pass-file "$LAB/etc/trustchain/keys/nc.pass" \
	--issuer-id i --out "$LAB/i.csr" >>"$LAB/log/ceremony.log" 2>&1
printf 'dns example.test\nipv6 2a01:4f8::/32\n' >"$LAB/names"
printf 'dns example.test\n' >"$LAB/dns"
for names in names dns ''; do
	"$LAB_BIN/trustchain-ca" ceremony sign --root "$LAB/root" --csr "$LAB/i.csr" \
		${names:+--name-constraints "$LAB/$names"} --operator Ada \
		>>"$LAB/log/ceremony.log" 2>&1 || lab_fail ceremony
done
cp "$LAB_ROOT_CERT" "$LAB/ca-root.pem"
cp "$LAB_ISSUER_CERT" "$LAB/ca-issuer.pem"
cp "$LAB/root/root-ca.crt" "$LAB/ca-ceremony-root.pem"
for i in 1 2 3; do
	cp "$LAB/root/intermediate-ca-$i.crt" "$LAB/ca-ceremony-$i.pem"
done
cp "$LAB/root/intermediate-ca-1.crt" "$LAB/etc/trustchain/certs/nc.crt"
cat "$LAB/root/root-ca.crt" >>"$LAB_ROOT_CERT"

LAB_CA_ISSUER='
		[profile.short]
		base = "service"
		validity_s = 3600
		status_pointers = "crl"

		[profile.public]
		base = "server"
		policy_oids = ["2.23.140.1.2.1"]

		[[issuer]]
		id = "nc"
		cert = "/etc/trustchain/certs/nc.crt"
		chain = "/etc/trustchain/certs/nc.crt"
		key = "file:/etc/trustchain/keys/nc.key"
		pass_file = "/etc/trustchain/keys/nc.pass"
'
lab_config_ca "$LAB_VKEY"
lab_start
# request NAME GENPKEY-OPTIONS...
request() {
	local name=$1
	shift
	"$OPENSSL" genpkey -quiet "$@" -out "$LAB/$name.key" 2>/dev/null
	"$OPENSSL" req -new -key "$LAB/$name.key" -subj / -out "$LAB/$name.csr" \
		-addext "subjectAltName=DNS:$name.example.org"
}
request p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
request p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
request ed25519 -algorithm ED25519
request rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048

# issue FILE CSR PROFILE [OPTION...]: the leaf alone in FILE.
issue() {
	local out=$1 csr=$2 profile=$3
	shift 3
	lab_ca issue --csr "$LAB/$csr.csr" --profile "$profile" "$@" >"$LAB/chain.pem" ||
		lab_fail "issue $out"
	sed '/END CERTIFICATE/q' "$LAB/chain.pem" >"$LAB/leaf-$out.pem"
}
for profile in server client service server-norev short public; do
	issue "$profile" p256 "$profile"
done
for kind in p384 ed25519 rsa; do
	issue "$kind" "$kind" public
done
issue many p256 public --san "*.many.example.org" --san "2a01:4f8::7" --san "xn--bcher-kva.example.org" --hours 1
"$OPENSSL" req -new -key "$LAB/p256.key" -subj / -out "$LAB/ip.csr" \
	-addext "subjectAltName=IP:2a01:4f8::9"
issue ip ip public
issue node p256 client --san "urn:troth:node:00112233445566778899aabbccddeeff"

# L16 before anything is signed: the constrained issuer, and what it may not.
"$OPENSSL" req -new -key "$LAB/p256.key" -subj / -out "$LAB/inside.csr" \
	-addext "subjectAltName=DNS:a.example.test,IP:2a01:4f8::1"
issue inside inside server --issuer nc
"$OPENSSL" verify -CAfile "$LAB/root/root-ca.crt" -untrusted "$LAB/etc/trustchain/certs/nc.crt" \
	"$LAB/leaf-inside.pem" >/dev/null || lab_fail "a permitted name does not verify"
mv "$LAB/leaf-inside.pem" "$LAB/inside.pem"
if lab_ca issue --csr "$LAB/p256.csr" --issuer nc >"$LAB/said" 2>&1; then
	lab_fail "issued outside the issuer's constraints"
fi
grep -q L16 "$LAB/said" || lab_fail "not L16: $(cat "$LAB/said")"

# Our own lints, as the command.
for f in "$LAB"/leaf-*.pem "$LAB"/inside.pem "$LAB"/ca-root.pem "$LAB"/ca-issuer.pem "$LAB"/chain.pem; do
	said=$(lab_ca lint "$f") || lab_fail "lint $f: $said"
	[ "$said" = '[SUCCESS] no findings' ] || lab_fail "lint $f: $said"
done
said=$(lab_ca --json lint "$LAB/leaf-server.pem")
[ "$said" = '{"certificates":1,"findings":[]}' ] || lab_fail "lint --json: $said"

# finds IDS FILE [OPTION...]: exit 1 with these findings.
finds() {
	local want=$1 got
	shift
	if lab_ca lint "$@" >"$LAB/said" 2>&1; then
		lab_fail "lint $*: no finding, not $want"
	fi
	got=$(sed -n 's/^\(L[0-9][0-9]\) .*/\1/p' "$LAB/said" | paste -sd' ')
	[ "$got" = "$want" ] || lab_fail "lint $*: $got, not $want: $(cat "$LAB/said")"
}
finds 'L07 L10' --profile client "$LAB/leaf-server-norev.pem"
# A byte of the signature of an SCT, of the key, of the serial's sign.
"$OPENSSL" x509 -in "$LAB/leaf-server.pem" -outform DER -out "$LAB/good.der"
cat >"$LAB/edit.py" <<-'PYTHON'
	import sys
	der = bytearray(open(sys.argv[1], "rb").read())
	at = der.index(bytes.fromhex(sys.argv[3])) + int(sys.argv[4])
	der[at] ^= int(sys.argv[5], 0)
	open(sys.argv[2], "wb").write(der)
PYTHON
edit() {
	/usr/bin/python3 "$LAB/edit.py" "$LAB/good.der" "$LAB/bad.der" "$@"
}
edit 060a2b06010401d679020402 40 1 # within the SCT list
finds L18 "$LAB/bad.der"
edit 301d06 -1 0x01 # behind the key, before the extensions
if lab_ca lint "$LAB/bad.der" >"$LAB/said" 2>&1; then
	lab_fail "an edited length is not found"
fi
edit 06072a8648ce3d0201 30 1 # in the point
lab_ca lint "$LAB/bad.der" >"$LAB/said" 2>&1 && lab_fail "a point off the curve is not found"
grep -q '^L15' "$LAB/said" || lab_fail "L15: $(cat "$LAB/said")"

# The outside judge.
if [ -z "$zroot" ]; then
	echo "SKIP: zlint is in Debian 13, whose root only root can make"
	exit 77
fi
enter=()
[ "$zroot" = / ] || enter=(chroot "$zroot")
zdir=$(mktemp -d "${zroot%/}/tmp/troth-zlint.XXXXXX")
end() {
	rm -rf "$zdir"
	lab_end
}
trap end EXIT
cp "$LAB"/leaf-*.pem "$LAB"/ca-*.pem "$zdir"
# The OCSP signer's is in its answers.
"$OPENSSL" ocsp -issuer "$LAB_ISSUER_CERT" -serial 1 -url "$LAB_HTTP/ocsp" \
	-noverify -resp_text 2>/dev/null | sed -n '/BEGIN CERT/,/END CERT/p' \
	>"$zdir/ocsp-signer.pem"

# What zlint calls an error and is meant so: rules of browsers' root programs
# that a private hierarchy does not promise.
#   policies: `public' asserts one, the built-in profiles do not;
#   OCSP: server-norev has none (RFC 9608), `short' only a CRL;
#   Ed25519: no root program takes such keys.
meant() {
	case $1 in
	leaf-public.pem | leaf-p384.pem | leaf-rsa.pem | leaf-many.pem | leaf-ip.pem) ;;
	leaf-ed25519.pem) echo e_algorithm_identifier_improper_encoding ;;
	leaf-server.pem | leaf-service.pem)
		echo e_sub_cert_cert_policy_empty e_sub_cert_certificate_policies_missing
		;;
	leaf-server-norev.pem | leaf-short.pem)
		echo e_sub_cert_aia_does_not_contain_ocsp_url \
			e_sub_cert_cert_policy_empty e_sub_cert_certificate_policies_missing
		;;
	esac
}
bad=0 clean=0
for f in "$zdir"/*.pem; do
	"${enter[@]}" zlint "${f#"${zroot%/}"}" >"$LAB/z.json" || lab_fail "zlint $f"
	n=$(jq '[.[] | select(.result == "pass")] | length' "$LAB/z.json")
	[ "$n" -ge 20 ] || lab_fail "zlint looked at $n things only: $f"
	found=$(jq -r 'to_entries | map(select(.value.result == "error" or
		.value.result == "fatal") | .key) | sort | join(" ")' "$LAB/z.json")
	want=$(meant "$(basename "$f")")
	if [ "$found" != "$want" ]; then
		echo "zlint: $(basename "$f"): '$found', not '$want'"
		bad=1
	elif [ -z "$found" ]; then
		clean=$((clean + 1))
	fi
done
[ $bad -eq 0 ] || lab_fail "zlint finds what is not meant"
# It can find something: a certificate that is not as it should be.
"$OPENSSL" req -x509 -newkey rsa:1024 -nodes -keyout "$LAB/weak.key" -days 4000 \
	-subj /CN=weak.example.org -out "$zdir/weak.pem" 2>/dev/null
"${enter[@]}" zlint "${zdir#"${zroot%/}"}/weak.pem" | grep -q '"error"' ||
	lab_fail "zlint finds nothing at all"
echo "lint: ok; zlint: $clean certificates without an error"
