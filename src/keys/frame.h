/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_FRAME_H
#define KEYS_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Frames between main and the key process (identity spec section 3), each one
 * a packet of a SOCK_SEQPACKET socketpair, so that nothing is cut or joined.
 *
 *   request  0/4 length of rest, 4/4 id, 8/1 op, 9/1 slot, 10 payload
 *   reply    0/4 length of rest, 4/4 id, 8/1 status, 9 signature
 *
 * A payload that makes the frame longer than KEYS_FRAME_MAX travels as one
 * fully sealed memfd passed with the frame, whose payload is empty then.
 */
#define KEYS_FRAME_MAX 65536
#define KEYS_REQUEST_HEAD 10
#define KEYS_REPLY_HEAD 9
#define KEYS_REQUEST_INLINE_MAX (KEYS_FRAME_MAX - KEYS_REQUEST_HEAD)
#define KEYS_REPLY_PAYLOAD_MAX (KEYS_FRAME_MAX - KEYS_REPLY_HEAD)
#define KEYS_PAYLOAD_MAX ((size_t)64 << 20)
#define KEYS_OUTSTANDING_MAX 1024

struct keys_request {
	uint8_t op;
	uint8_t slot;
	const uint8_t *payload;
	size_t len;
};

struct keys_reply {
	uint32_t id;
	uint8_t status; /* keys/status.h */
	const uint8_t *sig;
	size_t len;
};

/**
 * keys_frame_request_parse(data, len, ret, ret_id):
 * Parse one packet; the payload points into ${data}.  ERR_PEER_TRUNCATED,
 * or ERR_PEER_MALFORMED when the length field does not match.
 */
MUST_CHECK int keys_frame_request_parse(const uint8_t *data, size_t len,
    struct keys_request *ret, uint32_t *ret_id);

/**
 * keys_frame_request_head(req, id, inline_len, out):
 * Write the head of a request; ${inline_len} payload bytes follow.
 */
void keys_frame_request_head(const struct keys_request *req, uint32_t id,
    size_t inline_len, uint8_t out[KEYS_REQUEST_HEAD]);

/**
 * keys_frame_reply_parse(data, len, ret):
 * Parse one packet; sig points into ${data}.  ERR_PEER_TRUNCATED,
 * ERR_PEER_MALFORMED (length or unknown status).
 */
MUST_CHECK int keys_frame_reply_parse(
    const uint8_t *data, size_t len, struct keys_reply *ret);

/** keys_frame_reply_head(reply, out): len <= KEYS_REPLY_PAYLOAD_MAX. */
void keys_frame_reply_head(
    const struct keys_reply *reply, uint8_t out[KEYS_REPLY_HEAD]);

#endif
