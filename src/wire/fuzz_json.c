/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <stdlib.h>

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What we accept, we can write and read again unchanged. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_t *json, *again;
	size_t n;
	char *s;

	if (wire_json_parse((const char *)data, len, &json, NULL) != 0)
		return 0;
	if ((s = wire_json_dump(json, &n)) != NULL) {
		TROTH_ASSERT(wire_json_parse(s, n, &again, NULL) == 0);
		TROTH_ASSERT(json_equal(json, again) == 1);
		json_decref(again);
	}
	free(s);
	json_decref(json);
	return 0;
}
