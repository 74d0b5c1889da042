/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/notekey.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A note that parses is made of its parts. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct merkle_note note;
	struct merkle_vkey key;
	uint8_t sig[MERKLE_NOTE_SIG_MAX];
	size_t i, n;

	(void)!merkle_vkey_parse((const char *)data, len, &key);
	if (merkle_note_parse((const char *)data, len, &note) == 0) {
		TROTH_ASSERT(note.text_len < len);
		TROTH_ASSERT(note.sig_count <= MERKLE_NOTE_SIGS_MAX);
		for (i = 0; i < note.sig_count; i++)
			TROTH_ASSERT(merkle_note_sig_decode(&note.sig[i], sig,
					 sizeof(sig), &n) == 0);
		memset(&key, 0, sizeof(key));
		key.type = MERKLE_SIG_ED25519;
		key.id = note.sig[0].key_id;
		if (note.sig[0].name_len < sizeof(key.name))
			memcpy(
			    key.name, note.sig[0].name, note.sig[0].name_len);
		TROTH_ASSERT(merkle_notekey_verify(&note, &key) != 0);
	}
	return 0;
}
