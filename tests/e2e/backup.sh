#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Backups: made while certificates are issued, opened by plain age and tar,
# complete, without what must not be in them, and deleted when they are old.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
toml=$LAB/etc/trustchain/ca.toml
backups=$LAB/var/backups/trustchain
age-keygen -o "$LAB/identity.txt" 2>/dev/null
age-keygen -o "$LAB/second.txt" 2>/dev/null

backup() {
	lab_ca backup --full-backup --encrypt "$@"
}
refused() {
	local want=$1 code=0
	shift
	said=$("$@" 2>&1) || code=$?
	[ "$code" = "$want" ] || lab_fail "exit $code instead of $want: $*: $said"
}

# Without somebody to encrypt to there is no backup.
refused 2 backup
grep -q 'recipients is empty; fix:' <<<"$said" || lab_fail "no recipients: $said"
printf '[backup]\nrecipients = ["age1nonsense"]\n' >>"$toml"
refused 2 backup
sed -i '/^recipients/d' "$toml"
printf 'recipients = ["%s", "%s"]\n' "$(age-keygen -y "$LAB/identity.txt")" "$(age-keygen -y "$LAB/second.txt")" >>"$toml"
refused 2 lab_ca backup --full-backup
refused 2 backup --s3-bucket=b
refused 2 backup --retention-days=0
[ ! -e "$backups" ] || [ -z "$(ls "$backups")" ] || lab_fail "left: $(ls "$backups")"

# The supervisor makes one by itself when there is none.
lab_start
by_itself() {
	[ "$(find "$backups" -name '*.json' 2>/dev/null | wc -l)" = 1 ]
}
lab_wait 30 by_itself || lab_fail "the supervisor made no backup"
lab_wait 5 grep -q '"backup is done"' "$LAB/log/ca.log" || lab_fail "no word of it in the log"
rm -r "$backups"

# Under load; both identities open it, and it holds what its sums say.
mkdir "$LAB/load"
lab_key load.test
/usr/bin/python3 tests/e2e/issue_load.py run --url "$LAB_CA" --root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
	--csr "$LAB/load.test.csr" --dir "$LAB/load" --threads 4 --seconds 3 --rate 100 >"$LAB/load.out" &
loader=$!
LAB_PIDS+=("$loader")
sleep 1
said=$(backup) || lab_fail "backup: $said"
id=$(sed -nE 's/^\[SUCCESS\] backup ([0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}) bytes=[0-9]+ sha256=[0-9a-f]{64}$/\1/p' <<<"$said")
[ -n "$id" ] || lab_fail "backup says: $said"
# Its age is a gauge; without it that would be the time since the first start.
age=$(curl -fsSg "http://[::1]:$LAB_METRICS_PORT/metrics" | sed -n 's/^trustchain_backup_age_seconds \([0-9]*\).*/\1/p')
since=$(($(date +%s) - $(date -d "$(sed -E 's/(....)(..)(..)T(..)(..)(..)Z.*/\1-\2-\3 \4:\5:\6Z/' <<<"$id")" +%s)))
[ "$age" -le $((since + 1)) ] || lab_fail "backup age $age, made $since s ago"
[ "$(cat "$LAB_STATE/ca/measure/backup")" -gt 1700000000000 ] || lab_fail "the time of the backup is not noted"
wait "$loader" || lab_fail "the load failed"
read -r asked answered <<<"$(sed -nE 's/^asked ([0-9]+) answered ([0-9]+)$/\1 \2/p' "$LAB/load.out")"
[ "$asked" = "$answered" ] || lab_fail "a backup made $((asked - answered)) requests fail"
[ "$(stat -c %a "$backups")" = 700 ] || lab_fail "mode of the folder"
[ "$(stat -c %a "$backups/$id.tar.age")" = 600 ] || lab_fail "mode of the file"
[ "$(cd "$backups" && echo *.tmp *.part)" = "*.tmp *.part" ] || lab_fail "left: $(ls "$backups")"
[ "$(sha256sum <"$backups/$id.tar.age")" = "$(jq -r .sha256 "$backups/$id.json")  -" ] || lab_fail "digest in $id.json"
[ "$(stat -c %s "$backups/$id.tar.age")" = "$(jq -r .size "$backups/$id.json")" ] || lab_fail "size in $id.json"
jq -e '.schema >= 1 and (.crl_numbers | has("ca-1")) and (.log_heads | length) == 5' "$backups/$id.json" >/dev/null || lab_fail "$(cat "$backups/$id.json")"
age -d -i "$LAB/second.txt" "$backups/$id.tar.age" >/dev/null || lab_fail "the second identity"
mkdir "$LAB/out"
age -d -i "$LAB/identity.txt" "$backups/$id.tar.age" | tar x -C "$LAB/out" || lab_fail "age -d | tar x"
(cd "$LAB/out" && sha256sum --quiet --strict -c SHA256SUMS) || lab_fail "SHA256SUMS"
[ "$(cd "$LAB/out" && find . -type f ! -name SHA256SUMS | wc -l)" = "$(jq .members "$backups/$id.json")" ] || lab_fail "members"
[ "$(sqlite3 "$LAB/out/var/lib/trustchain/ca/ca.db" 'PRAGMA integrity_check')" = ok ] || lab_fail "the database in it"
for f in etc/trustchain/{ca.toml,ct.toml,certs/root-ca.crt,keys/intermediate-ca-1.key,keys/ct-list.key} \
	var/lib/trustchain/ca/audit/audit.log var/lib/trustchain/ct/audit/vkey; do
	[ -s "$LAB/out/$f" ] || lab_fail "$f is not in it"
done
# No passphrase, no root key, no open key, nothing of the sealed TLS key.
! (cd "$LAB/out" && find . | grep -E 'offline-root|\.pass$|tls\.sealed|/lock$|/index') || lab_fail "that must not be in it"
! grep -rlE -- '-BEGIN (EC |RSA )?PRIVATE KEY' "$LAB/out" || lab_fail "an open key is in it"
# A log's copy has no gap: whatever its head covers is in tiles, by the reader
# that shares no code with ours.
shard=$(cd "$LAB/out/var/lib/trustchain/ct" && for s in 2*; do sed -n 2p "$s/checkpoint" | sed "s/$/ $s/"; done | sort -n | tail -1)
[ "${shard%% *}" -ge 20 ] || lab_fail "only ${shard%% *} entries in it"

lab_wait 5 grep -q "\"action\":\"backup.done\".*$id" "$LAB_STATE/ca/audit/audit.log" || lab_fail "no backup.done in the audit log"

# A bad disk ends in no backup at all, and says so.
refused 1 env TMPDIR=/nonexistent bash -c "ulimit -f 8; trap '' XFSZ; exec '$LAB_BIN/trustchain-ca' --root '$LAB' --config '$toml' backup --full-backup --encrypt"
[ "$(find "$backups" -name '*.json' | wc -l)" = 1 ] || lab_fail "a backup that failed has a note"
[ "$(find "$backups" -name '*.tmp' -o -name '*.part' | wc -l)" = 0 ] || lab_fail "left: $(ls "$backups")"

# Old ones go, what is not ours stays; also without a daemon, which is said.
touch "$backups"/20200101T000000Z-0123abcd.{tar.age,json} "$backups/20200101T000000Z-0123abcd.part" "$backups/20200101T000000Z.txt"
kill -TERM "$LAB_CA_PID"
wait "$LAB_CA_PID" || true
said=$(backup --retention-days=1 2>&1) || lab_fail "backup without a daemon: $said"
grep -q '^\[INFO\] deleted 1 backups older than 1 days' <<<"$said" || lab_fail "retention says: $said"
grep -q '^\[INFO\] not in the audit log' <<<"$said" || lab_fail "without a daemon: $said"
[ "$(cd "$backups" && echo 2020*)" = 20200101T000000Z.txt ] || lab_fail "after retention: $(ls "$backups")"
[ "$(find "$backups" -name '*.tar.age' | wc -l)" = 2 ] || lab_fail "after retention: $(ls "$backups")"
said=$(lab_ca --json backup --full-backup --encrypt 2>/dev/null | tail -1)
jq -e '.id and .members > 40' <<<"$said" >/dev/null || lab_fail "--json: $said"
