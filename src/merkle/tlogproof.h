/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TLOGPROOF_H
#define MERKLE_TLOGPROOF_H

#include "base/err.h"
#include "merkle/types.h"

/* C2SP tlog-proof: an inclusion proof and its checkpoint as one text. */
struct merkle_tlogproof {
	uint64_t index;
	struct merkle_proof proof;
	const char *checkpoint; /* the signed note, verbatim */
	size_t checkpoint_len;
};

/**
 * merkle_tlogproof_encode(proof, ret, cap, ret_len):
 * Write the text (no extra line) without a zero.  ERR_SYS_LIMIT if it does
 * not fit.
 */
MUST_CHECK int merkle_tlogproof_encode(const struct merkle_tlogproof *proof,
    char *ret, size_t cap, size_t *ret_len);

/**
 * merkle_tlogproof_parse(text, len, ret):
 * Parse the text; an "extra" line is checked to be base64 and skipped.
 * ${ret}->checkpoint points into ${text}.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int merkle_tlogproof_parse(
    const char *text, size_t len, struct merkle_tlogproof *ret);

#endif
