/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "http/request.h"
#include "trustchain/ca_rest_internal.h"

static bool
is_json(const struct http_request *req)
{
	const char *t = http_request_header(req, "content-type");
	static const char want[] = "application/json";

	return t != NULL && strncasecmp(t, want, sizeof(want) - 1) == 0 &&
	       (t[sizeof(want) - 1] == '\0' || t[sizeof(want) - 1] == ';' ||
		   t[sizeof(want) - 1] == ' ');
}

/* NULL, or what is wrong with the body. */
static const char *
parse(struct http_request *req, const struct ca_rest_fields *fields,
    json_t **ret, char detail[192])
{
	struct wire_json_error err;
	const char *unknown;
	const uint8_t *data;
	size_t len;

	data = http_request_body(req, &len);
	if (wire_json_parse((const char *)data, len, ret, &err) != 0) {
		snprintf(detail, 192, "offset %zu: %.120s", err.offset_bytes,
		    err.text);
		return detail;
	}
	if (!json_is_object(*ret))
		return "body: not an object";
	unknown = wire_json_only(*ret, fields->names, fields->n);
	if (unknown == NULL)
		return NULL;
	snprintf(detail, 192, "%.64s: unknown field", unknown);
	return detail;
}

bool
ca_rest_body(struct ca_rest *r, struct http_request *req,
    const struct ca_rest_fields *fields, json_t **ret)
{
	char detail[192];
	const char *wrong;
	json_t *body = NULL;

	if (!is_json(req)) {
		ca_rest_problem(r, req, CA_PROBLEM_UNSUPPORTED_MEDIA,
		    "Content-Type must be application/json");
		return false;
	}
	if ((wrong = parse(req, fields, &body, detail)) != NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_MALFORMED, wrong);
		json_decref(body);
		return false;
	}
	*ret = body;
	return true;
}
