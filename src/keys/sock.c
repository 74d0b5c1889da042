/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/sock_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Ask for room for a full frame and its bookkeeping. */
#define BUFFER_BYTES (1 << 20)

int
keys_sock_pair(int fds[2])
{
	int size = BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return ERR_SYS_OS;
	/* A smaller buffer than asked for only costs speed. */
	for (int i = 0; i < 2; i++)
		(void)setsockopt(
		    fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return 0;
}

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		return ERR_SYS_OS;
	return 0;
}

int
keys_sock_send(int fd, const struct iovec *iov, size_t n, int pass, int wait)
{
	union control control = { .bytes = { 0 } };
	struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		.msg_iovlen = n };
	struct cmsghdr *c;

	if (pass >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass, sizeof(int));
	}
	for (;;) {
		if (sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
			return ERR_PEER_CLOSED;
		if (errno != EAGAIN && errno != ENOBUFS)
			return ERR_SYS_OS;
		if (!wait)
			return ERR_STATE_PENDING;
		if (wait_writable(fd) != 0)
			return ERR_SYS_OS;
	}
}

/* Return the first passed descriptor and close any other. */
static int
take_descriptor(struct msghdr *m)
{
	int found = -1, fd;
	size_t n;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			memcpy(
			    &fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (found < 0)
				found = fd;
			else
				close(fd);
		}
	}
	return found;
}

int
keys_sock_recv(int fd, uint8_t *buf, size_t cap, size_t *ret_len, int *ret_pass)
{
	union control control;
	struct iovec iov = { buf, cap };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	bool reset = false;
	ssize_t n;
	int pass;

	do {
		n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		/* The peer left without reading all; what it sent comes first,
		 * and the kernel says this once. */
		if (n < 0 && errno == ECONNRESET && !reset) {
			reset = true;
			errno = EINTR;
		}
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return ERR_STATE_PENDING;
	if (n < 0)
		return errno == ECONNRESET ? ERR_PEER_CLOSED : ERR_SYS_OS;
	pass = take_descriptor(&m);
	/* Nobody sends an empty packet, so nothing read is the end. */
	if (n == 0 || (m.msg_flags & MSG_TRUNC) != 0) {
		if (pass >= 0)
			close(pass);
		return n == 0 ? ERR_PEER_CLOSED : ERR_PEER_TOO_LARGE;
	}
	*ret_len = (size_t)n;
	*ret_pass = pass;
	return 0;
}

int
keys_sock_memfd(const void *data, size_t len, int *ret)
{
	const uint8_t *p = data;
	int fd = memfd_create("troth-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n;

	if (fd < 0)
		return ERR_SYS_OS;
	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return ERR_SYS_NOMEM;
		}
		p += n;
		len -= (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) != 0) {
		close(fd);
		return ERR_SYS_OS;
	}
	*ret = fd;
	return 0;
}

int
keys_sock_map(int fd, size_t max, const uint8_t **ret, size_t *ret_len)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	void *p;

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) != 0 ||
	    st.st_size <= 0)
		return ERR_PEER_MALFORMED;
	if ((uint64_t)st.st_size > max)
		return ERR_PEER_TOO_LARGE;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return ERR_SYS_OS;
	*ret = p;
	*ret_len = (size_t)st.st_size;
	return 0;
}
