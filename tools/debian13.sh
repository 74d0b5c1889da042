#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Provide peers that only Debian 13 packages:
#
#   root=$(tools/debian13.sh golang-cfssl ...)
#
# prints "/" on Debian 13 after installing the packages there.  Elsewhere it
# makes a Debian 13 root once under the user's cache directory with debootstrap
# (40 s; needs root), installs what is missing into it, and prints its path.
# Programs in it run with: chroot "$root" PROGRAM.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=${XDG_CACHE_HOME:-$HOME/.cache}/troth/debian13

say() {
	printf 'debian13: %s\n' "$*" >&2
}

# install_missing PREFIX PACKAGE...: PREFIX is empty, or "chroot ROOT".
install_missing() {
	local prefix=$1 p
	local -a missing=()
	shift
	for p; do
		# shellcheck disable=SC2016,SC2086 # dpkg-query expands; PREFIX splits
		$prefix dpkg-query -W -f '${db:Status-Status}\n' "$p" \
			2>/dev/null | grep -qx installed || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	# shellcheck disable=SC2086
	{
		$prefix apt-get -qq update
		$prefix env DEBIAN_FRONTEND=noninteractive apt-get -y -qq \
			install --no-install-recommends "${missing[@]}"
	} </dev/null >&2
}

# shellcheck source=/dev/null
. /etc/os-release
if [ "${VERSION_ID:-}" = 13 ]; then
	install_missing "" "$@"
	echo /
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	say "making a Debian 13 root needs root"
	exit 1
fi
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9
if [ ! -e "$root/.complete" ]; then
	command -v debootstrap >/dev/null || install_missing "" debootstrap
	say "making a Debian 13 root in $root (40 seconds, once)"
	rm -rf --one-file-system "$root"
	mirror=$("$here/setup.sh" --mirror)
	debootstrap --variant=minbase --include=ca-certificates trixie \
		"$root" "$mirror" >&2 || {
		say "debootstrap failed"
		exit 1
	}
	apt-config dump | grep -E '^Acquire::(Check-|[a-z]+::.*[Pp]roxy)' \
		>"$root/etc/apt/apt.conf.d/50machine" || true
	cp -L /etc/resolv.conf "$root/etc/"
	touch "$root/.complete"
fi
install_missing "chroot $root" "$@"
echo "$root"
