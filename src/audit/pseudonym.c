/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/pseudonym.h"

#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "audit/pseudonym_internal.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/sha2.h"

_Static_assert((int)AUDIT_PSEUDONYM_TEXT_MAX == (int)AUDIT_PSEUDONYM_MAX,
    "as an event has them");
_Static_assert(
    (int)AUDIT_PSEUDONYM_KEY_LEN == (int)AUDIT_KEY_LEN, "as an event has it");

static uint64_t
period_at(const struct audit_pseudonym *p, int64_t now_ms)
{
	if (p->opts.period_ms == 0 || now_ms < 0)
		return 0;
	return (uint64_t)now_ms / p->opts.period_ms;
}

static int
renew(struct audit_pseudonym *p, uint64_t period)
{
	uint8_t fresh[AUDIT_PSEUDONYM_KEY_LEN];
	int rc = base_rng_fill(p->opts.rng, fresh, sizeof(fresh));

	if (rc != 0)
		return rc;
	memcpy(p->key, fresh, sizeof(fresh));
	base_wipe(fresh, sizeof(fresh));
	p->period = period;
	return audit_pseudonym_save(p);
}

int
audit_pseudonym_open(const struct audit_pseudonym_opts *opts, int64_t now_ms,
    struct audit_pseudonym **ret)
{
	struct audit_pseudonym *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	p->opts = *opts;
	if ((rc = audit_pseudonym_load(p)) == ERR_STATE_NOT_FOUND)
		rc = renew(p, period_at(p, now_ms));
	else if (rc == 0)
		rc = audit_pseudonym_rotate(p, now_ms);
	if (rc != 0) {
		audit_pseudonym_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void
audit_pseudonym_close(struct audit_pseudonym *p)
{
	if (p == NULL)
		return;
	base_wipe(p->key, sizeof(p->key));
	free(p);
}

void
audit_pseudonym_of(const struct audit_pseudonym *p, const char *kind,
    const void *value, size_t len, char ret[AUDIT_PSEUDONYM_TEXT_MAX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	struct crypto_sha2 ctx;

	/* One digest instead of a buffer as long as the value. */
	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, kind, strlen(kind) + 1);
	crypto_sha2_update(&ctx, value, len);
	crypto_sha2_final(&ctx, digest);
	audit_event_pseudonym(p->key, digest, sizeof(digest), ret);
}

int
audit_pseudonym_rotate(struct audit_pseudonym *p, int64_t now_ms)
{
	uint64_t period = period_at(p, now_ms);

	if (period > p->period)
		return renew(p, period);
	return p->unsaved ? audit_pseudonym_save(p) : 0;
}

int
audit_pseudonym_forget(struct audit_pseudonym *p, int64_t now_ms)
{
	uint64_t period = period_at(p, now_ms);

	return renew(p, period > p->period ? period : p->period);
}
