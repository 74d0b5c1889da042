/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_caa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/caa.h"
#include "base/str.h"
#include "net/dns.h"

struct ca_caa {
	struct ca_caa_ask ask;
	char name[254];
	const char *at; /* the part of name that is looked up */
	char uri[512];
	char method[32];
	struct net_dns_query *query;
};

static void
finish(struct ca_caa *c, int rc, const char *why)
{
	const struct ca_caa_ask ask = c->ask;

	free(c);
	ask.done(ask.ctx, rc, why);
}

static void on_answer(void *ctx, int rc, const struct net_dns_answer *answer);

static int
look_up(struct ca_caa *c)
{
	const struct net_dns_ask ask = { .name = c->at,
		.type = NET_DNS_CAA,
		.timeout_ms = c->ask.timeout_ms,
		.done = on_answer,
		.ctx = c };

	return net_dns_send(c->ask.dns, &ask, &c->query);
}

static void
evaluate(struct ca_caa *c, const struct net_dns_answer *answer)
{
	struct acme_caa_rdata set[NET_DNS_RECORDS_MAX];
	const struct acme_caa_query q = { .wildcard = c->ask.wildcard,
		.identities = c->ask.identities,
		.n_identities = c->ask.n_identities,
		.account_uri = c->ask.account_uri == NULL ? NULL : c->uri,
		.method = c->ask.method == NULL ? NULL : c->method };
	char why[128] = "";
	size_t i;
	int rc;

	for (i = 0; i < answer->n; i++) {
		set[i].data = answer->record[i].data;
		set[i].len = answer->record[i].len;
	}
	rc = acme_caa_evaluate(set, answer->n, &q, why, sizeof(why));
	finish(c, rc, why);
}

static void
on_answer(void *ctx, int rc, const struct net_dns_answer *answer)
{
	struct ca_caa *c = ctx;

	c->query = NULL;
	if (rc != 0) {
		/* RFC 8659 section 3: what cannot be looked up forbids. */
		finish(c, ERR_STATE_REFUSED,
		    rc == ERR_PEER_UNTRUSTED
			? "the CAA answer fails DNSSEC validation"
			: "CAA records could not be looked up");
		return;
	}
	if (answer->more) {
		finish(c, ERR_STATE_REFUSED, "more than 100 CAA records");
		return;
	}
	if (answer->n > 0) {
		evaluate(c, answer);
		return;
	}
	c->at = acme_caa_parent(c->at);
	if (c->at == NULL)
		finish(c, 0, "");
	else if (look_up(c) != 0)
		finish(
		    c, ERR_STATE_REFUSED, "CAA records could not be looked up");
}

int
ca_caa_start(const struct ca_caa_ask *ask, struct ca_caa **ret)
{
	struct ca_caa *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return ERR_SYS_NOMEM;
	c->ask = *ask;
	rc = base_str_copy(c->name, sizeof(c->name), ask->name);
	if (rc == 0 && ask->account_uri != NULL)
		rc = base_str_copy(c->uri, sizeof(c->uri), ask->account_uri);
	if (rc == 0 && ask->method != NULL)
		rc = base_str_copy(c->method, sizeof(c->method), ask->method);
	c->at = c->name;
	if (rc == 0)
		rc = look_up(c);
	if (rc != 0) {
		free(c);
		return rc;
	}
	*ret = c;
	return 0;
}

void
ca_caa_cancel(struct ca_caa *c)
{
	if (c == NULL)
		return;
	if (c->query != NULL)
		net_dns_cancel(c->query);
	free(c);
}
