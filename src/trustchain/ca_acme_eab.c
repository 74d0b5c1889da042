/* SPDX-License-Identifier: Apache-2.0 */
/* External account binding keys, as the core reads them. */
#include "trustchain/ca_acme_internal.h"

#include <string.h>

#include "acme/eab.h"
#include "base/arena.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"

enum { PROFILES_MAX = 64, SCOPES_MAX = 64 };

/* The strings of a JSON array. */
static int
to_scopes(const char *json, struct arena *arena, struct acme_eab *ret)
{
	const char **list;
	json_t *o;
	size_t i, n;
	int rc = 0;

	if (json == NULL || wire_json_parse(json, strlen(json), &o, NULL) != 0)
		return ERR_SYS_CORRUPT;
	n = json_array_size(o);
	list = base_arena_alloc(arena, (n + 1) * sizeof(*list));
	if (list == NULL)
		rc = ERR_SYS_NOMEM;
	else if (n > SCOPES_MAX)
		rc = ERR_SYS_CORRUPT;
	for (i = 0; rc == 0 && i < n; i++) {
		const char *s = json_string_value(json_array_get(o, i));

		if (s == NULL)
			rc = ERR_SYS_CORRUPT;
		else if ((list[i] = base_arena_dup(arena, s, strlen(s))) ==
			 NULL)
			rc = ERR_SYS_NOMEM;
	}
	json_decref(o);
	ret->scopes = list;
	ret->n_scopes = n;
	return rc;
}

/* The parts of a comma-separated list; none of "". */
static int
to_profiles(const char *text, struct arena *arena, struct acme_eab *ret)
{
	const char **list;
	size_t len, n = 0;

	list = base_arena_alloc(arena, PROFILES_MAX * sizeof(*list));
	if (list == NULL)
		return ERR_SYS_NOMEM;
	for (; text != NULL && *text != '\0';
	     text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		if (n == PROFILES_MAX)
			return ERR_SYS_CORRUPT;
		list[n] = base_arena_dup(arena, text, len);
		if (list[n++] == NULL)
			return ERR_SYS_NOMEM;
	}
	ret->profiles = list;
	ret->n_profiles = n;
	return 0;
}

int
ca_acme_eab_read(void *ctx, const char *kid, int64_t now_ms,
    struct arena *arena, struct acme_eab *ret)
{
	struct ca_acme *a = ctx;
	struct ca_store *s = a->o.store;
	struct ca_block block;
	struct ca_eab row;
	int rc = s->ops->get_eab(s, kid, arena, &row);

	if (rc != 0)
		return rc;
	memset(ret, 0, sizeof(*ret));
	ret->kid = row.kid;
	ret->preauthorized = row.preauthorized != 0;
	ret->key = row.hmac_key.data;
	ret->key_len = row.hmac_key.len;
	rc = s->ops->get_block(s, "eab", kid, arena, &block);
	ret->usable = rc == ERR_STATE_NOT_FOUND && row.account == NULL &&
		      row.revoked_at == 0 && row.expires > now_ms &&
		      row.hmac_key.len > 0;
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	rc = to_scopes(row.name_scopes, arena, ret);
	return rc != 0 ? rc : to_profiles(row.profiles, arena, ret);
}
