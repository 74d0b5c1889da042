#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The set-up is quiet and quick when there is nothing to do, reads both formats
# of apt sources, knows what is installed, and what it provides is OpenSSL 3.5
# that finds its own libraries, and BLAKE3.
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() {
	echo "FAIL: $*"
	exit 1
}

start=$(date +%s%N)
out=$(tools/setup.sh 2>&1) || fail "set-up failed: $out"
[ -z "$out" ] || fail "set-up with nothing to do said: $out"
took_ms=$((($(date +%s%N) - start) / 1000000))
[ "$took_ms" -lt 5000 ] || fail "set-up with nothing to do took $took_ms ms"

version=$(env -i "$OPENSSL" version)
echo "$version"
case $version in
"OpenSSL 3."[5-9]* | "OpenSSL 3."[1-9][0-9]* | "OpenSSL "[4-9]*) ;;
*) fail "$OPENSSL is $version" ;;
esac
libraries=${version#*Library: }
[ "${libraries%)}" = "${version%% (*}" ] ||
	fail "the program and its library differ"

# The functions under test, without running the script.
sed -e '/^case \${1:-} in/,$d' -e '/^here=/d' tools/setup.sh >"$tmp/functions.sh"
mkdir "$tmp/sources.list.d"
sed -i "s|/etc/apt|$tmp|g" "$tmp/functions.sh"
mirror() {
	# shellcheck disable=SC1091
	(. "$tmp/functions.sh" && mirror_usable "$@") || echo none
}

expect() {
	local got
	got=$(mirror "${@:2}")
	[ "$got" = "$1" ] || fail "mirror of ${*:2} is $got, not $1"
}

expect none bookworm
cat >"$tmp/sources.list" <<-EOF
	# deb http://commented.test/debian bookworm main
	deb cdrom:[Debian]/ bookworm main
	deb [arch=amd64 signed-by=/a/b] http://line.test/debian bookworm contrib main
	deb http://line.test/security bookworm-security main
EOF
expect http://line.test/debian bookworm
expect http://line.test/security bookworm-security
expect none trixie
cat >"$tmp/sources.list.d/debian.sources" <<-EOF
	Types: deb
	# a comment inside
	URIs: http://stanza.test/debian http://second.test/debian
	Suites: trixie trixie-updates
	Components: main

	Enabled: no
	Types: deb
	URIs: http://disabled.test/debian
	Suites: sid
	Components: main

	Types: deb deb-src
	URIs:
	 https://folded.test/debian
	Suites: forky
	Components:
	 contrib
	 main
EOF
expect http://stanza.test/debian trixie
expect http://stanza.test/debian trixie-updates
expect none sid
expect https://folded.test/debian nothing forky
# A package may provide another, as Node.js from its makers provides npm.
missing=$(
	# shellcheck disable=SC1091
	. "$tmp/functions.sh"
	# shellcheck disable=SC2034 # packages_missing reads it
	here=$tmp
	# shellcheck disable=SC2317 # called by packages_missing
	dpkg-query() {
		echo "installed nodejs, npm (= 9.2~x), nodejs-dev"
		echo "config-files gone, "
		echo "installed one, "
	}
	printf '%s\n' npm gone '' '# none' 'other | one' 'never | new' \
		>"$tmp/packages.txt"
	packages_missing
)
[ "$missing" = "$(printf 'gone\nnever new')" ] ||
	fail "packages missing: $missing"

PKG_CONFIG_PATH=$(tools/setup.sh --pkg-config-path) \
	pkg-config --exists 'openssl >= 3.5' libblake3 ||
	fail "pkg-config does not find what the set-up provides"
echo "ok: $took_ms ms when there is nothing to do"
