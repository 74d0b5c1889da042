/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_NOTE_H
#define MERKLE_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* C2SP signed-note.  Size and signature count are bounded (tlog-witness). */
#define MERKLE_NOTE_MAX 65536
#define MERKLE_NOTE_SIGS_MAX 32
#define MERKLE_NOTE_SIG_MAX 6144 /* decoded, key id included */

/* One signature line; the pointers are into the parsed note. */
struct merkle_note_sig {
	const char *name;
	size_t name_len;
	const char *base64; /* of key id and signature */
	size_t base64_len;
	uint32_t key_id;
};

struct merkle_note {
	const char *text; /* with its last newline */
	size_t text_len;
	size_t sig_count;
	struct merkle_note_sig sig[MERKLE_NOTE_SIGS_MAX];
};

/**
 * merkle_note_parse(data, len, ret):
 * Split a signed note into text and signature lines.  ${ret} points into
 * ${data}.  ERR_PEER_MALFORMED (also: not UTF-8, a control character, no
 * signature), ERR_PEER_TOO_LARGE above the limits.
 */
MUST_CHECK int merkle_note_parse(
    const char *data, size_t len, struct merkle_note *ret);

/**
 * merkle_note_sigs_parse(data, len, ret):
 * Parse signature lines alone, as a witness answers them; ${ret} has no text.
 * Errors as merkle_note_parse.
 */
MUST_CHECK int merkle_note_sigs_parse(
    const char *data, size_t len, struct merkle_note *ret);

/**
 * merkle_note_sig_decode(sig, ret, cap, ret_len):
 * Decode the signature octets after the key id.  ERR_PEER_TOO_LARGE if they
 * do not fit.
 */
MUST_CHECK int merkle_note_sig_decode(const struct merkle_note_sig *sig,
    uint8_t *ret, size_t cap, size_t *ret_len);

#endif
