/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our UDP path is compared with: the plainest loops over sendmmsg and
 * recvmmsg, 64 datagrams a call, IPv6 loopback, sharing no code with it.
 *
 *   udp_plain recv               prints "port=N", counts until SIGTERM
 *   udp_plain send PORT LENGTH   sends until SIGTERM
 *
 * Either ends with one JSON object: datagrams, microseconds from the first to
 * the last, microseconds of processor.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define LENGTH_MAX 2048

int main(int, char **);

static volatile sig_atomic_t ended;

static uint8_t bytes[BATCH][LENGTH_MAX];
static struct iovec iov[BATCH];
static struct mmsghdr msgs[BATCH];
static struct sockaddr_in6 names[BATCH];

static void
on_term(int signum)
{
	(void)signum;
	ended = 1;
}

static uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
print(const char *what, uint64_t n, uint64_t calls, uint64_t us)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	printf("{\"%s\": %ju, \"%s_calls\": %ju, \"us\": %ju, "
	       "\"cpu_us\": %ju}\n",
	    what, (uintmax_t)n, what, (uintmax_t)calls, (uintmax_t)us,
	    (uintmax_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
		(uintmax_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec));
}

static int
receive(int fd)
{
	uint64_t n = 0, calls = 0, first = 0, last = 0;
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(a);
	int got;

	if (bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 1;
	printf("port=%d\n", ntohs(a.sin6_port));
	fflush(stdout);
	while (!ended) {
		for (int i = 0; i < BATCH; i++)
			msgs[i].msg_hdr.msg_namelen = sizeof(names[i]);
		got = recvmmsg(fd, msgs, BATCH, MSG_WAITFORONE, NULL);
		if (got <= 0)
			continue;
		last = now_us();
		if (first == 0)
			first = last;
		n += (uint64_t)got;
		calls++;
	}
	print("received", n, calls, last - first);
	return 0;
}

static int
send_all(int fd, int port, size_t len)
{
	uint64_t n = 0, calls = 0, start = now_us();
	int sent;

	for (int i = 0; i < BATCH; i++) {
		names[i] = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)port),
			.sin6_addr = IN6ADDR_LOOPBACK_INIT };
		iov[i].iov_len = len;
	}
	while (!ended) {
		sent = sendmmsg(fd, msgs, BATCH, 0);
		if (sent <= 0)
			continue;
		n += (uint64_t)sent;
		calls++;
	}
	print("sent", n, calls, now_us() - start);
	return 0;
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_term };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), buffer = 4 << 20;

	sigaction(SIGTERM, &action, NULL);
	if (fd < 0)
		return 1;
	if (setsockopt(
		fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) != 0)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bytes[i], LENGTH_MAX };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &names[i];
		msgs[i].msg_hdr.msg_namelen = sizeof(names[i]);
	}
	if (argc == 2 && strcmp(argv[1], "recv") == 0)
		return receive(fd);
	if (argc == 4 && strcmp(argv[1], "send") == 0)
		return send_all(fd, (int)strtol(argv[2], NULL, 10),
		    strtoul(argv[3], NULL, 10));
	fprintf(stderr, "usage: udp_plain recv | send PORT LENGTH\n");
	return 2;
}
