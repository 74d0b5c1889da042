/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/request.h"
#include "wire/base64.h"

static const struct ct_reply_error no_memory = { 503, "queue_full",
	"out of memory" };

static void
send(struct http_request *r, struct http_reply *reply, json_t *json)
{
	size_t len;
	char *text = NULL;

	if (json != NULL)
		text = wire_json_dump(json, &len);
	json_decref(json);
	if (text == NULL) {
		http_request_reply_text(
		    r, 503, "text/plain", "out of memory\n");
		return;
	}
	reply->body = text;
	reply->body_len = len;
	reply->release = free;
	reply->release_ctx = text;
	http_request_reply(r, reply);
}

void
ct_reply_fail(struct http_request *r, enum ct_reply_style style,
    const struct ct_reply_error *error)
{
	static const struct http_header retry[] = { { "retry-after", "1" } };
	struct http_reply reply;
	char type[128];
	json_t *json;

	memset(&reply, 0, sizeof(reply));
	reply.status = error->status;
	if (error->status == 429 || error->status == 503) {
		reply.headers = retry;
		reply.headers_count = 1;
	}
	if (style == CT_REPLY_V1) {
		reply.content_type = "application/json";
		json = json_pack("{s:s, s:s}", "error_code", error->code,
		    "error_message", error->text);
	} else {
		reply.content_type = "application/problem+json";
		(void)!base_str_format(
		    type, sizeof(type), "urn:troth:identity:%s", error->code);
		json = json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type,
		    "title", error->text, "status", error->status, "detail",
		    error->text, "code", error->code);
	}
	send(r, &reply, json);
}

void
ct_reply_json(struct http_request *r, json_t *json)
{
	struct http_reply reply;

	if (json == NULL) {
		ct_reply_fail(r, CT_REPLY_API, &no_memory);
		return;
	}
	memset(&reply, 0, sizeof(reply));
	reply.status = 200;
	reply.content_type = "application/json";
	send(r, &reply, json);
}

void
ct_reply_text(
    struct http_request *r, const char *text, size_t len, const char *type)
{
	static const struct http_header headers[] = { { "cache-control",
	    "no-cache" } };
	struct http_reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = 200;
	reply.content_type = type;
	reply.headers = headers;
	reply.headers_count = 1;
	reply.body = text;
	reply.body_len = len;
	http_request_reply(r, &reply);
}

void
ct_reply_file(struct http_request *r, uint8_t *data, size_t len,
    const char *type, int gzip)
{
	static const struct http_header headers[] = {
		{ "cache-control", "public, max-age=604800, immutable" },
		{ "content-encoding", "gzip" },
	};
	struct http_reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.status = 200;
	reply.content_type = type;
	reply.headers = headers;
	reply.headers_count = gzip ? 2 : 1;
	reply.body = data;
	reply.body_len = len;
	reply.release = free;
	reply.release_ctx = data;
	http_request_reply(r, &reply);
}

static json_t *
encoded(enum wire_base64_kind kind, const uint8_t *data, size_t len)
{
	char *text = malloc(WIRE_BASE64_ENCODED_MAX(len));
	json_t *json;
	size_t n;

	if (text == NULL)
		return NULL;
	n = wire_base64_encode(kind, data, len, text);
	json = json_stringn_nocheck(text, n);
	free(text);
	return json;
}

json_t *
ct_reply_base64(const uint8_t *data, size_t len)
{
	return encoded(WIRE_BASE64_STD, data, len);
}

json_t *
ct_reply_base64url(const uint8_t *data, size_t len)
{
	return encoded(WIRE_BASE64_URL, data, len);
}
