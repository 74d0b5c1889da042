/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/payload.h"

#include "acme/turn_internal.h"
#include "wire/json.h"

enum { WORD_MAX = 128 };

int
acme_payload_object(struct acme_turn *t, json_t **ret)
{
	struct wire_json_error err;
	json_t *o;

	if (t->payload_len == 0)
		return acme_turn_refuse(
		    t, 0, ACME_PROBLEM_MALFORMED, "the payload is empty");
	if (wire_json_parse(
		(const char *)t->payload, t->payload_len, &o, &err) != 0)
		return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
		    "the payload is not JSON at offset %zu", err.offset_bytes);
	if (!json_is_object(o)) {
		json_decref(o);
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "the payload is not an object");
	}
	*ret = o;
	return 0;
}

int
acme_payload_word(
    struct acme_turn *t, const json_t *o, const char *name, const char **ret)
{
	const char *s;
	size_t len;
	int rc = wire_json_string(o, name, WORD_MAX, &s, &len);

	*ret = NULL;
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	if (rc != 0)
		return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
		    "%s is not a short string", name);
	*ret = acme_turn_dup(t, s, len);
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

int
acme_payload_flag(
    struct acme_turn *t, const json_t *o, const char *name, bool *ret)
{
	int rc = wire_json_bool(o, name, ret);

	if (rc == 0)
		return 0;
	*ret = false;
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	return acme_problem_set(
	    t->problem, ACME_PROBLEM_MALFORMED, "%s is not a boolean", name);
}
