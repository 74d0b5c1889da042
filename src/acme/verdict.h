/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_VERDICT_H
#define ACME_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct acme_outcome;
struct acme_store;
struct arena;

/* How a validation ended. */
struct acme_verdict {
	const char *challenge; /* id */
	const char *error;     /* problem JSON; NULL: it succeeded */
	bool caa_checked;
	int64_t now_ms, authz_ttl_ms;
};

/**
 * acme_verdict_apply(v, store, arena, ret):
 * Decide what the end of a validation changes: the challenge, its
 * authorization and every order that waits for it.  ${ret} has no reply.
 * ERR_STATE_NOT_FOUND or ERR_STATE_STALE when nothing waits for it any more;
 * ERR_SYS codes of the store.
 */
MUST_CHECK int acme_verdict_apply(const struct acme_verdict *v,
    const struct acme_store *store, struct arena *arena,
    struct acme_outcome *ret);

#endif
