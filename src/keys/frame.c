/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/frame.h"

#include "base/assert.h"
#include "keys/status.h"
#include "wire/builder.h"
#include "wire/cursor.h"

int
keys_frame_request_parse(
    const uint8_t *data, size_t len, struct keys_request *ret, uint32_t *ret_id)
{
	struct keys_request req;
	struct cursor c;
	uint32_t rest, id;

	wire_cursor_init(&c, data, len);
	rest = wire_cursor_u32(&c);
	if (c.rc == 0 && (rest != wire_cursor_left(&c) || len > KEYS_FRAME_MAX))
		wire_cursor_fail(&c, ERR_PEER_MALFORMED);
	id = wire_cursor_u32(&c);
	req.op = wire_cursor_u8(&c);
	req.slot = wire_cursor_u8(&c);
	req.len = wire_cursor_left(&c);
	req.payload = wire_cursor_bytes(&c, req.len);
	if (c.rc != 0)
		return c.rc;
	*ret = req;
	*ret_id = id;
	return 0;
}

void
keys_frame_request_head(const struct keys_request *req, uint32_t id,
    size_t inline_len, uint8_t out[KEYS_REQUEST_HEAD])
{
	struct builder b;

	TROTH_ASSERT(inline_len <= KEYS_REQUEST_INLINE_MAX);
	wire_builder_init(&b, out, KEYS_REQUEST_HEAD);
	wire_builder_u32(&b, (uint32_t)(KEYS_REQUEST_HEAD - 4 + inline_len));
	wire_builder_u32(&b, id);
	wire_builder_u8(&b, req->op);
	wire_builder_u8(&b, req->slot);
	TROTH_ASSERT(b.rc == 0);
}

int
keys_frame_reply_parse(const uint8_t *data, size_t len, struct keys_reply *ret)
{
	struct keys_reply reply;
	struct cursor c;
	uint32_t rest;
	uint8_t status;

	wire_cursor_init(&c, data, len);
	rest = wire_cursor_u32(&c);
	if (c.rc == 0 && (rest != wire_cursor_left(&c) || len > KEYS_FRAME_MAX))
		wire_cursor_fail(&c, ERR_PEER_MALFORMED);
	reply.id = wire_cursor_u32(&c);
	status = wire_cursor_u8(&c);
	if (status > KEYS_STATUS_RATE)
		wire_cursor_fail(&c, ERR_PEER_MALFORMED);
	reply.status = status;
	reply.len = wire_cursor_left(&c);
	reply.sig = wire_cursor_bytes(&c, reply.len);
	if (c.rc != 0)
		return c.rc;
	*ret = reply;
	return 0;
}

void
keys_frame_reply_head(
    const struct keys_reply *reply, uint8_t out[KEYS_REPLY_HEAD])
{
	struct builder b;

	TROTH_ASSERT(reply->len <= KEYS_REPLY_PAYLOAD_MAX);
	wire_builder_init(&b, out, KEYS_REPLY_HEAD);
	wire_builder_u32(&b, (uint32_t)(KEYS_REPLY_HEAD - 4 + reply->len));
	wire_builder_u32(&b, reply->id);
	wire_builder_u8(&b, reply->status);
	TROTH_ASSERT(b.rc == 0);
}
