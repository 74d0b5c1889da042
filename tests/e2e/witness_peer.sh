#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# An unmodified sigsum-witness (Debian 13) cosigns the heads of a log that uses
# our cores, and refuses what it must; our side takes its answers, also after
# the witness was killed and started again.
set -euo pipefail

tool=${TROTH_BIN:-build/bin}/../tests/e2e/witness_log
# shellcheck source=/dev/null
. /etc/os-release
if [ "$(id -u)" -ne 0 ] && [ "${VERSION_ID:-}" != 13 ]; then
	echo "SKIP: sigsum-go is in Debian 13, whose root only root can make"
	exit 77
fi
root=$(tools/debian13.sh sigsum-go)
enter=()
if [ "$root" = / ]; then
	root=
else
	enter=(chroot "$root")
fi
dir=$(mktemp -d "$root/tmp/troth-witness-XXXXXX")
inner=${dir#"$root"}
pid=

finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT

fail() {
	echo "FAIL: $*"
	cat "$dir"/*.log
	exit 1
}

key() {
	"${enter[@]}" sigsum-key "$@"
}
key generate -o "$inner/key"
hash=$(key to-hash -k "$inner/key.pub")
vkey=$(key to-vkey -t cosignature/v1 -k "$inner/key.pub" \
	-n "sigsum.org/v1/witness/$hash")
"$tool" hex >"$dir/log.hex"
key from-hex -k "$inner/log.hex" -o "$inner/log.pub"
port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# Debian builds it outside of module mode, where Go's router takes the pattern
# "POST /add-checkpoint" for a path; this setting is the documented way back.
start() {
	"${enter[@]}" env GODEBUG=httpmuxgo121=0 sigsum-witness \
		-k "$inner/key" --log-key="$inner/log.pub" \
		--state-file="$inner/state" "127.0.0.1:$port" \
		>>"$dir/witness.log" 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
		sleep 0.1
	done
	fail "sigsum-witness does not start"
}

start
"$tool" run 127.0.0.1 "$port" "$vkey" || fail "the conversation"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
start
"$tool" again 127.0.0.1 "$port" "$vkey" || fail "after a restart"
# shellcheck disable=SC2016 # dpkg-query expands
echo "ok: sigsum-witness of sigsum-go $(
	"${enter[@]}" dpkg-query -W -f '${Version}' sigsum-go
)"
