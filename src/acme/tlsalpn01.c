/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/tlsalpn01.h"

#include <string.h>

#include "acme/problem_type.h"
#include "acme/tlsalpn01_internal.h"
#include "base/ct.h"
#include "crypto/sha2.h"
#include "pki/cert.h"

enum { OCTET_STRING = 0x04, DIGEST_LEN = 32 };

static int
refuse(struct acme_problem *p, const char *what)
{
	return acme_problem_set(
	    p, ACME_PROBLEM_UNAUTHORIZED, "RFC 8737 section 3: %s", what);
}

/* Authorization ::= OCTET STRING (SIZE (32)) */
static int
check_identifier(const struct pki_cert *c, const char *keyauth,
    struct acme_problem *problem)
{
	uint8_t want[2 + DIGEST_LEN] = { OCTET_STRING, DIGEST_LEN };
	struct pki_bytes value;
	bool critical;

	if (!pki_cert_extension(
		c, PKI_OID_ACME_IDENTIFIER, &value, &critical))
		return refuse(
		    problem, "the certificate has no acmeIdentifier");
	if (!critical)
		return refuse(problem, "the acmeIdentifier is not critical");
	crypto_sha2_256(keyauth, strlen(keyauth), want + 2);
	if (value.len != sizeof(want) ||
	    !base_ct_equal(value.data, want, sizeof(want)))
		return refuse(problem, "the acmeIdentifier is not the digest "
				       "of the key authorization");
	return 0;
}

int
acme_tlsalpn01_check(const uint8_t *cert, size_t len,
    const struct acme_ident *ident, const char *keyauth,
    struct acme_problem *problem)
{
	struct pki_cert *c;
	bool named;
	int rc = pki_cert_parse((struct pki_bytes){ cert, len }, &c);

	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0)
		return refuse(problem, "the certificate is malformed");
	rc = acme_tlsalpn01_named(c, ident, &named);
	if (rc == 0 && !named)
		rc = refuse(problem, "the certificate's only alternative name "
				     "is not the one that is validated");
	if (rc == 0)
		rc = check_identifier(c, keyauth, problem);
	pki_cert_free(c);
	return rc;
}
