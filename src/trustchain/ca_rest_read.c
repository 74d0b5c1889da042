/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "http/request.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_record.h"
#include "trustchain/ca_rest_internal.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"

/* GET /api/v1/ca/certificates and /certificates/{serial}. */

enum {
	ARENA_MAX = 32 << 20,
	LIST_DEFAULT = 100,
	LIST_MAX = 500,
	SERIAL_MAX = 20,
	EXPIRING_MAX_S = 366 * 86400
};

static void
store_problem(struct ca_rest *r, struct http_request *req, int rc)
{
	if (rc == ERR_STATE_NOT_FOUND)
		ca_rest_problem(
		    r, req, CA_PROBLEM_NOT_FOUND, "no such certificate");
	else
		ca_rest_problem(
		    r, req, CA_PROBLEM_STORAGE_UNAVAILABLE, base_err_text(rc));
}

static void
show(struct ca_rest *r, struct http_request *req, const struct ca_cert *row)
{
	const char *accept = http_request_header(req, "accept");
	char *pem;

	if (accept == NULL ||
	    strstr(accept, "application/x-pem-file") == NULL) {
		ca_rest_json(r, req, 200,
		    ca_record_full(
			r->o.authority, row, base_clock_now_ms(r->o.clock)),
		    NULL);
		return;
	}
	/* Step 9: only a finished certificate leaves the process. */
	if (row->state != CA_CERT_ISSUED || row->final.len == 0) {
		store_problem(r, req, ERR_STATE_NOT_FOUND);
		return;
	}
	pem = ca_record_pem(row->final.data, row->final.len);
	if (pem == NULL)
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
	else
		ca_rest_bytes(req, "application/x-pem-file", pem, strlen(pem));
	free(pem);
}

void
ca_rest_certificate(struct ca_rest *r, struct http_request *req)
{
	static const char prefix[] = "/api/v1/ca/certificates/";
	const char *text = http_request_path(req) + sizeof(prefix) - 1;
	struct ca_principal *who = malloc(sizeof(*who));
	struct arena *a = base_arena_new(ARENA_MAX);
	uint8_t serial[SERIAL_MAX];
	struct ca_cert row;
	size_t len;
	int rc = ERR_SYS_NOMEM;

	if (who == NULL || a == NULL) {
		store_problem(r, req, rc);
	} else if (ca_rest_auth(r, req, 0, who)) {
		rc = wire_hex_decode(
		    text, strlen(text), serial, sizeof(serial), &len);
		if (rc != 0)
			rc = ERR_STATE_NOT_FOUND;
		else
			rc = r->o.store->ops->get_cert(r->o.store, NULL,
			    (struct ca_blob){ serial, len }, a, &row);
		/* For an auditor, or the token that asked for it. */
		if (rc == 0 && (who->roles & CA_AUTH_AUDITOR) == 0 &&
		    strcmp(row.owner, who->owner) != 0)
			ca_rest_problem(r, req, CA_PROBLEM_FORBIDDEN,
			    "another token's certificate");
		else if (rc != 0)
			store_problem(r, req, rc);
		else
			show(r, req, &row);
	}
	base_arena_free(a);
	free(who);
}

/* status=...; returns whether it is one we know. */
static bool
by_status(struct ca_cert_filter *f, const char *status, int64_t now)
{
	if (status == NULL)
		return true;
	if (strcasecmp(status, "valid") == 0) {
		f->state = CA_CERT_ISSUED;
		f->not_after_from = now;
		f->revoked = -1;
	} else if (strcasecmp(status, "expired") == 0) {
		f->not_after_before = now;
		f->revoked = -1;
	} else if (strcasecmp(status, "revoked") == 0) {
		f->state = CA_CERT_ISSUED;
		f->revoked = 1;
	} else if (strcasecmp(status, "abandoned") == 0) {
		f->state = CA_CERT_ABANDONED;
	} else {
		return false;
	}
	return true;
}

/* A decimal parameter of at most ${max}; absent leaves ${ret} alone. */
static bool
number(const struct http_request *req, const char *name, uint64_t max,
    uint64_t *ret)
{
	const char *s = http_request_param(req, name);
	uint64_t v;

	if (s == NULL)
		return true;
	if (base_str_u64(s, strlen(s), &v) != 0 || v > max)
		return false;
	*ret = v;
	return true;
}

struct query {
	struct ca_cert_filter f;
	struct ca_name_octets name;
};

static const char *
read_query(struct ca_rest *r, const struct http_request *req, struct query *q)
{
	uint64_t limit = LIST_DEFAULT, cursor = 0, soon = 0;
	const char *name = http_request_param(req, "name");
	int64_t now = base_clock_now_ms(r->o.clock);

	if (!by_status(&q->f, http_request_param(req, "status"), now))
		return "status: not valid, expired, revoked or abandoned";
	if (name != NULL) {
		if (ca_name_parse(name, &q->name) != 0)
			return "name: not a name";
		q->f.name = &q->name.name;
	}
	if (!number(req, "limit", LIST_MAX, &limit) || limit == 0)
		return "limit: not 1 to 500";
	if (!number(req, "cursor", INT64_MAX, &cursor))
		return "cursor: not one of ours";
	if (!number(req, "expiring_within_s", EXPIRING_MAX_S, &soon))
		return "expiring_within_s: not a number of seconds";
	if (http_request_param(req, "expiring_within_s") != NULL) {
		q->f.not_after_from = now;
		q->f.not_after_before = now + (int64_t)soon * 1000;
	}
	q->f.limit = (size_t)limit;
	q->f.after_id = (int64_t)cursor;
	return NULL;
}

static void
list(struct ca_rest *r, struct http_request *req, struct query *q,
    struct arena *a)
{
	json_t *o = NULL, *certs = json_array(), *one;
	struct ca_cert *rows;
	char next[24];
	size_t n, i;
	int rc;

	rc = r->o.store->ops->list_certs(r->o.store, &q->f, a, &rows, &n);
	if (rc != 0) {
		json_decref(certs);
		store_problem(r, req, rc);
		return;
	}
	for (i = 0; i < n && certs != NULL; i++) {
		one = ca_record_brief(
		    r->o.store, &rows[i], base_clock_now_ms(r->o.clock));
		if (json_array_append_new(certs, one) != 0) {
			json_decref(certs);
			certs = NULL;
		}
	}
	if (certs != NULL)
		o = json_pack("{s:o, s:n}", "certificates", certs, "next");
	if (o != NULL && n == q->f.limit) {
		snprintf(next, sizeof(next), "%lld", (long long)rows[n - 1].id);
		json_object_set_new(o, "next", json_string(next));
	}
	ca_rest_json(r, req, 200, o, NULL);
}

void
ca_rest_list(struct ca_rest *r, struct http_request *req)
{
	struct ca_principal *who = malloc(sizeof(*who));
	struct query *q = calloc(1, sizeof(*q));
	struct arena *a = base_arena_new(ARENA_MAX);
	const char *wrong;

	if (who == NULL || q == NULL || a == NULL)
		store_problem(r, req, ERR_SYS_NOMEM);
	else if (ca_rest_auth(r, req, CA_AUTH_AUDITOR, who)) {
		if ((wrong = read_query(r, req, q)) != NULL)
			ca_rest_problem(r, req, CA_PROBLEM_MALFORMED, wrong);
		else
			list(r, req, q, a);
	}
	base_arena_free(a);
	free(q);
	free(who);
}
