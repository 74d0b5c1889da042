/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_pool_internal.h"

#include <stdlib.h>

#include "keys/p11_internal.h"
#include "keys/p11_token_internal.h"

struct keys_p11_pool {
	struct keys_p11_token t[KEYS_P11_SESSIONS];
	bool taken[KEYS_P11_SESSIONS];
	size_t n; /* how many there are */
	bool up;
};

int
keys_p11_pool_new(struct keys_p11_pool **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

void
keys_p11_pool_free(struct keys_p11_pool *pool)
{
	if (pool != NULL)
		keys_p11_pool_close(pool);
	free(pool);
}

bool
keys_p11_pool_is_up(const struct keys_p11_pool *pool)
{
	return pool->up;
}

int
keys_p11_pool_fill(struct keys_p11_pool *pool, const struct keys_p11_token *t,
    struct fault *f)
{
	CK_FUNCTION_LIST *p = t->m->f;
	CK_RV rv = CKR_OK;

	*pool = (struct keys_p11_pool){ .n = 1, .up = true };
	pool->t[0] = *t;
	while (pool->n < KEYS_P11_SESSIONS) {
		struct keys_p11_token *more = &pool->t[pool->n];

		*more = *t;
		rv = p->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL,
		    &more->session);
		if (rv != CKR_OK)
			break;
		pool->n++;
	}
	/* Some tokens have fewer; one will do. */
	if (rv == CKR_OK || rv == CKR_SESSION_COUNT)
		return 0;
	keys_p11_pool_close(pool);
	return keys_p11_fault(f, rv, "C_OpenSession");
}

const struct keys_p11_token *
keys_p11_pool_take(struct keys_p11_pool *pool)
{
	for (size_t i = 0; pool->up && i < pool->n; i++)
		if (!pool->taken[i]) {
			pool->taken[i] = true;
			return &pool->t[i];
		}
	return NULL;
}

void
keys_p11_pool_give(struct keys_p11_pool *pool, const struct keys_p11_token *t)
{
	size_t i = (size_t)(t - pool->t);

	pool->taken[i] = false;
	if (!pool->up)
		keys_p11_token_close(&pool->t[i]);
}

void
keys_p11_pool_close(struct keys_p11_pool *pool)
{
	if (!pool->up)
		return;
	pool->up = false;
	for (size_t i = 0; i < pool->n; i++)
		if (!pool->taken[i])
			keys_p11_token_close(&pool->t[i]);
}

bool
keys_p11_pool_in_use(const struct keys_p11_pool *pool)
{
	for (size_t i = 0; i < pool->n; i++)
		if (pool->taken[i])
			return true;
	return false;
}
