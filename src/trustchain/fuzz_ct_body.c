/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/assert.h"
#include "trustchain/ct_body.h"
#include "wire/base64.h"
#include "wire/json.h"

enum { CERTS_MAX = 11, ARENA_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What is read here the JSON parser reads the same way. */
static void
compare(const json_t *chain, const struct pki_bytes *der, size_t n)
{
	uint8_t out[65536];
	const json_t *v;
	size_t i, len;

	TROTH_ASSERT(json_array_size(chain) == n);
	for (i = 0; i < n; i++) {
		v = json_array_get(chain, i);
		TROTH_ASSERT(json_is_string(v));
		TROTH_ASSERT(
		    wire_base64_decode(WIRE_BASE64_STD, json_string_value(v),
			json_string_length(v), out, sizeof(out), &len) == 0);
		TROTH_ASSERT(len == der[i].len);
		TROTH_ASSERT(memcmp(out, der[i].data, len) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = base_arena_new(ARENA_MAX);
	struct pki_bytes der[CERTS_MAX];
	json_t *body = NULL;
	size_t n = 0;

	if (a != NULL && len < 65536 &&
	    ct_body_chain(data, len, a, der, CERTS_MAX, &n)) {
		TROTH_ASSERT(n >= 1 && n <= CERTS_MAX);
		TROTH_ASSERT(
		    wire_json_parse((const char *)data, len, &body, NULL) == 0);
		TROTH_ASSERT(json_object_size(body) == 1);
		compare(json_object_get(body, "chain"), der, n);
		json_decref(body);
	}
	base_arena_free(a);
	return 0;
}
