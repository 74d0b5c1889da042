/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert_own_internal.h"

#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/x509.h>

#include "pki/ossl_internal.h"

/*
 * TBSCertificate (RFC 5280 section 4.1) for OpenSSL's ASN.1 parser, as its own
 * X509 has it but for the public key, which stays a string of bits: looking
 * for the decoder of a key takes longer than all the rest together.
 */
struct spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

struct tbs {
	ASN1_INTEGER *version;
	ASN1_INTEGER *serial;
	X509_ALGOR *algorithm;
	X509_NAME *issuer;
	X509_VAL *validity;
	X509_NAME *subject;
	struct spki *key;
	ASN1_BIT_STRING *issuer_uid;
	ASN1_BIT_STRING *subject_uid;
	STACK_OF(X509_EXTENSION) * extensions;
};

/* clang-format off */
ASN1_SEQUENCE(SPKI) = {
	ASN1_SIMPLE(struct spki, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct spki, key, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END_name(struct spki, SPKI)

ASN1_SEQUENCE(TBS) = {
	ASN1_EXP_OPT(struct tbs, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(struct tbs, serial, ASN1_INTEGER),
	ASN1_SIMPLE(struct tbs, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct tbs, issuer, X509_NAME),
	ASN1_SIMPLE(struct tbs, validity, X509_VAL),
	ASN1_SIMPLE(struct tbs, subject, X509_NAME),
	ASN1_SIMPLE(struct tbs, key, SPKI),
	ASN1_IMP_OPT(struct tbs, issuer_uid, ASN1_BIT_STRING, 1),
	ASN1_IMP_OPT(struct tbs, subject_uid, ASN1_BIT_STRING, 2),
	ASN1_EXP_SEQUENCE_OF_OPT(struct tbs, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END_name(struct tbs, TBS)
/* clang-format on */

int
pki_cert_asn1_agrees(struct pki_bytes tbs)
{
	const uint8_t *p = tbs.data;
	uint8_t *again = NULL;
	ASN1_VALUE *v;
	int n, rc = ERR_PEER_ENCODING;

	v = ASN1_item_d2i(NULL, &p, (long)tbs.len, ASN1_ITEM_rptr(TBS));
	if (v == NULL)
		return pki_ossl_parse_rc();
	n = ASN1_item_i2d(v, &again, ASN1_ITEM_rptr(TBS));
	ASN1_item_free(v, ASN1_ITEM_rptr(TBS));
	if (n < 0)
		rc = ERR_SYS_NOMEM;
	else if ((size_t)n == tbs.len && memcmp(again, tbs.data, tbs.len) == 0)
		rc = 0;
	OPENSSL_free(again);
	return pki_ossl_rc(rc);
}
