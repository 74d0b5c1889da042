#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Install what "make build" built: programs, man pages, and, where they were
# linked with a private OpenSSL, its two libraries, so that nothing installed
# depends on the cache directory of whoever built it.  Commands that have a name
# of their own (identity.md section 12) are links beside the programs and in
# APP, where the deployment guide looks for them; APP= leaves those out.
#
#   PREFIX=/usr/local DESTDIR= APP=/app tools/install.sh
set -euo pipefail

cd "$(dirname "$0")/.."
: "${PREFIX:=/usr/local}" "${DESTDIR:=}" "${APP=/app}"
root=$DESTDIR$PREFIX
own=()
[ "$(id -u)" -ne 0 ] || own=(-o root -g root)

# library_path FILE: where it looks for libraries first, nothing if it does
# not say.
library_path() {
	LC_ALL=C readelf -d "$1" |
		sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]$/\2/p'
}

programs=()
for f in build/bin/*; do
	if [ -f "$f" ] && [ -x "$f" ]; then
		programs+=("$f")
	fi
done
if [ ${#programs[@]} -eq 0 ]; then
	echo "install: nothing in build/bin; run make build first" >&2
	exit 1
fi

install "${own[@]}" -d "$root/bin"
for f in "${programs[@]}"; do
	to=$root/bin/${f##*/}
	from=$(library_path "$f")
	install "${own[@]}" -m 755 "$f" "$to.new"
	if [ -n "$from" ]; then
		chrpath -r "\$ORIGIN/../lib/troth" "$to.new" >/dev/null
		install "${own[@]}" -d "$root/lib/troth"
		for lib in libcrypto.so.3 libssl.so.3; do
			install "${own[@]}" -m 644 "$from/$lib" \
				"$root/lib/troth/$lib.new"
			chrpath -r "\$ORIGIN" "$root/lib/troth/$lib.new" \
				>/dev/null
			mv "$root/lib/troth/$lib.new" "$root/lib/troth/$lib"
		done
	fi
	# A program that is running keeps the file it started from.
	mv "$to.new" "$to"
done

# Links by program: commands that run under their own names.
links=(
	"trustchain-ca trustchain-server init-ca rotate-cert rotate-certs cleanup-certs backup restore"
)
[ -z "$APP" ] || install "${own[@]}" -d "$DESTDIR$APP"
for row in "${links[@]}"; do
	read -r program names <<<"$row"
	[ -x "$root/bin/$program" ] || continue
	for name in $names; do
		ln -sfn "$program" "$root/bin/$name"
	done
	[ -n "$APP" ] || continue
	for name in $program $names; do
		ln -sfn "$PREFIX/bin/$program" "$DESTDIR$APP/$name"
	done
done
for page in man/*.[1-8]; do
	[ -f "$page" ] || continue
	install "${own[@]}" -d "$root/share/man/man${page##*.}"
	install "${own[@]}" -m 644 "$page" "$root/share/man/man${page##*.}/"
done
echo "install: ${#programs[@]} programs in $root/bin"
