/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_NEWS_H
#define ACME_NEWS_H

#include <stdint.h>

#include "base/err.h"

struct acme_authz;
struct acme_outcome;
struct acme_store;
struct arena;

/* Orders to tell that an authorization has changed. */
struct acme_news {
	const struct acme_store *store;
	struct arena *arena;
	struct acme_outcome *out;
	const struct acme_authz *authz; /* as it will be */
	const char *error;		/* problem JSON, or NULL */
	int64_t now_ms;
};

/**
 * acme_news_tell(news):
 * Append what becomes of the orders: ready once all their authorizations are
 * valid, invalid when one is lost.  ERR_SYS codes.
 */
MUST_CHECK int acme_news_tell(const struct acme_news *news);

#endif
