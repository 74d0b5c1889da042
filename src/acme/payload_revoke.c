/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/payload_revoke.h"

#include "acme/payload.h"
#include "acme/turn_internal.h"
#include "wire/base64.h"
#include "wire/json.h"

enum { CERT_TEXT_MAX = 49152, REASONS = 10 };

static int
certificate(
    struct acme_turn *t, const json_t *o, struct acme_payload_revoke *ret)
{
	const char *text;
	uint8_t *der;
	size_t len, cap;

	if (wire_json_string(o, "certificate", CERT_TEXT_MAX, &text, &len) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.6: certificate is missing or too long");
	cap = WIRE_BASE64_DECODED_MAX(len);
	der = acme_turn_alloc(t, cap + 1);
	if (der == NULL)
		return ERR_SYS_NOMEM;
	if (wire_base64_decode(
		WIRE_BASE64_URL, text, len, der, cap, &ret->cert_len) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 7.6: certificate is not base64url");
	ret->cert = der;
	return 0;
}

static int
reason(struct acme_turn *t, const json_t *o, int64_t *ret)
{
	int rc;

	*ret = 0;
	if (json_object_get(o, "reason") == NULL)
		return 0;
	rc = wire_json_int(o, "reason", 0, REASONS, ret);
	if (rc == 0 && (*ret == 0 || *ret == 1 || (*ret >= 3 && *ret <= 5)))
		return 0;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_BAD_REVOCATION_REASON,
	    "RFC 8555 section 7.6: reasons are 0, 1, 3, 4 and 5");
}

int
acme_payload_revoke(struct acme_turn *t, struct acme_payload_revoke *ret)
{
	json_t *o;
	int rc = acme_payload_object(t, &o);

	if (rc != 0)
		return rc;
	rc = certificate(t, o, ret);
	if (rc == 0)
		rc = reason(t, o, &ret->reason);
	json_decref(o);
	return rc;
}
