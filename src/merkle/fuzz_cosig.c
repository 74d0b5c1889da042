/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/cosig.h"
#include "merkle/cosigned.h"
#include "merkle/note.h"
#include "wire/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
one_type(enum merkle_sig_type type, const uint8_t *data, size_t len)
{
	static uint8_t out[MERKLE_COSIGNED_MAX];
	struct merkle_cosigned m;
	struct builder b;

	if (merkle_cosigned_parse(type, data, len, &m) != 0)
		return;
	wire_builder_init(&b, out, sizeof(out));
	merkle_cosigned_encode(&m, &b);
	TROTH_ASSERT(b.rc == 0 && b.len == len);
	TROTH_ASSERT(memcmp(out, data, len) == 0);
}

/* A cosigned message that parses is written back as it was; so is the body of
 * a cosignature line. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t types[] = { MERKLE_SIG_COSIGNATURE,
		MERKLE_SIG_COSIGNATURE44 };
	uint8_t body[MERKLE_COSIG_BODY_MAX], sig[MERKLE_NOTE_SIG_MAX];
	struct merkle_cosig cosig;
	struct merkle_note note;
	size_t i, t, n, m;

	one_type(MERKLE_SIG_COSIGNATURE, data, len);
	one_type(MERKLE_SIG_COSIGNATURE44, data, len);
	if (merkle_note_parse((const char *)data, len, &note) != 0 &&
	    merkle_note_sigs_parse((const char *)data, len, &note) != 0)
		return 0;
	for (i = 0; i < note.sig_count; i++)
		for (t = 0; t < sizeof(types); t++) {
			if (merkle_cosig_decode(
				&note.sig[i], types[t], &cosig) != 0)
				continue;
			n = merkle_cosig_body(&cosig, body);
			TROTH_ASSERT(merkle_note_sig_decode(&note.sig[i], sig,
					 sizeof(sig), &m) == 0);
			TROTH_ASSERT(n == m && memcmp(body, sig, n) == 0);
		}
	return 0;
}
