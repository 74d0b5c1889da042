/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/ident_list.h"

#include <string.h>

#include "base/arena.h"
#include "pki/san.h"
#include "wire/json.h"

static const char *
member(const json_t *o, const char *name, struct arena *arena)
{
	const char *s;
	size_t len;

	if (wire_json_string(o, name, 512, &s, &len) != 0)
		return NULL;
	return base_arena_dup(arena, s, len);
}

int
acme_ident_list_decode(const char *text, struct arena *arena,
    struct acme_ident **ret, size_t *ret_n)
{
	struct acme_ident *out;
	json_t *all;
	size_t i, n;
	int rc = 0;

	if (text == NULL ||
	    wire_json_parse(text, strlen(text), &all, NULL) != 0)
		return ERR_SYS_CORRUPT;
	n = json_array_size(all);
	out = base_arena_alloc(arena, (n + 1) * sizeof(*out));
	if (n == 0 || n > ACME_IDENTS_MAX)
		rc = ERR_SYS_CORRUPT;
	else if (out == NULL)
		rc = ERR_SYS_NOMEM;
	for (i = 0; i < n && rc == 0; i++) {
		const json_t *one = json_array_get(all, i);

		out[i].type = member(one, "type", arena);
		out[i].value = member(one, "value", arena);
		if (out[i].type == NULL || out[i].value == NULL)
			rc = ERR_SYS_CORRUPT;
	}
	json_decref(all);
	if (rc != 0)
		return rc;
	*ret = out;
	*ret_n = n;
	return 0;
}

int
acme_ident_list_sans(
    const struct acme_ident *idents, size_t n, struct pki_san_list *ret)
{
	size_t i;
	int rc = 0;

	ret->n = 0;
	for (i = 0; i < n && rc == 0; i++) {
		struct pki_bytes value = { (const uint8_t *)idents[i].value,
			strlen(idents[i].value) };

		if (strcmp(idents[i].type, "dns") == 0)
			rc = pki_san_add(ret, PKI_SAN_DNS, value);
		else
			rc = pki_san_add_text(ret, idents[i].value);
	}
	return rc;
}
