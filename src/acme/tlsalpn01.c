/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/tlsalpn01.h"

#include <stdlib.h>
#include <string.h>

#include "acme/ident_list.h"
#include "acme/problem.h"
#include "base/ct.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "pki/tag.h"

enum { DIGEST_LEN = 32 };

/* RFC 1035 section 3.5. */
static int
reverse4(const uint8_t *a, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	return base_str_format(out, ACME_TLSALPN01_SNI_MAX + 1,
	    "%u.%u.%u.%u.in-addr.arpa", a[3], a[2], a[1], a[0]);
}

/* RFC 3596 section 2.5. */
static int
reverse6(const uint8_t *a, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	static const char hex[] = "0123456789abcdef";
	char nibbles[16 * 4 + 1];
	size_t i;

	for (i = 0; i < 16; i++) {
		nibbles[i * 4] = hex[a[15 - i] & 15];
		nibbles[i * 4 + 1] = '.';
		nibbles[i * 4 + 2] = hex[a[15 - i] >> 4];
		nibbles[i * 4 + 3] = '.';
	}
	nibbles[16 * 4] = '\0';
	return base_str_format(
	    out, ACME_TLSALPN01_SNI_MAX + 1, "%sip6.arpa", nibbles);
}

int
acme_tlsalpn01_sni(
    const struct acme_ident *ident, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	struct pki_san_list list;

	if (strcmp(ident->type, "dns") == 0)
		return base_str_copy(
		    out, ACME_TLSALPN01_SNI_MAX + 1, ident->value);
	list.n = 0;
	if (pki_san_add_text(&list, ident->value) != 0 ||
	    list.item[0].type != PKI_SAN_IP)
		return ERR_SYS_LIMIT;
	return list.item[0].len == 4 ? reverse4(list.item[0].value, out)
				     : reverse6(list.item[0].value, out);
}

static int
refuse(struct acme_problem *p, const char *what)
{
	return acme_problem_set(
	    p, ACME_PROBLEM_UNAUTHORIZED, "RFC 8737 section 3: %s", what);
}

static int
check_name(const struct pki_cert *c, const struct acme_ident *ident,
    struct acme_problem *problem)
{
	struct pki_san_list *want = calloc(2, sizeof(*want)), *have;
	int rc;

	if (want == NULL)
		return ERR_SYS_NOMEM;
	have = want + 1;
	rc = acme_ident_list_sans(ident, 1, want);
	if (rc == 0 &&
	    (pki_cert_sans(c, have) != 0 || !pki_san_same(want, have)))
		rc = refuse(problem, "the certificate's only alternative name "
				     "is not the one that is validated");
	free(want);
	return rc;
}

/* Authorization ::= OCTET STRING (SIZE (32)) */
static int
check_identifier(const struct pki_cert *c, const char *keyauth,
    struct acme_problem *problem)
{
	uint8_t want[2 + DIGEST_LEN] = { PKI_TAG_OCTET_STRING, DIGEST_LEN };
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
	int rc = pki_cert_parse((struct pki_bytes){ cert, len }, &c);

	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0)
		return refuse(problem, "the certificate is malformed");
	rc = check_name(c, ident, problem);
	if (rc == 0)
		rc = check_identifier(c, keyauth, problem);
	pki_cert_free(c);
	return rc;
}
