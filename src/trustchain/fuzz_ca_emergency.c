/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "merkle/note.h"
#include "trustchain/ca_emergency_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * A statement that comes over the control socket: whatever its text is, one
 * that is accepted is written again to the same octets, so that there is one
 * way to say it.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char again[CA_EMERGENCY_TEXT_MAX];
	struct ca_emergency_note n;
	struct merkle_note note;

	if (merkle_note_parse((const char *)data, len, &note) != 0)
		return 0;
	if (ca_emergency_note_parse(note.text, note.text_len, &n) != 0)
		return 0;
	ca_emergency_note_encode(&n, again);
	TROTH_ASSERT(strlen(again) == note.text_len);
	TROTH_ASSERT(memcmp(again, note.text, note.text_len) == 0);
	return 0;
}
