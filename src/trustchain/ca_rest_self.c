/* SPDX-License-Identifier: Apache-2.0 */
/* What the dashboard asks in the name of whoever asks it. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/request.h"
#include "ops/log.h"
#include "trustchain/ca_rest_internal.h"

#define LINES_BYTES_MAX ((size_t)32 << 20)

static json_t *
names_of(unsigned set)
{
	json_t *a = json_array();
	const char *name;
	unsigned role;
	size_t i;

	for (i = 0; (name = ca_auth_role_name(i, &role)) != NULL; i++)
		if ((set & role) != 0)
			(void)json_array_append_new(a, json_string(name));
	return a;
}

void
ca_rest_token(struct ca_rest *r, struct http_request *req)
{
	struct ca_principal p;

	if (ca_rest_auth(r, req, 0, &p))
		ca_rest_json(r, req, 200,
		    json_pack("{s:s, s:o, s:s}", "owner", p.owner, "roles",
			names_of(p.roles), "profiles", p.profiles),
		    NULL);
}

void
ca_rest_lines(struct ca_rest *r, struct http_request *req)
{
	const char *limit = http_request_param(req, "limit");
	uint64_t max = CA_REST_LINES_MAX;
	struct http_reply out = { .status = 200,
		.content_type = "application/x-ndjson" };
	static const struct http_header h[] = {
		{ "strict-transport-security", "max-age=31536000" },
		{ "x-content-type-options", "nosniff" },
		{ "cache-control", "no-store" },
	};
	struct buf b;

	if (limit != NULL &&
	    (base_str_u64(limit, strlen(limit), &max) != 0 || max == 0)) {
		ca_rest_problem(r, req, CA_PROBLEM_MALFORMED,
		    "limit is not a positive integer");
		return;
	}
	base_buf_init(&b, LINES_BYTES_MAX);
	if (ops_log_recent(r->o.log, (size_t)max, &b) != 0) {
		ca_rest_problem(r, req, CA_PROBLEM_INTERNAL, "out of memory");
	} else {
		out.headers = h;
		out.headers_count = sizeof(h) / sizeof(h[0]);
		out.body = b.data;
		out.body_len = b.len;
		http_request_reply(req, &out);
	}
	base_buf_free(&b);
}

void
ca_rest_logs(struct ca_rest *r, struct http_request *req)
{
	struct ca_principal p;

	if (ca_rest_auth(r, req, CA_AUTH_AUDITOR, &p))
		ca_rest_lines(r, req);
}
