/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_STH_H
#define MERKLE_STH_H

#include "merkle/checkpoint.h"

/* RFC 6962 signed tree heads and their form as a line of a checkpoint. */
#define MERKLE_STH_INPUT_LEN 50

/**
 * merkle_sth_input(timestamp_ms, head, ret):
 * The octets that a RFC 6962 section 3.5 TreeHeadSignature covers.
 */
void merkle_sth_input(uint64_t timestamp_ms, const struct merkle_head *head,
    uint8_t ret[MERKLE_STH_INPUT_LEN]);

#define MERKLE_STH_SIG_MAX 256

/* static-ct-api RFC6962NoteSignature: what a type 0x05 line carries.  The
 * signature is the TLS digitally-signed struct: 2 octets algorithm, 2 octets
 * length, signature. */
struct merkle_sth_signature {
	uint64_t timestamp_ms;
	uint8_t sig[MERKLE_STH_SIG_MAX];
	size_t sig_len;
};

/**
 * merkle_sth_decode(line, ret):
 * Parse the body of a type 0x05 signature line.  ERR_PEER_MALFORMED,
 * ERR_PEER_TOO_LARGE, ERR_PEER_TRUNCATED, ERR_PEER_TRAILING.
 */
MUST_CHECK int merkle_sth_decode(
    const struct merkle_note_sig *line, struct merkle_sth_signature *ret);

/**
 * merkle_sth_line(origin, log_id, sth, ret):
 * Write the type 0x05 signature line of the log ${log_id} (SHA-256 of its
 * SPKI).  ERR_PEER_NAME, ERR_SYS_LIMIT.
 */
MUST_CHECK int merkle_sth_line(const char *origin,
    const uint8_t log_id[MERKLE_HASH_LEN],
    const struct merkle_sth_signature *sth, char ret[MERKLE_NOTE_LINE_MAX]);

/**
 * merkle_sth_verify(note, checkpoint, spki, spki_len, ret):
 * Check the type 0x05 signature of the log whose SubjectPublicKeyInfo (P-256)
 * is ${spki} on ${checkpoint}, parsed from ${note}; without extension lines.
 * ${ret} gets timestamp and signature and may be NULL.  ERR_STATE_NOT_FOUND
 * without such a line, ERR_PEER_SIGNATURE, ERR_PEER_KEY, ERR_PEER_UNSUPPORTED
 * for a key of another type.
 */
MUST_CHECK int merkle_sth_verify(const struct merkle_note *note,
    const struct merkle_checkpoint *checkpoint, const uint8_t *spki,
    size_t spki_len, struct merkle_sth_signature *ret);

#endif
