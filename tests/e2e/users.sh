#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Started as root, main and key process run under users of their own: neither
# is root, neither can read the other's files or the keys, and everything
# works.  The users exist only in this test's own mount namespace.
set -euo pipefail

if [ "$(id -u)" != 0 ]; then
	echo "ok: nothing to show without root"
	exit 0
fi
if ! unshare --mount true 2>/dev/null; then
	echo "ok: nothing to show without mount namespaces"
	exit 0
fi
if [ -z "${USERS_INSIDE:-}" ]; then
	USERS_INSIDE=1 exec unshare --mount --propagation private -- "$0" "$@"
fi

# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

main_uid=64101 keys_uid=64102
lab_new
{
	cat /etc/passwd
	echo "trustchain:x:$main_uid:$main_uid::/nonexistent:/usr/sbin/nologin"
	echo "trustchain-keys:x:$keys_uid:$keys_uid::/nonexistent:/usr/sbin/nologin"
} >"$LAB/passwd"
mount --bind "$LAB/passwd" /etc/passwd

# As installed: programs and configuration that everybody may read, elsewhere
# than below root's home, and an environment in which users are switched.
make --no-print-directory install DESTDIR="$LAB" PREFIX=/opt >"$LAB/log/install.log"
LAB_BIN=$LAB/opt/bin
chmod 711 "$LAB"
for f in ca ct; do
	sed -i 's/^environment = .*/environment = "staging"/; s/^service_names = .*/service_names = ["ca.lab.test"]/' "$LAB/etc/trustchain/$f.toml"
done
rmdir "$LAB/run/trustchain"
lab_start

# child PID ROLE: the process of that role.
child() {
	pgrep -P "$1" -f -- "--role=$2"
}
# runs_as PID UID: all four ids, of user and group, and no other groups.
runs_as() {
	[ "$(sed -n 's/^Uid:\t//p; s/^Gid:\t//p' "/proc/$1/status" | sort -u)" = "$2	$2	$2	$2" ] &&
		[ -z "$(sed -n 's/^Groups:\t//p' "/proc/$1/status" | tr -d ' ')" ]
}
check_users() {
	local pid
	for pid in "$LAB_CA_PID" "$LAB_CT_PID"; do
		runs_as "$(child "$pid" main)" "$main_uid" || lab_fail "main: $(grep -E 'Uid|Gid|Groups' "/proc/$(child "$pid" main)/status")"
		runs_as "$(child "$pid" keys)" "$keys_uid" || lab_fail "keys: $(grep -E 'Uid|Gid|Groups' "/proc/$(child "$pid" keys)/status")"
	done
}
check_users

# as UID COMMAND...: as that user.
as() {
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"
}
for uid in "$main_uid" "$keys_uid"; do
	for f in "$LAB"/etc/trustchain/keys/* "$LAB_STATE"/ca/offline-root/* "$LAB_STATE"/c?.refused/*; do
		[ -e "$f" ] || lab_fail "$f is not there"
		as "$uid" cat "$f" >/dev/null 2>&1 && lab_fail "user $uid reads $f"
	done
	as "$uid" kill -0 "$LAB_CA_PID" 2>/dev/null && lab_fail "user $uid may signal the supervisor"
done
as "$keys_uid" ls "$LAB_STATE/ca" >/dev/null 2>&1 && lab_fail "the key process's user sees main's state"
as "$main_uid" test -w "$LAB_STATE/ca/ca.db" || lab_fail "main's user cannot write its database"

# It works: a certificate, a new key process, a restart, all as these users.
issue() {
	lab_key "$1"
	jq -n --rawfile csr "$LAB/$1.csr" '{csr: $csr}' |
		curl -sS --fail-with-body --max-time 20 --cacert "$LAB_ROOT_CERT" --connect-to "ca.lab.test::[::1]:$LAB_CA_PORT" \
			"https://ca.lab.test/api/v1/ca/issue" --data-binary @- -H 'Content-Type: application/json' -H "Authorization: Bearer $LAB_TOKEN" |
		jq -e '.status == "Valid"' >/dev/null || lab_fail "no certificate for $1"
}
issue a.test
before=$(child "$LAB_CA_PID" keys)
kill -HUP "$LAB_CA_PID" "$LAB_CT_PID"
replaced() {
	[ "$(child "$LAB_CA_PID" keys)" != "$before" ] && [ "$(child "$LAB_CA_PID" keys | wc -l)" = 1 ] && [ "$(child "$LAB_CT_PID" keys | wc -l)" = 1 ]
}
lab_wait 30 replaced || lab_fail "SIGHUP replaced no key process"
lab_wait 10 grep -q '"configuration reloaded"' "$LAB/log/ca.log" || lab_fail "main did not get its configuration"
check_users
issue b.test
kill -TERM "$LAB_CA_PID" "$LAB_CT_PID"
wait "$LAB_CA_PID" "$LAB_CT_PID" || true
lab_serve_ct
lab_serve_ca
check_users
issue c.test
echo "ok"
