/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "audit/event.h"
#include "http/request.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/trustchain_auditor.h"

/*
 * GET /api/v1/ca/audit/test: write an event, have a checkpoint signed over it,
 * and prove from the files that it is there.
 */
enum { AT_ONCE_MAX = 8 };

struct test {
	struct list node;
	struct ca_rest *rest; /* NULL: gone, and nobody is answered */
	struct http_request *req;
	char id[AUDIT_ID_MAX];
	uint64_t index;
};

static void
finish(struct test *t, int rc, const struct merkle_head *head)
{
	struct ca_rest *r = t->rest;

	if (r != NULL) {
		base_list_remove(&t->node);
		r->n_audits--;
	}
	if (r != NULL && rc == 0)
		ca_rest_json(r, t->req, 200,
		    json_pack("{s:s, s:I, s:I, s:b}", "event_id", t->id,
			"index", (json_int_t)t->index, "tree_size",
			(json_int_t)head->size, "verified", 1),
		    NULL);
	else if (r != NULL)
		ca_rest_problem(r, t->req, CA_PROBLEM_STORAGE_UNAVAILABLE,
		    base_err_text(rc));
	free(t);
}

/* A checkpoint over the event is on disk. */
static void
published(void *ctx, int rc, uint64_t size)
{
	struct merkle_head head;
	struct test *t = ctx;

	(void)size;
	if (rc == 0 && t->rest != NULL)
		rc = trustchain_auditor_prove(
		    t->rest->o.auditor, t->id, t->index, &head);
	finish(t, rc, &head);
}

/* The event is line ${size} - 1. */
static void
written(void *ctx, int rc, uint64_t size)
{
	struct test *t = ctx;
	struct audit *log;

	if (rc == 0 && t->rest != NULL) {
		t->index = size - 1;
		log = trustchain_auditor_log(t->rest->o.auditor);
		rc = log == NULL ? ERR_STATE_CLOSED
				 : audit_checkpoint(log, published, t);
		if (rc == 0)
			return;
	}
	finish(t, rc, NULL);
}

static void
begin(struct ca_rest *r, struct http_request *req, const char *who)
{
	struct test *t = calloc(1, sizeof(*t));
	struct audit_event ev = { .action = "audit.test", .target = "{}" };
	int rc;

	if (t == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
		return;
	}
	base_list_init(&t->node);
	t->rest = r;
	t->req = req;
	ev.ret_id = t->id;
	ev.operator_id = who;
	base_list_push_back(&r->audits, &t->node);
	r->n_audits++;
	rc = r->o.auditor == NULL
		 ? ERR_STATE_PENDING
		 : trustchain_auditor_post(r->o.auditor, &ev, written, t);
	if (rc != 0)
		finish(t, rc, NULL);
}

void
ca_rest_audit(struct ca_rest *r, struct http_request *req)
{
	struct ca_principal *who = malloc(sizeof(*who));

	if (who == NULL)
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
	else if (!ca_rest_auth(r, req, CA_AUTH_AUDITOR, who))
		; /* answered */
	else if (r->n_audits >= AT_ONCE_MAX)
		ca_rest_problem(r, req, CA_PROBLEM_RATE_LIMITED,
		    "other tests of the audit log are under way");
	else
		begin(r, req, who->owner);
	free(who);
}

void
ca_rest_audit_end(struct ca_rest *r)
{
	struct list *node;
	struct test *t;

	while ((node = base_list_pop_front(&r->audits)) != NULL) {
		t = LIST_ENTRY(node, struct test, node);
		t->rest = NULL;
		http_request_abort(t->req);
	}
}
