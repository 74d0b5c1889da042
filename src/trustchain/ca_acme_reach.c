/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_acme_reach.h"

#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/timer.h"
#include "net/dns.h"
#include "trustchain/ca_acme_attempt.h"
#include "trustchain/ca_acme_internal.h"

enum { ADDRESSES_MAX = 4, PER_ADDRESS_MAX = 4, BUSY_WAIT_MS = 50 };

struct ca_acme_reach {
	struct ca_acme_reach_ask ask;
	struct ca_acme *acme;
	struct list node; /* in acme->reached while connected */
	struct net_dns_query *query;
	struct loop_timer *timer; /* the beginning, or an address is busy */
	bool begun;
	bool asked_v4;
	bool denied; /* an address was refused by policy */
	struct net_addr addr[ADDRESSES_MAX];
	size_t n_addrs, at;
};

void
ca_acme_reach_free(struct ca_acme_reach *r)
{
	if (r == NULL)
		return;
	base_list_remove(&r->node);
	if (r->query != NULL)
		net_dns_cancel(r->query);
	loop_timer_free(r->timer);
	free(r);
}

static void
fail(struct ca_acme_reach *r, enum acme_problem_type type, const char *what)
{
	r->ask.failed(r->ask.ctx, type, what);
}

/* ---- connecting --------------------------------------------------------- */

/* identity.md section 7: at most four validations per target address. */
static bool
busy(const struct ca_acme_reach *r, const struct net_addr *addr)
{
	struct list *it, *tmp;
	unsigned n = 0;

	LIST_FOREACH (it, tmp, &r->acme->reached) {
		const struct ca_acme_reach *o =
		    LIST_ENTRY(it, struct ca_acme_reach, node);

		n += memcmp(o->addr[o->at].bytes, addr->bytes,
			 sizeof(addr->bytes)) == 0;
	}
	return n >= PER_ADDRESS_MAX;
}

/* The time left, in equal parts for the addresses left. */
static unsigned
share_ms(const struct ca_acme_reach *r)
{
	unsigned left = ca_acme_attempt_left_ms(r->ask.attempt);
	unsigned parts = (unsigned)(r->n_addrs - r->at);

	return left > parts ? left / parts : 1;
}

static void
connect_next(struct ca_acme_reach *r)
{
	if (r->at >= r->n_addrs) {
		fail(r, ACME_PROBLEM_CONNECTION,
		    "no address answers on the validation port");
	} else if (busy(r, &r->addr[r->at])) {
		loop_timer_start(r->timer, BUSY_WAIT_MS, 0);
	} else {
		base_list_push_back(&r->acme->reached, &r->node);
		r->ask.connect(r->ask.ctx, &r->addr[r->at], share_ms(r));
	}
}

void
ca_acme_reach_next(struct ca_acme_reach *r)
{
	base_list_remove(&r->node);
	r->at++;
	connect_next(r);
}

/* ---- addresses ---------------------------------------------------------- */

/* ipv6: how it was written; an IPv4 address in that form is never connected */
static void
add_address(struct ca_acme_reach *r, const struct net_addr *addr, bool ipv6)
{
	/* Checked after resolution, and this very address is connected. */
	if (ipv6 != (addr->family == NET_FAMILY_IP6) ||
	    !ca_acme_address_allowed(r->acme, addr))
		r->denied = true;
	else if (r->n_addrs < ADDRESSES_MAX)
		r->addr[r->n_addrs++] = *addr;
}

static void
connect_first(struct ca_acme_reach *r)
{
	if (r->n_addrs > 0)
		connect_next(r);
	else if (r->denied)
		fail(r, ACME_PROBLEM_CONNECTION,
		    "the address is not one that validations may connect to");
	else
		fail(r, ACME_PROBLEM_DNS, "no address");
}

static void look_up(struct ca_acme_reach *r, enum net_dns_type type);

static void
on_addresses(void *ctx, int rc, const struct net_dns_answer *a)
{
	struct ca_acme_reach *r = ctx;
	struct net_addr addr;
	size_t i;

	r->query = NULL;
	if (rc == ERR_PEER_UNTRUSTED) {
		fail(r, ACME_PROBLEM_DNS,
		    "the address answer fails DNSSEC validation");
		return;
	}
	for (i = 0; rc == 0 && i < a->n; i++)
		if (net_addr_from_bytes(a->record[i].data, a->record[i].len,
			r->ask.port, &addr) == 0)
			add_address(r, &addr, a->type == NET_DNS_AAAA);
	if (!r->asked_v4 && r->acme->o.config->issue.allow_ipv4) {
		r->asked_v4 = true;
		look_up(r, NET_DNS_A);
		return;
	}
	if (rc != 0 && r->n_addrs == 0)
		fail(r, ACME_PROBLEM_DNS,
		    rc == ERR_PEER_TIMEOUT ? "the look-up took too long"
					   : "the look-up failed");
	else
		connect_first(r);
}

static void
look_up(struct ca_acme_reach *r, enum net_dns_type type)
{
	const struct net_dns_ask ask = { .name = r->ask.host,
		.type = type,
		.timeout_ms = ca_acme_attempt_left_ms(r->ask.attempt),
		.done = on_addresses,
		.ctx = r };

	if (net_dns_send(r->acme->dns, &ask, &r->query) != 0)
		fail(r, ACME_PROBLEM_DNS, "the name cannot be looked up");
}

static void
on_timer(void *ctx)
{
	struct ca_acme_reach *r = ctx;
	struct net_addr addr;

	if (loop_now_ms(r->acme->o.loop) >= r->ask.attempt->deadline_ms) {
		fail(r, ACME_PROBLEM_CONNECTION, "no answer in time");
	} else if (r->begun) {
		connect_next(r);
	} else if (net_addr_parse_ip(r->ask.host, r->ask.port, &addr) == 0) {
		r->begun = true;
		add_address(r, &addr, strchr(r->ask.host, ':') != NULL);
		connect_first(r);
	} else {
		r->begun = true;
		look_up(r, NET_DNS_AAAA);
	}
}

int
ca_acme_reach_start(
    const struct ca_acme_reach_ask *ask, struct ca_acme_reach **ret)
{
	struct ca_acme_reach *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return ERR_SYS_NOMEM;
	r->ask = *ask;
	r->acme = ask->attempt->ask.acme;
	base_list_init(&r->node);
	rc = loop_timer_new(r->acme->o.loop, on_timer, r, &r->timer);
	if (rc != 0) {
		ca_acme_reach_free(r);
		return rc;
	}
	/* The first step is taken from the loop: nothing is called at once. */
	loop_timer_start(r->timer, 0, 0);
	*ret = r;
	return 0;
}
