#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Unmodified clients, each with the challenges it can do, over IPv6 alone:
# names, wildcards, addresses.  http-01 of certbot, lego and uacme is
# acme_certbot.sh, acme_lego.sh and acme_uacme.sh.
set -euo pipefail
shopt -s extglob
# shellcheck source=tests/e2e/acme_net.sh
. tests/e2e/acme_net.sh

if [ -z "${NET_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
	# What needs the real network.
	NET_D13=$(tools/debian13.sh acme.sh bind9-dnsutils dehydrated)
	export NET_D13
	tests/acme_client/install.sh
fi
net_enter "$@"
# shellcheck source=tests/e2e/lib.sh
. tests/e2e/lib.sh

net_lab
directory=$LAB_CA/acme/directory
mkdir -p "$LAB/out"
export LAB LAB_ROOT_CERT OPENSSL

# client NAME COMMAND...: one in the background; its own log.
declare -A running=()
client() {
	local name=$1
	shift
	"$@" >"$LAB/log/$name.log" 2>&1 &
	running[$name]=$!
	LAB_PIDS+=($!)
}

# web ADDRESS: serves $LAB/www-ADDRESS on port 80.
web() {
	mkdir -p "$LAB/www-$1/.well-known/acme-challenge"
	/usr/bin/python3 -m http.server --bind "fd99::$1" \
		--directory "$LAB/www-$1" 80 >"$LAB/log/www-$1.log" 2>&1 &
	LAB_PIDS+=($!)
}

# What only Debian 13 packages runs there, and sees the lab.
d13=()
if [ "$NET_D13" != / ]; then
	d13=(chroot "$NET_D13")
	[ -e "$NET_D13/etc/resolv.conf" ] || : >"$NET_D13/etc/resolv.conf"
	mount --bind "$LAB/resolv.conf" "$NET_D13/etc/resolv.conf"
	mount --bind "$LAB_ROOT_CERT" \
		"$NET_D13/etc/ssl/certs/ca-certificates.crt"
	mount -t tmpfs tmpfs "$NET_D13/tmp"
	mkdir -p "$NET_D13$LAB"
	mount --bind "$LAB" "$NET_D13$LAB"
fi

# ---- certbot: dns-01 by its manual plugin, a wildcard and its base ----------

cat >"$LAB/certbot-hook" <<-'SH'
	#!/bin/sh
	"$NET_HOOK" "$1" "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION"
SH
chmod +x "$LAB/certbot-hook"
certbot_dns() {
	REQUESTS_CA_BUNDLE=$LAB_ROOT_CERT /usr/bin/certbot certonly --manual \
		--preferred-challenges dns --manual-auth-hook \
		"$LAB/certbot-hook set" --manual-cleanup-hook \
		"$LAB/certbot-hook del" --server "$directory" \
		--non-interactive --agree-tos \
		--register-unsafely-without-email --config-dir \
		"$LAB/certbot" --work-dir "$LAB/certbot-work" \
		--logs-dir "$LAB/certbot-logs" -d certbot.lab -d '*.certbot.lab'
	cp "$LAB/certbot/live/certbot.lab/fullchain.pem" "$LAB/out/certbot-dns"
}

# ---- lego: dns-01 by rfc2136, tls-alpn-01 --------------------------------

lego_one() {
	local out=$1 domain=$2
	shift 2
	LEGO_CA_CERTIFICATES=$LAB_ROOT_CERT /usr/bin/lego \
		--path "$LAB/lego-$out" --server "$directory" --accept-tos \
		--email admin@lego.test --domains "$domain" "$@" run
	cp "$LAB/lego-$out"/certificates/!(*.issuer).crt "$LAB/out/$out"
}
lego_all() {
	lego_one lego-tls tls.h3.test --tls --tls.port '[fd99::3]:443'
	RFC2136_NAMESERVER='[::1]:53' RFC2136_TSIG_ALGORITHM=hmac-sha256. \
		RFC2136_TSIG_KEY=lab. \
		RFC2136_TSIG_SECRET=$(sed -n 's/.*secret "\(.*\)".*/\1/p' \
			"$LAB/nsupdate.key") \
		RFC2136_POLLING_INTERVAL=1 RFC2136_PROPAGATION_TIMEOUT=10 \
		lego_one lego-dns '*.lego.lab' --dns rfc2136 \
		--dns.resolvers '[::1]:53'
}

# ---- uacme: dns-01 by a hook, tls-alpn-01 by ualpn, an address --------------

cat >"$LAB/uacme-dns" <<-'SH'
	#!/bin/sh
	# method type ident token auth
	[ "$2" = dns-01 ] || exit 1
	verb=del
	[ "$1" != begin ] || verb=set
	exec "$NET_HOOK" "$verb" "_acme-challenge.$3" "$5"
SH
cat >"$LAB/uacme-alpn" <<-'SH'
	#!/bin/sh
	PATH=$LAB/bin:$PATH exec sh /usr/share/uacme/ualpn.sh "$@"
SH
mkdir -p "$LAB/bin"
cat >"$LAB/bin/ualpn" <<-'SH'
	#!/bin/sh
	exec /usr/bin/ualpn -s "$LAB/ualpn.sock" "$@"
SH
chmod +x "$LAB"/uacme-* "$LAB/bin/ualpn"
uacme_one() {
	local out=$1 hook=$2
	shift 2
	/usr/bin/uacme -v -a "$directory" -c "$LAB/uacme" -h "$LAB/$hook" \
		issue "$@"
	cp "$LAB/uacme/${1#\*.}/cert.pem" "$LAB/out/$out"
}
uacme_all() {
	/usr/bin/ualpn -v -s "$LAB/ualpn.sock" -b fd99::4@443 \
		-c fd99::4@1443 >"$LAB/log/ualpn.log" 2>&1 &
	local ualpn=$!
	/usr/bin/uacme -v -y -t EC -a "$directory" -c "$LAB/uacme" new
	uacme_one uacme-tls uacme-alpn tls.h4.lab
	uacme_one uacme-ip uacme-alpn fd99::4
	uacme_one uacme-dns uacme-dns dns.uacme.lab '*.dns.uacme.lab'
	kill "$ualpn"
}

# ---- dehydrated: http-01, dns-01, tls-alpn-01, an address -------------------

cat >"$LAB/dehydrated-hook" <<-'SH'
	#!/bin/sh
	# handler domain token value
	case $1 in
	deploy_challenge) "$NET_HOOK" set "_acme-challenge.$2" "$4" ;;
	clean_challenge) "$NET_HOOK" del "_acme-challenge.$2" "$4" ;;
	esac
SH
chmod +x "$LAB/dehydrated-hook"
dehydrated_one() {
	local out=$1 domain=$2
	shift 2
	"${dehydrated[@]}" --config "$LAB/dehydrated.conf" --cron \
		--accept-terms --domain "$domain" --alias "$out" "$@"
	cp "$LAB/dehydrated/certs/$out/fullchain.pem" "$LAB/out/$out"
}
dehydrated_all() {
	mkdir -p "$LAB/dehydrated/alpn"
	cat >"$LAB/dehydrated.conf" <<-CONF
		CA="$directory"
		BASEDIR="$LAB/dehydrated"
		WELLKNOWN="$LAB/www-5/.well-known/acme-challenge"
		ALPNCERTDIR="$LAB/dehydrated/alpn"
	CONF
	/usr/bin/python3 tests/e2e/acme_alpn.py fd99::5 "$LAB/dehydrated/alpn" &
	local responder=$!
	local dehydrated=(/usr/bin/dehydrated)
	dehydrated_one dehydrated-http http.h5.lab --challenge http-01
	dehydrated_one dehydrated-dns '*.dehydrated.lab' --challenge dns-01 \
		--hook "$LAB/dehydrated-hook"
	dehydrated_one dehydrated-tls tls.h5.lab --challenge tls-alpn-01
	# Only that of Debian 13 knows addresses and profiles.
	dehydrated=("${d13[@]}" /usr/bin/dehydrated)
	dehydrated_one dehydrated-ip ip:fd99::5 --challenge http-01 \
		--acme-profile service
	kill "$responder"
}

# ---- acme-tiny: http-01 -----------------------------------------------------

tiny() {
	"$OPENSSL" genrsa -out "$LAB/tiny.key" 2048
	lab_key tiny.h6.test
	SSL_CERT_FILE=$LAB_ROOT_CERT /usr/bin/acme-tiny \
		--account-key "$LAB/tiny.key" --csr "$LAB/tiny.h6.test.csr" \
		--acme-dir "$LAB/www-6/.well-known/acme-challenge" \
		--directory-url "$directory" >"$LAB/tiny.pem"
	cp "$LAB/tiny.pem" "$LAB/out/acme-tiny"
}

# ---- acme.sh of Debian 13: http-01, dns-01, tls-alpn-01, an address ---------

sh_one() {
	local out=$1
	shift
	mkdir -p "$LAB/$out"
	"${d13[@]}" env HOME="$LAB/$out" \
		NSUPDATE_SERVER=::1 NSUPDATE_KEY="$LAB/nsupdate.key" \
		acme.sh --home "$LAB/$out" --config-home "$LAB/$out" \
		--server "$directory" --ca-bundle "$LAB_ROOT_CERT" --issue \
		--fullchain-file "$LAB/out/$out" "$@"
}
sh_http() {
	sh_one acme-sh-http -d http.h7.lab -w "$LAB/www-7" --keylength ec-256
}
sh_dns() {
	sh_one acme-sh-dns -d '*.acmesh.lab' --dns dns_nsupdate --dnssleep 1
}
sh_ip() {
	sh_one acme-sh-ip -d fd99::7 -w "$LAB/www-7" --keylength ec-256
}
# Its server wants port 443 of all addresses.
sh_tls() {
	sh_one acme-sh-tls -d tls.h7.lab --alpn --listen-v6 --keylength ec-256
}

# ---- acme-client of npm: all three ------------------------------------------

npm_all() {
	local issue=tests/acme_client/issue.mjs
	export NODE_EXTRA_CA_CERTS=$LAB_ROOT_CERT LAB_DNS_HOOK=$NET_HOOK
	node $issue "$directory" http-01 "$LAB/out/npm-http" fd99::8 \
		http.h8.lab
	node $issue "$directory" tls-alpn-01 "$LAB/out/npm-tls" fd99::8 \
		tls.h8.lab
	node $issue "$directory" dns-01 "$LAB/out/npm-dns" fd99::8 \
		npm.lab '*.npm.lab'
}

begun=$SECONDS
for n in 5 6 7; do
	web "$n"
done
client certbot certbot_dns
client lego lego_all
client uacme uacme_all
client dehydrated dehydrated_all
client acme-tiny tiny
client acme-sh-http sh_http
client acme-sh-dns sh_dns
client acme-sh-ip sh_ip
client npm npm_all
for name in "${!running[@]}"; do
	wait "${running[$name]}" || lab_fail "$name: see its log"
	lab_say "$name: $((SECONDS - begun)) s"
done
sh_tls >"$LAB/log/acme-sh-tls.log" 2>&1 || lab_fail "acme.sh: see its log"

# What each of them holds now, as a relying party sees it.
check() {
	[ -s "$LAB/out/$1" ] || lab_fail "$1 has no certificate"
	lab_check_chain "$LAB/out/$1" "$2"
	checked=$((checked + 1))
}
checked=0
check certbot-dns any.certbot.lab
check certbot-dns certbot.lab
check lego-tls tls.h3.test
check lego-dns any.lego.lab
check uacme-tls tls.h4.lab
check uacme-ip fd99::4
check uacme-dns any.dns.uacme.lab
check dehydrated-http http.h5.lab
check dehydrated-dns any.dehydrated.lab
check dehydrated-tls tls.h5.lab
check dehydrated-ip fd99::5
"$OPENSSL" x509 -in "$LAB/out/dehydrated-ip" -noout -ext extendedKeyUsage |
	grep -q 'Client Authentication' ||
	lab_fail "the certificate of dehydrated is not of profile service"
check acme-tiny tiny.h6.test
check acme-sh-http http.h7.lab
check acme-sh-tls tls.h7.lab
check acme-sh-dns any.acmesh.lab
check acme-sh-ip fd99::7
check npm-http http.h8.lab
check npm-tls tls.h8.lab
check npm-dns any.npm.lab
lab_say "clients: seven clients, $checked names of their certificates"
