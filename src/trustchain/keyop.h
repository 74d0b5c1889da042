/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_KEYOP_H
#define TRUSTCHAIN_KEYOP_H

/*
 * Operations of the identity plane's key processes (identity.md section 3):
 * their numbers, and the slots that main names.  What each one checks before
 * it signs is in keyop_*.c.
 */
enum keyop {
	KEYOP_CERT = 1,	   /* 32 issuer_key_hash, TBSCertificate -> signature */
	KEYOP_CRL = 2,	   /* TBSCertList -> signature */
	KEYOP_OCSP = 3,	   /* ResponseData -> DER signature */
	KEYOP_SCT = 4,	   /* RFC 6962 section 3.2 input -> DER signature */
	KEYOP_STH = 5,	   /* RFC 6962 section 3.5 input -> DER signature */
	KEYOP_NOTE = 6,	   /* note text -> 64 octets of Ed25519 */
	KEYOP_COSIG = 7,   /* C2SP cosigned message -> 64 octets of Ed25519 */
	KEYOP_COSIG44 = 8, /* the same -> 2420 octets of ML-DSA-44 */
	KEYOP_GENERATE = 9, /* to an issuer, its kind -> slot, then SPKI */
	KEYOP_SEAL = 10,    /* PKCS#8 -> nonce 12, sealed */
	KEYOP_UNSEAL = 11,  /* nonce 12, sealed -> PKCS#8 */
	KEYOP_PUBLIC = 64,  /* nothing -> SubjectPublicKeyInfo of the slot */
	KEYOP_ORIGIN = 65,  /* nothing -> origin that the log slot signs for */
};

/*
 * Slots.  trustchain-ca: issuer n of the configuration, from 0, is slot n.
 * trustchain-ct: shard n, in the order of the shards' names, has its log key
 * in KEYOP_SLOT_LOG(n) and its note key in KEYOP_SLOT_LOG_NOTE(n).
 */
#define KEYOP_SLOT_LOG(n) (2 * (n))
#define KEYOP_SLOT_LOG_NOTE(n) (2 * (n) + 1)
#define KEYOP_ISSUERS_MAX 16
#define KEYOP_SHARDS_MAX 100
/* OCSP signers of issuer n: the last two that were generated, by turns, and
 * the one of its ocsp_key. */
#define KEYOP_SLOT_OCSP(n, turn) (200 + 2 * (n) + (turn) % 2)
#define KEYOP_SLOT_OCSP_KEY(n) (232 + (n))
/* trustchain-ct witness: its two keys. */
#define KEYOP_SLOT_WITNESS 0
#define KEYOP_SLOT_WITNESS44 1
#define KEYOP_SLOT_LOGS 250  /* ca: no key; the logs whose SCTs count */
#define KEYOP_SLOT_AUDIT 251 /* note key of the audit log */
#define KEYOP_SLOT_SEAL 252
#define KEYOP_SLOT_LIST 253 /* ct: note key of the log list */

#define KEYOP_GENERATE_OCSP "ocsp" /* the kind that GENERATE makes */

/* What the two fixed note slots sign as (kind `audit`, `log-list`). */
#define KEYOP_LIST_HEADER "trustchain/log-list/v1"
#define KEYOP_SEAL_AAD "trustchain/tls-seal/v1"
#define KEYOP_SEAL_MAX 4096

#endif
