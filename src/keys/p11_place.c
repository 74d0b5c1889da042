/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_place_internal.h"

#include "keys/p11_internal.h"
#include "keys/p11_place_own_internal.h"
#include "keys/p11_pool_internal.h"
#include "keys/p11_token_internal.h"

/* Whether another token of the module works, which a reset would end. */
static bool
has_company(const struct keys_p11_place *pl)
{
	const struct keys_p11_bank *b = pl->bank;

	for (size_t i = 0; i < b->places; i++)
		if (b->place[i]->m == pl->m &&
		    (keys_p11_pool_is_up(b->place[i]->pool) ||
			keys_p11_pool_in_use(b->place[i]->pool)))
			return true;
	return false;
}

static int
raise_token(struct keys_p11_place *pl, struct fault *f)
{
	struct keys_p11_token t = { .m = NULL };
	int rc = 0;

	if (keys_p11_bank_refused(pl->bank, pl->digest))
		return base_fault_set(f, ERR_SYS_PIN,
		    "token %s refused this PIN, and it is not tried again; "
		    "fix: correct pass_file, then reload",
		    pl->uri.label);
	if (pl->tried && !has_company(pl))
		rc = keys_p11_reset(pl->m, f);
	pl->tried = true;
	if (rc == 0)
		rc = keys_p11_token_open(pl->m, &pl->uri, false, &t, f);
	if (rc != 0)
		return rc;
	rc = keys_p11_token_login(&t, pl->pin, pl->pin_len, f);
	if (rc == ERR_SYS_PIN)
		keys_p11_bank_refuse(pl->bank, pl->digest);
	if (rc != 0) {
		keys_p11_token_close(&t);
		return rc;
	}
	rc = keys_p11_pool_fill(pl->pool, &t, f);
	if (rc == 0)
		pl->epoch++;
	return rc;
}

int
keys_p11_place_up(struct keys_p11_place *pl, int64_t now_ms, struct fault *f)
{
	int rc;

	if (keys_p11_pool_is_up(pl->pool))
		return 0;
	if (now_ms < pl->retry_ms && pl->why.rc != 0) {
		*f = pl->why;
		return f->rc;
	}
	pl->last_ms = now_ms;
	pl->retry_ms = now_ms + KEYS_P11_RETRY_MS;
	rc = raise_token(pl, f);
	if (rc != 0) {
		pl->why = *f;
		return rc;
	}
	pl->why.rc = 0;
	return 0;
}

void
keys_p11_place_lost(
    struct keys_p11_place *pl, int64_t now_ms, const struct fault *why)
{
	if (!keys_p11_pool_is_up(pl->pool))
		return;
	pl->why = *why;
	keys_p11_pool_close(pl->pool);
	pl->retry_ms = pl->last_ms + KEYS_P11_RETRY_MS;
	if (pl->retry_ms < now_ms)
		pl->retry_ms = now_ms;
}

bool
keys_p11_place_draining(const struct keys_p11_place *pl)
{
	return !keys_p11_pool_is_up(pl->pool) && keys_p11_pool_in_use(pl->pool);
}

bool
keys_p11_place_is_up(const struct keys_p11_place *pl)
{
	return keys_p11_pool_is_up(pl->pool);
}

const struct keys_p11_token *
keys_p11_place_take(struct keys_p11_place *pl)
{
	return keys_p11_pool_take(pl->pool);
}

void
keys_p11_place_give(struct keys_p11_place *pl, const struct keys_p11_token *t)
{
	keys_p11_pool_give(pl->pool, t);
}

uint64_t
keys_p11_place_epoch(const struct keys_p11_place *pl)
{
	return pl->epoch;
}

const uint8_t *
keys_p11_place_digest(const struct keys_p11_place *pl)
{
	return pl->digest;
}

int64_t
keys_p11_place_retry_ms(const struct keys_p11_place *pl)
{
	return pl->retry_ms;
}

const struct fault *
keys_p11_place_why(const struct keys_p11_place *pl)
{
	return &pl->why;
}
