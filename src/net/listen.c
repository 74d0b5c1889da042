/* SPDX-License-Identifier: Apache-2.0 */
#include "net/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "net/addr.h"

/* Remove the socket file at ${sa} if it is one and nobody answers on it. */
static void
remove_stale(
    const struct net_addr *addr, const struct sockaddr_storage *sa, size_t len)
{
	struct stat st;
	int fd;

	if (lstat(addr->path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)sa, (socklen_t)len) != 0 &&
	    errno == ECONNREFUSED)
		unlink(addr->path);
	close(fd);
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

static int
set_options(int fd, const struct net_addr *addr)
{
	const int on = 1;

	if (addr->family == NET_FAMILY_UNIX)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -1;
	if (addr->family == NET_FAMILY_IP6)
		return setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return 0;
}

int
net_listen_open(const struct net_addr *addr, int backlog, int *ret_fd,
    struct net_addr *ret_bound, struct fault *f)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t bound_len = sizeof(sa);
	size_t len;
	int fd, rc;

	rc = net_addr_to_sockaddr(addr, (struct sockaddr *)&sa, &len);
	if (rc != 0)
		return base_fault_set(f, rc, "no address to listen on");
	fd =
	    socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return failed(addr, "socket for", f);
	if (addr->family == NET_FAMILY_UNIX)
		remove_stale(addr, &sa, len);
	if (set_options(fd, addr) != 0 ||
	    bind(fd, (struct sockaddr *)&sa, (socklen_t)len) != 0)
		goto fail;
	/* Before anybody can connect, for listen comes after. */
	if (addr->family == NET_FAMILY_UNIX && chmod(addr->path, 0660) != 0)
		goto fail;
	if (listen(fd, backlog) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &bound_len) != 0)
		goto fail;
	rc = net_addr_from_sockaddr(
	    (struct sockaddr *)&sa, bound_len, ret_bound);
	if (rc != 0) {
		close(fd);
		return base_fault_set(f, rc, "unusable bound address");
	}
	*ret_fd = fd;
	return 0;

fail:
	rc = failed(addr, "cannot listen on", f);
	close(fd);
	return rc;
}

int
net_listen_accept(int fd, int *ret_fd, struct net_addr *ret_peer)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof(sa);
	const int on = 1;
	int got;

	got = accept4(
	    fd, (struct sockaddr *)&sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (got < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return ERR_STATE_PENDING;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			return ERR_SYS_LIMIT;
		return ERR_SYS_NETWORK;
	}
	if (net_addr_from_sockaddr((struct sockaddr *)&sa, len, ret_peer) !=
	    0) {
		close(got);
		return ERR_SYS_NETWORK;
	}
	if (ret_peer->family != NET_FAMILY_UNIX)
		(void)setsockopt(
		    got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*ret_fd = got;
	return 0;
}
