# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
#
# A lab that speaks IPv6 only, in a network of its own, with the ports that ACME
# knows and a DNS server whose zones can be changed.  Sourced first of all:
#
#   . tests/e2e/acme_net.sh
#   net_enter "$@"     the script runs again, inside; or it ends here, skipped
#   . tests/e2e/lib.sh
#   net_lab            lab_new, DNS server, log and CA
#
# Inside there is one host with the addresses fd99::1 to fd99::f, and no way to
# anything else.  Knot serves "test", of which the CA asks no signatures, and
# "lab", which is signed under a key the CA trusts.  What is below a name of an
# address has that address: anything.h3.lab is fd99::3.  $NET_HOOK set|del NAME
# VALUE changes TXT records, as an account with a secret of its own does.

# net_enter SCRIPT-ARGUMENT...
net_enter() {
	[ -z "${NET_INSIDE:-}" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "SKIP: only root can make a network namespace here"
		exit 77
	fi
	local why
	if ! why=$(unshare --net --mount ip link set lo up 2>&1); then
		echo "SKIP: no network namespaces here: $why"
		exit 77
	fi
	NET_INSIDE=1 exec unshare --net --mount "$0" "$@"
}

# net_lab: afterwards the CA is ready.
net_lab() {
	export PATH=$PATH:/usr/sbin:/sbin
	ip link set lo up
	ip addr del 127.0.0.1/8 dev lo 2>/dev/null || true
	local n
	for n in 1 2 3 4 5 6 7 8 9 a b c d e f; do
		ip addr add "fd99::$n/128" dev lo nodad
	done
	NET_ANCHOR=$(mktemp "${TMPDIR:-/tmp}/troth-anchor.XXXXXX")
	LAB_CA_ACME="dns_trust_anchor = \"$NET_ANCHOR\"
		validation_tls_port = 443
		${LAB_CA_ACME:-}"
	LAB_CA_HOST=ca.lab # some clients stumble over brackets in URLs
	LAB_CA_ALLOW=fd99::/16
	lab_new 8443 8080 9090 8444 9091 "${NET_FORWARD_PORT:-53}" 80
	net_dns
	net_trust
	lab_serve_ct
	lab_serve_ca
	rm "$NET_ANCHOR"
}

# net_trust: every program trusts the lab's root and asks the lab's DNS server.
net_trust() {
	printf 'nameserver ::1\n' >"$LAB/resolv.conf"
	mount --bind "$LAB/resolv.conf" /etc/resolv.conf
	mount --bind "$LAB_ROOT_CERT" /etc/ssl/certs/ca-certificates.crt
}

# net_zone NAME: its zone file.
net_zone() {
	printf '%s. 60 SOA ns.%s. admin.%s. 1 3600 900 604800 0\n' "$1" "$1" "$1"
	printf '%s. 60 NS ns.%s.\nns.%s. 60 AAAA ::1\n' "$1" "$1" "$1"
	printf 'ca.%s. 60 AAAA ::1\n' "$1"
	local n
	for n in 1 2 3 4 5 6 7 8 9 a b c d e f; do
		printf 'h%s.%s. 0 AAAA fd99::%s\n' "$n" "$1" "$n"
		printf '*.h%s.%s. 0 AAAA fd99::%s\n' "$n" "$1" "$n"
	done
	if declare -f net_records >/dev/null; then
		net_records "$1"
	fi
}

net_dns() {
	local dir=$LAB/knot secret zone
	secret=$("$OPENSSL" rand -base64 32)
	mkdir -p "$dir"
	for zone in test lab; do
		net_zone "$zone" >"$dir/$zone.zone"
	done
	cat >"$dir/knot.conf" <<-YAML
		server:
		    listen: ::1@53
		    rundir: $dir
		    udp-workers: 1
		    tcp-workers: 1
		    background-workers: 1
		log:
		  - target: $LAB/log/knot.log
		    any: info
		database:
		    storage: $dir
		key:
		  - id: lab
		    algorithm: hmac-sha256
		    secret: $secret
		acl:
		  - id: lab
		    key: lab
		    action: update
		policy:
		  - id: lab
		    algorithm: ecdsap256sha256
		    single-type-signing: on
		template:
		  - id: default
		    storage: $dir
		    zonefile-sync: -1
		    zonefile-load: difference
		    journal-content: all
		    acl: lab
		zone:
		  - domain: test
		  - domain: lab
		    dnssec-signing: on
		    dnssec-policy: lab
	YAML
	knotd -c "$dir/knot.conf" >"$LAB/log/knotd.log" 2>&1 &
	LAB_PIDS+=($!)
	lab_wait 10 net_signed || lab_fail "knotd does not answer"
	kdig @::1 lab. DNSKEY +noall +answer >"$NET_ANCHOR"
	printf 'key lab {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n' \
		"$secret" >"$LAB/nsupdate.key"
	NET_SECRET=$secret
	NET_HOOK=$LAB/dns-hook
	cat >"$NET_HOOK" <<-SH
		#!/bin/sh
		# set|del NAME VALUE
		case \$1 in
		set) change="add \$2. 0 TXT \"\$3\"" ;;
		*) change="del \$2. TXT \"\$3\"" ;;
		esac
		printf 'server ::1 53\nzone %s.\n%s\nsend\n' "\${2##*.}" \\
			"\$change" | knsupdate -y hmac-sha256:lab:$secret
	SH
	chmod +x "$NET_HOOK"
	export NET_HOOK
}

net_signed() {
	kdig @::1 lab. DNSKEY +short | grep -q .
}
