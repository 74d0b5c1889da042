/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/oid.h"

#include <string.h>

#define PKIX "\x2b\x06\x01\x05\x05\x07"
#define CE "\x55\x1d"
#define CT "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04"
#define X962 "\x2a\x86\x48\xce\x3d"
#define NIST_SIG "\x60\x86\x48\x01\x65\x03\x04\x03"
#define PKCS "\x2a\x86\x48\x86\xf7\x0d\x01"

#define OID(s)                                                                 \
	{                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                            \
	}

static const struct pki_bytes table[PKI_OID_COUNT] = {
	[PKI_OID_SUBJECT_KEY_ID] = OID(CE "\x0e"),
	[PKI_OID_KEY_USAGE] = OID(CE "\x0f"),
	[PKI_OID_SUBJECT_ALT_NAME] = OID(CE "\x11"),
	[PKI_OID_BASIC_CONSTRAINTS] = OID(CE "\x13"),
	[PKI_OID_NAME_CONSTRAINTS] = OID(CE "\x1e"),
	[PKI_OID_CRL_POINTS] = OID(CE "\x1f"),
	[PKI_OID_POLICIES] = OID(CE "\x20"),
	[PKI_OID_CRL_NUMBER] = OID(CE "\x14"),
	[PKI_OID_REASON] = OID(CE "\x15"),
	[PKI_OID_CRL_IDP] = OID(CE "\x1c"),
	[PKI_OID_AUTHORITY_KEY_ID] = OID(CE "\x23"),
	[PKI_OID_EXT_KEY_USAGE] = OID(CE "\x25"),
	[PKI_OID_NO_REV_AVAIL] = OID(CE "\x38"),
	[PKI_OID_AUTHORITY_INFO] = OID(PKIX "\x01\x01"),
	[PKI_OID_AD_OCSP] = OID(PKIX "\x30\x01"),
	[PKI_OID_AD_CA_ISSUERS] = OID(PKIX "\x30\x02"),
	[PKI_OID_EKU_SERVER] = OID(PKIX "\x03\x01"),
	[PKI_OID_EKU_CLIENT] = OID(PKIX "\x03\x02"),
	[PKI_OID_EKU_OCSP] = OID(PKIX "\x03\x09"),
	[PKI_OID_OCSP_BASIC] = OID(PKIX "\x30\x01\x01"),
	[PKI_OID_OCSP_NONCE] = OID(PKIX "\x30\x01\x02"),
	[PKI_OID_OCSP_NOCHECK] = OID(PKIX "\x30\x01\x05"),
	[PKI_OID_SHA1] = OID("\x2b\x0e\x03\x02\x1a"),
	[PKI_OID_SHA256] = OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"),
	[PKI_OID_CT_SCT_LIST] = OID(CT "\x02"),
	[PKI_OID_CT_POISON] = OID(CT "\x03"),
	[PKI_OID_ACME_IDENTIFIER] = OID(PKIX "\x01\x1f"),
	[PKI_OID_CN] = OID("\x55\x04\x03"),
	[PKI_OID_C] = OID("\x55\x04\x06"),
	[PKI_OID_O] = OID("\x55\x04\x0a"),
	[PKI_OID_OU] = OID("\x55\x04\x0b"),
	[PKI_OID_EXTENSION_REQUEST] = OID(PKCS "\x09\x0e"),
	[PKI_OID_EC_PUBLIC_KEY] = OID(X962 "\x02\x01"),
	[PKI_OID_P256] = OID(X962 "\x03\x01\x07"),
	[PKI_OID_P384] = OID("\x2b\x81\x04\x00\x22"),
	[PKI_OID_RSA] = OID(PKCS "\x01\x01"),
	[PKI_OID_ED25519] = OID("\x2b\x65\x70"),
	[PKI_OID_ECDSA_SHA256] = OID(X962 "\x04\x03\x02"),
	[PKI_OID_ECDSA_SHA384] = OID(X962 "\x04\x03\x03"),
	[PKI_OID_MLDSA44] = OID(NIST_SIG "\x11"),
	[PKI_OID_MLDSA65] = OID(NIST_SIG "\x12"),
	[PKI_OID_MLDSA87] = OID(NIST_SIG "\x13"),
};

struct pki_bytes
pki_oid_get(enum pki_oid id)
{

	return table[id];
}

bool
pki_oid_is(struct pki_bytes c, enum pki_oid id)
{

	return c.len == table[id].len &&
	       memcmp(c.data, table[id].data, c.len) == 0;
}

enum pki_oid
pki_oid_find(struct pki_bytes content)
{
	enum pki_oid id;

	for (id = 0; id < PKI_OID_COUNT; id++)
		if (pki_oid_is(content, id))
			break;
	return id;
}
