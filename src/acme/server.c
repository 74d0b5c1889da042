/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/server.h"

#include <stdlib.h>
#include <string.h>

#include "acme/limit.h"
#include "acme/nonce.h"
#include "acme/outcome.h"
#include "acme/server_internal.h"
#include "acme/server_limit.h"
#include "base/rng.h"

enum { LIMIT_KEYS_MAX = 65536, HOUR_MS = 3600 * 1000 };

static const int64_t window_ms[ACME_LIMIT_KINDS] = {
	[ACME_LIMIT_ACCOUNTS] = 3 * HOUR_MS,
	[ACME_LIMIT_ORDERS] = HOUR_MS,
	[ACME_LIMIT_FAILED] = HOUR_MS,
	[ACME_LIMIT_DUPLICATES] = 24 * HOUR_MS,
};

int64_t
acme_server_limit_window(int kind)
{
	return window_ms[kind];
}

void
acme_server_restore(struct acme_server *s, int64_t kind, const char *key,
    const struct acme_limit_state *state)
{
	if (kind >= 0 && kind < ACME_LIMIT_KINDS)
		acme_limit_restore(s->limit[kind], key, state);
}

int
acme_server_new(const struct acme_server_config *config, const struct rng *rng,
    struct acme_server **ret)
{
	struct acme_server *s = calloc(1, sizeof(*s));
	uint8_t key[16];
	int i, rc;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	s->config = *config;
	s->rng = rng;
	rc = acme_nonce_new(rng, &s->nonce);
	if (rc == 0)
		rc = base_rng_fill(rng, key, sizeof(key));
	for (i = 0; i < ACME_LIMIT_KINDS && rc == 0; i++)
		rc = acme_limit_new(config->limit[i], window_ms[i],
		    LIMIT_KEYS_MAX, key, &s->limit[i]);
	if (rc != 0) {
		acme_server_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void
acme_server_free(struct acme_server *s)
{
	int i;

	if (s == NULL)
		return;
	acme_nonce_free(s->nonce);
	for (i = 0; i < ACME_LIMIT_KINDS; i++)
		acme_limit_free(s->limit[i]);
	free(s);
}

int
acme_server_nonce(struct acme_server *s, char out[33])
{
	return acme_nonce_make(s->nonce, out);
}

int
acme_server_nonce_check(const struct acme_server *s, const char *nonce)
{
	return acme_nonce_check(s->nonce, nonce, strlen(nonce));
}

int
acme_server_nonce_use(struct acme_server *s, const char *nonce)
{
	return acme_nonce_use(s->nonce, nonce, strlen(nonce));
}

void
acme_server_charge(
    struct acme_server *s, const struct acme_outcome *outcome, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < outcome->n_charges; i++)
		acme_limit_charge(s->limit[outcome->charge[i].limit],
		    outcome->charge[i].key, now_ms);
}
