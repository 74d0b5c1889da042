/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit/syslog_internal.h"
#include "base/str.h"

enum { WAIT_S = 2 };

int
audit_syslog_parse(const char *text, struct audit_syslog_target *ret)
{
	const char *host = text + 6, *end;
	uint64_t port;
	size_t n;

	memset(ret, 0, sizeof(*ret));
	if (base_str_starts(text, "unix:")) {
		ret->local = true;
		return text[5] == '/' &&
			       strlen(text + 5) <
				   sizeof(((struct sockaddr_un *)0)->sun_path)
			   ? base_str_copy(
				 ret->host, sizeof(ret->host), text + 5)
			   : ERR_STATE_CONFIG;
	}
	ret->stream = base_str_starts(text, "tcp://");
	if (!ret->stream && !base_str_starts(text, "udp://"))
		return ERR_STATE_CONFIG;
	if ((end = strrchr(host, ':')) == NULL ||
	    base_str_u64(end + 1, strlen(end + 1), &port) != 0 || port < 1 ||
	    port > 65535)
		return ERR_STATE_CONFIG;
	(void)snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)port);
	n = (size_t)(end - host);
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	} else if (host[0] == '[' || memchr(host, ':', n) != NULL) {
		return ERR_STATE_CONFIG;
	}
	if (n == 0 || n >= sizeof(ret->host))
		return ERR_STATE_CONFIG;
	memcpy(ret->host, host, n);
	return 0;
}

bool
audit_syslog_target_ok(const char *target)
{
	struct audit_syslog_target t;

	return audit_syslog_parse(target, &t) == 0;
}

/* Neither connecting nor sending takes longer than WAIT_S. */
static int
open_socket(int family, int type)
{
	const struct timeval wait = { WAIT_S, 0 };
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
connect_local(const char *path, int *ret_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (base_str_copy(a.sun_path, sizeof(a.sun_path), path) != 0 ||
	    (fd = open_socket(AF_UNIX, SOCK_DGRAM)) < 0)
		return ERR_SYS_NETWORK;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		close(fd);
		return ERR_SYS_NETWORK;
	}
	*ret_fd = fd;
	return 0;
}

int
audit_syslog_connect(const struct audit_syslog_target *t, int *ret_fd)
{
	struct addrinfo hints = { .ai_socktype =
				      t->stream ? SOCK_STREAM : SOCK_DGRAM };
	struct addrinfo *list, *a;
	int fd = -1;

	if (t->local)
		return connect_local(t->host, ret_fd);
	if (getaddrinfo(t->host, t->port, &hints, &list) != 0)
		return ERR_SYS_NETWORK;
	for (a = list; a != NULL; a = a->ai_next) {
		fd = open_socket(a->ai_family, a->ai_socktype);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			break;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		return ERR_SYS_NETWORK;
	*ret_fd = fd;
	return 0;
}

static int
send_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int
audit_syslog_write(const struct audit_syslog_target *t, int fd,
    const char *message, size_t len)
{
	char count[24];

	if (t->stream) {
		(void)snprintf(count, sizeof(count), "%zu ", len);
		/* Half a message cannot be taken back: begin anew. */
		return send_all(fd, count, strlen(count)) == 0 &&
			       send_all(fd, message, len) == 0
			   ? 0
			   : ERR_SYS_NETWORK;
	}
	if (send(fd, message, len, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EMSGSIZE)
		return ERR_SYS_LIMIT;
	return errno == EAGAIN || errno == ENOBUFS || errno == EINTR
		   ? ERR_SYS_TIMEOUT
		   : ERR_SYS_NETWORK;
}
