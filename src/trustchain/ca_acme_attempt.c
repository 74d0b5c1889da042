/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_acme_attempt.h"

#include <string.h>

#include "acme/problem.h"
#include "loop/loop.h"
#include "trustchain/ca_acme_internal.h"

static const struct ca_acme_method *const methods[] = { &ca_acme_http01,
	&ca_acme_dns01, &ca_acme_tlsalpn01 };

static const struct ca_acme_method *
find(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i]->type, type) == 0)
			return methods[i];
	return NULL;
}

int
ca_acme_attempt_start(
    const struct ca_acme_attempt_ask *ask, struct ca_acme_attempt **ret)
{
	const struct ca_acme_method *m = find(ask->type);
	struct ca_acme *a = ask->acme;
	struct ca_acme_attempt *at;
	int rc;

	if (m == NULL)
		return ERR_PEER_UNSUPPORTED;
	at = m->new();
	if (at == NULL)
		return ERR_SYS_NOMEM;
	at->method = m;
	at->ask = *ask;
	at->deadline_ms =
	    loop_now_ms(a->o.loop) + (uint64_t)a->conf->validation_timeout_ms;
	rc = m->begin(at);
	if (rc != 0) {
		m->free(at);
		return rc;
	}
	*ret = at;
	return 0;
}

void
ca_acme_attempt_cancel(struct ca_acme_attempt *at)
{
	if (at != NULL)
		at->method->free(at);
}

void
ca_acme_attempt_end(
    struct ca_acme_attempt *at, const struct acme_problem *problem)
{
	const struct ca_acme_attempt_ask ask = at->ask;

	at->method->free(at);
	ask.done(ask.ctx, problem);
}

void
ca_acme_attempt_fail(struct ca_acme_attempt *at, enum acme_problem_type type,
    const char *host, const char *what)
{
	struct acme_problem p;

	(void)acme_problem_set(&p, type, "%s: %s", host, what);
	ca_acme_attempt_end(at, &p);
}

unsigned
ca_acme_attempt_left_ms(const struct ca_acme_attempt *at)
{
	uint64_t now = loop_now_ms(at->ask.acme->o.loop);

	return now >= at->deadline_ms ? 1 : (unsigned)(at->deadline_ms - now);
}
