/* SPDX-License-Identifier: Apache-2.0 */
#include "net/udp_socket.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "net/addr.h"

static int
set_on(int fd, int level, int name)
{
	const int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on));
}

/* What has to work: addresses told, no fragments. */
static int
set_options(int fd, int family, bool dual)
{
	const int probe4 = IP_PMTUDISC_PROBE, probe6 = IPV6_PMTUDISC_PROBE;
	const int only = !dual;

	if (family == AF_INET)
		return set_on(fd, IPPROTO_IP, IP_PKTINFO) != 0 ||
			       setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER,
				   &probe4, sizeof(probe4)) != 0
			   ? -1
			   : 0;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) !=
		0 ||
	    set_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) != 0 ||
	    set_on(fd, IPPROTO_IPV6, IPV6_DONTFRAG) != 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe6,
		sizeof(probe6)) != 0)
		return -1;
	/* What this socket sends to IPv4 peers follows the IPv4 options. */
	return dual ? setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe4,
			  sizeof(probe4))
		    : 0;
}

/* Ask for a buffer, beyond the system's limit where we may; the kernel doubles
 * what it is asked for to pay for its bookkeeping. */
static int
set_buffer(int fd, int force, int name, int bytes)
{
	socklen_t len = sizeof(bytes);

	if (bytes > 0 &&
	    setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, name, &bytes, sizeof(bytes));
	if (getsockopt(fd, SOL_SOCKET, name, &bytes, &len) != 0)
		return 0;
	return bytes / 2;
}

/* A kernel that knows UDP_SEGMENT takes a length of 0, which changes nothing:
 * runs are announced message by message. */
static bool
has_gso(int fd)
{
	const int none = 0;

	return setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof(none)) ==
	       0;
}

static int
failed(const struct net_addr *addr, const char *what, struct fault *f)
{
	char text[NET_ADDR_TEXT_MAX];
	int e = errno, rc = base_err_from_errno(e);

	if (e == EADDRINUSE)
		rc = ERR_STATE_EXISTS;
	net_addr_format(addr, text, sizeof(text));
	return base_fault_set(f, rc, "%s %s: %s", what, text, strerror(e));
}

int
net_udp_socket_open(const struct net_addr *addr,
    const struct net_udp_options *options, struct net_udp_socket *ret)
{
	struct net_udp_socket s = { .dual = false };
	struct sockaddr_storage sa = { 0 };
	size_t len;
	int rc;

	if (addr->family != NET_FAMILY_IP4 && addr->family != NET_FAMILY_IP6)
		return base_fault_set(options->fault, ERR_PEER_UNSUPPORTED,
		    "no IP address to receive on");
	rc = net_addr_to_sockaddr(addr, (struct sockaddr *)&sa, &len);
	if (rc != 0)
		return base_fault_set(options->fault, rc, "no address");
	s.fd =
	    socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s.fd < 0)
		return failed(addr, "socket for", options->fault);
	s.family = sa.ss_family;
	s.dual = options->dual && sa.ss_family == AF_INET6;
	if (set_options(s.fd, sa.ss_family, s.dual) != 0 ||
	    bind(s.fd, (struct sockaddr *)&sa, (socklen_t)len) != 0) {
		rc = failed(addr, "cannot receive on", options->fault);
		close(s.fd);
		return rc;
	}
	s.rcvbuf = set_buffer(
	    s.fd, SO_RCVBUFFORCE, SO_RCVBUF, options->socket_buffer_bytes);
	s.sndbuf = set_buffer(
	    s.fd, SO_SNDBUFFORCE, SO_SNDBUF, options->socket_buffer_bytes);
	s.gso = options->offload && has_gso(s.fd);
	s.gro = options->offload && set_on(s.fd, IPPROTO_UDP, UDP_GRO) == 0;
	*ret = s;
	return 0;
}

void
net_udp_socket_close(struct net_udp_socket *s)
{
	close(s->fd);
	s->fd = -1;
}

int
net_udp_socket_bound(const struct net_udp_socket *s, struct net_addr *ret)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);

	if (getsockname(s->fd, (struct sockaddr *)&sa, &len) != 0)
		return ERR_SYS_OS;
	return net_addr_from_sockaddr((struct sockaddr *)&sa, len, ret);
}

uint32_t
net_udp_socket_drops(const struct net_udp_socket *s)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &len) != 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}
