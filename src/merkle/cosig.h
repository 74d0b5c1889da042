/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_COSIG_H
#define MERKLE_COSIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct merkle_cosigned;
struct merkle_note;
struct merkle_note_sig;
struct merkle_vkey;

/* C2SP tlog-cosignature: a witness's line on a checkpoint. */
#define MERKLE_COSIG_SIG_MAX 2420
#define MERKLE_COSIG_BODY_MAX (8 + MERKLE_COSIG_SIG_MAX)

/* timestamped_signature */
struct merkle_cosig {
	uint64_t timestamp_s;
	size_t sig_len; /* 64 or 2420 */
	uint8_t sig[MERKLE_COSIG_SIG_MAX];
};

/**
 * merkle_cosig_sig_len(type):
 * Return the octets of a cosignature without its time; 0 for other types.
 */
size_t merkle_cosig_sig_len(uint8_t type);

/**
 * merkle_cosig_decode(line, type, ret):
 * Parse the signature of ${line} as a cosignature of ${type}.
 * ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int merkle_cosig_decode(
    const struct merkle_note_sig *line, uint8_t type, struct merkle_cosig *ret);

/**
 * merkle_cosig_body(cosig, ret):
 * Write what the signature line carries after the key id; return its length.
 */
size_t merkle_cosig_body(
    const struct merkle_cosig *cosig, uint8_t ret[MERKLE_COSIG_BODY_MAX]);

/**
 * merkle_cosig_check(m, key, cosig):
 * Check one cosignature of the message ${m} by ${key}.  ERR_PEER_SIGNATURE,
 * ERR_PEER_MISMATCH if its time is not that of ${m}, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int merkle_cosig_check(const struct merkle_cosigned *m,
    const struct merkle_vkey *key, const struct merkle_cosig *cosig);

/**
 * merkle_cosig_verify(note, key, ret_timestamp_s):
 * Check the cosignatures of the checkpoint ${note} by ${key}; every line with
 * its name and id must be right (C2SP signed-note) and have a time.  Stores
 * the latest time.  ERR_STATE_NOT_FOUND if there is none, ERR_PEER_SIGNATURE
 * if one is wrong, ERR_PEER_MALFORMED if ${note} is no checkpoint.
 */
MUST_CHECK int merkle_cosig_verify(const struct merkle_note *note,
    const struct merkle_vkey *key, uint64_t *ret_timestamp_s);

#endif
