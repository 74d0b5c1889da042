/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_ADDCHECKPOINT_H
#define MERKLE_ADDCHECKPOINT_H

#include "base/err.h"
#include "merkle/types.h"

struct builder;

/* C2SP tlog-witness: the body of an add-checkpoint request. */
#define MERKLE_ADDCHECKPOINT_MAX 65536
#define MERKLE_ADDCHECKPOINT_PROOF_MAX 63

struct merkle_addcheckpoint {
	uint64_t old_size;
	struct merkle_proof proof;
	const char *note; /* the signed checkpoint, not looked at */
	size_t note_len;
};

/**
 * merkle_addcheckpoint_parse(body, len, ret):
 * Parse a request; ${ret}->note points into ${body}.  ERR_PEER_MALFORMED,
 * ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int merkle_addcheckpoint_parse(
    const char *body, size_t len, struct merkle_addcheckpoint *ret);

/**
 * merkle_addcheckpoint_encode(req, b):
 * Append the request; the builder has the error.
 */
void merkle_addcheckpoint_encode(
    const struct merkle_addcheckpoint *req, struct builder *b);

#endif
