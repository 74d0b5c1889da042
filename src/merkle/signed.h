/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_SIGNED_H
#define MERKLE_SIGNED_H

#include "base/err.h"
#include "merkle/types.h"

struct merkle_note;
struct merkle_quorum;
struct merkle_quorum_result;
struct merkle_vkey;

/* Whose heads are believed. */
struct merkle_signed_policy {
	const struct merkle_vkey *log; /* Ed25519; its name is the origin */
	const struct merkle_quorum *quorum;
};

/**
 * merkle_signed_head(data, len, key, ret_note, ret):
 * Open the signed checkpoint of the log whose origin is the name of its
 * Ed25519 key ${key}.  ${ret_note} points into ${data} and has the
 * cosignatures, which are not looked at.  ERR_PEER_MALFORMED,
 * ERR_PEER_TOO_LARGE, ERR_PEER_SIGNATURE if ${key} did not sign it,
 * ERR_PEER_MISMATCH for another origin, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int merkle_signed_head(const char *data, size_t len,
    const struct merkle_vkey *key, struct merkle_note *ret_note,
    struct merkle_head *ret);

/**
 * merkle_signed_quorum(data, len, policy, ret, ret_quorum):
 * Open a signed checkpoint that enough witnesses cosigned.  Errors as
 * merkle_signed_head and merkle_quorum_check.
 */
MUST_CHECK int merkle_signed_quorum(const char *data, size_t len,
    const struct merkle_signed_policy *policy, struct merkle_head *ret,
    struct merkle_quorum_result *ret_quorum);

#endif
