#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What a stranger, a neighbour on the machine and an attacker find:
#
#   security-audit.sh [--full] [--no-adversary]
#
#   tls           sslscan and testssl: TLS 1.3 alone, three suites, HSTS
#   permissions   keys, passphrases, state folders and control sockets
#   programs      hardening of the programs, and every library that they load
#   processes     seccomp, no new privileges, not dumpable
#   adversary     the hostile tests of the source tree
#   fuzz          with --full, ten minutes of every fuzzer
#
# Prints PASS|FAIL|SKIP <id> <what was found>, last "N passed, N failed, N
# skipped"; exit 1 with a FAIL.  AUDIT_LIST=FILE gets the dependency list.
#   VALIDATE_CA VALIDATE_CT VALIDATE_DASHBOARD  as for validate-deployment.sh
#   AUDIT_ROOT     what stands before /etc/trustchain and /var/lib/trustchain
#   AUDIT_HOSTS    of "ca ct dashboard", those whose TLS is scanned
#   AUDIT_PIDS     supervisors of the daemons; default: those of this machine
#   TROTH_BIN      the programs
# Without VALIDATE_CA a local deployment is brought up.
set -euo pipefail

full='' adversary=1
for arg; do
	case $arg in
	--full) full=1 ;;
	--no-adversary) adversary= ;;
	*)
		sed -n '6p' "$0" | sed 's/^# *//' >&2
		exit 2
		;;
	esac
done
cd "$(dirname "$0")/../../.."
if [ -z "${VALIDATE_CA:-}" ]; then
	# shellcheck source=deploy/trustchain/infrastructure/local-deployment.sh
	. deploy/trustchain/infrastructure/local-deployment.sh
	local_up
	AUDIT_ROOT=$LAB AUDIT_PIDS="$LAB_CA_PID $LAB_CT_PID"
fi
bin=${TROTH_BIN:-build/bin}
root=${AUDIT_ROOT:-}
scratch=$(mktemp -d)
passed=0 failed=0 skipped=0

result() {
	printf '%s %s %s\n' "$1" "$2" "${*:3}"
	case $1 in
	PASS) passed=$((passed + 1)) ;;
	FAIL) failed=$((failed + 1)) ;;
	*) skipped=$((skipped + 1)) ;;
	esac
}

# verdict ID BAD GOOD-TEXT: PASS unless BAD says something.
verdict() {
	if [ -n "$2" ]; then
		result FAIL "$1" "$(tr '\n' ' ' <<<"$2")"
	else
		result PASS "$1" "$3"
	fi
}

suites="TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256"

# tls NAME URL
tls() {
	local at=${2#https://} found bad=
	at=${at%%/*}
	case $at in *:*[0-9]) ;; *) at=$at:443 ;; esac
	sslscan --no-colour --no-check-certificate "$at" >"$scratch/sslscan" 2>&1 ||
		bad="sslscan: $(tail -n 1 "$scratch/sslscan")"
	found=$(sed -nE 's/^(SSLv[23]|TLSv1\.[0-3]) +enabled$/\1/p' "$scratch/sslscan" | paste -sd' ')
	[ "$found" = TLSv1.3 ] || bad="$bad protocols: $found"
	found=$(sed -nE 's/^(Preferred|Accepted) +TLSv1\.3 +[0-9]+ bits +(\S+).*/\2/p' "$scratch/sslscan" | sort -u | paste -sd' ')
	[ "$found" = "$suites" ] || bad="$bad suites: $found"
	verdict "tls-sslscan-$1" "$bad" "TLSv1.3, 3 suites"
}

testssl_of() {
	local at=${2#https://} bad
	at=${at%%/*}
	# It takes OPENSSL for a path.
	env -u OPENSSL testssl --quiet --color 0 -6 --ip one --warnings off --protocols --header \
		--jsonfile "$scratch/testssl.json" "https://$at/health" >"$scratch/testssl" 2>&1 || true
	if ! jq -e . "$scratch/testssl.json" >/dev/null 2>&1; then
		result FAIL "tls-testssl-$1" "no result: $(tail -n 2 "$scratch/testssl" | tr '\n' ' ')"
		return
	fi
	bad=$(jq -r '.[] | select((.id | test("^(SSLv2|SSLv3|TLS1|TLS1_1|TLS1_2)$")) and (.finding | test("not offered") | not)
		or (.id == "TLS1_3" and (.finding | test("^offered") | not))
		or (.id == "HSTS" and (.finding | test("not offered|not HTTP")))
		or (.id == "HSTS_time" and (.finding | test("365 days") | not))) | "\(.id)=\(.finding)"' "$scratch/testssl.json")
	jq -e 'any(.id == "TLS1_3") and any(.id == "HSTS_time")' "$scratch/testssl.json" >/dev/null ||
		bad="$bad TLS1_3 or HSTS was not looked at"
	verdict "tls-testssl-$1" "$bad" "TLS 1.3 only, HSTS 365 days"
	rm -f "$scratch/testssl.json"
}

for host in "ca $VALIDATE_CA" "ct ${VALIDATE_CT:-}" "dashboard ${VALIDATE_DASHBOARD:-}"; do
	read -r name url <<<"$host"
	[[ " ${AUDIT_HOSTS:-ca ct dashboard} " = *" $name "* ]] || continue
	if [ -z "$url" ]; then
		result SKIP "tls-$name" "no URL"
	else
		tls "$name" "$url"
	fi
done
[ -n "${AUDIT_HOSTS:-}" ] || testssl_of ca "$VALIDATE_CA"

# Nobody but its owner reads a secret; nobody but root and the daemon's user
# gets into the state.
if [ -d "$root/etc/trustchain" ]; then
	bad=$(find "$root/etc/trustchain" "$root/var/lib/trustchain" -type f \
		\( -name '*.key' -o -name '*.pass' -o -name '*.token' -o -name tls.sealed \) -perm /077 2>/dev/null)
	verdict permissions-secrets "$bad" \
		"$(find "$root/etc/trustchain" "$root/var/lib/trustchain" -name '*.key' 2>/dev/null | wc -l) key files are 0600"
	verdict permissions-state "$(find "$root"/var/lib/trustchain/* -maxdepth 0 -type d -perm /027 2>/dev/null)" "state folders are closed to others"
	verdict permissions-sockets "$(find "$root/run/trustchain" -name '*.ctl' -perm /177 2>/dev/null)" "control sockets are 0600"
	verdict permissions-plain "$(grep -lr -e '-----BEGIN \(EC \|RSA \|\)PRIVATE KEY' "$root/etc/trustchain" "$root/var/lib/trustchain" 2>/dev/null)" "no key lies open"
else
	result SKIP permissions "no $root/etc/trustchain on this machine"
fi

for program in trustchain-ca trustchain-ct; do
	f=$bin/$program bad=
	[ -x "$f" ] || f=$(command -v "$program" || true)
	if [ -z "$f" ]; then
		result SKIP "program-$program" "not found"
		continue
	fi
	readelf -hW "$f" | grep 'Type: *DYN' >/dev/null || bad="no PIE"
	readelf -lW "$f" | grep GNU_RELRO >/dev/null || bad="$bad no RELRO"
	readelf -dW "$f" | grep 'BIND_NOW\|FLAGS.*NOW' >/dev/null || bad="$bad no BIND_NOW"
	! readelf -lW "$f" | grep 'GNU_STACK.*RWE' >/dev/null || bad="$bad executable stack"
	readelf -sW "$f" | grep '__stack_chk_fail' >/dev/null || bad="$bad no stack protector"
	readelf -sW "$f" | grep '_chk@\|_chk$' >/dev/null || bad="$bad no FORTIFY"
	verdict "program-$program" "$bad" "PIE, RELRO, BIND_NOW, NX, stack protector, FORTIFY"
	ldd "$f" | sed -n 's/^\s*\(\S*\) => \(\S*\).*/\1 \2/p' | while read -r lib path; do
		printf '%s %s %s\n' "$program" "$lib" \
			"$(dpkg-query -W -f '${Package} ${Version}' "$(dpkg -S "$(readlink -f "$path")" 2>/dev/null | head -n 1 | cut -d: -f1)" 2>/dev/null || echo "$path")"
	done >>"$scratch/libraries"
done
if [ -s "$scratch/libraries" ]; then
	[ -z "${AUDIT_LIST:-}" ] || sort -u "$scratch/libraries" >"$AUDIT_LIST"
	verdict dependencies "$(grep 'not found' "$scratch/libraries" || true)" \
		"$(cut -d' ' -f2 "$scratch/libraries" | sort -u | wc -l) libraries"
fi

pids=${AUDIT_PIDS:-$(pgrep -x 'trustchain-(ca|ct)' | head -n 20 || true)}
checked=0 bad=''
for parent in $pids; do
	for pid in $(pgrep -P "$parent" || true); do
		[ -r "/proc/$pid/status" ] || continue
		checked=$((checked + 1))
		grep -q '^Seccomp:\s*2' "/proc/$pid/status" || bad="$bad $pid has no filter;"
		grep -q '^NoNewPrivs:\s*1' "/proc/$pid/status" || bad="$bad $pid may gain privileges;"
		# What is not dumpable belongs to root, whoever runs it.
		[ "$(stat -c %u "/proc/$pid/environ")" = 0 ] || bad="$bad $pid can be dumped;"
	done
done
if [ "$checked" -eq 0 ]; then
	result SKIP processes "no daemon on this machine"
else
	verdict processes "$bad" "$checked processes confined"
fi

if [ -z "$adversary" ]; then
	result SKIP adversary "--no-adversary"
elif [ -d tests/e2e ]; then
	for test in admin.sh acme_hostile.sh ct_monitor.py ct_rollback.py quorum.py promises_test.py; do
		[ -e "tests/e2e/$test" ] || continue
		if TROTH_BIN=$bin "tests/e2e/$test" >"$scratch/test" 2>&1; then
			result PASS "adversary-$test" "$(tail -n 1 "$scratch/test")"
		else
			result FAIL "adversary-$test" "$(grep -m1 FAIL "$scratch/test" || tail -n 1 "$scratch/test")"
		fi
	done
else
	result SKIP adversary "no source tree here"
fi

if [ -n "$full" ]; then
	if tools/fuzz.sh -s 600 >"$scratch/fuzz" 2>&1; then
		result PASS fuzz "$(tail -n 1 "$scratch/fuzz")"
	else
		result FAIL fuzz "$(tail -n 1 "$scratch/fuzz")"
	fi
fi
rm -rf "$scratch"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
