#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# An offline ceremony as operators hold it: a root shared 3 of 5, three
# intermediates confined to names, a transcript.  OpenSSL, GnuTLS and NSS take
# what is inside the constraints and refuse what is not; a second
# implementation joins the shares and verifies the transcript; whatever is
# edited is noticed, with its line.
set -euo pipefail

bin=${TROTH_BIN:-build/bin}/trustchain-ca
openssl=${OPENSSL:-openssl}
dir=$(mktemp -d "${TMPDIR:-/tmp}/troth-ceremony.XXXXXX")
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAIL: $*"
	cat "$dir"/said 2>/dev/null || true
	exit 1
}

# says CODE TEXT COMMAND...: it ends with CODE and says TEXT.
says() {
	local want=$1 text=$2 code=0
	shift 2
	"$@" >"$dir/said" 2>&1 </dev/null || code=$?
	[ "$code" -eq "$want" ] || fail "$*: exit $code, not $want"
	grep -qF -- "$text" "$dir/said" || fail "$*: does not say: $text"
}

sign() {
	"$bin" ceremony sign --root "$dir/root" --shares-from "$dir/three" \
		--operator Ada --operator Grace "$@"
}

# The root, and its passphrase on five sheets of paper.
"$bin" ceremony root --out "$dir/root" --alg p384 --shares 3/5 \
	--operator Ada >"$dir/sheets"
grep -q '^\[SUCCESS\] root sha256:' "$dir/sheets" || fail "no root"
sed -n 's/^share [1-5]\/5: //p' "$dir/sheets" >"$dir/shares"
[ "$(wc -l <"$dir/shares")" -eq 5 ] || fail "not five shares"
[ ! -e "$dir/root/root-ca.pass" ] || fail "the passphrase is in a file"
says 3 "exists already" "$bin" ceremony root --out "$dir/root"
sed -n '2p;4p;5p' "$dir/shares" >"$dir/three"
sed -n '1,2p' "$dir/shares" >"$dir/two"

# Any three sheets give another implementation the same secret.
# shellcheck disable=SC2046 # one share a word
a=$(/usr/bin/python3 tests/shamir.py join $(tr -d - <"$dir/three"))
# shellcheck disable=SC2046
b=$(/usr/bin/python3 tests/shamir.py join $(sed -n 1,3p "$dir/shares" | tr -d -))
[ "$a" = "$b" ] || fail "the shares do not agree"

# Requests: two by openssl, so that it can issue below them; one by us.
for i in 1 2; do
	"$openssl" genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$dir/i$i.key"
	"$openssl" req -new -key "$dir/i$i.key" -subj "/CN=ca-$i" \
		-addext basicConstraints=critical,CA:TRUE,pathlen:0 -out "$dir/i$i.csr"
done
"$bin" csr --key "file:$dir/i3.key" --pass-file "$dir/i3.pass" \
	--issuer-id ca-3 --out "$dir/i3.csr" >/dev/null 2>&1 || fail "csr"
"$openssl" req -verify -in "$dir/i3.csr" -noout >/dev/null 2>&1 ||
	fail "openssl does not verify our request"
printf '# ours\ndns example.test\nipv6 2001:db8::/32\n' >"$dir/names"

# What may not be signed is refused before anybody gives a share.
"$openssl" req -new -key "$dir/i1.key" -subj /CN=x \
	-addext basicConstraints=critical,CA:TRUE,pathlen:3 -out "$dir/deep.csr"
"$openssl" req -new -key "$dir/i1.key" -subj /CN=x \
	-addext basicConstraints=critical,CA:FALSE -out "$dir/leaf.csr"
"$openssl" req -in "$dir/i1.csr" -outform DER -out "$dir/bad.der"
printf '\x00' | dd of="$dir/bad.der" bs=1 seek=$(($(stat -c %s "$dir/bad.der") - 1)) \
	conv=notrunc status=none
says 3 "path length" sign --csr "$dir/deep.csr"
says 3 "no CA certificate" sign --csr "$dir/leaf.csr"
says 3 "signature does not verify" sign --csr "$dir/bad.der"
says 3 "at most 1095" sign --csr "$dir/i1.csr" --days 1096
printf 'dns example.test\nipv4 10.0.0.0/8\n' >"$dir/nonsense"
says 2 "nonsense:2: " sign --csr "$dir/i1.csr" --name-constraints "$dir/nonsense"
says 2 "3 shares are needed, 2 were given" "$bin" ceremony sign \
	--root "$dir/root" --csr "$dir/i1.csr" --shares-from "$dir/two"
sed '2s/^...../AAAAA/' "$dir/three" >"$dir/slip"
says 1 "share 2: its check is wrong" "$bin" ceremony sign --root "$dir/root" \
	--csr "$dir/i1.csr" --shares-from "$dir/slip"

sign --csr "$dir/i1.csr" --days 1095 --name-constraints "$dir/names" >"$dir/said"
grep -q "^\[SUCCESS\] signed $dir/root/intermediate-ca-1.crt serial=" "$dir/said" ||
	fail "sign"
sign --csr "$dir/i2.csr" --days 30 >/dev/null
sign --csr "$dir/i3.csr" >/dev/null
"$openssl" verify -x509_strict -CAfile "$dir/root/root-ca.crt" \
	"$dir"/root/intermediate-ca-?.crt >/dev/null || fail "openssl verify"

# leaf NAME SAN: below the first intermediate, by openssl.
leaf() {
	"$openssl" req -new -key "$dir/i2.key" -subj / -out "$dir/$1.csr"
	"$openssl" x509 -req -in "$dir/$1.csr" -CA "$dir/root/intermediate-ca-1.crt" \
		-CAkey "$dir/i1.key" -days 1 -out "$dir/$1.pem" -extfile <(
			echo "subjectAltName=critical,$2"
			echo "basicConstraints=critical,CA:FALSE"
			echo "keyUsage=critical,digitalSignature"
			echo "extendedKeyUsage=serverAuth"
			echo "subjectKeyIdentifier=hash"
			echo "authorityKeyIdentifier=keyid"
		) 2>/dev/null
}

mkdir "$dir/nss"
certutil -N -d "sql:$dir/nss" --empty-password
certutil -A -d "sql:$dir/nss" -n root -t C,, -i "$dir/root/root-ca.crt"

# Each of the three verifiers on one leaf.
by_openssl() {
	"$openssl" verify -CAfile "$dir/root/root-ca.crt" \
		-untrusted "$dir/root/intermediate-ca-1.crt" "$dir/$1.pem"
}
by_gnutls() {
	cat "$dir/$1.pem" "$dir/root/intermediate-ca-1.crt" |
		certtool --verify --load-ca-certificate "$dir/root/root-ca.crt"
}
by_nss() {
	vfychain -d "sql:$dir/nss" -pp -u 1 -a "$dir/$1.pem" \
		-a "$dir/root/intermediate-ca-1.crt"
}

leaf inside DNS:a.example.test,IP:2001:db8::7
leaf name DNS:a.example.com
leaf v6 IP:2001:db9::7
leaf v4 IP:192.0.2.7
for by in openssl gnutls nss; do
	"by_$by" inside >"$dir/said" 2>&1 || fail "$by refuses a permitted name"
	for name in name v6 v4; do
		if "by_$by" "$name" >"$dir/said" 2>&1; then
			fail "$by takes $name, which is outside the constraints"
		fi
	done
done

# The transcript: 4 entries, each with its signature.
says 0 "[SUCCESS] transcript ok entries=8" "$bin" ceremony verify \
	"$dir/root/transcript.jsonl"
[ "$(/usr/bin/python3 tests/ceremony_transcript.py "$dir/root")" = "8 4" ] ||
	fail "the other implementation counts otherwise"

# edited LINE SED TEXT: one edit is noticed, and the line named.
edited() {
	cp "$dir/root/transcript.jsonl" "$dir/keep"
	sed -i "$2" "$dir/root/transcript.jsonl"
	cmp -s "$dir/keep" "$dir/root/transcript.jsonl" && fail "$2 edits nothing"
	says 5 "line $1: " "$bin" ceremony verify "$dir/root/transcript.jsonl"
	cp "$dir/keep" "$dir/root/transcript.jsonl"
}
edited 1 '1s/Ada/Eve/'
edited 3 '3s/Grace/Mallory/'
edited 5 '5s/"days":30/"days":31/'
edited 7 '7s/"prev":"./"prev":"z/'
edited 7 '7s/Grace/Mallory/'
edited 8 '8s/\("signature":"M.\{9\}\)[A-M]/\1Z/;t;8s/\("signature":"M.\{9\}\)./\1B/'
edited 3 '3,4d'
edited 8 '8d'
edited 1 '1,2d'
cp "$dir/root/intermediate-ca-2.crt" "$dir/keep.crt"
cp "$dir/root/intermediate-ca-1.crt" "$dir/root/intermediate-ca-2.crt"
says 5 "line 5: $dir/root/intermediate-ca-2.crt is not the file" "$bin" \
	ceremony verify "$dir/root/transcript.jsonl"
cp "$dir/keep.crt" "$dir/root/intermediate-ca-2.crt"
says 0 "transcript ok" "$bin" ceremony verify "$dir/root/transcript.jsonl"

# The root's list: first empty, then with the second intermediate, for good.
crl() {
	"$bin" ceremony crl --root "$dir/root" --shares-from "$dir/three" \
		--operator Ada "$@"
}
# status CERT: what openssl makes of it by the list.
status() {
	"$openssl" crl -inform DER -in "$dir/root/root-ca.crl" -out "$dir/crl.pem"
	"$openssl" verify -x509_strict -crl_check -CAfile "$dir/root/root-ca.crt" \
		-CRLfile "$dir/crl.pem" "$dir/root/$1"
}
says 0 "[SUCCESS] crl issuer=root entries=0" crl
status intermediate-ca-2.crt >"$dir/said" 2>&1 || fail "revoked by an empty list"
serial=$("$openssl" x509 -in "$dir/root/intermediate-ca-2.crt" -noout -serial |
	sed 's/serial=//' | tr A-F a-f)
says 3 "nothing of this serial" crl --revoke 00112233445566778899aabbccddeeff
says 2 "from 0 to 5" crl --revoke "$serial:9"
says 0 "entries=1" crl --revoke "$serial:2"
says 0 "entries=1" crl
if status intermediate-ca-2.crt >"$dir/said" 2>&1; then
	fail "openssl does not see that it is revoked"
fi
status intermediate-ca-1.crt >"$dir/said" 2>&1 || fail "the other one is revoked too"
"$openssl" crl -in "$dir/crl.pem" -noout -text >"$dir/said"
grep -q 'CA Compromise' "$dir/said" || fail "the reason is lost"
certtool --crl-info --infile "$dir/crl.pem" | grep -q 'Revoked certificates (1)' ||
	fail "certtool does not read the list"
certtool --verify-crl --load-ca-certificate "$dir/root/root-ca.crt" \
	--infile "$dir/crl.pem" >"$dir/said" 2>&1 || fail "certtool: the list's signature"
[ "$("$openssl" crl -in "$dir/crl.pem" -noout -nextupdate | sed 's/.*=//' |
	xargs -0 date +%s -d)" -gt $(($(date +%s) + 189 * 86400)) ] ||
	fail "less than 190 days"
[ "$(/usr/bin/python3 tests/ceremony_transcript.py "$dir/root")" = "14 7" ] ||
	fail "the list is not in the transcript"

# A post-quantum root with a pass file, and its intermediate.
says 0 "[SUCCESS] root sha256:" "$bin" ceremony root --out "$dir/pq" --alg mldsa87
says 0 "wrote" "$bin" csr --key "file:$dir/pq-1.key" --pass-file "$dir/pq-1.pass" \
	--issuer-id pq-1 --alg mldsa65 --out "$dir/pq-1.csr"
says 3 "ML-DSA-65 or ML-DSA-87" "$bin" ceremony sign --root "$dir/pq" \
	--csr "$dir/i1.csr"
says 3 "P-256 or P-384" sign --csr "$dir/pq-1.csr"
says 0 "[SUCCESS] signed" "$bin" ceremony sign --root "$dir/pq" --csr "$dir/pq-1.csr"
says 0 "entries=0" "$bin" ceremony crl --root "$dir/pq"
says 0 "entries=6" "$bin" ceremony verify "$dir/pq/transcript.jsonl"
if "$openssl" list -signature-algorithms 2>/dev/null | grep -q ML-DSA-87; then
	"$openssl" verify -x509_strict -CAfile "$dir/pq/root-ca.crt" \
		"$dir/pq/intermediate-ca-1.crt" >/dev/null || fail "openssl: ML-DSA"
	"$openssl" x509 -in "$dir/pq/intermediate-ca-1.crt" -noout -subject |
		grep -q 'PQ$' || fail "the unit does not end in PQ"
fi
echo "ceremony: ok"
