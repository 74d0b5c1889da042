/* SPDX-License-Identifier: Apache-2.0 */

/* The bundle: reading ends, and every item lies inside the input. */
#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "keys/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[KEYS_SLOT_NAME_MAX + 1];
	struct keys_bundle_item item;
	size_t pos = 0, before;
	uint32_t rate;

	for (;;) {
		before = pos;
		if (keys_bundle_next(data, size, &pos, &item) != 0)
			return 0;
		TROTH_ASSERT(pos > before);
		TROTH_ASSERT(pos <= size);
		TROTH_ASSERT(item.data + item.len == data + pos);
		if (item.type == KEYS_BUNDLE_END)
			return 0;
		if (item.type == KEYS_BUNDLE_SLOT &&
		    keys_bundle_slot_parse(&item, &rate, name) == 0)
			TROTH_ASSERT(name[item.len - 4] == '\0');
	}
}
