/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_WITNESS_INTERNAL_H
#define MERKLE_WITNESS_INTERNAL_H

#include <stdbool.h>

#include "merkle/witness.h"

struct merkle_witness_log {
	size_t number;
	struct merkle_head head;
	bool busy; /* a new head is being stored */
	size_t key_count;
	struct merkle_vkey *key;
};

/* A checkpoint in a request, taken apart. */
struct merkle_witness_note {
	char origin[MERKLE_WITNESS_ORIGIN_MAX];
	struct merkle_head head;
	size_t text_len;
};

/** merkle_witness_find(w, origin): The log of that name, or NULL. */
struct merkle_witness_log *merkle_witness_find(
    const struct merkle_witness *w, const char *origin);

/**
 * merkle_witness_judge(w, data, len, ret, ret_log):
 * Parse a signed checkpoint, find its log and check the signatures.  Returns
 * 0 or the status 400, 404, 403, or 500
 * when memory is short.
 */
MUST_CHECK int merkle_witness_judge(const struct merkle_witness *w,
    const char *data, size_t len, struct merkle_witness_note *ret,
    struct merkle_witness_log **ret_log);

#endif
