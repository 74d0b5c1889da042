/* SPDX-License-Identifier: Apache-2.0 */
/* dns-01 (RFC 8555 section 8.4): one look-up of TXT records. */
#include "trustchain/ca_acme_attempt.h"

#include <stdlib.h>

#include "acme/dns01.h"
#include "base/list.h"
#include "net/dns.h"
#include "trustchain/ca_acme_internal.h"

struct dns01 {
	struct ca_acme_attempt at;
	char name[ACME_DNS01_NAME_MAX + 1];
	struct net_dns_query *query;
};

static struct ca_acme_attempt *
dns01_new(void)
{
	struct dns01 *d = calloc(1, sizeof(*d));

	return d == NULL ? NULL : &d->at;
}

static struct dns01 *
dns01_of(struct ca_acme_attempt *at)
{
	return LIST_ENTRY(at, struct dns01, at);
}

static void
dns01_free(struct ca_acme_attempt *at)
{
	struct dns01 *d = dns01_of(at);

	if (d->query != NULL)
		net_dns_cancel(d->query);
	free(d);
}

static void
fail(struct dns01 *d, enum acme_problem_type type, const char *what)
{
	struct acme_problem p;

	(void)acme_problem_set(&p, type, "TXT %s: %s", d->name, what);
	ca_acme_attempt_end(&d->at, &p);
}

static void
fail_look_up(struct dns01 *d, int rc)
{
	fail(d, ACME_PROBLEM_DNS,
	    rc == ERR_PEER_UNTRUSTED ? "the answer fails DNSSEC validation"
	    : rc == ERR_PEER_TIMEOUT ? "the look-up took too long"
				     : "the look-up failed");
}

static void
on_answer(void *ctx, int rc, const struct net_dns_answer *a)
{
	char digest[ACME_DNS01_DIGEST_LEN + 1];
	struct dns01 *d = ctx;
	size_t i;

	d->query = NULL;
	if (rc != 0) {
		fail_look_up(d, rc);
		return;
	}
	acme_dns01_digest(d->at.ask.keyauth, digest);
	for (i = 0; i < a->n; i++) {
		if (acme_dns01_match(
			a->record[i].data, a->record[i].len, digest)) {
			ca_acme_attempt_end(&d->at, NULL);
			return;
		}
	}
	fail(d, ACME_PROBLEM_UNAUTHORIZED,
	    a->nxdomain ? "there is no such name"
	    : a->n == 0 ? "there is no record"
	    : a->more	? "not among the first 100 records"
			: "no record is the digest of the key authorization");
}

static int
dns01_begin(struct ca_acme_attempt *at)
{
	struct dns01 *d = dns01_of(at);
	const struct net_dns_ask ask = { .name = d->name,
		.type = NET_DNS_TXT,
		.timeout_ms = ca_acme_attempt_left_ms(at),
		.done = on_answer,
		.ctx = d };
	int rc;

	rc = acme_dns01_name(at->ask.ident.value, d->name);
	return rc != 0 ? rc : net_dns_send(at->ask.acme->dns, &ask, &d->query);
}

const struct ca_acme_method ca_acme_dns01 = { "dns-01", dns01_new,
	dns01_begin, dns01_free };
