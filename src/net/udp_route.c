/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/udp.h>
#include <string.h>

#include "net/udp_internal.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* The 16 bytes of an address as an IPv6 socket knows it. */
static void
to_ip6(const struct net_addr *a, uint8_t dst[16])
{
	if (a->family == NET_FAMILY_IP6) {
		memcpy(dst, a->bytes, 16);
		return;
	}
	memcpy(dst, mapped, sizeof(mapped));
	memcpy(dst + sizeof(mapped), a->bytes, 4);
}

int
net_udp_route_make(int socket_family, const struct net_addr *peer,
    const struct net_addr *local, struct net_udp_route *ret)
{
	struct net_udp_route r;

	if (peer->family != NET_FAMILY_IP4 &&
	    (peer->family != NET_FAMILY_IP6 || socket_family != AF_INET6))
		return ERR_PEER_UNSUPPORTED;
	if (local != NULL && local->family != NET_FAMILY_NONE &&
	    local->family != peer->family)
		return ERR_PEER_UNSUPPORTED;
	memset(&r, 0, sizeof(r));
	r.has_local = local != NULL && local->family != NET_FAMILY_NONE;
	if (socket_family == AF_INET) {
		r.to.ip4.sin_family = AF_INET;
		r.to.ip4.sin_port = htons(peer->port);
		memcpy(&r.to.ip4.sin_addr, peer->bytes, 4);
		if (r.has_local)
			memcpy(r.local, local->bytes, 4);
	} else {
		r.to.ip6.sin6_family = AF_INET6;
		r.to.ip6.sin6_port = htons(peer->port);
		to_ip6(peer, r.to.ip6.sin6_addr.s6_addr);
		if (r.has_local)
			to_ip6(local, r.local);
	}
	*ret = r;
	return 0;
}

socklen_t
net_udp_route_name_len(const struct net_udp_route *r)
{
	return r->to.ip4.sin_family == AF_INET ? sizeof(r->to.ip4)
					       : sizeof(r->to.ip6);
}

/* Append one control message and move on. */
static void
put(struct msghdr *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c =
	    (void *)((uint8_t *)m->msg_control + m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

void
net_udp_control_put(
    struct msghdr *m, const struct net_udp_route *r, size_t gso_bytes)
{
	struct in6_pktinfo info6 = { 0 };
	struct in_pktinfo info4 = { 0 };
	uint16_t segment = (uint16_t)gso_bytes;

	m->msg_controllen = 0;
	if (r->has_local && r->to.ip4.sin_family == AF_INET) {
		memcpy(&info4.ipi_spec_dst, r->local, 4);
		put(m, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	} else if (r->has_local) {
		memcpy(&info6.ipi6_addr, r->local, 16);
		put(m, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	}
	if (gso_bytes != 0)
		put(m, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	if (m->msg_controllen == 0)
		m->msg_control = NULL;
}

void
net_udp_addr_set(
    struct net_addr *a, const uint8_t *bytes, size_t len, uint16_t port)
{
	if (len == 16 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		bytes += sizeof(mapped);
		len = 4;
	}
	a->family = len == 4 ? NET_FAMILY_IP4 : NET_FAMILY_IP6;
	memset(a->bytes, 0, sizeof(a->bytes));
	memcpy(a->bytes, bytes, len);
	a->port = port;
}

/* Nothing can be sent from a multicast address: let the kernel choose. */
static bool
is_multicast(const struct net_addr *a)
{
	return a->family == NET_FAMILY_IP6 ? a->bytes[0] == 0xff
					   : (a->bytes[0] & 0xf0) == 0xe0;
}

void
net_udp_control_get(
    struct msghdr *m, struct net_addr *local, size_t *ret_segment)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info4;
	struct cmsghdr *c;
	int segment;

	*ret_segment = 0;
	local->family = NET_FAMILY_NONE;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info4, CMSG_DATA(c), sizeof(info4));
			net_udp_addr_set(
			    local, (uint8_t *)&info4.ipi_spec_dst, 4, 0);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			net_udp_addr_set(
			    local, (uint8_t *)&info6.ipi6_addr, 16, 0);
		} else if (c->cmsg_level == IPPROTO_UDP &&
			   c->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(c), sizeof(segment));
			*ret_segment = segment > 0 ? (size_t)segment : 0;
		}
	}
	if (is_multicast(local))
		local->family = NET_FAMILY_NONE;
}
