#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Datagrams a second of our UDP path over loopback, and the processor time of
# one on either side, beside plain loops over sendmmsg and recvmmsg and beside
# iperf3 in the same run.  Sender and receiver each have a core where there are
# two.  One JSON object on stdout.  Bounds: with the kernel's offloads at least
# as many as the plain loops; without them the receiver's time for one at most
# that of the plain loop / 0.7.
#
#   udp.sh                  SECONDS_EACH=5, LENGTH=1200 by default
set -euo pipefail

cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-5}
length=${LENGTH:-1200}
dir=$(mktemp -d "${TMPDIR:-/tmp}/troth-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
peer=build/bin/test/udp-peer
plain=build/bench/udp_plain

# on CORE COMMAND...: there, if there is more than one.
on() {
	if [ "$(nproc)" -gt 1 ]; then
		exec taskset -c "$@"
	fi
	shift
	exec "$@"
}

# pair RECEIVER SENDER: each plain, ours or ours-plain; one JSON object.
pair() {
	local receiver sender port='' word=port
	case $1 in
	plain) on 0 "$plain" recv >"$dir/recv" & ;;
	ours) on 0 "$peer" sink '[::1]:0' >"$dir/recv" & ;;
	*) UDP_PEER_PLAIN=1 on 0 "$peer" sink '[::1]:0' >"$dir/recv" & ;;
	esac
	receiver=$!
	[ "$1" = plain ] || word='listen=\[::1\]:'
	until [ -n "$port" ]; do
		sleep 0.05
		port=$(sed -n "s/^${word}=*//p" "$dir/recv")
	done
	case $2 in
	plain) on 1 "$plain" send "$port" "$length" >"$dir/send" & ;;
	ours) on 1 "$peer" send '[::1]:0' "[::1]:$port" "$length" 0 \
		>"$dir/send" & ;;
	*) UDP_PEER_PLAIN=1 on 1 "$peer" send '[::1]:0' "[::1]:$port" \
		"$length" 0 >"$dir/send" & ;;
	esac
	sender=$!
	sleep "$seconds"
	kill -TERM "$sender"
	wait "$sender"
	sleep 0.3
	kill -TERM "$receiver"
	wait "$receiver"
	sed -i '/^port=/d;/^listen=/d' "$dir/recv" "$dir/send"
	jq -n --slurpfile r "$dir/recv" --slurpfile s "$dir/send" '
		def per_s(n; us): (n / us * 1e6 | floor);
		def ns(n; us): (us * 1000 / n | floor);
		{sent_per_s: per_s($s[0].sent; $s[0].us),
		 received_per_s: per_s($r[0].received; $r[0].us),
		 send_cpu_ns: ns($s[0].sent; $s[0].cpu_us),
		 receive_cpu_ns: ns($r[0].received; $r[0].cpu_us),
		 per_send_call: ($s[0].sent / $s[0].sent_calls | floor),
		 per_receive_call:
			($r[0].received / $r[0].received_calls | floor)}'
}

# iperf: the same by iperf3, null where it is not installed.
iperf() {
	local server port
	command -v iperf3 >/dev/null || {
		echo null
		return
	}
	port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET6); s.bind(("::1", 0))
print(s.getsockname()[1])')
	on 0 iperf3 -s -1 -B ::1 -p "$port" >/dev/null &
	server=$!
	sleep 0.5
	(on 1 iperf3 -c ::1 -p "$port" -u -b 0 -l "$length" -t "$seconds" -J) \
		>"$dir/iperf"
	wait "$server" || true
	jq --arg version "$(iperf3 --version | sed -n '1s/ (.*//p')" '
		.end.streams[0].udp as $u | {version: $version,
			sent_per_s: ($u.packets / $u.seconds | floor),
			received_per_s: (($u.packets - $u.lost_packets)
				/ $u.seconds | floor)}' "$dir/iperf"
}

jq -n --arg commit "$(git rev-parse --short HEAD)" \
	--arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
	--arg cores "$(nproc)" --arg kernel "$(uname -r)" \
	--argjson length "$length" --argjson seconds "$seconds" \
	--argjson plain "$(pair plain plain)" \
	--argjson ours "$(pair ours ours)" \
	--argjson no_offload "$(pair ours-plain ours-plain)" \
	--argjson receiver "$(pair ours-plain plain)" \
	--argjson iperf3 "$(iperf)" '
	{benchmark: "udp", commit: $commit,
		machine: {cpu: $cpu, cores: ($cores | tonumber),
			kernel: $kernel},
		length: $length, seconds: $seconds,
		bounds: {
			received_vs_plain: {bound: 1, measured:
				($ours.received_per_s / $plain.received_per_s)},
			receive_cpu_vs_plain: {bound: (1 / 0.7), measured:
				($receiver.receive_cpu_ns
					/ $plain.receive_cpu_ns)}},
		results: {plain: $plain, ours: $ours,
			ours_without_offload: $no_offload,
			plain_sender_to_ours_without_offload: $receiver,
			iperf3: $iperf3}}'
