/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <libwebsockets.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "http/exchange_internal.h"
#include "http/request_internal.h"

/* Of a body that is refused. */
#define DISCARD_MAX 4194304
/* The longest value that fits in a header block. */
#define VALUE_MAX 16384

/* Headers the library does not know by itself; it gives them on request, and
 * for HTTP/1.1 only. */
static const char *const extra_headers[] = {
	"idempotency-key:", "last-event-id:", "x-request-id:"
};

static const struct {
	enum lws_token_indexes token;
	enum http_method method;
} methods[] = {
	{ WSI_TOKEN_GET_URI, HTTP_METHOD_GET },
	{ WSI_TOKEN_POST_URI, HTTP_METHOD_POST },
	{ WSI_TOKEN_HEAD_URI, HTTP_METHOD_HEAD },
	{ WSI_TOKEN_PUT_URI, HTTP_METHOD_PUT },
	{ WSI_TOKEN_DELETE_URI, HTTP_METHOD_DELETE },
	{ WSI_TOKEN_PATCH_URI, HTTP_METHOD_PATCH },
	{ WSI_TOKEN_OPTIONS_URI, HTTP_METHOD_OPTIONS },
};

/* Whether ${s} of ${len} bytes is text without control characters. */
static bool
is_clean(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)s[i] < 0x20 && s[i] != '\t') ||
		    s[i] == 0x7f)
			return false;
	return true;
}

static char *
copy_token(struct http_request *r, enum lws_token_indexes token)
{
	int len = lws_hdr_total_length(r->wsi, token);
	char *s;

	if (len <= 0 || len > VALUE_MAX)
		return NULL;
	s = base_arena_alloc(r->arena, (size_t)len + 1);
	if (s == NULL)
		return NULL;
	len = lws_hdr_copy(r->wsi, s, len + 1, token);
	if (len < 0 || !is_clean(s, (size_t)len))
		return NULL;
	return s;
}

static int
collect_line(struct http_request *r)
{
	size_t i, count = sizeof(methods) / sizeof(methods[0]);

	for (i = 0; i < count; i++)
		if (lws_hdr_total_length(r->wsi, methods[i].token) > 0)
			break;
	if (i == count)
		return 501;
	r->method = methods[i].method;
	r->path = copy_token(r, methods[i].token);
	if (r->path == NULL || r->path[0] != '/')
		return 400;
	return 0;
}

static int
collect_params(struct http_request *r)
{
	char text[VALUE_MAX], *copy, *value;
	int len;

	for (int n = 0;; n++) {
		len = lws_hdr_copy_fragment(
		    r->wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, n);
		if (len < 0)
			return 0;
		if (len == 0)
			continue;
		if (r->params_count == HTTP_PARAMS_MAX ||
		    !is_clean(text, (size_t)len))
			return 400;
		copy = base_arena_dup(r->arena, text, (size_t)len);
		if (copy == NULL)
			return 400;
		value = strchr(copy, '=');
		if (value != NULL)
			*value++ = '\0';
		r->params[r->params_count].name = copy;
		r->params[r->params_count++].value = value == NULL ? "" : value;
	}
}

static int
add_header(struct http_request *r, const char *name, const char *value)
{
	char *copy = base_arena_dup(r->arena, name, strlen(name));

	if (copy == NULL || r->headers_count == HTTP_HEADERS_MAX)
		return 400;
	copy[strlen(copy) - 1] = '\0'; /* the library's names end in ':' */
	r->headers[r->headers_count].name = copy;
	r->headers[r->headers_count++].value = value;
	return 0;
}

static int
collect_extra(struct http_request *r)
{
	const char *name;
	char *value;
	int len, rc;

	for (size_t i = 0; i < sizeof(extra_headers) / sizeof(char *); i++) {
		name = extra_headers[i];
		len = lws_hdr_custom_length(r->wsi, name, (int)strlen(name));
		if (len < 0)
			continue;
		value = base_arena_alloc(r->arena, (size_t)len + 1);
		if (value == NULL ||
		    (len > 0 && lws_hdr_custom_copy(r->wsi, value, len + 1,
				    name, (int)strlen(name)) < 0) ||
		    !is_clean(value, (size_t)len))
			return 400;
		rc = add_header(r, name, value);
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
collect_headers(struct http_request *r)
{
	const unsigned char *name;
	char *value;
	int rc;

	for (int t = 0; t < WSI_TOKEN_COUNT; t++) {
		if (lws_hdr_total_length(r->wsi, (enum lws_token_indexes)t) <=
		    0)
			continue;
		name = lws_token_to_string((enum lws_token_indexes)t);
		/* Request lines and pseudo-headers are no headers. */
		if (name == NULL || name[0] == ':' ||
		    !islower((unsigned char)name[0]) ||
		    name[strlen((const char *)name) - 1] != ':')
			continue;
		value = copy_token(r, (enum lws_token_indexes)t);
		if (value == NULL)
			return 400;
		rc = add_header(r, (const char *)name, value);
		if (rc != 0)
			return rc;
	}
	return collect_extra(r);
}

/* Whether the connection ends with this request (RFC 9112 section 9.3). */
static bool
is_last(struct http_request *r)
{
	const char *connection = http_request_find(r, "connection");
	char version[16];

	if (r->is_h2)
		return false;
	if (lws_hdr_copy(r->wsi, version, sizeof(version), WSI_TOKEN_HTTP) <=
		0 ||
	    strcmp(version, "HTTP/1.1") != 0) {
		r->is_http10 = true;
		return true;
	}
	return connection != NULL && strcasestr(connection, "close") != NULL;
}

/* How long the body is, or the status to refuse it with.  Bodies come with
 * Content-Length only: the library does not read chunked requests. */
static int
collect_length(struct http_request *r)
{
	const char *length = http_request_find(r, "content-length");
	bool may_have_body = r->method == HTTP_METHOD_POST ||
			     r->method == HTTP_METHOD_PUT ||
			     r->method == HTTP_METHOD_PATCH;
	uint64_t n = 0;

	if (http_request_find(r, "transfer-encoding") != NULL)
		return 411;
	if (length == NULL) {
		/* RFC 9112 section 6.3: without a length there is no body, as
		 * in "curl -X POST".  What follows all the same is not taken
		 * for a request. */
		r->close_after = r->close_after || (may_have_body && !r->is_h2);
		/* Over HTTP/2 a body may follow, and the library does not say
		 * so: one that has a type is refused, "curl -X POST" is not. */
		return may_have_body && r->is_h2 &&
			       http_request_find(r, "content-type") != NULL
			   ? 411
			   : 0;
	}
	if (base_str_u64(length, strlen(length), &n) != 0)
		return 400;
	/* A little too much is read and dropped, so that the answer is not
	 * lost when the connection is closed under a peer who still sends. */
	if (n > DISCARD_MAX && n > r->body_max)
		return 413;
	r->length = (size_t)n;
	r->refused = n > r->body_max ? 413 : 0;
	/* An empty POST gets its completion call from the library too. */
	r->expects_body = n > 0 || r->method == HTTP_METHOD_POST;
	return 0;
}

int
http_collect_all(struct http_request *r)
{
	int status;

	status = collect_line(r);
	if (status == 0)
		status = collect_headers(r);
	if (status == 0)
		status = collect_params(r);
	r->close_after = is_last(r);
	return status == 0 ? collect_length(r) : status;
}
