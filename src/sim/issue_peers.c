/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/map.h"
#include "sim/issue_internal.h"

/* The CA's key process, the logs and the clients. */
#define CLIENT_TIMEOUT_US (5 * SECOND)

uint64_t
issue_hash(uint8_t kind, uint64_t a, uint64_t b)
{
	const uint8_t key[16] = { kind };
	const uint64_t in[2] = { a, b };

	return base_map_siphash(key, in, sizeof(in));
}

uint64_t
issue_sct_tag(const struct issue_sct *sct)
{
	return issue_hash((uint8_t)(10 + sct->log), sct->precert, sct->index);
}

uint64_t
issue_scts_hash(const struct issue_sct *scts, uint32_t n)
{
	uint64_t h = n;

	for (uint32_t i = 0; i < n; i++)
		h = issue_hash(3, h, scts[i].tag);
	return h;
}

void
issue_send(struct issue_sim *s, uint32_t from, uint32_t to,
    const struct issue_message *m)
{
	static const char *const kinds[] = { "request", "answer", "sign",
		"signed", "submit", "promise" };

	sim_world_trace(s->world,
	    "%s to %s: %s job %u request %u key %u status %u serial %016jx",
	    sim_world_name(s->world, from), sim_world_name(s->world, to),
	    kinds[m->kind], m->job, m->request, m->key, m->status,
	    (uintmax_t)m->serial);
	sim_net_send(s->net, from, to, m, sizeof(*m));
}

static void
take(struct issue_message *m, const uint8_t *bytes, size_t len)
{
	TROTH_ASSERT(len == sizeof(*m));
	memcpy(m, bytes, len);
}

/* The key process: signs what it is asked to, after a while; the judge looks
 * at what it signs. */
static void
on_signed(void *ctx, const void *data, size_t len)
{
	struct issue_key *k = ctx;
	struct issue_message m;

	take(&m, data, len);
	issue_send(k->sim, ISSUE_KEY, ISSUE_CA, &m);
}

void
issue_key_message(void *ctx, uint32_t from, const uint8_t *bytes, size_t len)
{
	struct issue_key *k = ctx;
	struct sim_rng *rng = k->sim->rng;
	struct issue_message m;

	(void)from;
	take(&m, bytes, len);
	if (m.is_final) {
		issue_judge_signed(&k->sim->judge, &m);
		m.final =
		    issue_hash(2, m.precert, issue_scts_hash(m.scts, m.n_scts));
	}
	m.kind = ISSUE_SIGNED;
	m.status = k->sim->faults && sim_rng_chance(rng, 10000) ? 503 : 200;
	sim_world_after(k->sim->world, ISSUE_KEY,
	    200 + sim_rng_below(rng, 5 * MS), on_signed, &m, sizeof(m));
}

static void
key_start(void *ctx)
{
	(void)ctx;
}

static void
key_crash(void *ctx, bool power)
{
	struct issue_key *k = ctx;

	(void)power;
	k->sim->result.crashes++;
}

const struct sim_node_ops issue_key_ops = { key_start, key_crash };

/* A log: an entry is on its disk before it promises it. */
static void
promise(struct issue_log *l, const struct issue_message *asked,
    const struct issue_row *row)
{
	struct issue_message m = { .kind = ISSUE_PROMISE,
		.job = asked->job,
		.status = 200,
		.n_scts = 1,
		.serial = asked->serial };
	bool bad = l->sim->faults && sim_rng_chance(l->sim->rng, 20000);

	m.scts[0] = (struct issue_sct){
		.log = l->number, .index = row->index, .precert = row->precert
	};
	m.scts[0].tag = issue_sct_tag(&m.scts[0]);
	if (bad)
		m.scts[0].tag ^= 1; /* a log that signs nonsense */
	else
		issue_judge_promised(&l->sim->judge, &m.scts[0], row->serial);
	issue_send(l->sim, l->node, ISSUE_CA, &m);
}

static void
log_refuse(struct issue_log *l, const struct issue_message *asked)
{
	struct issue_message m = { .kind = ISSUE_PROMISE,
		.job = asked->job,
		.status = 503,
		.serial = asked->serial };

	issue_send(l->sim, l->node, ISSUE_CA, &m);
}

/* What the sync was for. */
struct pending {
	struct issue_row row;
	uint32_t job;
};

static void
on_log_synced(void *ctx, int rc, const void *data, size_t len)
{
	struct issue_message asked = { .kind = ISSUE_SUBMIT };
	struct issue_log *l = ctx;
	struct pending p;

	(void)len;
	if (rc != 0) {
		sim_world_exit(l->sim->world, l->node);
		return;
	}
	memcpy(&p, data, sizeof(p));
	asked.job = p.job;
	asked.serial = p.row.serial;
	promise(l, &asked, &p.row);
}

void
issue_log_message(void *ctx, uint32_t from, const uint8_t *bytes, size_t len)
{
	struct issue_log *l = ctx;
	struct issue_message m;
	struct issue_row *old;
	struct pending p;

	(void)from;
	take(&m, bytes, len);
	issue_judge_submitted(&l->sim->judge, &m);
	if (!l->ready ||
	    (l->sim->faults && sim_rng_chance(l->sim->rng, 20000))) {
		log_refuse(l, &m);
		return;
	}
	old = issue_table_find(&l->table, m.serial);
	memset(&p, 0, sizeof(p));
	p.job = m.job;
	p.row = (struct issue_row){ .state = ISSUE_ROW_ENTRY,
		.index = (uint32_t)l->table.n,
		.serial = m.serial,
		.precert = m.precert };
	if (old != NULL)
		p.row = *old; /* the same leaf again */
	else if (issue_wal_append(l->disk, &p.row) != 0) {
		log_refuse(l, &m);
		return;
	}
	issue_table_put(&l->table, &p.row);
	/* One that is known may wait for its sync: this one comes later. */
	sim_disk_sync(l->disk, on_log_synced, &p, sizeof(p));
}

static void
on_log_started(void *ctx, int rc, const void *data, size_t len)
{
	struct issue_log *l = ctx;

	(void)data;
	(void)len;
	if (rc != 0)
		sim_world_exit(l->sim->world, l->node);
	else
		l->ready = true;
}

static void
log_start(void *ctx)
{
	struct issue_log *l = ctx;
	const uint8_t *bytes;
	size_t len;

	bytes = sim_disk_bytes(l->disk, &len);
	sim_disk_truncate(l->disk, issue_wal_read(bytes, len, &l->table));
	sim_disk_sync(l->disk, on_log_started, NULL, 0);
}

static void
log_crash(void *ctx, bool power)
{
	struct issue_log *l = ctx;

	l->sim->result.crashes++;
	if (power)
		sim_disk_power(l->disk);
	l->ready = false;
	l->table.n = 0;
}

const struct sim_node_ops issue_log_ops = { log_start, log_crash };

/* A client: one key after the other, each until it has its answer. */
static void client_ask(void *ctx, const void *data, size_t len);

static void
client_again(struct issue_client *c, uint64_t delay_us)
{
	c->request = 0;
	sim_world_after(c->sim->world, c->node,
	    delay_us + sim_rng_below(c->sim->rng, SECOND), client_ask, NULL, 0);
}

static void
on_no_answer(void *ctx, const void *data, size_t len)
{
	struct issue_client *c = ctx;
	uint32_t request;

	(void)len;
	memcpy(&request, data, sizeof(request));
	if (request == c->request)
		client_again(c, 0);
}

static void
client_ask(void *ctx, const void *data, size_t len)
{
	struct issue_client *c = ctx;
	struct issue_judge *j = &c->sim->judge;
	struct issue_message m = { .kind = ISSUE_REQUEST, .key = c->key };

	(void)data;
	(void)len;
	TROTH_ASSERT(j->n_requests + 1 < ISSUE_REQUESTS_MAX);
	c->request = m.request = ++j->n_requests;
	c->sim->result.requests++;
	issue_send(c->sim, c->node, ISSUE_CA, &m);
	sim_world_after(c->sim->world, c->node, CLIENT_TIMEOUT_US, on_no_answer,
	    &m.request, sizeof(m.request));
}

void
issue_client_message(void *ctx, uint32_t from, const uint8_t *bytes, size_t len)
{
	struct issue_client *c = ctx;
	struct issue_message m;

	(void)from;
	take(&m, bytes, len);
	c->sim->result.answers++;
	issue_judge_got(&c->sim->judge, &m);
	if (m.request != c->request)
		return; /* given up already */
	if (m.status == 503) {
		client_again(c, SECOND / 2);
		return;
	}
	c->sim->result.refused += m.status == 422;
	c->key += ISSUE_CLIENTS;
	c->done++;
	c->finished = c->done == ISSUE_KEYS_EACH;
	c->request = 0;
	if (!c->finished)
		client_again(c, SECOND * 4);
}

static void
client_start(void *ctx)
{
	client_again(ctx, 0);
}

static void
client_crash(void *ctx, bool power)
{
	(void)ctx;
	(void)power;
}

const struct sim_node_ops issue_client_ops = { client_start, client_crash };
