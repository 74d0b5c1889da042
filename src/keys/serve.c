/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>
#include <unistd.h>

#include "keys/frame.h"
#include "keys/perform_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"

/* A payload that is not a sealed memfd of its own. */
#define MALFORMED 2

static int
answer(struct keys_process *p, uint32_t id, uint8_t status)
{
	uint8_t head[KEYS_REPLY_HEAD];
	struct keys_reply reply = { id, status, NULL, 0 };
	struct iovec iov[2] = { { head, sizeof(head) }, { NULL, 0 } };

	if (status == 0) {
		reply.len = p->out.len;
		iov[1].iov_base = p->out.data;
		iov[1].iov_len = p->out.len;
	}
	keys_frame_reply_head(&reply, head);
	return keys_sock_send(p->main_fd, iov, 2, -1, 1);
}

/* Answer one packet from main; a code here ends the process. */
static int
serve(struct keys_process *p, const uint8_t *packet, size_t len, int pass)
{
	struct keys_call call = { .process = p, .out = &p->out };
	struct keys_request req;
	const uint8_t *map = NULL;
	size_t map_len = 0;
	uint32_t id = 0;
	uint8_t status;
	int rc;

	rc = keys_frame_request_parse(packet, len, &req, &id);
	if (rc != 0)
		return rc;
	call.payload = req.payload;
	call.len = req.len;
	if (pass >= 0) {
		rc = req.len != 0 ? ERR_PEER_MALFORMED
				  : keys_sock_map(
					pass, KEYS_PAYLOAD_MAX, &map, &map_len);
		call.payload = map;
		call.len = map_len;
	}
	p->out.len = 0;
	status = MALFORMED;
	if (rc == 0)
		status = keys_process_perform(p, req.op, req.slot, &call);
	rc = answer(p, id, status);
	/* It may have been an unsealed key. */
	keys_process_clear(p);
	if (map != NULL)
		munmap((void *)(uintptr_t)map, map_len);
	return rc;
}

int
keys_process_serve(struct keys_process *p, size_t max)
{
	size_t len;
	int pass, rc = 0;

	for (size_t i = 0; i < max && rc == 0; i++) {
		rc = keys_sock_recv(
		    p->main_fd, p->packet, KEYS_FRAME_MAX, &len, &pass);
		if (rc != 0)
			break;
		rc = serve(p, p->packet, len, pass);
		if (pass >= 0)
			close(pass);
	}
	return rc == ERR_STATE_PENDING ? 0 : rc;
}
