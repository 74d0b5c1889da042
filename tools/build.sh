#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Set the machine up, configure a build directory and compile it:
#
#   tools/build.sh [gcc|san|fuzz] [NINJA-TARGET...]
#
# gcc (the default, in build/) is what is shipped; san (build-san/) is clang
# with the address and undefined-behaviour sanitizers; fuzz (build-fuzz/) adds
# libFuzzer.  JOBS limits the number of compilers that run at once.
set -euo pipefail

cd "$(dirname "$0")/.."
# Only what Debian installed: another python, meson or compiler in the caller's
# path must make no difference.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
kind=${1:-gcc}
[ $# -eq 0 ] || shift
sanitize='-Db_sanitize=address,undefined -Db_lundef=false'
case $kind in
gcc) dir=build cc=gcc cxx=g++ options= ;;
san) dir=build-san cc=clang cxx=clang++ options=$sanitize ;;
fuzz) dir=build-fuzz cc=clang cxx=clang++ options="$sanitize -Dfuzz=true" ;;
*)
	echo "usage: tools/build.sh [gcc|san|fuzz] [NINJA-TARGET...]" >&2
	exit 2
	;;
esac

tools/setup.sh
PKG_CONFIG_PATH=$(tools/setup.sh --pkg-config-path)
export PKG_CONFIG_PATH

# Meson remembers the path it was first given; another OpenSSL, compiler or
# kind of build needs a fresh start.
want="$PWD $cc $PKG_CONFIG_PATH $options"
if [ ! -f "$dir/build.ninja" ] || [ "$(cat "$dir/.configured" 2>/dev/null)" != "$want" ]; then
	rm -rf "$dir"
	mkdir "$dir"
	# shellcheck disable=SC2086 # the options are separate words
	CC=$cc CXX=$cxx meson setup "$dir" $options >"$dir/.setup.log" 2>&1 || {
		tail -n 30 "$dir/.setup.log" >&2
		exit 1
	}
	echo "$want" >"$dir/.configured"
fi
log=$dir/.build.log
if ! ninja -C "$dir" -n "$@" | tail -n 1 | grep -q 'no work to do'; then
	echo "build: compiling $dir (1 to 3 minutes when nothing is built yet)"
fi
nice -n 5 ninja -C "$dir" ${JOBS:+-j"$JOBS"} "$@" >"$log" 2>&1 || {
	grep -v '^\[' "$log" | tail -n 60 >&2
	echo "build: failed; the whole log is $log" >&2
	exit 1
}
