/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_CHECKPOINT_H
#define MERKLE_CHECKPOINT_H

#include "base/err.h"
#include "merkle/types.h"

/* C2SP tlog-checkpoint: the text of a note that states a tree head. */
#define MERKLE_CHECKPOINT_TEXT_MAX 1024
#define MERKLE_CHECKPOINT_ORIGIN_MAX 256

struct merkle_checkpoint {
	char origin[MERKLE_CHECKPOINT_ORIGIN_MAX];
	struct merkle_head head;
	const char *extension; /* into the parsed text: whole lines, or NULL */
	size_t extension_len;
};

/**
 * merkle_checkpoint_parse(text, len, ret):
 * Parse the note text (not the signatures).  ERR_PEER_MALFORMED.
 */
MUST_CHECK int merkle_checkpoint_parse(
    const char *text, size_t len, struct merkle_checkpoint *ret);

/**
 * merkle_checkpoint_encode(origin, head, ret):
 * Write the three lines with a zero; no extension lines.  ERR_SYS_LIMIT if
 * the origin is too long.
 */
MUST_CHECK int merkle_checkpoint_encode(const char *origin,
    const struct merkle_head *head, char ret[MERKLE_CHECKPOINT_TEXT_MAX]);

#endif
