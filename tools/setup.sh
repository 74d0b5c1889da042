#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Make this machine able to build, test and run Troth:
#
#   tools/setup.sh                     do what is missing, quiet if nothing is
#   tools/setup.sh --pkg-config-path   print where the .pc files of the private
#                                      OpenSSL and BLAKE3 are (nothing: use the
#                                      system's)
#   tools/setup.sh --openssl           print the path of the openssl program
#                                      that belongs to the libraries
#   tools/setup.sh --mirror            print the machine's Debian mirror
#   tools/setup.sh --mirror-security   and that of its security updates
#
# Three things happen, each only when needed: the packages of
# tools/packages.txt are installed with apt; where the system's OpenSSL is
# older than 3.5 (Debian 12), Debian 13's own openssl source package is built
# into a private prefix under the user's cache directory; and where the release
# has no package of the BLAKE3 C library (12 and 13), its official C and
# assembly code, which the package librust-blake3-dev carries, is compiled into
# another.  apt verifies the signature of the archive that source comes from.
# Any number of clones share the prefixes; runs that overlap wait for each
# other.
#
# TROTH_DEBIAN_MIRROR overrides the mirror found in the machine's apt sources.
set -euo pipefail

openssl_min=3.5
openssl_suite=trixie
# Part of the prefix's name: raise it when the options below change.
openssl_recipe=2
blake3_recipe=1
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
here=$(cd "$(dirname "$0")" && pwd)
home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/troth
case $cache in
*[[:space:]]*)
	echo "setup: OpenSSL cannot be built below a path with spaces: $cache;" \
		"set XDG_CACHE_HOME" >&2
	exit 1
	;;
esac
current=$cache/openssl-current
checked=$cache/openssl-checked
blake3=$cache/blake3-current
blake3_checked=$cache/blake3-checked

say() {
	printf 'setup: %s\n' "$*"
}

die() {
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

# as_root COMMAND...: run with the rights that installing packages takes.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "root or sudo is needed to run: $*"
	fi
}

# packages_missing: print each line of packages.txt that nothing satisfies.
packages_missing() {
	local have line p
	local -a any
	# With what packages provide under other names, less the versions.
	# shellcheck disable=SC2016 # dpkg-query expands these
	have=$(dpkg-query -W \
		-f '${db:Status-Status} ${Package}, ${Provides}\n' |
		sed 's/ ([^)]*)//g' | tr -d , |
		awk '{ for (i = 2; i <= NF; i++) print $1, $i }')
	while IFS= read -r line; do
		line=${line%%#*}
		IFS='| ' read -ra any <<<"$line"
		[ ${#any[@]} -gt 0 ] || continue
		for p in "${any[@]}"; do
			if grep -qxF "installed $p" <<<"$have"; then
				continue 2
			fi
		done
		echo "${any[@]}"
	done <"$here/packages.txt"
}

# package_offered NAME: whether apt can install it.
package_offered() {
	local policy
	policy=$(LC_ALL=C apt-cache policy "$1")
	[ -n "$policy" ] && ! grep -q 'Candidate: (none)' <<<"$policy"
}

# Some of the tests' peers are services (Knot, Prometheus).  They are wanted as
# programs: none is started, and none of those that are new is left enabled.
policy=/usr/sbin/policy-rc.d
services_release() {
	if grep -qsx '# troth set-up' "$policy"; then
		as_root rm -f "$policy"
	fi
}
services_hold() {
	[ ! -e "$policy" ] || return 0
	printf '#!/bin/sh\n# troth set-up\nexit 101\n' |
		as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
}

packages_installed() {
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
		sed -n 's/^installed //p' | LC_ALL=C sort -u
}

# services_disable PACKAGES: the units of the packages in that file.
services_disable() {
	local units
	command -v systemctl >/dev/null || return 0
	units=$(xargs -r dpkg -L <"$1" | sed -nE \
		's,^(/usr)?/lib/systemd/system/([^/@]+\.(service|socket|timer))$,\2,p')
	[ -n "$units" ] || return 0
	# shellcheck disable=SC2086 # a list of names
	as_root systemctl --quiet disable $units >"$work/units.log" 2>&1 ||
		say "could not disable all of: $(tr '\n' ' ' <<<"$units")"
}

# apt_install PACKAGE...: quietly.
apt_install() {
	local rc=0
	packages_installed >"$work/packages.before"
	services_hold
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
		install --no-install-recommends "$@" \
		</dev/null >"$work/apt.log" 2>&1 || rc=$?
	services_release
	packages_installed | LC_ALL=C comm -13 "$work/packages.before" - \
		>"$work/packages.new"
	services_disable "$work/packages.new"
	[ "$rc" = 0 ] || {
		tail -n 30 "$work/apt.log" >&2
		die "apt-get install failed"
	}
}

packages_install() {
	local missing line p
	local -a any want=()
	missing=$(packages_missing)
	[ -n "$missing" ] || return 0
	say "installing $(wc -l <<<"$missing") Debian packages (1 to 3 minutes)"
	# A package list that is out of date, or whose update fails, is only
	# a problem if the installation then fails.
	as_root apt-get -qq update || say "apt-get update failed; going on"
	while IFS= read -r line; do
		read -ra any <<<"$line"
		for p in "${any[@]}"; do
			if package_offered "$p"; then
				want+=("$p")
				continue 2
			fi
		done
		die "apt offers none of: $line"
	done <<<"$missing"
	apt_install "${want[@]}"
}

# mirrors_of SUITE: the URIs of the machine's apt sources, in either format,
# that serve main of this suite.
mirrors_of() {
	local f
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] || continue
		sed -E -e 's/#.*//' -e 's/\[[^]]*\]//' "$f"
	done | awk -v suite="$1" '
		$1 == "deb" && $3 == suite {
			for (i = 4; i <= NF; i++)
				if ($i == "main") { print $2; break }
		}'
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		cat "$f"
		echo
	done | awk -v suite="$1" '
		function done_stanza() {
			if (enabled != "no" && (" " types " ") ~ / deb / &&
			    index(" " suites " ", " " suite " ") &&
			    (" " components " ") ~ / main /) {
				split(uris, u, " ")
				print u[1]
			}
			key = types = uris = suites = components = enabled = ""
		}
		/^#/ { next }
		/^[ \t]*$/ { done_stanza(); next }
		/^[^ \t]/ {
			key = tolower($0); sub(/:.*/, "", key)
			sub(/^[^:]*:/, "")
		}
		{ gsub(/[ \t]+/, " "); sub(/^ /, ""); sub(/ $/, "") }
		key == "types" { types = types " " $0 }
		key == "uris" { uris = uris " " $0 }
		key == "suites" { suites = suites " " $0 }
		key == "components" { components = components " " $0 }
		key == "enabled" { enabled = tolower($0) }
		{ sub(/^ /, "", types); sub(/^ /, "", uris) }'
}

# mirror_usable SUITES...: the first mirror of one of these suites that apt
# can fetch sources from.
mirror_usable() {
	local s m
	for s in "$@"; do
		while IFS= read -r m; do
			case $m in
			http:* | https:* | file:* | mirror*)
				echo "$m"
				return 0
				;;
			esac
		done < <(mirrors_of "$s")
	done
	return 1
}

# private_apt TOOL ARGUMENT...: apt with our own sources and state, and the
# machine's own proxy and authentication settings.
private_apt() {
	local tool=$1
	shift
	"$tool" -qq -o Dir::Etc::sourcelist="$cache/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State="$cache/apt/state" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$cache/apt/cache" \
		-o APT::Sandbox::User= -o APT::Update::Post-Invoke= \
		-o APT::Update::Error-Mode=any "$@"
}

codename() {
	# shellcheck source=/dev/null
	(. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

mirror_main() {
	if [ -n "${TROTH_DEBIAN_MIRROR:-}" ]; then
		echo "$TROTH_DEBIAN_MIRROR"
	else
		mirror_usable "$(codename)" stable oldstable ||
			die "no Debian mirror in the apt sources; set TROTH_DEBIAN_MIRROR"
	fi
}

mirror_security() {
	mirror_usable "$(codename)-security" stable-security \
		oldstable-security || true
}

# source_index: fetch the signed list of Debian 13's sources.
source_index() {
	local main security
	main=$(mirror_main) || exit 1
	security=$(mirror_security)
	mkdir -p "$cache/apt/state/lists/partial" \
		"$cache/apt/cache/archives/partial"
	if [ -n "$security" ]; then
		printf 'deb-src [signed-by=%s] %s %s main\n' \
			"$keyring" "$main" "$openssl_suite" \
			"$keyring" "$security" "$openssl_suite-security" \
			>"$cache/apt/sources.list"
		if private_apt apt-get update >"$work/apt.log" 2>&1; then
			return 0
		fi
		say "no Debian 13 security archive at $security; using the main one"
	fi
	printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$main" \
		"$openssl_suite" >"$cache/apt/sources.list"
	private_apt apt-get update >"$work/apt.log" 2>&1
}

# source_versions: print the openssl versions of the index, newest first.
source_versions() {
	private_apt apt-cache showsrc --only-source openssl |
		sed -n 's/^Version: //p' | sort -rVu
}

# prefix_of VERSION: where that version is installed.
prefix_of() {
	echo "$cache/openssl-${1//\~/_}-r$openssl_recipe"
}

openssl_fetch() {
	rm -rf "$work/source" && mkdir "$work/source" && cd "$work/source" &&
		private_apt apt-get source --only-source "openssl=$1"
}

# openssl_compile PREFIX: Debian's own options, less the parts that only the
# package needs.  Each step is chained: set -e does not reach in here.
openssl_compile() {
	local curves=no-ec_nistp_64_gcc_128
	case $(uname -m) in
	x86_64 | aarch64) curves=enable-ec_nistp_64_gcc_128 ;;
	esac
	cd "$work"/source/openssl-*/ &&
		./Configure --prefix="$1" --libdir=lib --openssldir=/etc/ssl \
			no-docs no-tests no-idea no-mdc2 no-rc5 no-zlib no-ssl3 \
			no-ssl3-method enable-rfc3779 enable-cms no-capieng \
			"$curves" -fstack-protector-strong \
			-D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now \
			-Wl,--disable-new-dtags -Wl,-rpath,"$1/lib" &&
		make -j"$(nproc)" &&
		make install_sw DESTDIR="$work/root"
}

# openssl_build VERSION: build the fetched source and move it into place in
# one step, so that a build that is cut short leaves nothing behind.
openssl_build() {
	local prefix
	prefix=$(prefix_of "$1")
	say "building OpenSSL $1 from Debian 13's source package" \
		"(2 minutes on 2 cores, once)"
	(openssl_compile "$prefix") >"$work/openssl.log" 2>&1 || {
		tail -n 30 "$work/openssl.log" >&2
		die "building OpenSSL failed"
	}
	rm -rf "$prefix"
	mv "$work/root$prefix" "$prefix"
	"$prefix/bin/openssl" version | grep -q "^OpenSSL $openssl_min" ||
		die "$prefix/bin/openssl does not run as OpenSSL $openssl_min"
}

# openssl_select: point ${current} at the newest version that is installed or
# can be built.  A mirror's index may be ahead of its files, hence the loop.
openssl_select() {
	local version
	while read -r version; do
		if [ ! -x "$(prefix_of "$version")/bin/openssl" ]; then
			if ! (openssl_fetch "$version") >"$work/apt.log" 2>&1; then
				say "the mirror lists OpenSSL $version but does" \
					"not have it; trying the one before"
				continue
			fi
			openssl_build "$version"
		fi
		ln -sfn "$(basename "$(prefix_of "$version")")" "$work/current"
		mv -T "$work/current" "$current"
		return 0
	done < <(source_versions)
	return 1
}

system_openssl_suffices() {
	local v
	v=$(env -u PKG_CONFIG_PATH pkg-config --modversion openssl \
		2>/dev/null) && dpkg --compare-versions "$v" ge "$openssl_min"
}

# Whether the private OpenSSL is there and was compared with apt's within
# the last day.
openssl_fresh() {
	[ -x "$current/bin/openssl" ] && [ -e "$checked" ] &&
		[[ $(readlink "$current") == *-r$openssl_recipe ]] &&
		[ -n "$(find "$checked" -mmin -1440)" ]
}

openssl_provide() {
	if source_index && openssl_select; then
		:
	elif [ -x "$current/bin/openssl" ]; then
		say "apt offers no OpenSSL source; keeping $(readlink "$current")"
	else
		cat "$work/apt.log" >&2
		die "cannot fetch Debian 13's openssl source package"
	fi
	touch "$checked"
}

system_blake3_suffices() {
	env -u PKG_CONFIG_PATH pkg-config --exists libblake3 2>/dev/null
}

# pc_folder: where the private .pc files are; both where there are two.
pc_folder() {
	if system_openssl_suffices; then
		echo "$blake3/lib/pkgconfig"
	else
		echo "$current/lib/pkgconfig"
	fi
}

blake3_fresh() {
	[ -e "$(pc_folder)/libblake3.pc" ] && [ -e "$blake3_checked" ] &&
		[[ $(readlink "$blake3") == *-r$blake3_recipe ]] &&
		[ -n "$(find "$blake3_checked" -mmin -1440)" ]
}

# blake3_offered: the version of the package with the C code, if any.
blake3_offered() {
	LC_ALL=C apt-cache policy librust-blake3-dev |
		sed -n 's/^  Candidate: //p' | grep -v '^(none)$'
}

# blake3_fetch VERSION: unpack the package without installing it: its
# dependencies are forty packages of Rust source that nothing here reads.
blake3_fetch() {
	rm -rf "$work/blake3" && mkdir "$work/blake3" && cd "$work/blake3" &&
		apt-get -qq -o APT::Sandbox::User=root \
			-o APT::Get::AllowUnauthenticated=false \
			download "librust-blake3-dev=$1" &&
		dpkg-deb -x librust-blake3-dev_*.deb root
}

# blake3_compile PREFIX VERSION: all variants, of which the code chooses by
# the machine it runs on.  The .pc file names the link to the newest prefix, so
# that a build notices when it moves.
blake3_compile() {
	local out=$work/root$1
	local -a sources=(blake3.c blake3_dispatch.c blake3_portable.c)
	cd "$work"/blake3/root/usr/share/cargo/registry/blake3-*/c/ || return 1
	case $(uname -m) in
	x86_64) sources+=(blake3_{sse2,sse41,avx2,avx512}_x86-64_unix.S) ;;
	aarch64) sources+=(blake3_neon.c) ;;
	esac
	mkdir -p "$out/include" "$out/lib/pkgconfig" &&
		gcc -O3 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
			-c "${sources[@]}" &&
		ar rcs "$out/lib/libblake3.a" ./*.o &&
		cp blake3.h "$out/include/" &&
		cat >"$out/lib/pkgconfig/libblake3.pc" <<-EOF
			prefix=$blake3
			Name: libblake3
			Description: BLAKE3 of Debian's librust-blake3-dev $2
			Version: ${2%%-*}
			Cflags: -I\${prefix}/include
			Libs: -L\${prefix}/lib -lblake3
		EOF
}

# blake3_build VERSION: nothing, or the whole prefix.
blake3_build() {
	local prefix=$cache/blake3-${1//\~/_}-r$blake3_recipe
	if [ ! -e "$prefix/lib/libblake3.a" ]; then
		(blake3_fetch "$1") >"$work/apt.log" 2>&1 || return 1
		(blake3_compile "$prefix" "$1") >"$work/blake3.log" 2>&1 || {
			tail -n 30 "$work/blake3.log" >&2
			die "building BLAKE3 failed"
		}
		rm -rf "$prefix"
		mv "$work/root$prefix" "$prefix"
	fi
	ln -sfn "$(basename "$prefix")" "$work/current"
	mv -T "$work/current" "$blake3"
	if ! system_openssl_suffices; then
		ln -sfn "$blake3/lib/pkgconfig/libblake3.pc" "$(pc_folder)/"
	fi
}

blake3_provide() {
	local version
	if package_offered libblake3-dev; then
		apt_install libblake3-dev
		return
	fi
	version=$(blake3_offered) || version=
	if [ -z "$version" ] || ! blake3_build "$version"; then
		# The package lists may be missing or older than the mirror.
		if [ ! -e "$blake3/lib/libblake3.a" ]; then
			as_root apt-get -qq update || true
			version=$(blake3_offered) ||
				die "apt does not offer librust-blake3-dev"
			blake3_build "$version" || {
				cat "$work/apt.log" >&2
				die "cannot fetch librust-blake3-dev"
			}
		else
			say "apt does not provide librust-blake3-dev;" \
				"keeping $(readlink "$blake3")"
		fi
	fi
	touch "$blake3_checked"
}

case ${1:-} in
--pkg-config-path)
	if ! system_openssl_suffices || ! system_blake3_suffices; then
		readlink -e "$(pc_folder)"
	fi
	exit 0
	;;
--openssl)
	if system_openssl_suffices; then
		echo /usr/bin/openssl
	else
		echo "$(readlink -e "$current")/bin/openssl"
	fi
	exit 0
	;;
--mirror)
	mirror_main
	exit 0
	;;
--mirror-security)
	mirror_security
	exit 0
	;;
'') ;;
*) die "usage: tools/setup.sh [--pkg-config-path|--openssl|--mirror|--mirror-security]" ;;
esac

command -v apt-get >/dev/null || die "this needs Debian 12 or 13 (no apt-get)"
if [ -z "$(packages_missing)" ]; then
	if { system_openssl_suffices || openssl_fresh; } &&
		{ system_blake3_suffices || blake3_fresh; }; then
		exit 0
	fi
fi

mkdir -p "$cache"
exec 9>"$cache/setup.lock"
flock -n 9 || { say "waiting for another set-up to finish"; flock 9; }
# Whoever holds the lock owns every work folder: these were killed.
rm -rf "$cache"/work.*
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'services_release; rm -rf "$work"' EXIT
packages_install
if ! system_openssl_suffices && ! openssl_fresh; then
	openssl_provide
fi
if ! system_blake3_suffices && ! blake3_fresh; then
	blake3_provide
fi
