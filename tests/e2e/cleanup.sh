#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# cleanup-certs: what expired long ago loses its DER, then its row, revoked
# ones are archived first, and what is still good stays.
set -euo pipefail

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
lab_start
db=$LAB_STATE/ca/ca.db
lab_key load.test
mkdir "$LAB/load"
/usr/bin/python3 tests/e2e/issue_load.py run --url "$LAB_CA" --root "$LAB_ROOT_CERT" --token "$LAB_TOKEN" \
	--csr "$LAB/load.test.csr" --dir "$LAB/load" --threads 4 --count 40 --seconds 20 >/dev/null
sql() {
	sqlite3 "$db" ".timeout 5000" "$1"
}
stop_ca() {
	kill -TERM "$LAB_CA_PID"
	wait "$LAB_CA_PID" || true
}
cleanup() {
	said=$(lab_ca cleanup-certs --remove-expired "$@") || lab_fail "cleanup-certs: $said"
}
code=0
lab_ca cleanup-certs >/dev/null 2>&1 || code=$?
[ "$code" = 2 ] || lab_fail "without --remove-expired: exit $code"
cleanup --archive-revoked
[ "$said" = "[SUCCESS] der_dropped=0 rows_removed=0 archived=0" ] || lab_fail "nothing is old: $said"

# Ten of them expired 40 days ago, three of those revoked; ten more 1000 times,
# so that there are several pages; ten expired 8 days ago; one 6 days ago.
mapfile -t serials < <(sql "SELECT lower(hex(serial)) FROM cert WHERE owner LIKE 'token:%' ORDER BY id")
[ "${#serials[@]}" = 40 ] || lab_fail "${#serials[@]} certificates"
for i in 0 1 2; do
	lab_ca revoke "${serials[$i]}" >/dev/null || lab_fail "revoke"
done
stop_ca
sql "WITH t AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM cert WHERE owner LIKE 'token:%')
UPDATE cert SET not_after = not_after - (SELECT CASE WHEN n <= 20 THEN 40 WHEN n <= 30 THEN 8 ELSE 6 END FROM t WHERE t.id = cert.id) * 86400000
WHERE id IN (SELECT id FROM t WHERE n <= 31)"
sql "INSERT INTO cert(issuer,serial,epoch,state,profile,not_before,not_after,created,shard,spki,fp,precert,final,revoked_at,reason)
SELECT issuer, randomblob(16), epoch, 'I', profile, not_before, not_after, created, shard, spki, NULL, x'00', x'00', 0, 0
FROM cert, generate_series(1, 1200) WHERE id = (SELECT max(id) FROM cert WHERE not_after < (unixepoch() - 39 * 86400) * 1000)"
before=$(sql "SELECT count(*) FROM cert WHERE not_after > unixepoch() * 1000")
lab_serve_ca
cleanup --archive-revoked
[ "$said" = "[SUCCESS] der_dropped=10 rows_removed=1220 archived=3" ] || lab_fail "says $said"
[ "$(sql "SELECT count(*) FROM cert WHERE not_after < (unixepoch() - 30 * 86400) * 1000")" = 0 ] || lab_fail "old rows are there"
[ "$(sql "SELECT count(*) FROM cert WHERE final IS NULL AND not_after < (unixepoch() - 7 * 86400) * 1000")" = 10 ] || lab_fail "DER is there"
[ "$(sql "SELECT count(*) FROM cert WHERE final IS NOT NULL AND not_after BETWEEN (unixepoch() - 7 * 86400) * 1000 AND unixepoch() * 1000")" = 1 ] || lab_fail "DER is gone too early"
[ "$(sql "SELECT count(*) FROM cert WHERE not_after > unixepoch() * 1000")" -ge "$before" ] || lab_fail "good ones are gone"
[ "$(sql "SELECT count(*) FROM name WHERE cert_id NOT IN (SELECT id FROM cert)")" = 0 ] || lab_fail "names without certificate"
archive=$LAB_STATE/ca/archive/$(date -u +%Y-%m).jsonl
[ "$(jq -r .serial "$archive" | sort)" = "$(printf '%s\n' "${serials[@]:0:3}" | sort)" ] || lab_fail "archive: $(cat "$archive")"
jq -es 'all(.issuer == "ca-1" and .reason == 0 and (.revoked_at | endswith("Z")))' "$archive" >/dev/null || lab_fail "archive: $(cat "$archive")"
lab_ca show "${serials[25]}" >/dev/null || lab_fail "a row without DER is not shown"
cleanup
[ "$said" = "[SUCCESS] der_dropped=0 rows_removed=0 archived=0" ] || lab_fail "a second time: $said"

# By itself, at its time.
stop_ca
at=$(date -u -d '+80 seconds' +%H:%M)
printf '[rotate]\ncleanup_at = "%s"\n' "$at" >>"$LAB/etc/trustchain/ca.toml"
sql "UPDATE cert SET not_after = not_after - 40 * 86400000 WHERE lower(hex(serial)) = '${serials[35]}'"
lab_serve_ca
gone() {
	[ "$(sql "SELECT count(*) FROM cert WHERE lower(hex(serial)) = '${serials[35]}'")" = 0 ]
}
if [ -n "${CLEANUP_AT:-}" ]; then
	lab_wait 90 gone || lab_fail "not cleaned up at $at"
fi
