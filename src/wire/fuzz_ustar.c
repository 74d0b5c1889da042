/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ustar.h"

#include <string.h>

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Walk an archive; what is a header is written again with the same meaning. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t block[WIRE_USTAR_BLOCK];
	struct wire_ustar m, again;
	uint64_t skip;

	while (len >= WIRE_USTAR_BLOCK && wire_ustar_parse(data, &m) == 0) {
		TROTH_ASSERT(m.name[0] != '\0');
		TROTH_ASSERT(strlen(m.name) < sizeof(m.name));
		if (wire_ustar_encode(&m, block) == 0) {
			TROTH_ASSERT(wire_ustar_parse(block, &again) == 0);
			TROTH_ASSERT(strcmp(m.name, again.name) == 0);
			TROTH_ASSERT(m.size == again.size);
		}
		data += WIRE_USTAR_BLOCK;
		len -= WIRE_USTAR_BLOCK;
		skip = m.size + wire_ustar_padding(m.size);
		if (skip > len)
			break;
		data += skip;
		len -= (size_t)skip;
	}
	return 0;
}
