/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_name.h"

#include <string.h>

#include "base/arena.h"

int
ca_name_key(
    const struct ca_name *name, struct arena *a, struct ca_blob *ret_key)
{
	const uint8_t *from = name->value.data;
	size_t end = name->value.len, at = 0, start;
	uint8_t *key;

	if ((key = base_arena_alloc(a, end + 1)) == NULL)
		return ERR_SYS_LIMIT;
	ret_key->data = key;
	ret_key->len = end;
	if (name->kind != CA_NAME_DNS) {
		memcpy(key, from, end);
		return 0;
	}
	for (;;) {
		for (start = end; start > 0 && from[start - 1] != '.';)
			start--;
		memcpy(key + at, from + start, end - start);
		at += end - start;
		if (start == 0)
			return 0;
		key[at++] = '.';
		end = start - 1;
	}
}
