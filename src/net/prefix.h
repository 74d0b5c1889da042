/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_PREFIX_H
#define NET_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/addr.h"

struct net_prefix {
	enum net_family family;
	uint8_t bytes[16];
	uint8_t bits;
};

/**
 * net_prefix_of_peer(a, ret):
 * Store the prefix that a peer's budgets are charged to: /64 of an IPv6
 * address, /32 of an IPv4 address; all unix peers share one.
 */
void net_prefix_of_peer(const struct net_addr *a, struct net_prefix *ret);

/**
 * net_prefix_parse(text, ret):
 * Parse "fc00::/7", "10.0.0.0/8", or an address for a prefix of full length.
 * "::ffff:0:0/96" and longer v4-mapped prefixes become IPv4 prefixes.  Bits
 * beyond the length must be zero.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int net_prefix_parse(const char *text, struct net_prefix *ret);

/**
 * net_prefix_format(p, dst, cap):
 * Write the text form; ${cap} is at least NET_ADDR_TEXT_MAX.
 */
void net_prefix_format(const struct net_prefix *p, char *dst, size_t cap);

/**
 * net_prefix_match(p, a):
 * Return whether ${a} lies in ${p}.
 */
bool net_prefix_match(const struct net_prefix *p, const struct net_addr *a);

/**
 * net_prefix_match_any(list, count, a):
 * Return whether ${a} lies in one of ${count} prefixes.
 */
bool net_prefix_match_any(
    const struct net_prefix *list, size_t count, const struct net_addr *a);

#endif
