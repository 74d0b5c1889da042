/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ASSEMBLY_INTERNAL_H
#define HTTP_ASSEMBLY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * WebSocket messages out of the pieces in which the library gives them (RFC
 * 6455 sections 5.4, 8.1): a frame may come in several pieces, since TLS
 * records cut it, and a message in several frames.
 */
struct http_piece {
	const uint8_t *data;
	size_t len;
	bool begins_frame, ends_message, is_text;
};

struct http_assembly {
	unsigned frames_max, frames;
	bool begun, is_text;
	/* How many bytes the character still has, and what the next may be. */
	uint8_t rest, low, high;
	struct buf held;
};

/**
 * http_assembly_init(a, message_max, frames_max): nothing is held yet.
 * http_assembly_fini(a): wipe and free what is held.
 */
void http_assembly_init(
    struct http_assembly *a, size_t message_max, unsigned frames_max);
void http_assembly_fini(struct http_assembly *a);

/**
 * http_assembly_add(a, piece, ret):
 * Add one piece.  When it ends a message, ${ret} becomes that message, valid
 * until the next call (data is never NULL); else ret->data is NULL.
 * ERR_PEER_TOO_LARGE beyond message_max, ERR_PEER_RATE beyond frames_max,
 * ERR_PEER_ENCODING for text that is not UTF-8, ERR_SYS_NOMEM; after an error
 * only http_assembly_fini may be called.
 */
MUST_CHECK int http_assembly_add(struct http_assembly *a,
    const struct http_piece *piece, struct http_piece *ret);

#endif
