/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/control.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/client.h"
#include "keys/msg_internal.h"
#include "keys/sock_internal.h"
#include "loop/fd.h"

struct keys_control {
	struct keys_client *client;
	struct loop_fd *watch;
	int fd;
	void (*replaced)(void *ctx);
	void *replaced_ctx;
	unsigned fresh; /* bits: new processes since the last call */
	void (*config)(void *ctx, int fd);
	void *config_ctx;
};

/* What was loaded anew counts when all have it. */
static void
replaced(struct keys_control *c, unsigned index)
{
	unsigned all = keys_client_has_tokens(c->client) ? 3 : 1;

	c->fresh |= 1U << (index & 1);
	if ((c->fresh & all) != all)
		return;
	c->fresh = 0;
	if (c->replaced != NULL)
		c->replaced(c->replaced_ctx);
}

/* Take what came with a descriptor. */
static void
take(struct keys_control *c, const uint8_t *msg, size_t len, int pass)
{
	if (msg[0] == KEYS_MSG_SOCKET && len == 2) {
		/* Failing, the requests time out as unavailable. */
		if (keys_client_replace(c->client, msg[1], pass) == 0)
			replaced(c, msg[1]);
		return;
	}
	if (msg[0] == KEYS_MSG_CONFIG && c->config != NULL)
		c->config(c->config_ctx, pass);
	close(pass);
}

static void
on_event(void *ctx, unsigned events)
{
	struct keys_control *c = ctx;
	uint8_t msg[16];
	size_t len;
	int pass = -1, rc;

	(void)events;
	rc = keys_sock_recv(c->fd, msg, sizeof(msg), &len, &pass);
	if (rc == 0 && pass >= 0) {
		take(c, msg, len, pass);
	} else if (rc == ERR_PEER_CLOSED) {
		/* The supervisor is gone, and the kernel ends us. */
		rc = loop_fd_watch(c->watch, 0);
	}
	(void)rc;
}

int
keys_control_new(struct loop *l, int fd, struct keys_client *client,
    struct keys_control **ret)
{
	struct keys_control *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL) {
		close(fd);
		return ERR_SYS_NOMEM;
	}
	c->client = client;
	c->fd = fd;
	rc = loop_fd_new(l, fd, on_event, c, &c->watch);
	if (rc == 0)
		rc = loop_fd_watch(c->watch, LOOP_FD_READ);
	if (rc != 0) {
		keys_control_free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void
keys_control_free(struct keys_control *c)
{
	if (c == NULL)
		return;
	loop_fd_free(c->watch);
	close(c->fd);
	free(c);
}

void
keys_control_on_replaced(
    struct keys_control *c, void (*fn)(void *ctx), void *ctx)
{
	c->replaced = fn;
	c->replaced_ctx = ctx;
}

void
keys_control_on_config(
    struct keys_control *c, void (*fn)(void *ctx, int fd), void *ctx)
{
	c->config = fn;
	c->config_ctx = ctx;
}

int
keys_control_reload(struct keys_control *c)
{
	uint8_t packet[KEYS_COMMAND_LEN] = { 0, 0, 0, KEYS_COMMAND_RELOAD };
	struct iovec iov = { packet, sizeof(packet) };

	return keys_sock_send(c->fd, &iov, 1, -1, 0) == 0 ? 0 : ERR_SYS_OS;
}
