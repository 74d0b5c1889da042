#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Prove that nothing has to be installed by hand: in a minimal Debian 12 and a
# minimal Debian 13 root that have only apt, git, make and ca-certificates,
# run the two commands in a fresh clone.
#
#   tests/bare/run.sh [-k] [-c COMMAND]... [bookworm|trixie]...
#
# -k keeps the roots and prints where they are; -c replaces the commands, which
# are "make demo ARGS=--once" and "make check".  Needs root and debootstrap,
# and takes about 15 minutes for each release on 2 cores.  What is tested is
# the last commit, not the working tree.  The roots share the machine's
# network, so nothing else may be listening on the demo's ports.
set -euo pipefail

cd "$(dirname "$0")/../.."
keep=
commands=()
while getopts kc: option; do
	case $option in
	k) keep=yes ;;
	c) commands+=("$OPTARG") ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- bookworm trixie
[ ${#commands[@]} -gt 0 ] ||
	commands=("make demo ARGS=--once" "make check")
[ "$(id -u)" -eq 0 ] || {
	echo "bare: debootstrap and chroot need root" >&2
	exit 1
}
command -v debootstrap >/dev/null || {
	echo "bare: apt-get install debootstrap first" >&2
	exit 1
}
mirror=$(tools/setup.sh --mirror)
security=$(tools/setup.sh --mirror-security)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/troth-bare.XXXXXX")
chmod 755 "$work"
# Mounts are private to the shell that ran in the root and end with it.
[ -n "$keep" ] || trap 'rm -rf --one-file-system "$work"' EXIT

# root_make SUITE: a minimal root with this machine's way to reach the mirror.
root_make() {
	local suite=$1 root=$work/$1
	echo "bare: debootstrap $suite (1 minute)"
	debootstrap --variant=minbase --include=git,make,ca-certificates \
		"$suite" "$root" "$mirror" >"$work/$suite.debootstrap.log" 2>&1 || {
		tail -n 20 "$work/$suite.debootstrap.log"
		return 1
	}
	{
		echo "deb $mirror $suite main"
		echo "deb $mirror $suite-updates main"
		[ -z "$security" ] || echo "deb $security $suite-security main"
	} >"$root/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::(Check-|[a-z]+::.*[Pp]roxy)' \
		>"$root/etc/apt/apt.conf.d/50machine" || true
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
	if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
		cp /usr/local/share/ca-certificates/*.crt \
			"$root/usr/local/share/ca-certificates/"
		chroot "$root" update-ca-certificates >/dev/null 2>&1
	fi
	git clone -q --no-hardlinks . "$root/root/troth"
}

# root_run SUITE COMMAND: in namespaces of its own, so that whatever the
# command leaves running or mounted ends with it.  The root is entered by
# pivot_root: in a mere chroot the kernel refuses user namespaces.
root_run() {
	local root=$work/$1
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare --mount --pid --fork --kill-child bash -ec '
		mount --make-rprivate /
		mount --bind "$1" "$1"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		cd "$1"
		mkdir -p .machine
		pivot_root . .machine
		exec env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			${http_proxy:+http_proxy="$http_proxy"} \
			${https_proxy:+https_proxy="$https_proxy"} \
			${no_proxy:+no_proxy="$no_proxy"} \
			bash -ec "umount -l /.machine; rmdir /.machine
				cd /root/troth; $2"' \
		bash "$root" "$2"
}

status=0
for suite; do
	root_make "$suite"
	for command in "${commands[@]}"; do
		log=$work/$suite.log
		start=$SECONDS
		echo "bare: $suite: $command"
		if root_run "$suite" "$command" </dev/null >"$log" 2>&1; then
			echo "bare: $suite: passed in $((SECONDS - start)) s:" \
				"$(tail -n 1 "$log")"
		else
			tail -n 80 "$log"
			echo "bare: $suite: FAILED after $((SECONDS - start)) s:" \
				"$command"
			status=1
		fi
	done
	[ -n "$keep" ] || rm -rf --one-file-system "${work:?}/$suite"
done
[ -z "$keep" ] || echo "bare: roots and logs are in $work"
exit $status
