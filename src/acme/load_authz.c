/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_authz.h"

#include <string.h>

#include "acme/store.h"
#include "acme/turn_internal.h"
#include "base/arena.h"

int
acme_load_authz(struct acme_turn *t, const char *id, struct acme_authz *ret)
{
	int rc = t->store->ops->authz(t->store->ctx, id, t->arena, ret);

	rc = acme_turn_missing(t, rc, "authorization");
	return rc != 0 ? rc : acme_turn_own(t, ret->account);
}

int
acme_load_challenge(struct acme_turn *t, const char *id,
    struct acme_challenge *ret, struct acme_authz *ret_authz)
{
	int rc = t->store->ops->challenge(t->store->ctx, id, t->arena, ret);

	rc = acme_turn_missing(t, rc, "challenge");
	return rc != 0 ? rc : acme_load_authz(t, ret->authz, ret_authz);
}

int
acme_load_challenges(struct acme_turn *t, const char *authz,
    struct acme_challenge **ret, size_t *ret_n)
{
	return t->store->ops->challenges(
	    t->store->ctx, authz, t->arena, ret, ret_n);
}

int
acme_load_authzs(struct acme_turn *t, const char *ids, struct acme_authz **ret,
    size_t *ret_n)
{
	struct acme_authz *a;
	size_t n = 1, i, len;
	const char *p, *id;
	int rc;

	for (p = ids; *p != '\0'; p++)
		n += *p == ',';
	a = acme_turn_alloc(t, n * sizeof(*a));
	if (a == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0, p = ids; i < n; i++, p += len + 1) {
		len = strcspn(p, ",");
		id = acme_turn_dup(t, p, len);
		if (id == NULL)
			return ERR_SYS_NOMEM;
		rc = t->store->ops->authz(t->store->ctx, id, t->arena, &a[i]);
		if (rc != 0)
			return rc;
		if (acme_load_authz_state(&a[i], t->now_ms) != ACME_VALID)
			return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
			    "an authorization of the order is no longer "
			    "valid");
	}
	*ret = a;
	*ret_n = n;
	return 0;
}

enum acme_state
acme_load_authz_state(const struct acme_authz *a, int64_t now_ms)
{
	if (a->expires <= now_ms &&
	    acme_state_may(ACME_AUTHZ, a->status, ACME_EXPIRED))
		return ACME_EXPIRED;
	return a->status;
}

const char *
acme_load_authz_limit_key(struct arena *arena, const struct acme_authz *a)
{
	size_t id = strlen(a->account), name = strlen(a->value);
	char *key = base_arena_alloc(arena, id + 1 + name + 1);

	if (key == NULL)
		return NULL;
	memcpy(key, a->account, id);
	key[id] = ' ';
	memcpy(key + id + 1, a->value, name);
	return key;
}
