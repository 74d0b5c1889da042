#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Deploy TrustChain:
#
#   deploy-production.sh ENV deploy|validate 1|2|3|all [dry-run]
#
# ENV is local, staging or production.  In this version only "local" is built:
# log, CA and their units on this machine under systemd (phase 1).  staging and
# production are clusters, which come later; their prerequisites are checked
# and then exit 2 says so.  With dry-run every step is printed and none is done.
#
# Run as root after `make install'.  TRUSTCHAIN_ROOT puts everything below
# another folder and starts nothing, for trying it out.
#
# Exit: 0 done, 1 a step failed, 2 usage or something that is missing.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=${TRUSTCHAIN_ROOT:-}
etc=$root/etc/trustchain

say() { printf '[%s] %s\n' "$1" "$2"; }
die() {
	say ERROR "$2" >&2
	exit "$1"
}
usage() {
	sed -n '4,17s/^#\( \|$\)//p' "$0" >&2
	exit 2
}

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
	usage
fi
environment=$1 action=$2 phase=$3 mode=${4:-}
case $environment in local | staging | production) ;; *) usage ;; esac
case $action in deploy | validate) ;; *) usage ;; esac
case $phase in 1 | 2 | 3 | all) ;; *) usage ;; esac
case $mode in '' | dry-run) ;; *) usage ;; esac

# need PROGRAM...: all that are missing are named at once.
need() {
	local missing=() p
	for p in "$@"; do
		command -v "$p" >/dev/null || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] || die 2 "missing: ${missing[*]}"
}

if [ "$action" = validate ]; then
	validate=("$here/validate-deployment.sh" "$environment")
	if [ "$mode" = dry-run ]; then
		say INFO "would run: ${validate[*]}"
		exit 0
	fi
	exec "${validate[@]}"
fi
if [ "$environment" != local ]; then
	need terraform kubectl helm aws cfssl jq
	die 2 "$environment is a cluster, which this version does not deploy; fix: local"
fi
case $phase in
2 | 3) die 2 "phase $phase is part of phase 1 on one machine; what it adds in a cluster is not built" ;;
esac

# step WHAT COMMAND...: do it, or say that it would be done.
step() {
	local what=$1
	shift
	if [ "$mode" = dry-run ]; then
		say INFO "would $what: $*"
		return
	fi
	say INFO "$what"
	"$@" || die 1 "$what failed"
}

put() {
	[ -e "$2" ] || install -D -m 644 "$1" "$2"
}
log_key() {
	local vkey
	vkey=$(trustchain-ct ${root:+--root "$root"} init-log --generate-if-missing |
		sed -n 's/.*list_vkey=//p')
	[ -n "$vkey" ] || return 1
	sed -i "s|@LIST_VKEY@|$vkey|" "$etc/ca.toml"
}
users() {
	if command -v systemd-sysusers >/dev/null; then
		systemd-sysusers "$here/../systemd/trustchain.sysusers.conf"
	fi
}
units() {
	install -D -m 644 -t "$root/etc/systemd/system" \
		"$here/../systemd/trustchain-ca.service" "$here/../systemd/trustchain-ct.service"
}
ready() {
	local url=$1
	for _ in $(seq 60); do
		! curl -fsSg -o /dev/null --max-time 2 "$url" 2>/dev/null || return 0
		sleep 1
	done
	return 1
}

need jq curl trustchain-ca trustchain-ct
if [ "$mode" != dry-run ] && [ -z "$root" ]; then
	[ "$(id -u)" = 0 ] || die 2 "run it as root"
	need systemctl
fi
for c in ca ct; do
	step "write $etc/$c.toml unless it is there" put "$here/../local/$c.toml" "$etc/$c.toml"
done
step "make the laboratory's root and issuer" trustchain-ca ${root:+--root "$root"} init-ca --generate-if-missing
step "make the log's keys and tell the CA" log_key
step "check the configuration" trustchain-ca ${root:+--root "$root"} --check-config
if [ -n "$root" ]; then
	[ "$mode" = dry-run ] || say SUCCESS "files are below $root; nothing was started"
	exit 0
fi
step "make the daemons' users" users
step "install the units" units
step "read the units" systemctl daemon-reload
step "start the log" systemctl enable --now trustchain-ct
step "start the CA" systemctl enable --now trustchain-ca
step "wait until the CA is ready" ready 'http://[::1]:9090/ready'
[ "$mode" = dry-run ] || say SUCCESS "deployed: https://[::1]:8443, root in $etc/certs/root-ca.crt"
