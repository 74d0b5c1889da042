/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_TLOGPROOF_H
#define MERKLE_TLOGPROOF_H

#include "base/err.h"
#include "merkle/types.h"

struct merkle_quorum_result;
struct merkle_signed_policy;

/* C2SP tlog-proof: an inclusion proof and its checkpoint as one text. */
struct merkle_tlogproof {
	const char *extra; /* base64, not authenticated; NULL: none */
	size_t extra_len;
	uint64_t index;
	struct merkle_proof proof;
	const char *checkpoint; /* the signed note, verbatim */
	size_t checkpoint_len;
};

/**
 * merkle_tlogproof_encode(proof, ret, cap, ret_len):
 * Write the text without a zero.  ERR_SYS_LIMIT if it does not fit.
 */
MUST_CHECK int merkle_tlogproof_encode(const struct merkle_tlogproof *proof,
    char *ret, size_t cap, size_t *ret_len);

/**
 * merkle_tlogproof_parse(text, len, ret):
 * Parse the text; an "extra" line is checked to be base64.  ${ret}->extra
 * and ${ret}->checkpoint point into ${text}.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int merkle_tlogproof_parse(
    const char *text, size_t len, struct merkle_tlogproof *ret);

/**
 * merkle_tlogproof_verify(proof, leaf, policy, ret_head, ret_quorum):
 * Check, offline, that the leaf with hash ${leaf} is at proof->index in a tree
 * whose head the log signed and enough witnesses cosigned.  ERR_PEER_PROOF if
 * the leaf is not there; errors as merkle_signed_quorum.
 */
MUST_CHECK int merkle_tlogproof_verify(const struct merkle_tlogproof *proof,
    const struct merkle_hash *leaf, const struct merkle_signed_policy *policy,
    struct merkle_head *ret_head, struct merkle_quorum_result *ret_quorum);

#endif
