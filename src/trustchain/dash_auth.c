/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may read logs and acknowledge alerts.  The dashboard knows no tokens:
 * it hands the one that it is shown to the CA, and does what the CA allows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "http/client.h"
#include "http/request.h"
#include "ops/log.h"
#include "trustchain/dash_internal.h"
#include "wire/json.h"

#define ASKS_MAX 64
#define TIMEOUT_MS 5000
#define LOGS_MAX ((size_t)32 << 20)

struct ask {
	struct list node;
	struct dash *owner;
	struct http_request *request;
	struct http_call *call;
	char alert[DASH_ALERTS_ID_LEN + 1]; /* to acknowledge */
};

static void
end(struct ask *a)
{
	base_list_remove(&a->node);
	a->owner->n_asks--;
	free(a);
}

/* The CA did not say yes: pass on what it says. */
static bool
refused(struct ask *a, const struct http_response *resp)
{
	int status = http_response_status(resp);

	if (http_response_rc(resp) == 0 && status == 200)
		return false;
	if (http_response_rc(resp) == 0 && status == 401)
		dash_web_problem(a->request, 401, "unauthorized",
		    "a valid bearer token of the CA is required");
	else if (http_response_rc(resp) == 0 && status == 403)
		dash_web_problem(
		    a->request, 403, "forbidden", "the token lacks the role");
	else
		dash_web_problem(a->request, 503, "storage_unavailable",
		    "the CA, which judges tokens, cannot be asked now");
	return true;
}

/* The lines of both, each of which begins with its time, in order. */
static int
merge(const char *a, const char *b, struct buf *out)
{
	const char *from;
	size_t n;
	int rc = 0;

	while (rc == 0 && (*a != '\0' || *b != '\0')) {
		from = *b == '\0' || (*a != '\0' && strcmp(a, b) < 0) ? a : b;
		n = strcspn(from, "\n");
		rc = base_buf_append(out, from, n);
		if (rc == 0)
			rc = base_buf_append(out, "\n", 1);
		n += from[n] == '\n' ? 1 : 0;
		if (from == a)
			a += n;
		else
			b += n;
	}
	return rc;
}

static void
logs_answered(void *ctx, const struct http_response *resp)
{
	struct ask *a = ctx;
	struct dash *d = a->owner;
	struct buf own, out;
	size_t len;
	int rc;

	if (refused(a, resp)) {
		end(a);
		return;
	}
	base_buf_init(&own, LOGS_MAX);
	base_buf_init(&out, 2 * LOGS_MAX);
	rc = ops_log_recent(
	    d->o.log, (size_t)d->o.config->dashboard.log_lines, &own);
	if (rc == 0)
		rc = base_buf_append(&own, "", 1);
	if (rc == 0)
		rc = merge((const char *)http_response_body(resp, &len),
		    (const char *)own.data, &out);
	if (rc == 0)
		dash_web_send(a->request, 200, "application/x-ndjson", &out);
	else
		dash_web_problem(a->request, 500, "internal", "out of memory");
	base_buf_free(&own);
	base_buf_free(&out);
	end(a);
}

/* Whether the CA's description of a token names ${role}; its owner. */
static bool
has_role(const json_t *o, const char *role, const char **ret_owner)
{
	const json_t *roles = json_object_get(o, "roles");
	const char *s;
	size_t i;

	*ret_owner = json_string_value(json_object_get(o, "owner"));
	if (*ret_owner == NULL)
		return false;
	for (i = 0; i < json_array_size(roles); i++) {
		s = json_string_value(json_array_get(roles, i));
		if (s != NULL && strcmp(s, role) == 0)
			return true;
	}
	return false;
}

static void
acknowledge(struct ask *a, const char *by)
{
	struct dash *d = a->owner;
	struct buf b;
	int rc;

	rc = dash_alerts_ack(
	    d->alerts, a->alert, by, base_clock_now_ms(d->o.clock));
	if (rc == ERR_STATE_NOT_FOUND) {
		dash_web_problem(a->request, 404, "not_found", "no such alert");
		return;
	}
	if (rc != 0) {
		dash_web_problem(a->request, 409, "conflict",
		    "the alert is resolved already");
		return;
	}
	base_buf_init(&b, 256);
	(void)!base_buf_printf(&b, "{\"id\":\"%s\"}", a->alert);
	dash_web_send(a->request, 200, "application/json", &b);
	base_buf_free(&b);
}

static void
ack_answered(void *ctx, const struct http_response *resp)
{
	const char *owner = NULL;
	struct ask *a = ctx;
	json_t *o = NULL;
	const uint8_t *body;
	size_t len;

	if (refused(a, resp)) {
		end(a);
		return;
	}
	body = http_response_body(resp, &len);
	if (wire_json_parse((const char *)body, len, &o, NULL) != 0)
		dash_web_problem(a->request, 503, "storage_unavailable",
		    "the CA's answer makes no sense");
	else if (!has_role(o, "operator", &owner))
		dash_web_problem(
		    a->request, 403, "forbidden", "the token lacks the role");
	else
		acknowledge(a, owner);
	json_decref(o);
	end(a);
}

static void
ask(struct dash *d, struct http_request *r, const char *path, const char *alert)
{
	const char *token = http_request_header(r, "authorization");
	const struct trustchain_server *c = &d->o.config->server;
	const struct http_header auth = { "authorization", token };
	char url[600];
	const struct http_client_request req = {
		.method = HTTP_METHOD_GET,
		.url = url,
		.headers = &auth,
		.headers_count = 1,
		.timeout_ms = TIMEOUT_MS,
		.response_max = LOGS_MAX,
		.roots_file = c->roots,
	};
	struct ask *a;
	unsigned wait;
	int rc;

	if (token == NULL) {
		dash_web_problem(r, 401, "unauthorized",
		    "a valid bearer token of the CA is required");
		return;
	}
	/* The CA charges this address for all of them. */
	if (http_request_charge(r, &wait) != 0 || d->n_asks == ASKS_MAX ||
	    (a = calloc(1, sizeof(*a))) == NULL) {
		dash_web_problem(r, 429, "rate_limited", "too many requests");
		return;
	}
	base_list_init(&a->node);
	a->owner = d;
	a->request = r;
	if (alert != NULL)
		(void)!base_str_copy(a->alert, sizeof(a->alert), alert);
	base_list_push_back(&d->asks, &a->node);
	d->n_asks++;
	rc = base_str_format(url, sizeof(url), "%s%s",
	    c->ca_url[0] != '\0' ? c->ca_url : c->base_url, path);
	if (rc == 0)
		rc = http_client_send(d->client, &req,
		    alert != NULL ? ack_answered : logs_answered, a, &a->call);
	if (rc == 0)
		return;
	dash_web_problem(r, 503, "storage_unavailable",
	    "the CA, which judges tokens, cannot be asked now");
	end(a);
}

void
dash_auth_logs(struct dash *d, struct http_request *r)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/api/v1/ca/logs?limit=%lld",
	    (long long)d->o.config->dashboard.log_lines);
	ask(d, r, path, NULL);
}

void
dash_auth_ack(struct dash *d, struct http_request *r, const char *id)
{
	if (strlen(id) != DASH_ALERTS_ID_LEN)
		dash_web_problem(r, 404, "not_found", "no such alert");
	else
		ask(d, r, "/api/v1/ca/token", id);
}

void
dash_auth_end(struct dash *d)
{
	struct list *n, *next;
	struct ask *a;

	LIST_FOREACH (n, next, &d->asks) {
		a = LIST_ENTRY(n, struct ask, node);
		if (a->call != NULL)
			http_client_cancel(a->call);
		dash_web_problem(a->request, 503, "storage_unavailable",
		    "the dashboard stops");
		end(a);
	}
}
