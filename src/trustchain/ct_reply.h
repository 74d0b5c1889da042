/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_REPLY_H
#define TRUSTCHAIN_CT_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "wire/json.h"

/*
 * How the log answers.  Below /<shard>/ct/v1/ an error is {error_code,
 * error_message} (identity spec section 9), below /api/ it is a problem
 * document (section 6).
 */
struct http_request;

enum ct_reply_style { CT_REPLY_V1, CT_REPLY_API };

struct ct_reply_error {
	int status;
	const char *code; /* a word of the specification */
	const char *text; /* for people; static */
};

/**
 * ct_reply_fail(r, style, error):
 * Answer with an error; 429 and 503 carry Retry-After.
 */
void ct_reply_fail(struct http_request *r, enum ct_reply_style style,
    const struct ct_reply_error *error);

/**
 * ct_reply_json(r, json):
 * Answer 200 with ${json}, whose reference is taken over; NULL means that
 * memory was short.
 */
void ct_reply_json(struct http_request *r, json_t *json);

/**
 * ct_reply_text(r, text, len, type):
 * Answer 200 with a text that must not be cached for long.
 */
void ct_reply_text(
    struct http_request *r, const char *text, size_t len, const char *type);

/**
 * ct_reply_file(r, data, len, type, gzip):
 * Answer 200 with octets that never change; ${data} is malloc'd and freed
 * when sent.  ${gzip}: they are compressed already.
 */
void ct_reply_file(struct http_request *r, uint8_t *data, size_t len,
    const char *type, int gzip);

/**
 * ct_reply_base64(data, len), ct_reply_base64url(data, len):
 * Return a JSON string; NULL when memory is short.
 */
json_t *ct_reply_base64(const uint8_t *data, size_t len);
json_t *ct_reply_base64url(const uint8_t *data, size_t len);

#endif
