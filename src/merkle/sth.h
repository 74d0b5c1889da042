/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_STH_H
#define MERKLE_STH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* RFC 6962 signed tree heads as a note signature of type 0x05. */
struct merkle_note_sig;

#define MERKLE_STH_INPUT_LEN 50
#define MERKLE_STH_SIG_MAX 256
#define MERKLE_STH_BODY_MAX (8 + MERKLE_STH_SIG_MAX)

/* static-ct-api RFC6962NoteSignature: what a type 0x05 line carries.  The
 * signature is the TLS digitally-signed struct: 1 octet hash algorithm, 1
 * octet signature algorithm, 2 octets length, signature. */
struct merkle_sth {
	uint64_t timestamp_ms;
	uint8_t sig[MERKLE_STH_SIG_MAX];
	size_t sig_len;
};

/**
 * merkle_sth_input(timestamp_ms, size, root, ret):
 * The octets that a RFC 6962 section 3.5 TreeHeadSignature covers.
 */
void merkle_sth_input(uint64_t timestamp_ms, uint64_t size,
    const uint8_t root[32], uint8_t ret[MERKLE_STH_INPUT_LEN]);

/**
 * merkle_sth_decode(line, ret):
 * Parse the body of a type 0x05 signature line.  ERR_PEER_MALFORMED,
 * ERR_PEER_TOO_LARGE, ERR_PEER_TRUNCATED, ERR_PEER_TRAILING.
 */
MUST_CHECK int merkle_sth_decode(
    const struct merkle_note_sig *line, struct merkle_sth *ret);

/**
 * merkle_sth_body(sth, ret, ret_len):
 * Write the body of the type 0x05 signature line.  ERR_SYS_LIMIT.
 */
MUST_CHECK int merkle_sth_body(const struct merkle_sth *sth,
    uint8_t ret[MERKLE_STH_BODY_MAX], size_t *ret_len);

#endif
