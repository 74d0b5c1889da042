/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sockaddr;

enum net_family {
	NET_FAMILY_NONE,
	NET_FAMILY_IP4,
	NET_FAMILY_IP6,
	NET_FAMILY_UNIX
};

/* Room for every text net_addr_format writes, zero included. */
#define NET_ADDR_TEXT_MAX 128

/*
 * A socket address.  IPv4 uses bytes[0..4), IPv6 bytes[0..16).  A v4-mapped
 * IPv6 address is kept as IPv4.  Unused bytes are zero, so that equal
 * addresses are equal byte by byte.
 */
struct net_addr {
	enum net_family family;
	uint8_t bytes[16];
	uint16_t port;
	char path[108]; /* NET_FAMILY_UNIX; "" for an unnamed peer */
};

/**
 * net_addr_parse(text, ret):
 * Parse "[::1]:8443", "127.0.0.1:80", "unix:/path".  Scoped addresses and
 * names are refused.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int net_addr_parse(const char *text, struct net_addr *ret);

/**
 * net_addr_parse_ip(text, port, ret):
 * Parse "::1" or "127.0.0.1", giving it ${port}.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int net_addr_parse_ip(
    const char *text, uint16_t port, struct net_addr *ret);

/**
 * net_addr_from_bytes(bytes, len, port, ret):
 * Make an address from 4 or 16 network-order bytes (a DNS record, a SAN).
 * ERR_PEER_MALFORMED for another length.
 */
MUST_CHECK int net_addr_from_bytes(
    const uint8_t *bytes, size_t len, uint16_t port, struct net_addr *ret);

/**
 * net_addr_from_sockaddr(sa, len, ret), net_addr_to_sockaddr(a, sa, len):
 * Convert from and to the system's form; ${sa} must have room for a
 * sockaddr_storage.  ERR_PEER_UNSUPPORTED for other families.
 */
MUST_CHECK int net_addr_from_sockaddr(
    const struct sockaddr *sa, size_t len, struct net_addr *ret);
MUST_CHECK int net_addr_to_sockaddr(
    const struct net_addr *a, struct sockaddr *sa, size_t *ret_len);

/**
 * net_addr_format(a, dst, cap):
 * Write the text net_addr_parse accepts; net_addr_format_ip leaves out port
 * and brackets (RFC 5952 form).  ${cap} is at least NET_ADDR_TEXT_MAX.
 */
void net_addr_format(const struct net_addr *a, char *dst, size_t cap);
void net_addr_format_ip(const struct net_addr *a, char *dst, size_t cap);

/**
 * net_addr_equal(a, b):
 * Return whether family, address, port and path are equal.
 */
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);

#endif
