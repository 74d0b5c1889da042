# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Networks of network namespaces for the end-to-end tests.  Sourced, from the
# root of the tree, after lib.sh where both are used:
#
#   . tests/e2e/netns.sh
#   netns_new             or the script ends here, skipped, saying why
#   netns_bridge 3        hosts h1 h2 h3 on one link, or
#   netns_chain 3         h1 - h2 - h3, of which h2 forwards
#   netns_exec h1 COMMAND...
#
# On a bridge host hN has fd99::N and 10.99.0.N.  In a chain the link between
# hN and its successor hM is fd99:N::/64 and 10.99.N.0/24, where they have the
# endings N and M, and every host reaches every address.  There is no way from
# the namespaces to anything else.  They end with the shell, and so does what
# runs in them.

NETNS_SKIP=77 # Meson's exit status for a skipped test

# netns_skip REASON...: end the script, visibly skipped.
netns_skip() {
	printf 'skipped: %s\n' "$*"
	exit "$NETNS_SKIP"
}

# netns_new: find out whether namespaces can be made; choose names.
netns_new() {
	local why
	export PATH=$PATH:/usr/sbin:/sbin
	NETNS=troth-$$
	NETNS_HOSTS=()
	if declare -f lab_end >/dev/null && [ -n "${LAB:-}" ]; then
		trap 'netns_end; lab_end' EXIT
	else
		trap netns_end EXIT
	fi
	trap 'exit 130' INT TERM
	why=$(ip netns add "$NETNS-probe" 2>&1) ||
		netns_skip "network namespaces are not permitted here: $why"
	why=$(ip -n "$NETNS-probe" link add name va type veth \
		peer name vb 2>&1) ||
		netns_skip "no veth in network namespaces here: $why"
	ip netns del "$NETNS-probe"
}

# netns_end: stop what runs inside and remove everything.
netns_end() {
	local name pid
	for name in $(ip netns list 2>/dev/null | sed 's/ .*//' |
		grep "^$NETNS-"); do
		for pid in $(ip netns pids "$name"); do
			kill -KILL "$pid" 2>/dev/null || true
		done
		ip netns del "$name"
	done
}

# netns_host NAME: a host with its loopback up; addresses work at once.
netns_host() {
	ip netns add "$NETNS-$1"
	NETNS_HOSTS+=("$1")
	netns_exec "$1" sh -c '
		echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
		echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
		echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra'
	ip -n "$NETNS-$1" link set lo up
}

# netns_exec HOST COMMAND...: with NETNS_EXEC=exec it replaces the shell, so that
# $! of one in the background is the command's own pid.
netns_exec() {
	local host=$1
	shift
	${NETNS_EXEC:-} nsenter --net="/run/netns/$NETNS-$host" "$@"
}

# netns_address HOST DEVICE ADDRESS/LENGTH...
netns_address() {
	local host=$1 device=$2 address
	shift 2
	for address; do
		case $address in
		*:*) ip -n "$NETNS-$host" addr add "$address" dev "$device" \
			nodad ;;
		*) ip -n "$NETNS-$host" addr add "$address" dev "$device" ;;
		esac
	done
}

# netns_cable HOST DEVICE HOST DEVICE
netns_cable() {
	ip -n "$NETNS-$1" link add name "$2" type veth \
		peer name "$4" netns "$NETNS-$3"
	ip -n "$NETNS-$1" link set "$2" up
	ip -n "$NETNS-$3" link set "$4" up
}

# netns_bridge N: h1 to hN, each by its device "net" on one bridge.
netns_bridge() {
	local n
	netns_host switch
	ip -n "$NETNS-switch" link add name br type bridge
	ip -n "$NETNS-switch" link set br up
	for n in $(seq "$1"); do
		netns_host "h$n"
		netns_cable "h$n" net switch "h$n"
		ip -n "$NETNS-switch" link set "h$n" master br
		netns_address "h$n" net "fd99::$n/64" "10.99.0.$n/24"
	done
}

# netns_chain N: h1 to hN in a row; hN's devices are "left" and "right".
netns_chain() {
	local n m hops
	for n in $(seq "$1"); do
		netns_host "h$n"
		netns_exec "h$n" sh -c '
			echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
			echo 1 >/proc/sys/net/ipv4/ip_forward'
	done
	for n in $(seq $(($1 - 1))); do
		m=$((n + 1))
		netns_cable "h$n" right "h$m" left
		netns_address "h$n" right "fd99:$n::$n/64" "10.99.$n.$n/24"
		netns_address "h$m" left "fd99:$n::$m/64" "10.99.$n.$m/24"
	done
	for n in $(seq "$1"); do
		for hops in $(seq $(($1 - 1))); do
			if [ "$hops" -lt $((n - 1)) ]; then
				netns_route "h$n" "$hops" "$((n - 1))" \
					"$((n - 1))"
			elif [ "$hops" -gt "$n" ]; then
				netns_route "h$n" "$hops" "$n" "$((n + 1))"
			fi
		done
	done
}

# netns_route HOST LINK THROUGH-LINK GATEWAY
netns_route() {
	ip -n "$NETNS-$1" -6 route add "fd99:$2::/64" via "fd99:$3::$4"
	ip -n "$NETNS-$1" route add "10.99.$2.0/24" via "10.99.$3.$4"
}

# netns_mtu HOST DEVICE BYTES
netns_mtu() {
	ip -n "$NETNS-$1" link set "$2" mtu "$3"
}

# netns_has_netem: whether this kernel delays and reorders by tc netem.
netns_has_netem() {
	netns_exec "${NETNS_HOSTS[0]}" tc qdisc add dev lo root netem \
		delay 1ms 2>/dev/null || return 1
	netns_exec "${NETNS_HOSTS[0]}" tc qdisc del dev lo root
}

# netns_loss HOST PERCENT: HOST loses so much of what it is sent, each packet
# by itself; 0 ends that.  Fails, saying why, where nothing here can do it.
netns_loss() {
	if command -v nft >/dev/null && netns_loss_nft "$@"; then
		return
	elif command -v iptables >/dev/null && netns_loss_iptables "$@"; then
		return
	fi
	echo "neither nft nor iptables can lose packets here" >&2
	return 1
}

netns_loss_nft() {
	netns_exec "$1" nft delete table inet troth 2>/dev/null || true
	[ "$2" -gt 0 ] || return 0
	netns_exec "$1" nft -f - <<-NFT 2>/dev/null
		table inet troth {
			chain input {
				type filter hook input priority 0;
				iifname "lo" accept
				icmpv6 type { 133, 134, 135, 136 } accept
				numgen random mod 100 < $2 drop
			}
		}
	NFT
}

netns_loss_iptables() {
	local tables
	for tables in iptables ip6tables; do
		netns_exec "$1" "$tables" -F INPUT 2>/dev/null || return 1
		[ "$2" -gt 0 ] || continue
		netns_exec "$1" "$tables" -A INPUT ! -i lo -p udp \
			-m statistic --mode random \
			--probability "$(bc <<<"scale=2; $2 / 100")" -j DROP \
			2>/dev/null || return 1
	done
}
