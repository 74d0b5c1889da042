/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/ident.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/sha2.h"
#include "wire/hex.h"
#include "wire/json.h"

const char *
acme_ident_encode(
    const struct acme_ident *idents, size_t n, struct arena *arena)
{
	json_t *all = json_array();
	char *text = NULL;
	const char *out = NULL;
	size_t i, len;
	int bad = all == NULL;

	for (i = 0; i < n && !bad; i++)
		bad = json_array_append_new(
			  all, json_pack("{s:s,s:s}", "type", idents[i].type,
				   "value", idents[i].value)) != 0;
	if (!bad)
		text = wire_json_dump(all, &len);
	if (text != NULL)
		out = base_arena_dup(arena, text, len);
	free(text);
	json_decref(all);
	return out;
}

static int
by_value(const void *a, const void *b)
{
	const struct acme_ident *x = a, *y = b;

	return strcmp(x->value, y->value);
}

const char *
acme_ident_key(const struct acme_ident *idents, size_t n, struct arena *arena)
{
	struct acme_ident *sorted;
	uint8_t hash[CRYPTO_SHA256_LEN];
	char *text, *at, hex[2 * CRYPTO_SHA256_LEN + 1];
	size_t i, len = 0;

	sorted = base_arena_dup(arena, idents, n * sizeof(*idents));
	if (sorted == NULL)
		return NULL;
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (i = 0; i < n; i++)
		len += strlen(sorted[i].value) + 1;
	text = base_arena_alloc(arena, len + 1);
	if (text == NULL)
		return NULL;
	for (i = 0, at = text; i < n; i++) {
		at = stpcpy(at, sorted[i].value);
		*at++ = ' ';
	}
	/* A set can be 25 kB long, and is remembered for days. */
	crypto_sha2_256(text, len, hash);
	wire_hex_encode(hash, sizeof(hash), hex);
	return base_arena_dup(arena, hex, sizeof(hex) - 1);
}
