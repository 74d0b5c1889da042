/* SPDX-License-Identifier: Apache-2.0 */

/* Request and reply frames: what parses encodes to the same head again. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "keys/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[KEYS_REQUEST_HEAD];
	struct keys_request req;
	struct keys_reply reply;
	uint32_t id;

	if (keys_frame_request_parse(data, size, &req, &id) == 0) {
		TROTH_ASSERT(req.len == size - KEYS_REQUEST_HEAD);
		keys_frame_request_head(&req, id, req.len, head);
		TROTH_ASSERT(memcmp(head, data, KEYS_REQUEST_HEAD) == 0);
	}
	if (keys_frame_reply_parse(data, size, &reply) == 0) {
		TROTH_ASSERT(reply.len == size - KEYS_REPLY_HEAD);
		keys_frame_reply_head(&reply, head);
		TROTH_ASSERT(memcmp(head, data, KEYS_REPLY_HEAD) == 0);
	}
	return 0;
}
