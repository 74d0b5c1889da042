/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/wipe.h"
#include "keys/desk_internal.h"
#include "keys/frame.h"
#include "keys/op.h"
#include "keys/perform_internal.h"
#include "keys/sock_internal.h"

/* A payload that is not a sealed memfd of its own. */
#define MALFORMED 2

static int
reply(int fd, uint32_t id, uint8_t status, const struct buf *out)
{
	uint8_t head[KEYS_REPLY_HEAD];
	struct keys_reply r = { id, status, NULL, 0 };
	struct iovec iov[2] = { { head, sizeof(head) }, { NULL, 0 } };

	if (status == 0) {
		r.len = out->len;
		iov[1].iov_base = out->data;
		iov[1].iov_len = out->len;
	}
	keys_frame_reply_head(&r, head);
	return keys_sock_send(fd, iov, 2, -1, 1);
}

static int
answer(struct keys_process *p, const struct keys_desk *d, struct buf *out)
{
	struct keys_call call = { .process = p, .out = out };
	struct keys_request req;
	const uint8_t *map = NULL;
	size_t map_len = 0;
	uint32_t id = 0;
	uint8_t status;
	int rc;

	rc = keys_frame_request_parse(d->packet, d->len, &req, &id);
	if (rc != 0)
		return rc;
	call.payload = req.payload;
	call.len = req.len;
	if (d->pass >= 0) {
		rc = req.len != 0 ? ERR_PEER_MALFORMED
				  : keys_sock_map(d->pass, KEYS_PAYLOAD_MAX,
					&map, &map_len);
		call.payload = map;
		call.len = map_len;
	}
	out->len = 0;
	status = MALFORMED;
	if (rc == 0)
		status = keys_process_perform(p, req.op, req.slot, &call);
	rc = reply(d->fd, id, status, out);
	/* It may have been an unsealed key. */
	base_wipe(out->data, out->len);
	out->len = 0;
	if (map != NULL)
		munmap((void *)(uintptr_t)map, map_len);
	return rc;
}

int
keys_process_answer(struct keys_process *p, struct keys_desk *d)
{
	int rc = answer(p, d, &d->out);

	if (d->pass >= 0)
		close(d->pass);
	d->pass = -1;
	return rc;
}
