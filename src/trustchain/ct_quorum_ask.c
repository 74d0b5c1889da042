/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One head at a time to every witness.  For each witness of a shard there is
 * a link, which goes through:
 *
 *   build the request (pool, it reads tiles) -> send -> take the answer (loop)
 *
 * and once more after a 409.  A witness that is still busy with the head
 * before is not asked, and counts as silent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/client.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "merkle/addcheckpoint.h"
#include "merkle/note.h"
#include "merkle/witness_client.h"
#include "ops/log.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_quorum_internal.h"
#include "trustchain/ct_tiles.h"
#include "wire/builder.h"

/* Above this an answer is no set of signature lines. */
#define ANSWER_MAX 65536

struct link {
	struct ct_quorum_shard *shard;
	const struct ct_quorum_witness *witness;
	struct merkle_witness_client client;
	bool busy, down;
	uint64_t round; /* that it works for */
	struct merkle_head head;
	char *note;
	struct http_call *call;
	uint8_t *body;
	size_t body_len;
	int rc; /* of the pool's work */
};

struct ct_quorum_shard {
	struct ct_quorum *q;
	char *dir;
	struct loop_timer *timer;
	struct link *link; /* figures.n of them */

	/* The head that is being asked for. */
	uint64_t round;
	ct_quorum_fn *fn; /* NULL: none */
	void *ctx;
	unsigned good, open;
	struct buf lines;
};

/* Say so when it begins and when it ends, count each time. */
static void
failed(struct link *l, const char *status, const char *detail)
{
	ct_quorum_error(l->shard->q, l->witness, status);
	if (!l->down)
		OPS_LOG(l->shard->q->o.log, OPS_LOG_WARN, "quorum",
		    "witness does not cosign",
		    OPS_LOG_STR("witness", l->witness->name),
		    OPS_LOG_STR("status", status),
		    OPS_LOG_STR("detail", detail));
	l->down = true;
}

static void
decide(struct ct_quorum_shard *s, bool over)
{
	bool met = s->good >= s->q->figures.k;
	ct_quorum_fn *fn = s->fn;

	if (fn == NULL || (!met && !over && s->open > 0))
		return;
	s->fn = NULL;
	loop_timer_stop(s->timer);
	/* One byte more than the lines is always there. */
	fn(s->ctx, met, s->lines.len > 0 ? (const char *)s->lines.data : "");
}

static void
time_is_over(void *ctx)
{
	decide(ctx, true);
}

/* The link has nothing more to do for its head. */
static void
finish(struct link *l, const char *lines)
{
	struct ct_quorum_shard *s = l->shard;
	size_t n = lines == NULL ? 0 : strlen(lines);

	free(l->note);
	l->note = NULL;
	free(l->body);
	l->body = NULL;
	l->busy = false;
	if (lines != NULL)
		l->down = false;
	if (s->fn == NULL || l->round != s->round)
		return;
	s->open--;
	/* The end of the string is overwritten by the next. */
	if (lines != NULL && base_buf_append(&s->lines, lines, n + 1) == 0) {
		s->lines.len--;
		s->good++;
	}
	decide(s, false);
}

static void start(struct link *l);

static const char *
status_of(int rc, int status, char text[16])
{
	switch (rc) {
	case ERR_STATE_STALE:
		return "stale";
	case ERR_PEER_SIGNATURE:
		return "bad_cosignature";
	case ERR_PEER_MALFORMED:
		return "malformed";
	default:
		(void)snprintf(text, 16, "%d", status);
		return text;
	}
}

static void
judge(struct link *l, const struct http_response *r)
{
	char lines[MERKLE_WITNESS_CLIENT_LINES_MAX], text[16];
	struct merkle_witness_answer a = { http_response_status(r), NULL, 0 };
	struct merkle_note *note = malloc(sizeof(*note));
	int rc = ERR_SYS_NOMEM;

	a.body = (const char *)http_response_body(r, &a.len);
	if (note != NULL)
		rc = merkle_note_parse(l->note, strlen(l->note), note);
	if (rc == 0)
		rc = merkle_witness_client_answer(&l->client, note, &a, lines);
	free(note);
	if (rc == ERR_STATE_CONFLICT) {
		start(l);
		return;
	}
	/* Whether it lies is not for us to say; the next head asks again. */
	if (rc == ERR_STATE_STALE)
		l->client.size = 0;
	if (rc != 0)
		failed(l, status_of(rc, a.status, text), base_err_text(rc));
	finish(l, rc == 0 ? lines : NULL);
}

static void
on_response(void *ctx, const struct http_response *r)
{
	struct link *l = ctx;

	l->call = NULL;
	if (http_response_rc(r) == 0) {
		judge(l, r);
		return;
	}
	failed(l,
	    http_response_rc(r) == ERR_PEER_TIMEOUT ? "timeout" : "unreachable",
	    http_response_detail(r));
	finish(l, NULL);
}

static int
send_request(struct link *l)
{
	struct ct_quorum *q = l->shard->q;
	char url[TRUSTCHAIN_PEER_URL_MAX + 32];
	const struct http_client_request req = {
		.method = HTTP_METHOD_POST,
		.url = url,
		.unix_path = trustchain_peer_socket(&l->witness->peer),
		.body = l->body,
		.body_len = l->body_len,
		.timeout_ms = (unsigned)q->o.config->quorum.timeout_ms,
		.response_max = ANSWER_MAX,
		.roots_file = ct_quorum_roots(q),
	};

	(void)snprintf(
	    url, sizeof(url), "%s/add-checkpoint", l->witness->peer.base);
	return http_client_send(q->client, &req, on_response, l, &l->call);
}

static void
build_work(void *ctx)
{
	struct link *l = ctx;
	struct ct_tiles *tiles = ct_tiles_new(l->shard->dir, l->head.size);
	struct builder b;

	l->rc = ERR_SYS_NOMEM;
	if (tiles != NULL && l->body == NULL)
		l->body = malloc(MERKLE_ADDCHECKPOINT_MAX);
	if (tiles != NULL && l->body != NULL) {
		wire_builder_init(&b, l->body, MERKLE_ADDCHECKPOINT_MAX);
		l->rc = merkle_witness_client_request(
		    &l->client, ct_tiles_reader(tiles), &l->head, l->note, &b);
		l->body_len = b.len;
	}
	ct_tiles_free(tiles);
}

static void
build_done(void *ctx)
{
	struct link *l = ctx;
	char text[16];

	if (l->rc == 0)
		l->rc = send_request(l);
	if (l->rc == 0)
		return;
	failed(l,
	    l->rc == ERR_STATE_STALE ? status_of(l->rc, 0, text) : "internal",
	    base_err_text(l->rc));
	finish(l, NULL);
}

static void
start(struct link *l)
{
	int rc;

	rc = loop_pool_submit(l->shard->q->o.pool, build_work, build_done, l);
	if (rc != 0) {
		failed(l, "internal", base_err_text(rc));
		finish(l, NULL);
	}
}

int
ct_quorum_shard_new(
    struct ct_quorum *q, const char *dir, struct ct_quorum_shard **ret)
{
	struct ct_quorum_shard *s = calloc(1, sizeof(*s));
	int rc = ERR_SYS_NOMEM;

	if (s == NULL)
		return rc;
	s->q = q;
	base_buf_init(&s->lines,
	    (size_t)q->figures.n * MERKLE_WITNESS_CLIENT_LINES_MAX + 1);
	s->dir = strdup(dir);
	s->link = calloc(q->figures.n, sizeof(*s->link));
	if (s->dir != NULL && s->link != NULL)
		rc = loop_timer_new(q->o.loop, time_is_over, s, &s->timer);
	if (rc != 0) {
		ct_quorum_shard_free(s);
		return rc;
	}
	for (unsigned i = 0; i < q->figures.n; i++) {
		s->link[i].shard = s;
		s->link[i].witness = &q->witness[i];
		s->link[i].client.key = &q->witness[i].key;
		s->link[i].client.key_count = 1;
	}
	*ret = s;
	return 0;
}

void
ct_quorum_shard_free(struct ct_quorum_shard *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; s->link != NULL && i < s->q->figures.n; i++) {
		if (s->link[i].call != NULL)
			http_client_cancel(s->link[i].call);
		free(s->link[i].note);
		free(s->link[i].body);
	}
	loop_timer_free(s->timer);
	base_buf_free(&s->lines);
	free(s->link);
	free(s->dir);
	free(s);
}

int
ct_quorum_ask(struct ct_quorum_shard *s, const struct merkle_head *head,
    const char *note, ct_quorum_fn *fn, void *ctx)
{
	struct link *l;

	s->round++;
	s->good = s->open = 0;
	s->lines.len = 0;
	for (unsigned i = 0; i < s->q->figures.n; i++) {
		l = &s->link[i];
		if (l->busy)
			continue;
		if ((l->note = strdup(note)) == NULL)
			return ERR_SYS_NOMEM;
		l->busy = true;
		l->round = s->round;
		l->head = *head;
		s->open++;
	}
	s->fn = fn;
	s->ctx = ctx;
	/* The timer also ends a head for which nobody could be asked. */
	loop_timer_start(s->timer,
	    s->open > 0 ? (uint64_t)s->q->o.config->quorum.timeout_ms : 1, 0);
	for (unsigned i = 0; i < s->q->figures.n; i++)
		if (s->link[i].busy && s->link[i].round == s->round)
			start(&s->link[i]);
	return 0;
}
