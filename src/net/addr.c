/* SPDX-License-Identifier: Apache-2.0 */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

int
net_addr_from_bytes(
    const uint8_t *bytes, size_t len, uint16_t port, struct net_addr *ret)
{
	struct net_addr a = { .port = port };

	if (len == 16 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		bytes += sizeof(mapped);
		len = 4;
	}
	if (len == 4)
		a.family = NET_FAMILY_IP4;
	else if (len == 16)
		a.family = NET_FAMILY_IP6;
	else
		return ERR_PEER_MALFORMED;
	memcpy(a.bytes, bytes, len);
	*ret = a;
	return 0;
}

int
net_addr_parse_ip(const char *text, uint16_t port, struct net_addr *ret)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return net_addr_from_bytes(bytes, 4, port, ret);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return net_addr_from_bytes(bytes, 16, port, ret);
	return ERR_PEER_MALFORMED;
}

static int
parse_unix(const char *path, struct net_addr *ret)
{
	struct net_addr a = { .family = NET_FAMILY_UNIX };

	if (path[0] == '\0' || base_str_copy(a.path, sizeof(a.path), path) != 0)
		return ERR_PEER_MALFORMED;
	*ret = a;
	return 0;
}

int
net_addr_parse(const char *text, struct net_addr *ret)
{
	const char *colon = strrchr(text, ':');
	char ip[INET6_ADDRSTRLEN];
	bool bracketed = text[0] == '[';
	uint64_t port;
	size_t len;
	int rc;

	if (base_str_starts(text, "unix:"))
		return parse_unix(text + 5, ret);
	if (colon == NULL ||
	    base_str_u64(colon + 1, strlen(colon + 1), &port) || port > 65535)
		return ERR_PEER_MALFORMED;
	len = (size_t)(colon - text);
	if (bracketed) {
		if (len < 2 || text[len - 1] != ']')
			return ERR_PEER_MALFORMED;
		text++;
		len -= 2;
	}
	if (len >= sizeof(ip))
		return ERR_PEER_MALFORMED;
	memcpy(ip, text, len);
	ip[len] = '\0';
	/* "::1:80" is an address without a port, and "[1.2.3.4]:80" nothing. */
	if (bracketed != (strchr(ip, ':') != NULL))
		return ERR_PEER_MALFORMED;
	rc = net_addr_parse_ip(ip, (uint16_t)port, ret);
	return rc;
}

int
net_addr_from_sockaddr(
    const struct sockaddr *sa, size_t len, struct net_addr *ret)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in4;
	struct net_addr a = { .family = NET_FAMILY_UNIX };
	const struct sockaddr_un *un = (const void *)sa;
	size_t path_len;

	if (sa->sa_family == AF_INET && len >= sizeof(in4)) {
		memcpy(&in4, sa, sizeof(in4));
		return net_addr_from_bytes((const uint8_t *)&in4.sin_addr, 4,
		    ntohs(in4.sin_port), ret);
	}
	if (sa->sa_family == AF_INET6 && len >= sizeof(in6)) {
		memcpy(&in6, sa, sizeof(in6));
		return net_addr_from_bytes((const uint8_t *)&in6.sin6_addr, 16,
		    ntohs(in6.sin6_port), ret);
	}
	if (sa->sa_family != AF_UNIX)
		return ERR_PEER_UNSUPPORTED;
	path_len = len > offsetof(struct sockaddr_un, sun_path)
		       ? len - offsetof(struct sockaddr_un, sun_path)
		       : 0;
	if (path_len >= sizeof(a.path))
		path_len = sizeof(a.path) - 1;
	/* Abstract names begin with a zero byte and so come out unnamed. */
	memcpy(a.path, un->sun_path, strnlen(un->sun_path, path_len));
	*ret = a;
	return 0;
}

int
net_addr_to_sockaddr(
    const struct net_addr *a, struct sockaddr *sa, size_t *ret_len)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in4 = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	switch (a->family) {
	case NET_FAMILY_IP4:
		in4.sin_port = htons(a->port);
		memcpy(&in4.sin_addr, a->bytes, 4);
		memcpy(sa, &in4, sizeof(in4));
		*ret_len = sizeof(in4);
		return 0;
	case NET_FAMILY_IP6:
		in6.sin6_port = htons(a->port);
		memcpy(&in6.sin6_addr, a->bytes, 16);
		memcpy(sa, &in6, sizeof(in6));
		*ret_len = sizeof(in6);
		return 0;
	case NET_FAMILY_UNIX:
		memcpy(un.sun_path, a->path, sizeof(un.sun_path));
		memcpy(sa, &un, sizeof(un));
		*ret_len = sizeof(un);
		return 0;
	case NET_FAMILY_NONE:
		break;
	}
	return ERR_PEER_UNSUPPORTED;
}

void
net_addr_format_ip(const struct net_addr *a, char *dst, size_t cap)
{
	dst[0] = '\0';
	if (a->family == NET_FAMILY_IP4)
		inet_ntop(AF_INET, a->bytes, dst, (socklen_t)cap);
	else if (a->family == NET_FAMILY_IP6)
		inet_ntop(AF_INET6, a->bytes, dst, (socklen_t)cap);
	else if (a->family == NET_FAMILY_UNIX)
		snprintf(dst, cap, "unix:%s", a->path);
}

void
net_addr_format(const struct net_addr *a, char *dst, size_t cap)
{
	char ip[NET_ADDR_TEXT_MAX];

	net_addr_format_ip(a, ip, sizeof(ip));
	if (a->family == NET_FAMILY_IP4)
		snprintf(dst, cap, "%s:%u", ip, a->port);
	else if (a->family == NET_FAMILY_IP6)
		snprintf(dst, cap, "[%s]:%u", ip, a->port);
	else
		snprintf(dst, cap, "%s", ip);
}

bool
net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0 &&
	       strncmp(a->path, b->path, sizeof(a->path)) == 0;
}
