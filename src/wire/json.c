/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int
fail(struct wire_json_error *err, int rc, size_t offset, const char *text)
{
	if (err != NULL) {
		err->offset_bytes = offset;
		if (base_str_copy(err->text, sizeof(err->text), text) != 0)
			err->text[0] = 0;
	}
	return rc;
}

/*
 * Jansson's own depth limit is 2048 and recursive; ours is checked before it
 * sees the text, by counting brackets outside strings.
 */
static int
check_depth(const char *text, size_t len, size_t *ret_offset)
{
	bool in_string = false;
	unsigned depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_string = false;
		} else if (text[i] == '"') {
			in_string = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > WIRE_JSON_DEPTH_MAX) {
				*ret_offset = i;
				return ERR_PEER_DEPTH;
			}
		} else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return 0;
}

int
wire_json_parse(
    const char *text, size_t len, json_t **ret, struct wire_json_error *err)
{
	json_error_t je;
	json_t *json;
	size_t offset;

	if (check_depth(text, len, &offset) != 0)
		return fail(err, ERR_PEER_DEPTH, offset, "nested too deeply");
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	if (json == NULL) {
		int rc = json_error_code(&je) == json_error_duplicate_key
			     ? ERR_PEER_DUPLICATE
			     : ERR_PEER_MALFORMED;

		offset = je.position > 0 ? (size_t)je.position : 0;
		return fail(err, rc, offset, je.text);
	}
	*ret = json;
	return 0;
}

const char *
wire_json_only(const json_t *obj, const char *const *names, size_t n)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach((json_t *)obj, key, value)
	{
		for (i = 0; i < n && strcmp(key, names[i]) != 0; i++)
			;
		if (i == n)
			return key;
	}
	return NULL;
}

int
wire_json_string(const json_t *obj, const char *name, size_t max,
    const char **ret, size_t *ret_len)
{
	const json_t *v = json_object_get(obj, name);

	if (v == NULL)
		return ERR_STATE_NOT_FOUND;
	if (!json_is_string(v))
		return ERR_PEER_MALFORMED;
	if (json_string_length(v) > max)
		return ERR_PEER_TOO_LARGE;
	*ret = json_string_value(v);
	if (ret_len != NULL)
		*ret_len = json_string_length(v);
	return 0;
}

int
wire_json_strings(const json_t *obj, const char *name, const char **out,
    size_t cap, size_t *ret_n)
{
	const json_t *a = json_object_get(obj, name);
	size_t i;

	*ret_n = 0;
	if (a == NULL)
		return 0;
	if (!json_is_array(a) || json_array_size(a) > cap)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < json_array_size(a); i++)
		if ((out[i] = json_string_value(json_array_get(a, i))) == NULL)
			return ERR_PEER_MALFORMED;
	*ret_n = i;
	return 0;
}

int
wire_json_int(
    const json_t *obj, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	const json_t *v = json_object_get(obj, name);

	if (v == NULL)
		return ERR_STATE_NOT_FOUND;
	if (!json_is_integer(v) || json_integer_value(v) < min ||
	    json_integer_value(v) > max)
		return ERR_PEER_MALFORMED;
	*ret = json_integer_value(v);
	return 0;
}

int
wire_json_bool(const json_t *obj, const char *name, bool *ret)
{
	const json_t *v = json_object_get(obj, name);

	if (v == NULL)
		return ERR_STATE_NOT_FOUND;
	if (!json_is_boolean(v))
		return ERR_PEER_MALFORMED;
	*ret = json_is_true(v);
	return 0;
}

char *
wire_json_dump(const json_t *json, size_t *ret_len)
{
	char *s = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (s != NULL && ret_len != NULL)
		*ret_len = strlen(s);
	return s;
}
