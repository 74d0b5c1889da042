#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Our UDP path between hosts of their own: several addresses, a narrow link on
# the way, routing over a middle host, loss, a cable pulled.
set -euo pipefail

. tests/e2e/netns.sh
bin=${TROTH_BIN:-build/bin}
dir=$(mktemp -d "${TMPDIR:-/tmp}/troth-udp.XXXXXX")
netns_new
trap 'netns_end; rm -rf "$dir"' EXIT

fail() {
	printf 'FAIL: %s\n' "$*"
	tail -n 5 "$dir"/*
	exit 1
}

# start HOST NAME ARGUMENT...: udp-peer there, until it listens; $address.
start() {
	local host=$1 name=$2 i
	shift 2
	NETNS_EXEC='exec' netns_exec "$host" "$bin/test/udp-peer" "$@" \
		>"$dir/$name" 2>&1 &
	pid=$!
	for i in $(seq 100); do
		address=$(sed -n 's/^listen=//p' "$dir/$name")
		[ -z "$address" ] || return 0
		sleep 0.05
	done
	fail "$name does not listen after $i tries"
}

# stop PID NAME: end it; its counters are in $dir/NAME.
stop() {
	kill -TERM "$1"
	wait "$1" || fail "$2 ended badly"
	sed -i 1d "$dir/$2"
	jq -e . "$dir/$2" >/dev/null || fail "$2 has no counters"
}

# is NAME EXPRESSION: it holds for its counters.
is() {
	jq -e "$2" "$dir/$1" >/dev/null || fail "$1: not $2"
}

send() {
	netns_exec "$1" "$bin/test/udp-peer" send "[::]:0" "${@:2}" >"$dir/send"
	sed -i 1d "$dir/send"
}

netns_chain 3

# 1. A host with three addresses answers each peer from the one it asked.
netns_address h3 left fd99:2::33/64 fd99:2::333/64 10.99.2.33/24
start h3 echo echo '[::]:0'
port=${address##*:}
netns_exec h1 /usr/bin/python3 - "$port" <<-'PYTHON' || fail "addresses"
	import socket, sys
	for family, hosts in ((socket.AF_INET6, ("fd99:2::3", "fd99:2::33",
	                                         "fd99:2::333")),
	                      (socket.AF_INET, ("10.99.2.3", "10.99.2.33"))):
	    s = socket.socket(family, socket.SOCK_DGRAM)
	    s.settimeout(5)
	    for host in hosts * 2:
	        s.sendto(host.encode(), (host, int(sys.argv[1])))
	        data, address = s.recvfrom(100)
	        assert data == host.encode(), data
	        assert address[:2] == (host, int(sys.argv[1])), address
PYTHON
stop "$pid" echo
is echo '.received == 10 and .sent == 10'
echo "answers come from the address asked, over a router, IPv6 and IPv4"

# 2. Runs cross a real device whole and in one piece each.
start h3 sink sink '[::]:0'
port=${address##*:}
send h1 "[fd99:2::3]:$port" 1200,1200,1200,1200,700 3000
sleep 0.3
stop "$pid" sink
is send '.sent == 3000'
is sink '.received + .dropped_kernel == 3000 and .received > 2900'
is sink '.bytes == 1100 * .received or .dropped_kernel > 0'
if jq -e .gso "$dir/send" >/dev/null; then
	is send '.sent_calls < 100'
fi
echo "bursts arrive: $(jq -c '{sent_calls}' "$dir/send") for 3000"

# 3. Longer than its own link takes: dropped and counted, never fragmented;
#    the shorter ones between them pass.
netns_mtu h1 right 1300
start h3 sink sink '[::]:0'
port=${address##*:}
send h1 "[fd99:2::3]:$port" 1300,1300,1000 300
send h1 "10.99.2.3:$port" 1300,1300,1000 300
sleep 0.3
stop "$pid" sink
is send '.sent == 100 and .send_dropped_long == 200'
is sink '.received == 200 and .bytes == 200000'
echo "too long for the link: dropped and counted"

# 4. Longer than a link further on takes: the sender goes on at its size, for
#    it is who finds the path's MTU; the kernel neither fragments nor learns.
#    (One by one: a router of virtual devices drops a run as a whole.)
netns_mtu h1 right 1500
netns_mtu h2 right 1300
start h3 sink sink '[::]:0'
port=${address##*:}
UDP_PEER_PLAIN=1 send h1 "[fd99:2::3]:$port" 1400,1000 200
UDP_PEER_PLAIN=1 send h1 "10.99.2.3:$port" 1400,1000 200
UDP_PEER_PLAIN=1 send h1 "[fd99:2::3]:$port" 1400,1000 200
is send '.sent == 200 and .send_dropped_long == 0'
sleep 0.3
stop "$pid" sink
is sink '.received == 300 and .bytes == 300000'
netns_mtu h2 right 1500
echo "too long for a later link: never fragmented"

# 5. A pulled cable: what cannot leave is dropped and counted; after it is back
#    all goes on.
ip -n "$NETNS-h1" link set right down
send h1 "[fd99:2::3]:$port" 1000 100
is send '.sent == 0 and .send_dropped_other == 100'
ip -n "$NETNS-h1" link set right up
netns_address h1 right fd99:1::1/64
netns_route h1 2 1 2 2>/dev/null || true
start h3 sink sink '[::]:0'
port=${address##*:}
for _ in $(seq 50); do
	send h1 "[fd99:2::3]:$port" 1000 100
	! jq -e '.sent == 100' "$dir/send" >/dev/null || break
	sleep 0.1
done
is send '.sent == 100'
sleep 0.2
stop "$pid" sink
is sink '.received >= 1'
echo "a cable pulled and back"

# 6. Four of five lost, where the kernel can do that.
if netns_loss h3 80 2>"$dir/why"; then
	start h3 sink sink '[::]:0'
	port=${address##*:}
	UDP_PEER_PLAIN=1 send h1 "[fd99:2::3]:$port" 500 5000
	sleep 0.3
	stop "$pid" sink
	# 1000, give or take six standard deviations of 28.
	is sink '.received > 830 and .received < 1170'
	netns_loss h3 0
	echo "80 % lost: $(jq .received "$dir/sink") of 5000 came"
else
	echo "not tested, no packet loss here: $(cat "$dir/why")"
fi
netns_has_netem && echo "netem is here" || echo "netem is not here"
echo "UDP between namespaces: as it should be"
