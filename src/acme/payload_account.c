/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/payload_account.h"

#include <stdlib.h>
#include <string.h>

#include "acme/payload.h"
#include "acme/turn_internal.h"
#include "base/str.h"
#include "wire/json.h"

static int
contact_ok(struct acme_turn *t, const json_t *c)
{
	const char *s = json_string_value(c), *at, *p;

	if (s == NULL || json_string_length(c) > ACME_CONTACT_LEN_MAX)
		return acme_problem_set(t->problem,
		    ACME_PROBLEM_INVALID_CONTACT,
		    "a contact is not a string of at most %d octets",
		    ACME_CONTACT_LEN_MAX);
	if (!base_str_starts(s, "mailto:"))
		return acme_problem_set(t->problem,
		    ACME_PROBLEM_UNSUPPORTED_CONTACT,
		    "RFC 8555 section 7.3: only mailto: contacts are taken");
	s += strlen("mailto:");
	at = strchr(s, '@');
	/* Section 7.3: one address, no header fields. */
	if (at == NULL || at == s || at[1] == '\0' || strchr(at + 1, '@'))
		return acme_problem_set(t->problem,
		    ACME_PROBLEM_INVALID_CONTACT, "not one mail address");
	for (p = s; *p != '\0'; p++) {
		if (*p <= ' ' || *p > '~' || strchr(",?&<>\"\\", *p) != NULL)
			return acme_problem_set(t->problem,
			    ACME_PROBLEM_INVALID_CONTACT,
			    "RFC 8555 section 7.3: a mailto: contact has one "
			    "address and no header fields");
	}
	return 0;
}

static int
contacts(struct acme_turn *t, const json_t *o, const char **ret)
{
	const json_t *list = json_object_get(o, "contact");
	char *text;
	size_t i, len;
	int rc;

	*ret = NULL;
	if (list == NULL)
		return 0;
	if (!json_is_array(list))
		return acme_turn_refuse(
		    t, 0, ACME_PROBLEM_MALFORMED, "contact is not an array");
	if (json_array_size(list) > ACME_CONTACTS_MAX)
		return acme_problem_set(t->problem,
		    ACME_PROBLEM_INVALID_CONTACT, "more than %d contacts",
		    ACME_CONTACTS_MAX);
	for (i = 0; i < json_array_size(list); i++) {
		rc = contact_ok(t, json_array_get(list, i));
		if (rc != 0)
			return rc;
	}
	text = wire_json_dump(list, &len);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	*ret = acme_turn_dup(t, text, len);
	free(text);
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

/* What an external account binding says is for acme/eab_check.h. */
static int
binding(struct acme_turn *t, const json_t *o, const char **ret)
{
	const json_t *b = json_object_get(o, "externalAccountBinding");
	char *text;
	size_t len;

	*ret = NULL;
	if (b == NULL)
		return 0;
	if (!json_is_object(b))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "externalAccountBinding is not an object");
	text = wire_json_dump(b, &len);
	if (text == NULL)
		return ERR_SYS_NOMEM;
	*ret = acme_turn_dup(t, text, len);
	free(text);
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}

int
acme_payload_account(struct acme_turn *t, struct acme_payload_account *ret)
{
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	rc =
	    acme_payload_flag(t, o, "termsOfServiceAgreed", &ret->terms_agreed);
	if (rc == 0)
		rc = acme_payload_flag(
		    t, o, "onlyReturnExisting", &ret->only_existing);
	if (rc == 0)
		rc = contacts(t, o, &ret->contact);
	if (rc == 0)
		rc = acme_payload_word(t, o, "status", &ret->status);
	if (rc == 0)
		rc = binding(t, o, &ret->binding);
	json_decref(o);
	return rc;
}
