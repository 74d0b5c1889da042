#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# "make install": every program runs from where it was installed, takes its
# OpenSSL from beside itself and from nobody's cache, and has a man page.
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
fail() {
	echo "FAIL: $*"
	exit 1
}

library_path() {
	readelf -d "$1" | sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]$/\2/p'
}

make --no-print-directory install DESTDIR="$tmp" PREFIX=/opt/troth
root=$tmp/opt/troth
for program in "$TROTH_BIN"/*; do
	[ -f "$program" ] || continue
	name=${program##*/}
	installed=$root/bin/$name
	[ -x "$installed" ] || fail "$name is not installed"
	env -i HOME=/nonexistent "$installed" --version >"$tmp/version" ||
		fail "$name --version exits $?"
	[ -s "$tmp/version" ] || fail "$name --version says nothing"
	if [ -n "$(library_path "$program")" ]; then
		env -i ldd "$installed" >"$tmp/ldd"
		for lib in libssl libcrypto; do
			sed -n "/$lib\.so/p" "$tmp/ldd" | while read -r line; do
				case $(realpath "$(awk '{print $3}' <<<"$line")") in
				"$root/lib/troth/"*) ;;
				*) fail "$name loads $line" ;;
				esac
			done
		done
		[ "$(library_path "$installed")" = "\$ORIGIN/../lib/troth" ] ||
			fail "$name looks for libraries elsewhere"
	fi
	ls "$root/share/man"/man?/"$name".? >/dev/null ||
		fail "$name has no man page"
done
# Commands under their own names, in PATH and in /app.
for name in init-ca rotate-cert rotate-certs cleanup-certs backup restore; do
	env -i "$root/bin/$name" --help >"$tmp/help" || fail "$name --help exits $?"
	grep -q "^usage: trustchain-[a-z]* $name" "$tmp/help" || fail "$name is not that command: $(cat "$tmp/help")"
	[ "$(readlink "$tmp/app/$name")" = "/opt/troth/bin/$(readlink "$root/bin/$name")" ] || fail "/app/$name"
done
# trustchain-server becomes the daemon of its mode.
for mode in ca ct; do
	env -i "$root/bin/trustchain-server" --mode=$mode --version >"$tmp/version" || fail "trustchain-server --mode=$mode exits $?"
	grep -q "^trustchain-$mode " "$tmp/version" || fail "trustchain-server --mode=$mode: $(cat "$tmp/version")"
done
for mode in dns nonsense; do
	code=0
	env -i "$root/bin/trustchain-server" --mode=$mode >/dev/null 2>&1 || code=$?
	[ "$code" = 2 ] || fail "trustchain-server --mode=$mode: exit $code"
done
for lib in "$root"/lib/troth/*.so.*; do
	[ -f "$lib" ] || continue
	[ "$(library_path "$lib")" = "\$ORIGIN" ] ||
		fail "$lib looks for libraries elsewhere"
done
ls -R "$root"
