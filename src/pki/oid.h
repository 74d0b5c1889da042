/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_OID_H
#define PKI_OID_H

#include "pki/bytes.h"

/* Object identifiers that certificates of ours may hold. */
/* clang-format off */
enum pki_oid {
	/* extensions, 2.5.29.x; the last is of RFC 9608 */
	PKI_OID_POLICIES, PKI_OID_KEY_USAGE, PKI_OID_CRL_IDP, PKI_OID_REASON,
	PKI_OID_BASIC_CONSTRAINTS, PKI_OID_NAME_CONSTRAINTS, PKI_OID_CRL_POINTS,
	PKI_OID_SUBJECT_ALT_NAME, PKI_OID_AUTHORITY_KEY_ID, PKI_OID_CRL_NUMBER,
	PKI_OID_SUBJECT_KEY_ID, PKI_OID_EXT_KEY_USAGE, PKI_OID_NO_REV_AVAIL,
	/* authority information access and its methods; key purposes */
	PKI_OID_AUTHORITY_INFO, PKI_OID_AD_OCSP, PKI_OID_AD_CA_ISSUERS,
	PKI_OID_EKU_SERVER, PKI_OID_EKU_CLIENT, PKI_OID_EKU_OCSP,
	PKI_OID_OCSP_BASIC, PKI_OID_OCSP_NONCE, PKI_OID_OCSP_NOCHECK,
	PKI_OID_SHA1, PKI_OID_SHA256, /* of a CertID */
	/* RFC 6962 section 3; RFC 8737 section 6.1 */
	PKI_OID_CT_SCT_LIST, PKI_OID_CT_POISON, PKI_OID_ACME_IDENTIFIER,
	/* names; PKCS#9 extensionRequest */
	PKI_OID_CN, PKI_OID_C, PKI_OID_O, PKI_OID_OU, PKI_OID_EXTENSION_REQUEST,
	/* keys and signatures */
	PKI_OID_EC_PUBLIC_KEY, PKI_OID_P256, PKI_OID_P384, PKI_OID_RSA,
	PKI_OID_ED25519, PKI_OID_ECDSA_SHA256, PKI_OID_ECDSA_SHA384,
	/* RFC 9881: key and signature are one identifier */
	PKI_OID_MLDSA44, PKI_OID_MLDSA65, PKI_OID_MLDSA87,
	PKI_OID_COUNT
};
/* clang-format on */

/**
 * pki_oid_get(id), pki_oid_is(content, id), pki_oid_find(content):
 * Return the content octets of ${id} (static); whether ${content} is ${id};
 * the id of ${content}, or PKI_OID_COUNT.
 */
struct pki_bytes pki_oid_get(enum pki_oid id);
bool pki_oid_is(struct pki_bytes content, enum pki_oid id);
enum pki_oid pki_oid_find(struct pki_bytes content);

#endif
