#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Scenario A11: a CA is lost and restored from its backup; what it issued after
# the backup it learns from the log and can revoke; CRL numbers rise; nothing
# is overwritten, and what is damaged is refused before anything changes.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

restore_script=$(realpath deploy/trustchain/scripts/restore-from-backup.sh)
lab_new
backups=$LAB/var/backups/trustchain
age-keygen -o "$LAB/identity.txt" 2>/dev/null
printf '[backup]\nrecipients = ["%s"]\ninterval_h = 0\n' "$(age-keygen -y "$LAB/identity.txt")" >>"$LAB/etc/trustchain/ca.toml"
lab_start
age-keygen -o "$LAB/other.txt" 2>/dev/null

restore() {
	TRUSTCHAIN_ROOT=$LAB TRUSTCHAIN_CA=$LAB_BIN/trustchain-ca "$restore_script" "$@"
}
refused() {
	local want=$1 code=0
	shift
	said=$("$@" 2>&1) || code=$?
	[ "$code" = "$want" ] || lab_fail "exit $code instead of $want: $*: $said"
}
serial_of() {
	jq -r .serial "$LAB/$1.json"
}
crl_number() {
	lab_get "$LAB_CA/api/v1/ca/crl?format=der" | "$OPENSSL" crl -inform DER -noout -crlnumber | sed 's/.*=0x//'
}
stop_ca() {
	kill -TERM "$LAB_CA_PID"
	wait "$LAB_CA_PID" || true
}

lab_issue before.test >"$LAB/before.json"
lab_ca revoke "$(serial_of before)" >/dev/null 2>&1 || true
lab_issue kept.test '+ {request_id: "same"}' >"$LAB/kept.json" || lab_fail "$(cat "$LAB/kept.json")"
lab_ca backup --full-backup --encrypt >"$LAB/backup.out" || lab_fail "backup"
id=$(sed -nE 's/^\[SUCCESS\] backup (\S+) .*/\1/p' "$LAB/backup.out")
for n in 1 2 3; do
	lab_issue "after$n.test" >"$LAB/after$n.json"
done
lab_ca crl publish >/dev/null || lab_fail "crl publish"
number=$(crl_number)
[ -n "$number" ] || lab_fail "no CRL number"

# Refused while the CA runs, without changing anything.
refused 2 "$restore_script"
refused 2 restore nonsense
refused 2 restore "$id" --identity "$LAB/none.txt"
refused 3 restore "$id" --identity "$LAB/identity.txt"
said=$(restore "$id" --identity "$LAB/identity.txt" --dry-run) || lab_fail "dry run: $said"
grep -q "^\[SUCCESS\] backup $id is whole members=" <<<"$said" || lab_fail "dry run: $said"
refused 3 lab_ca restore "$id" --identity "$LAB/other.txt" --dry-run
grep -q "not encrypted to this identity" <<<"$said" || lab_fail "another identity: $said"
refused 2 lab_ca restore "$id" --identity "$LAB/etc/trustchain/ca.toml" --dry-run

# Damage is found before anything is written: a flipped bit, a cut, an edited
# note; and, with a note that fits, inside the archive.
cp -r "$backups" "$LAB/bad"
bad() {
	refused 5 lab_ca restore "$id" --identity "$LAB/identity.txt" --backup-dir "$LAB/bad"
}
note_fits() {
	local f=$LAB/bad/$id
	jq --arg h "$(sha256sum <"$f.tar.age" | cut -d' ' -f1)" --argjson n "$(stat -c %s "$f.tar.age")" \
		'.sha256 = $h | .size = $n' "$f.json" >"$f.new"
	mv "$f.new" "$f.json"
}
/usr/bin/python3 - "$LAB/bad/$id.tar.age" <<-'PYTHON'
	import sys
	with open(sys.argv[1], "r+b") as f:
	    f.seek(100000)
	    b = f.read(1)
	    f.seek(100000)
	    f.write(bytes([b[0] ^ 1]))
PYTHON
bad
note_fits
bad
cp "$backups/$id.tar.age" "$LAB/bad/"
truncate -s -65552 "$LAB/bad/$id.tar.age"
note_fits
bad
# Somebody who knows the recipient makes an archive of his own: a name that
# leaves the folder, a member that SHA256SUMS does not have.
mkdir -p "$LAB/evil/var"
age -d -i "$LAB/identity.txt" "$backups/$id.tar.age" >"$LAB/evil.tar"
echo evil >"$LAB/evil/x"
for name in ../evil /etc/evil var/./x; do
	tar --format=ustar -P -C "$LAB/evil" --transform "s,^x\$,$name," -cf "$LAB/evil2.tar" x
	age -r "$(age-keygen -y "$LAB/identity.txt")" -o "$LAB/bad/$id.tar.age" "$LAB/evil2.tar" 2>/dev/null ||
		age -r "$(age-keygen -y "$LAB/identity.txt")" "$LAB/evil2.tar" >"$LAB/bad/$id.tar.age"
	note_fits
	bad
done
sed 's/ca\.toml/ca_toml/' "$LAB/evil.tar" >"$LAB/evil2.tar"
age -r "$(age-keygen -y "$LAB/identity.txt")" "$LAB/evil2.tar" >"$LAB/bad/$id.tar.age"
note_fits
bad
[ ! -e "$LAB/evil" ] || [ ! -e "$LAB/../evil" ] || lab_fail "a member left its folder"

# The CA's machine is lost: state, configuration, certificates, keys.  What is
# kept elsewhere are the passphrases and the identity.
stop_ca
mkdir "$LAB/elsewhere" "$LAB/lost"
cp "$LAB"/etc/trustchain/keys/*.pass "$LAB/elsewhere"
mv "$LAB_STATE/ca" "$LAB_STATE/ca.refused" "$LAB/lost"
mv "$LAB/etc/trustchain/ca.toml" "$LAB/etc/trustchain/certs" "$LAB/lost"
find "$LAB/etc/trustchain/keys" -name 'intermediate*' -exec mv -t "$LAB/lost" {} +
# The log does not answer: nothing is restored by halves.
kill -STOP "$LAB_CT_PID"
mv "$LAB/run/trustchain/ct.sock" "$LAB/run/trustchain/ct.away"
refused 4 restore "$id" --identity "$LAB/identity.txt"
grep -q 'does not answer.*fix: start it' <<<"$said" || lab_fail "no log: $said"
[ ! -e "$LAB_STATE/ca" ] || lab_fail "state was put there"
refused 3 restore "$id" --identity "$LAB/identity.txt"
grep -q 'left by an attempt that failed; fix: remove it' <<<"$said" || lab_fail "a second attempt: $said"
rm -r "$LAB_STATE"/*.restoring
mv "$LAB/run/trustchain/ct.away" "$LAB/run/trustchain/ct.sock"
kill -CONT "$LAB_CT_PID"
said=$(restore "$id" --identity "$LAB/identity.txt" 2>&1) || lab_fail "restore: $said"
grep -Eq "^\[SUCCESS\] restored $id certs=[0-9]+ recovered_from_log=3$" <<<"$said" || lab_fail "restore says: $said"
grep -q '^\[WARN\] .*intermediate-ca-1.pass is missing; fix:' <<<"$said" || lab_fail "missing passphrase: $said"
cmp "$LAB/lost/ca.toml" "$LAB/etc/trustchain/ca.toml" || lab_fail "ca.toml"
diff -r "$LAB/lost/certs" "$LAB/etc/trustchain/certs" || lab_fail "certificates"
cp "$LAB"/elsewhere/*.pass "$LAB/etc/trustchain/keys"
lab_serve_ca

# It knows what it issued after the backup, and can revoke it.
for n in 1 2 3; do
	lab_ca --json show "$(serial_of "after$n")" | jq -e '.status == "Valid"' >/dev/null || lab_fail "after$n is unknown"
done
[ "$(sqlite3 "$LAB_STATE/ca/ca.db" "SELECT count(*) FROM cert WHERE owner='recovered'")" = 3 ] || lab_fail "owners"
[ "$(sqlite3 "$LAB_STATE/ca/ca.db" "SELECT count(*) FROM idem")" = 0 ] || lab_fail "idempotency keys live on"
lab_ca revoke "$(serial_of after1)" >/dev/null || lab_fail "a recovered certificate cannot be revoked"
lab_ca crl publish >/dev/null
again=$(crl_number)
[ "$((16#$again))" -gt "$((16#$number))" ] || lab_fail "CRL number $again after $number"
lab_get "$LAB_CA/api/v1/ca/crl?format=der" | "$OPENSSL" crl -inform DER -noout -text | grep -qi "$(serial_of after1)" || lab_fail "not on the CRL"
# Old tokens work, new certificates are issued, and the audit log goes on.
lab_issue new.test | jq -e '.status == "Valid"' >/dev/null || lab_fail "no new certificate"
lab_wait 10 grep -q "\"action\":\"restore.done\".*$id" "$LAB_STATE/ca/audit/audit.log" || lab_fail "no restore.done in the audit log"
lab_wait 10 grep -q '"action":"cert.issued".*'"$(sqlite3 "$LAB_STATE/ca/ca.db" "SELECT lower(hex(serial)) FROM cert WHERE owner LIKE 'token:%' ORDER BY id DESC LIMIT 1")" "$LAB_STATE/ca/audit/audit.log" ||
	lab_fail "the audit log misses what was issued after the restore"
lab_ca audit verify >/dev/null 2>&1 || [ $? = 1 ] || lab_fail "the audit log is damaged"

# All at once, and everything of this machine: log and CA.
stop_ca
kill -TERM "$LAB_CT_PID"
wait "$LAB_CT_PID" || true
rm -r "$LAB_STATE"
said=$(restore "$id" --identity "$LAB/identity.txt" --revoke-recovered 2>&1) || lab_fail "restore of everything: $said"
grep -Eq "^\[SUCCESS\] restored $id certs=[0-9]+ recovered_from_log=0$" <<<"$said" || lab_fail "restore says: $said"
lab_serve_ct
lab_serve_ca
lab_issue last.test | jq -e '.status == "Valid"' >/dev/null || lab_fail "no certificate with a restored log"
stop_ca
rm -r "$LAB_STATE/ca" "$LAB_STATE/ca.refused"
said=$(restore "$id" --identity "$LAB/identity.txt" --revoke-recovered 2>&1) || lab_fail "restore: $said"
grep -Eq "recovered_from_log=[12]$" <<<"$said" || lab_fail "--revoke-recovered: $said"
[ "$(sqlite3 "$LAB_STATE/ca/ca.db" "SELECT count(*) FROM cert WHERE owner='recovered' AND revoked_at > 0")" -ge 1 ] || lab_fail "recovered and not revoked"
