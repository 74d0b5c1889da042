/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/payload_keychange.h"

#include <stdlib.h>
#include <string.h>

#include "acme/turn_internal.h"
#include "wire/json.h"

enum { URL_MAX = 2048 };

static int
malformed(struct acme_turn *t, const char *what)
{
	return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
	    "RFC 8555 section 7.3.5: %s", what);
}

static int
members(
    struct acme_turn *t, const json_t *o, struct acme_payload_key_change *ret)
{
	const json_t *old = json_object_get(o, "oldKey");
	const char *account;
	char *text;
	size_t len;

	if (wire_json_string(o, "account", URL_MAX, &account, &len) != 0 ||
	    !json_is_object(old))
		return malformed(t, "the inner payload needs account and "
				    "oldKey");
	ret->account = acme_turn_dup(t, account, len);
	text = wire_json_dump(old, &len);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	ret->old_key = acme_turn_dup(t, text, len);
	free(text);
	return ret->account == NULL || ret->old_key == NULL ? ERR_SYS_NOMEM : 0;
}

int
acme_payload_key_change(struct acme_turn *t, const void *data, size_t len,
    struct acme_payload_key_change *ret)
{
	json_t *o;
	int rc;

	if (wire_json_parse(data, len, &o, NULL) != 0)
		return malformed(t, "the inner payload is not JSON");
	rc = members(t, o, ret);
	json_decref(o);
	return rc;
}
