/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/client.h"
#include "loop/timer.h"
#include "merkle/note.h"
#include "merkle/signed.h"
#include "merkle/witness.h"
#include "ops/log.h"
#include "trustchain/ct_quorum.h"
#include "trustchain/ct_shard.h"
#include "trustchain/ct_shard_rule.h"
#include "trustchain/wit_paths.h"

enum { RETRY_MS = 5000, TIMEOUT_MS = 4000, BODY_MAX = 65536 };

struct question {
	struct ct_gate *gate;
	const struct ct_quorum_witness *witness;
	struct http_call *call;
	char *body; /* of the second question */
};

struct ct_gate {
	struct ct_gate_opts o;
	struct loop_timer *timer;
	struct question *question;
	size_t n, open;
	unsigned answered;
	bool doubted; /* one claims what nobody can check */
	bool over;
};

static void ask_all(void *ctx);

static void
finish(struct question *q, bool answered)
{
	struct ct_gate *g = q->gate;

	free(q->body);
	q->body = NULL;
	g->answered += answered ? 1 : 0;
	if (--g->open > 0 || g->over)
		return;
	if (g->answered > 0 && !g->doubted) {
		g->over = true;
		ct_shard_rule_release(g->o.shard);
		return;
	}
	if (g->answered == 0)
		OPS_LOG(g->o.log, OPS_LOG_WARN, "gate",
		    "no witness says what it stands by: reads only",
		    OPS_LOG_STR(
			"shard", ct_shard_params(g->o.shard)->period.name));
	loop_timer_start(g->timer, RETRY_MS, 0);
}

static void
rolled_back(struct question *q, const struct merkle_head *head)
{
	const struct ct_params *p = ct_shard_params(q->gate->o.shard);
	struct ct_gate *g = q->gate;
	struct ct_shard_stats st;
	char what[256];

	ct_shard_stats(g->o.shard, &st);
	g->over = true;
	(void)snprintf(what, sizeof(what),
	    "shard %s: witness %s stands by a head of size %llu that this log "
	    "signed, and the disk has %llu entries and another tree: it was "
	    "rolled back; restore the newer data or run `trustchain-ct shard "
	    "retire %s'",
	    p->period.name, q->witness->name, (unsigned long long)head->size,
	    (unsigned long long)st.sequenced, p->period.name);
	g->o.rolled_back(g->o.ctx, what);
}

/* What one witness claims without a signature of ours: it cannot be exit 5,
 * or any witness could end this log; but nothing is signed either. */
static void
doubt(struct question *q, const char *claim)
{
	OPS_LOG(q->gate->o.log, OPS_LOG_ERROR, "gate",
	    "a witness claims a head that this log does not have: reads only; "
	    "restore the newer data, or remove the witness if it lies",
	    OPS_LOG_STR(
		"shard", ct_shard_params(q->gate->o.shard)->period.name),
	    OPS_LOG_STR("witness", q->witness->name),
	    OPS_LOG_STR("claim", claim));
	q->gate->doubted = true;
	finish(q, true);
}

/* The head that the witness stands by, with our own signature. */
static void
judge_copy(struct question *q, const char *data, size_t len)
{
	const struct ct_params *p = ct_shard_params(q->gate->o.shard);
	struct merkle_note *note = malloc(sizeof(*note));
	struct merkle_head head;
	int rc = ERR_SYS_NOMEM;

	if (note != NULL)
		rc = merkle_signed_head(data, len, &p->note, note, &head);
	free(note);
	if (rc == 0)
		rc = ct_shard_rule_has(q->gate->o.shard, &head);
	if (rc == ERR_STATE_INTEGRITY)
		rolled_back(q, &head);
	finish(q, rc == 0 || rc == ERR_STATE_INTEGRITY);
}

static void
on_second(void *ctx, const struct http_response *r)
{
	struct question *q = ctx;
	struct ct_shard_stats st;
	const char *body;
	uint64_t size;
	size_t len;

	q->call = NULL;
	if (http_response_rc(r) != 0) {
		finish(q, false);
		return;
	}
	body = (const char *)http_response_body(r, &len);
	switch (http_response_status(r)) {
	case 409:
		ct_shard_stats(q->gate->o.shard, &st);
		if (len < 2 || base_str_u64(body, len - 1, &size) != 0)
			finish(q, false);
		else if (size > st.sequenced)
			doubt(q, body);
		else
			finish(q, true);
		break;
	case 422:
		doubt(q, "another tree of this size");
		break;
	case 200:
	case 403:
	case 404:
		finish(q, true);
		break;
	default:
		finish(q, false);
	}
}

/* It does not show what it stands by: offer it our head. */
static void
ask_second(struct question *q)
{
	const struct ct_shard_head *head = ct_shard_head(q->gate->o.shard);
	char url[TRUSTCHAIN_PEER_URL_MAX + 32];
	struct http_client_request req = {
		.method = HTTP_METHOD_POST,
		.url = url,
		.unix_path = trustchain_peer_socket(&q->witness->peer),
		.timeout_ms = TIMEOUT_MS,
		.response_max = BODY_MAX,
		.roots_file = ct_quorum_roots(q->gate->o.quorum),
	};

	/* Of an empty shard it can only ask for the empty head's size. */
	if (head == NULL) {
		finish(q, true);
		return;
	}
	(void)snprintf(
	    url, sizeof(url), "%s/add-checkpoint", q->witness->peer.base);
	if (asprintf(&q->body, "old %llu\n\n%.*s",
		(unsigned long long)head->tree.size, (int)head->checkpoint_len,
		head->checkpoint) == -1) {
		q->body = NULL;
		finish(q, false);
		return;
	}
	req.body = q->body;
	req.body_len = strlen(q->body);
	if (http_client_send(ct_quorum_client(q->gate->o.quorum), &req,
		on_second, q, &q->call) != 0)
		finish(q, false);
}

static void
on_first(void *ctx, const struct http_response *r)
{
	struct question *q = ctx;
	const char *body;
	size_t len;

	q->call = NULL;
	if (http_response_rc(r) != 0) {
		finish(q, false);
		return;
	}
	body = (const char *)http_response_body(r, &len);
	if (http_response_status(r) == 200)
		judge_copy(q, body, len);
	else if (http_response_status(r) == 404 ||
		 http_response_status(r) == 405)
		ask_second(q);
	else
		finish(q, false);
}

static void
ask(struct question *q)
{
	const struct ct_params *p = ct_shard_params(q->gate->o.shard);
	char url[TRUSTCHAIN_PEER_URL_MAX + 96], hash[WIT_PATHS_HASH_MAX];
	const struct http_client_request req = {
		.method = HTTP_METHOD_GET,
		.url = url,
		.unix_path = trustchain_peer_socket(&q->witness->peer),
		.timeout_ms = TIMEOUT_MS,
		.response_max = BODY_MAX,
		.roots_file = ct_quorum_roots(q->gate->o.quorum),
	};

	wit_paths_hash(p->origin, hash);
	(void)snprintf(
	    url, sizeof(url), "%s/%s/checkpoint", q->witness->peer.base, hash);
	if (http_client_send(ct_quorum_client(q->gate->o.quorum), &req,
		on_first, q, &q->call) != 0)
		finish(q, false);
}

static void
ask_all(void *ctx)
{
	struct ct_gate *g = ctx;

	g->answered = 0;
	g->doubted = false;
	g->open = g->n;
	for (size_t i = 0; i < g->n; i++)
		ask(&g->question[i]);
}

int
ct_gate_new(const struct ct_gate_opts *opts, struct ct_gate **ret)
{
	const struct ct_quorum_witness *w;
	struct ct_gate *g;
	int rc = ERR_SYS_NOMEM;
	size_t n;

	*ret = NULL;
	w = ct_quorum_witnesses(opts->quorum, &n);
	if (n == 0)
		return 0;
	if ((g = calloc(1, sizeof(*g))) == NULL)
		return rc;
	g->o = *opts;
	g->n = n;
	if ((g->question = calloc(n, sizeof(*g->question))) != NULL)
		rc = loop_timer_new(opts->loop, ask_all, g, &g->timer);
	if (rc != 0) {
		ct_gate_free(g);
		return rc;
	}
	for (size_t i = 0; i < n; i++) {
		g->question[i].gate = g;
		g->question[i].witness = &w[i];
	}
	ct_shard_rule_hold(opts->shard);
	loop_timer_start(g->timer, 0, 0);
	*ret = g;
	return 0;
}

void
ct_gate_free(struct ct_gate *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; g->question != NULL && i < g->n; i++) {
		if (g->question[i].call != NULL)
			http_client_cancel(g->question[i].call);
		free(g->question[i].body);
	}
	free(g->question);
	loop_timer_free(g->timer);
	free(g);
}
