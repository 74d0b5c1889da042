#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Provide peers that only Debian unstable packages in a version that works:
#
#   root=$(tools/sid.sh torchwood ...)
#
# downloads each package once, signed by Debian's archive keys, unpacks it in a
# folder of the user's cache without installing anything, and prints that
# folder: programs are in $root/usr/bin.  Only programs that need nothing but
# the C library run like that.  Exits 1 when there is no mirror to be reached.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=${XDG_CACHE_HOME:-$HOME/.cache}/troth/sid
mkdir -p "$root"
exec 9>"$root.lock"
flock 9

missing=()
for p; do
	[ -e "$root/.have-$p" ] || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$("$here/setup.sh" --mirror)
	echo "deb [signed-by=$keys] $mirror sid main" >"$work/sources.list"
	apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list"
		-o Dir::Etc::sourceparts=/dev/null
		-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
		-o APT::Sandbox::User=root)
	"${apt[@]}" update >&2
	for p in "${missing[@]}"; do
		(cd "$work" && "${apt[@]}" download "$p" >&2)
		dpkg -x "$work/$p"_*.deb "$root"
		basename "$work/$p"_*.deb | cut -d_ -f2 >"$root/.have-$p"
	done
fi
echo "$root"
