/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/payload_order.h"

#include "acme/ident.h"
#include "acme/payload.h"
#include "acme/turn_internal.h"
#include "wire/base64.h"
#include "wire/json.h"

enum { IDENT_VALUE_MAX = 512, CSR_TEXT_MAX = 65536 };

static int
identifier(struct acme_turn *t, const json_t *o, struct acme_ident *ret)
{
	const char *value;
	size_t len;
	int rc;

	if (!json_is_object(o))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "an identifier is not an object");
	rc = acme_payload_word(t, o, "type", &ret->type);
	if (rc != 0)
		return rc;
	if (ret->type == NULL ||
	    wire_json_string(o, "value", IDENT_VALUE_MAX, &value, &len) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "an identifier needs a type and a value");
	ret->value = acme_turn_dup(t, value, len);
	return ret->value == NULL ? ERR_SYS_NOMEM : 0;
}

static int
identifiers(struct acme_turn *t, const json_t *o, size_t most,
    struct acme_payload_order *ret)
{
	const json_t *list = json_object_get(o, "identifiers");
	size_t i, n = json_array_size(list);
	int rc = 0;

	if (n == 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.4: identifiers is no array or empty");
	if (n > most)
		return acme_problem_set(t->problem, ACME_PROBLEM_MALFORMED,
		    "more than %zu identifiers", most);
	ret->ident = acme_turn_alloc(t, n * sizeof(*ret->ident));
	if (ret->ident == NULL)
		return ERR_SYS_NOMEM;
	ret->n_idents = n;
	for (i = 0; i < n && rc == 0; i++)
		rc = identifier(t, json_array_get(list, i), &ret->ident[i]);
	return rc;
}

int
acme_payload_order(
    struct acme_turn *t, size_t idents_max, struct acme_payload_order *ret)
{
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	if (json_object_get(o, "notBefore") != NULL ||
	    json_object_get(o, "notAfter") != NULL)
		rc = acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "notBefore and notAfter are not taken here");
	if (rc == 0)
		rc = identifiers(t, o, idents_max, ret);
	if (rc == 0)
		rc = acme_payload_word(t, o, "profile", &ret->profile);
	if (rc == 0)
		rc = acme_payload_word(t, o, "replaces", &ret->replaces);
	json_decref(o);
	return rc;
}

int
acme_payload_finalize(struct acme_turn *t, struct acme_payload_finalize *ret)
{
	const char *text;
	uint8_t *der;
	size_t len, cap;
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	if (wire_json_string(o, "csr", CSR_TEXT_MAX, &text, &len) != 0) {
		json_decref(o);
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.4: csr is missing");
	}
	cap = WIRE_BASE64_DECODED_MAX(len);
	der = acme_turn_alloc(t, cap);
	if (der == NULL)
		rc = ERR_SYS_NOMEM;
	else if (wire_base64_decode(
		     WIRE_BASE64_URL, text, len, der, cap, &ret->csr_len) != 0)
		rc = acme_problem_set(t->problem, ACME_PROBLEM_BAD_CSR,
		    "RFC 8555 section 7.4: csr is not base64url");
	json_decref(o);
	ret->csr = der;
	return rc;
}
