/* SPDX-License-Identifier: Apache-2.0 */
#include "net/prefix.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

void
net_prefix_of_peer(const struct net_addr *a, struct net_prefix *ret)
{
	struct net_prefix p = { .family = a->family };

	if (a->family == NET_FAMILY_IP6)
		p.bits = 64;
	else if (a->family == NET_FAMILY_IP4)
		p.bits = 32;
	memcpy(p.bytes, a->bytes, p.bits / 8);
	*ret = p;
}

/* Whether the first ${bits} bits of ${a} and ${b} are equal. */
static bool
bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

/* Whether all bits of ${a} from number ${bits} on are zero. */
static bool
rest_is_zero(const uint8_t a[16], unsigned bits)
{
	for (unsigned i = bits; i < 128; i++)
		if ((a[i / 8] >> (7 - i % 8) & 1) != 0)
			return false;
	return true;
}

int
net_prefix_parse(const char *text, struct net_prefix *ret)
{
	const char *slash = strchr(text, '/');
	struct net_prefix p = { 0 };
	struct net_addr a;
	char ip[INET6_ADDRSTRLEN];
	unsigned full;
	uint64_t bits;
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);

	if (len >= sizeof(ip))
		return ERR_PEER_MALFORMED;
	memcpy(ip, text, len);
	ip[len] = '\0';
	if (net_addr_parse_ip(ip, 0, &a) != 0)
		return ERR_PEER_MALFORMED;
	full = strchr(ip, ':') != NULL ? 128 : 32;
	bits = full;
	if (slash != NULL &&
	    (base_str_u64(slash + 1, strlen(slash + 1), &bits) != 0 ||
		bits > full))
		return ERR_PEER_MALFORMED;
	if (a.family == NET_FAMILY_IP4 && full == 128) {
		if (bits < 96)
			return ERR_PEER_MALFORMED;
		bits -= 96;
	}
	if (!rest_is_zero(a.bytes, (unsigned)bits))
		return ERR_PEER_MALFORMED;
	p.family = a.family;
	p.bits = (uint8_t)bits;
	memcpy(p.bytes, a.bytes, sizeof(p.bytes));
	*ret = p;
	return 0;
}

void
net_prefix_format(const struct net_prefix *p, char *dst, size_t cap)
{
	struct net_addr a = { .family = p->family };
	char ip[NET_ADDR_TEXT_MAX];

	memcpy(a.bytes, p->bytes, sizeof(a.bytes));
	net_addr_format_ip(&a, ip, sizeof(ip));
	snprintf(dst, cap, "%s/%u", ip, p->bits);
}

bool
net_prefix_match(const struct net_prefix *p, const struct net_addr *a)
{
	return p->family == a->family && p->family != NET_FAMILY_NONE &&
	       bits_equal(p->bytes, a->bytes, p->bits);
}

bool
net_prefix_match_any(
    const struct net_prefix *list, size_t count, const struct net_addr *a)
{
	for (size_t i = 0; i < count; i++)
		if (net_prefix_match(&list[i], a))
			return true;
	return false;
}
