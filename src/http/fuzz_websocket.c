/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole receive path of a WebSocket, the library's frame parser included:
 * the input is what a client sends to a real server over a unix socket, behind
 * a valid handshake.  The first byte says in how many pieces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/assert.h"
#include "http/request.h"
#include "http/server.h"
#include "http/upgrade.h"
#include "http/websocket.h"
#include "loop/loop.h"
#include "net/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MESSAGE_MAX 3000
#define FRAMES_MAX 8
#define TURNS_MAX 400

static struct loop *loop;
static struct http_server *server;
static char path[64];
static int open_now;

/* What the server makes of it has to be a message within the limits. */
static void
on_message(
    void *ctx, struct http_websocket *w, const struct http_websocket_message *m)
{
	(void)ctx;
	TROTH_ASSERT(m->len <= MESSAGE_MAX);
	TROTH_ASSERT(m->data != NULL);
	for (size_t i = 0; m->is_text && i < m->len; i++)
		TROTH_ASSERT(m->data[i] != 0xff);
	(void)!http_websocket_send(w, m);
}

static void
on_closed(
    void *ctx, struct http_websocket *w, const struct http_websocket_end *end)
{
	(void)ctx;
	(void)w;
	TROTH_ASSERT(end->code >= 0);
	open_now--;
}

static void
handle(void *ctx, struct http_request *r)
{
	const struct http_websocket_opts opts = { .message_max = MESSAGE_MAX,
		.frames_max = FRAMES_MAX,
		.queue_max = 20000 };
	const struct http_websocket_events events = { .on_message = on_message,
		.on_closed = on_closed };
	struct http_websocket *w;

	(void)ctx;
	if (http_upgrade_accept(r, &opts, &events, NULL, &w) != 0)
		abort();
	open_now++;
}

static void
finish(void)
{
	http_server_free(server);
	loop_free(loop);
}

static void
start(void)
{
	struct http_listener_opts l = { .handler = handle };
	const struct http_server_opts opts = { 0 };
	struct net_addr a;

	snprintf(path, sizeof(path), "/tmp/troth-fuzz-ws-%d", (int)getpid());
	memset(&a, 0, sizeof(a));
	a.family = NET_FAMILY_UNIX;
	snprintf(a.path, sizeof(a.path), "%s", path);
	l.addr = &a;
	if (loop_new(&loop) != 0 ||
	    http_server_new(loop, &opts, &server, NULL) != 0 ||
	    http_server_listen(server, &l, NULL, NULL) != 0)
		abort();
	atexit(finish);
}

static int
dial(void)
{
	static const char hello[] =
	    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    send(fd, hello, sizeof(hello) - 1, MSG_NOSIGNAL) < 0)
		abort();
	return fd;
}

/* Let the server work; read what it says.  Returns whether it is at an end. */
static int
turn(int fd, char *buf, size_t cap)
{
	ssize_t n;

	loop_run_for(loop, 0);
	n = recv(fd, buf, cap, 0);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char buf[65536];
	size_t step, at = 0;
	int fd, turns = 0, ended = 0;
	ssize_t n;

	if (len == 0)
		return 0;
	if (loop == NULL)
		start();
	step = data[0] == 0 ? 1 : (size_t)data[0] * 16;
	data++;
	len--;
	fd = dial();
	while (open_now == 0 && turns++ < TURNS_MAX)
		turn(fd, buf, sizeof(buf));
	TROTH_ASSERT(open_now == 1);
	while (at < len && !ended && turns++ < TURNS_MAX) {
		n = send(fd, data + at, len - at < step ? len - at : step,
		    MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			break;
		at += n < 0 ? 0 : (size_t)n;
		ended = turn(fd, buf, sizeof(buf));
	}
	shutdown(fd, SHUT_WR);
	for (turns = 0; !ended && open_now > 0 && turns < TURNS_MAX; turns++)
		ended = turn(fd, buf, sizeof(buf));
	close(fd);
	for (turns = 0; open_now > 0 && turns < TURNS_MAX; turns++)
		turn(fd, buf, 0);
	/* Nothing a peer sends may keep a connection that is closed. */
	TROTH_ASSERT(open_now == 0);
	return 0;
}
