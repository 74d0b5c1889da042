/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"

/* JSON from peers is refused beyond this nesting (spec: limits). */
#define WIRE_JSON_DEPTH_MAX 16

/* Where and why a text is not acceptable JSON; for the 400 that names it. */
struct wire_json_error {
	size_t offset_bytes;
	char text[128];
};

/**
 * wire_json_parse(text, len, ret, err):
 * Parse exactly ${len} bytes of UTF-8 JSON whose top is an object or array.
 * Duplicate keys, trailing bytes, NUL characters and nesting beyond
 * WIRE_JSON_DEPTH_MAX are refused.  On success the caller owns *${ret} and
 * releases it with json_decref.  ERR_PEER_MALFORMED, ERR_PEER_DEPTH or
 * ERR_PEER_DUPLICATE with ${err} (may be NULL) filled in.
 */
MUST_CHECK int wire_json_parse(
    const char *text, size_t len, json_t **ret, struct wire_json_error *err);

/**
 * wire_json_only(obj, names, n):
 * Return NULL if every key of the object ${obj} is among the ${n} strings
 * ${names}, else the first key that is not (valid while ${obj} is).
 */
const char *wire_json_only(
    const json_t *obj, const char *const *names, size_t n);

/**
 * wire_json_string(obj, name, max, ret, ret_len):
 * Store the string member ${name} and its length.  ERR_STATE_NOT_FOUND when
 * absent, ERR_PEER_MALFORMED when not a string, ERR_PEER_TOO_LARGE beyond
 * ${max} bytes.  The string lives as long as ${obj}.
 */
MUST_CHECK int wire_json_string(const json_t *obj, const char *name, size_t max,
    const char **ret, size_t *ret_len);

/**
 * wire_json_strings(obj, name, out, cap, ret_n):
 * Store the strings of the array member ${name}; none when it is absent.
 * ERR_PEER_MALFORMED when it is no array, has more than ${cap} elements or one
 * that is no string.  The strings live as long as ${obj}.
 */
MUST_CHECK int wire_json_strings(const json_t *obj, const char *name,
    const char **out, size_t cap, size_t *ret_n);

/**
 * wire_json_int(obj, name, min, max, ret):
 * Store the integer member ${name}.  ERR_STATE_NOT_FOUND when absent,
 * ERR_PEER_MALFORMED when not an integer within [min, max].
 */
MUST_CHECK int wire_json_int(const json_t *obj, const char *name, int64_t min,
    int64_t max, int64_t *ret);

/**
 * wire_json_bool(obj, name, ret):
 * Store the boolean member ${name}.  ERR_STATE_NOT_FOUND when absent,
 * ERR_PEER_MALFORMED when not a boolean.
 */
MUST_CHECK int wire_json_bool(const json_t *obj, const char *name, bool *ret);

/**
 * wire_json_dump(json, ret_len):
 * Return a heap string with the compact form, keys in insertion order, and
 * its length in ${ret_len} (may be NULL); free() it.  NULL when memory is
 * short.
 */
char *wire_json_dump(const json_t *json, size_t *ret_len);

#endif
