/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>

#include "base/fault.h"
#include "base/list.h"
#include "base/str.h"
#include "loop/fd.h"
#include "loop/loop.h"
#include "loop/timer.h"

enum {
	CLASS_IN = 1,
	RCODE_NOERROR = 0,
	RCODE_NXDOMAIN = 3,
	NAME_MAX_OCTETS = 253,
	ANCHOR_LINE_MAX = 4096
};

struct net_dns {
	struct loop *loop;
	struct ub_ctx *ub;
	struct loop_fd *fd;
	struct list queries;
	size_t n_queries;
};

struct net_dns_query {
	struct list node;
	struct net_dns *dns;
	struct net_dns_ask ask;
	struct loop_timer *timer;
	int id; /* libunbound's */
};

static int
option(struct ub_ctx *ub, const char *name, const char *value, struct fault *f)
{
	int e = ub_ctx_set_option(ub, name, value);

	if (e == 0)
		return 0;
	return base_fault_set(f, ERR_STATE_CONFIG, "resolver option %s %s: %s",
	    name, value, ub_strerror(e));
}

/*
 * Trust anchors are read here, at start, since libunbound would open the file
 * only with the first query, when a sandbox forbids it.
 */
static int
load_anchors(struct ub_ctx *ub, const char *path, struct fault *f)
{
	char line[ANCHOR_LINE_MAX], *end;
	unsigned n = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "trust anchor %s: %m", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		end = strpbrk(line, ";\n");
		if (end != NULL)
			*end = '\0';
		if (line[strspn(line, " \t\r")] == '\0')
			continue;
		if (ub_ctx_add_ta(ub, line) == 0)
			n++;
	}
	(void)fclose(file);
	if (n == 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "trust anchor %s holds no key", path);
	return 0;
}

static int
set_options(struct ub_ctx *ub, const struct net_dns_opts *o, struct fault *f)
{
	size_t i;
	int rc;

	/* A thread, not a process: the sandbox has no fork. */
	if (ub_ctx_async(ub, 1) != 0)
		return ERR_SYS_NETWORK;
	/* Answers are judged fresh: a client that repairs its zone and asks
	 * again must not wait for our cache. */
	rc = option(ub, "cache-max-ttl:", "30", f);
	if (rc == 0)
		rc = option(ub, "cache-max-negative-ttl:", "0", f);
	/* Nor must it wait for an NSEC record that was cached with another
	 * answer and says that the new name does not exist. */
	if (rc == 0)
		rc = option(ub, "aggressive-nsec:", "no", f);
	if (rc == 0 && o->n_forward > 0)
		rc = option(ub, "do-not-query-localhost:", "no", f);
	for (i = 0; i < o->n_insecure && rc == 0; i++)
		rc = option(ub, "domain-insecure:", o->insecure[i], f);
	for (i = 0; i < o->n_forward && rc == 0; i++)
		if (ub_ctx_set_fwd(ub, o->forward[i]) != 0)
			rc = base_fault_set(f, ERR_STATE_CONFIG,
			    "dns_forward %s is not addr@port", o->forward[i]);
	if (rc == 0 && o->trust_anchor != NULL && o->trust_anchor[0] != '\0')
		rc = load_anchors(ub, o->trust_anchor, f);
	/* The first zone call freezes the options. */
	for (i = 0; i < o->n_insecure && rc == 0; i++)
		if (ub_ctx_zone_remove(ub, o->insecure[i]) != 0 ||
		    ub_ctx_zone_add(ub, o->insecure[i], "transparent") != 0)
			rc = base_fault_set(f, ERR_STATE_CONFIG,
			    "dns_insecure %s is not a name", o->insecure[i]);
	return rc;
}

static void
on_readable(void *ctx, unsigned events)
{
	struct net_dns *d = ctx;

	(void)events;
	(void)ub_process(d->ub);
}

int
net_dns_new(
    const struct net_dns_opts *opts, struct fault *fault, struct net_dns **ret)
{
	struct net_dns *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return ERR_SYS_NOMEM;
	base_list_init(&d->queries);
	d->loop = opts->loop;
	d->ub = ub_ctx_create();
	rc = d->ub == NULL ? ERR_SYS_NOMEM : set_options(d->ub, opts, fault);
	if (rc == 0)
		rc = loop_fd_new(d->loop, ub_fd(d->ub), on_readable, d, &d->fd);
	if (rc == 0)
		rc = loop_fd_watch(d->fd, LOOP_FD_READ);
	if (rc != 0) {
		net_dns_free(d);
		return rc;
	}
	*ret = d;
	return 0;
}

static void
drop(struct net_dns_query *q)
{
	base_list_remove(&q->node);
	q->dns->n_queries--;
	loop_timer_free(q->timer);
	free(q);
}

void
net_dns_free(struct net_dns *d)
{
	struct list *it, *tmp;

	if (d == NULL)
		return;
	LIST_FOREACH (it, tmp, &d->queries)
		net_dns_cancel(LIST_ENTRY(it, struct net_dns_query, node));
	loop_fd_free(d->fd);
	if (d->ub != NULL)
		ub_ctx_delete(d->ub);
	free(d);
}

void
net_dns_cancel(struct net_dns_query *q)
{
	(void)ub_cancel(q->dns->ub, q->id);
	drop(q);
}

static void
answer(struct net_dns_query *q, int rc, const struct ub_result *r)
{
	const struct net_dns_ask ask = q->ask;
	struct net_dns_answer *a = NULL;
	size_t i;

	drop(q);
	if (rc == 0) {
		a = calloc(1, sizeof(*a));
		rc = a == NULL ? ERR_SYS_NOMEM : 0;
	}
	if (rc == 0) {
		a->type = ask.type;
		a->nxdomain = r->nxdomain != 0;
		a->secure = r->secure != 0;
		for (i = 0; i < NET_DNS_RECORDS_MAX && r->havedata &&
			    r->data[i] != NULL;
		     i++) {
			a->record[i].data = (const uint8_t *)r->data[i];
			a->record[i].len = (size_t)r->len[i];
			a->n++;
		}
		a->more = r->havedata && i == NET_DNS_RECORDS_MAX &&
			  r->data[i] != NULL;
	}
	ask.done(ask.ctx, rc, a);
	free(a);
}

/* Called by ub_process, on the loop. */
static void
on_result(void *ctx, int err, struct ub_result *r)
{
	struct net_dns_query *q = ctx;
	int rc = 0;

	if (err != 0 || r == NULL)
		rc = ERR_SYS_NETWORK;
	else if (r->bogus)
		rc = ERR_PEER_UNTRUSTED;
	else if (r->rcode != RCODE_NOERROR && r->rcode != RCODE_NXDOMAIN)
		rc = ERR_SYS_NETWORK;
	answer(q, rc, r);
	ub_resolve_free(r);
}

static void
on_timeout(void *ctx)
{
	struct net_dns_query *q = ctx;

	(void)ub_cancel(q->dns->ub, q->id);
	answer(q, ERR_PEER_TIMEOUT, NULL);
}

static bool
name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_OCTETS &&
	       strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-._*") == len;
}

int
net_dns_send(struct net_dns *d, const struct net_dns_ask *ask,
    struct net_dns_query **ret)
{
	struct net_dns_query *q;
	int rc;

	if (!name_ok(ask->name))
		return ERR_PEER_NAME;
	if (d->n_queries >= NET_DNS_QUERIES_MAX)
		return ERR_STATE_FULL;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return ERR_SYS_NOMEM;
	q->dns = d;
	q->ask = *ask;
	q->ask.name = NULL; /* libunbound has copied it */
	rc = loop_timer_new(d->loop, on_timeout, q, &q->timer);
	if (rc != 0) {
		free(q);
		return rc;
	}
	base_list_init(&q->node);
	base_list_push_back(&d->queries, &q->node);
	d->n_queries++;
	if (ub_resolve_async(d->ub, ask->name, (int)ask->type, CLASS_IN, q,
		on_result, &q->id) != 0) {
		drop(q);
		return ERR_PEER_NAME;
	}
	loop_timer_start(q->timer, ask->timeout_ms, 0);
	if (ret != NULL)
		*ret = q;
	return 0;
}
