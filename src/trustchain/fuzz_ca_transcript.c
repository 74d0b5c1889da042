/* SPDX-License-Identifier: Apache-2.0 */
/* A transcript that somebody hands in; its lines are kept as they are. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trustchain/ca_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault f = { 0 };
	struct ca_transcript *t;
	struct pki_bytes text;

	if (ca_transcript_parse((const char *)data, size, &t, &f) != 0) {
		if (f.rc != ERR_STATE_INTEGRITY || f.msg[0] == '\0')
			abort();
		return 0;
	}
	text = ca_transcript_text(t);
	if (text.len != size || memcmp(text.data, data, size) != 0)
		abort();
	ca_transcript_free(t);
	return 0;
}
