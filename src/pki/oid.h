/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_OID_H
#define PKI_OID_H

#include <stdbool.h>

#include "pki/bytes.h"

/*
 * Object identifiers that certificates of ours may hold.  pki_oid_get gives
 * the content octets, without identifier and length.
 */
enum pki_oid {
	PKI_OID_SUBJECT_KEY_ID,	   /* 2.5.29.14 */
	PKI_OID_KEY_USAGE,	   /* 2.5.29.15 */
	PKI_OID_SUBJECT_ALT_NAME,  /* 2.5.29.17 */
	PKI_OID_BASIC_CONSTRAINTS, /* 2.5.29.19 */
	PKI_OID_NAME_CONSTRAINTS,  /* 2.5.29.30 */
	PKI_OID_CRL_POINTS,	   /* 2.5.29.31 */
	PKI_OID_POLICIES,	   /* 2.5.29.32 */
	PKI_OID_AUTHORITY_KEY_ID,  /* 2.5.29.35 */
	PKI_OID_EXT_KEY_USAGE,	   /* 2.5.29.37 */
	PKI_OID_NO_REV_AVAIL,	   /* 2.5.29.56, RFC 9608 */
	PKI_OID_AUTHORITY_INFO,	   /* 1.3.6.1.5.5.7.1.1 */
	PKI_OID_AD_OCSP,	   /* 1.3.6.1.5.5.7.48.1 */
	PKI_OID_AD_CA_ISSUERS,	   /* 1.3.6.1.5.5.7.48.2 */
	PKI_OID_EKU_SERVER,	   /* 1.3.6.1.5.5.7.3.1 */
	PKI_OID_EKU_CLIENT,	   /* 1.3.6.1.5.5.7.3.2 */
	PKI_OID_EKU_OCSP,	   /* 1.3.6.1.5.5.7.3.9 */
	PKI_OID_CT_SCT_LIST,	   /* 1.3.6.1.4.1.11129.2.4.2 */
	PKI_OID_CT_POISON,	   /* 1.3.6.1.4.1.11129.2.4.3 */
	PKI_OID_CN,		   /* 2.5.4.3 */
	PKI_OID_C,		   /* 2.5.4.6 */
	PKI_OID_O,		   /* 2.5.4.10 */
	PKI_OID_OU,		   /* 2.5.4.11 */
	PKI_OID_EXTENSION_REQUEST, /* 1.2.840.113549.1.9.14 */
	PKI_OID_EC_PUBLIC_KEY,	   /* 1.2.840.10045.2.1 */
	PKI_OID_P256,		   /* 1.2.840.10045.3.1.7 */
	PKI_OID_P384,		   /* 1.3.132.0.34 */
	PKI_OID_RSA,		   /* 1.2.840.113549.1.1.1 */
	PKI_OID_ED25519,	   /* 1.3.101.112 */
	PKI_OID_ECDSA_SHA256,	   /* 1.2.840.10045.4.3.2 */
	PKI_OID_ECDSA_SHA384,	   /* 1.2.840.10045.4.3.3 */
	PKI_OID_COUNT
};

/**
 * pki_oid_get(id):
 * Return the content octets of ${id}; they live forever.
 */
struct pki_bytes pki_oid_get(enum pki_oid id);

/**
 * pki_oid_is(content, id):
 * Return whether the content octets ${content} are those of ${id}.
 */
bool pki_oid_is(struct pki_bytes content, enum pki_oid id);

/**
 * pki_oid_find(content):
 * Return the identifier with these content octets, or PKI_OID_COUNT.
 */
enum pki_oid pki_oid_find(struct pki_bytes content);

#endif
