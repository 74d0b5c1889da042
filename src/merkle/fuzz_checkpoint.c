/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/checkpoint.h"
#include "merkle/note.h"
#include "merkle/sth.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A checkpoint that parses is written back as its first three lines. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[MERKLE_CHECKPOINT_TEXT_MAX];
	struct merkle_sth sth;
	struct merkle_checkpoint cp;
	uint8_t body[MERKLE_STH_BODY_MAX], sig[MERKLE_STH_BODY_MAX];
	struct merkle_note note;
	size_t i, n, m;

	if (merkle_checkpoint_parse((const char *)data, len, &cp) == 0) {
		TROTH_ASSERT(
		    merkle_checkpoint_encode(cp.origin, &cp.head, text) == 0);
		TROTH_ASSERT(strlen(text) + cp.extension_len == len);
		TROTH_ASSERT(memcmp(text, data, strlen(text)) == 0);
	}
	if (merkle_note_parse((const char *)data, len, &note) != 0)
		return 0;
	for (i = 0; i < note.sig_count; i++) {
		if (merkle_sth_decode(&note.sig[i], &sth) != 0)
			continue;
		TROTH_ASSERT(merkle_sth_body(&sth, body, &n) == 0);
		TROTH_ASSERT(merkle_note_sig_decode(
				 &note.sig[i], sig, sizeof(sig), &m) == 0);
		TROTH_ASSERT(n == m && memcmp(body, sig, n) == 0);
	}
	return 0;
}
