#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2119
#
# An unmodified uacme obtains a certificate by http-01, changes its account's
# key, revokes by account and by key.  It has no option for trust anchors, so it runs in a mount namespace of its own, where our root
# stands in place of the system's bundle.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

lab_new
lab_start

www=$LAB/www/.well-known/acme-challenge
mkdir -p "$www"
cat >"$LAB/hook" <<SH
#!/bin/sh
# method type ident token auth
[ "\$2" = http-01 ] || exit 1
case \$1 in
begin) printf %s "\$5" >"$www/\$4" ;;
done | failed) rm -f "$www/\$4" ;;
esac
SH
chmod +x "$LAB/hook"
/usr/bin/python3 -m http.server --bind ::1 --directory "$LAB/www" \
	"$LAB_VALIDATION_PORT" >"$LAB/log/www.log" 2>&1 &
LAB_PIDS+=($!)

uacme_run() {
	local as=()
	[ "$(id -u)" -eq 0 ] || as=(--user --map-root-user)
	# shellcheck disable=SC2016 # the inner shell expands them
	unshare --mount "${as[@]}" /bin/sh -c \
		'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt &&
		shift && exec "$@"' sh "$LAB_ROOT_CERT" \
		/usr/bin/uacme -v -a "$LAB_CA/acme/directory" -c "$LAB/uacme" \
		-h "$LAB/hook" "$@" >>"$LAB/log/uacme.log" 2>&1 ||
		lab_fail "uacme $*"
}

uacme_run -y -t EC new
uacme_run issue uacme.test www.uacme.test
lab_check_chain "$LAB/uacme/uacme.test/cert.pem" www.uacme.test
uacme_run update mailto:admin@uacme.test
uacme_run newkey
uacme_run revoke "$LAB/uacme/uacme.test/cert.pem"
uacme_run -f issue uacme.test
uacme_run -r 1 revoke "$LAB/uacme/uacme.test/cert.pem" \
	"$LAB/uacme/private/uacme.test/key.pem"
[ "$(lab_ca list --status Revoked --json | jq -c '[.certificates[].reason] |
	sort')" = "[0,1]" ] || lab_fail "uacme did not revoke as it was told"
uacme_run deactivate
lab_say "uacme: account, certificate, update, key change, revocation by" \
	"account and by key, deactivation"
