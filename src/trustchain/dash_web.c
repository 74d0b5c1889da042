/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/request.h"
#include "trustchain/dash_internal.h"
#include "wire/json.h"
#include "wire/time.h"

#define MERGED_MAX ((size_t)16 << 20)
#define ALERTS "/api/alerts"

void
dash_web_send(
    struct http_request *r, int status, const char *type, const struct buf *b)
{
	/* Nothing from elsewhere, no frame around it, no script but ours. */
	static const struct http_header h[] = {
		{ "strict-transport-security", "max-age=31536000" },
		{ "x-content-type-options", "nosniff" },
		{ "cache-control", "no-store" },
		{ "content-security-policy",
		    "default-src 'none'; script-src 'self'; style-src 'self'; "
		    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
		    "frame-ancestors 'none'" },
		{ "www-authenticate", "Bearer" },
	};
	struct http_reply reply = { .status = status,
		.content_type = type,
		.headers = h,
		.headers_count =
		    sizeof(h) / sizeof(h[0]) - (status == 401 ? 0 : 1),
		.body = b->data,
		.body_len = b->len };

	http_request_reply(r, &reply);
}

void
dash_web_problem(
    struct http_request *r, int status, const char *code, const char *detail)
{
	struct buf b;

	base_buf_init(&b, 1024);
	(void)!base_buf_printf(&b,
	    "{\"type\":\"urn:troth:identity:%s\",\"title\":\"%s\","
	    "\"status\":%d,\"detail\":\"%s\",\"code\":\"%s\"}",
	    code, http_status_text(status), status, detail, code);
	dash_web_send(r, status, "application/problem+json", &b);
	base_buf_free(&b);
}

/* Answer with what ${make} appends. */
static void
made(struct dash *d, struct http_request *r, const char *type,
    int (*make)(const struct dash *, struct buf *))
{
	struct buf b;

	base_buf_init(&b, MERGED_MAX);
	if (make(d, &b) == 0)
		dash_web_send(r, 200, type, &b);
	else
		dash_web_problem(r, 503, "internal", "out of memory");
	base_buf_free(&b);
}

static json_t *
alert_json(const struct dash *d, const struct dash_alert *a)
{
	char since[WIRE_TIME_TEXT_MAX];
	json_t *o;

	wire_time_format(a->since_ms, since);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:f, s:s}", "id", a->id,
	    "name", a->rule->name, "severity",
	    dash_alerts_severity_name(a->rule->severity), "state",
	    dash_alerts_state_name(a->state), "since", since, "value", a->value,
	    "threshold", a->rule->threshold, "target",
	    d->target[a->target].instance);
	if (o != NULL && a->detail[0] != '\0')
		(void)json_object_set_new(o,
		    a->rule == &dash_watch_rules[DASH_BYZANTINE_DETECTED]
			? "evidence"
			: "detail",
		    json_string(a->detail));
	if (o != NULL && a->by[0] != '\0')
		(void)json_object_set_new(
		    o, "acknowledged_by", json_string(a->by));
	return o;
}

static int
alerts_json(const struct dash *d, struct buf *b)
{
	const struct dash_alert *a;
	json_t *all = json_array(), *o;
	char *text = NULL;
	size_t i, len = 0;
	int rc = ERR_SYS_NOMEM;

	for (i = 0; (a = dash_alerts_at(d->alerts, i)) != NULL; i++)
		if (json_array_append_new(all, alert_json(d, a)) != 0)
			break;
	if ((o = json_object()) != NULL && a == NULL &&
	    json_object_set(o, "alerts", all) == 0)
		text = wire_json_dump(o, &len);
	if (text != NULL)
		rc = base_buf_append(b, text, len);
	json_decref(all);
	json_decref(o);
	free(text);
	return rc;
}

static int
style(const struct dash *d, struct buf *b)
{
	(void)d;
	return base_buf_append(b, dash_page_style, strlen(dash_page_style));
}

static int
script(const struct dash *d, struct buf *b)
{
	(void)d;
	return base_buf_append(b, dash_page_script, strlen(dash_page_script));
}

static const struct {
	const char *path, *type;
	int (*make)(const struct dash *, struct buf *);
} pages[] = {
	{ "/", "text/html; charset=utf-8", dash_page_html },
	{ "/alerts", "text/html; charset=utf-8", dash_page_alerts },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", dash_merge },
	{ ALERTS, "application/json", alerts_json },
	{ "/style.css", "text/css", style },
	{ "/live.js", "text/javascript", script },
};

/* POST /api/alerts/{id}/ack */
static void
post(struct dash *d, struct http_request *r)
{
	const char *path = http_request_path(r), *slash;
	char id[DASH_ALERTS_ID_LEN + 2] = "";
	size_t n;

	if (base_str_starts(path, ALERTS "/")) {
		path += strlen(ALERTS "/");
		slash = strchr(path, '/');
		n = slash == NULL ? 0 : (size_t)(slash - path);
		if (n > 0 && n < sizeof(id) && strcmp(slash, "/ack") == 0) {
			memcpy(id, path, n);
			id[n] = '\0';
			dash_auth_ack(d, r, id);
			return;
		}
	}
	dash_web_problem(r, 404, "not_found", "no such resource");
}

void
dash_handle(void *ctx, struct http_request *r)
{
	enum http_method m = http_request_method(r);
	const char *path = http_request_path(r);
	struct dash *d = ctx;
	size_t i;

	if (m == HTTP_METHOD_POST) {
		post(d, r);
		return;
	}
	if (m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD) {
		dash_web_problem(
		    r, 405, "method_not_allowed", "GET, HEAD or POST");
		return;
	}
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(path, pages[i].path) == 0) {
			made(d, r, pages[i].type, pages[i].make);
			return;
		}
	if (strcmp(path, "/events") == 0 && m == HTTP_METHOD_GET)
		dash_stream_begin(d, r);
	else if (strcmp(path, "/logs") == 0)
		dash_auth_logs(d, r);
	else
		dash_web_problem(r, 404, "not_found", "no such resource");
}
