/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_MINT_H
#define TRUSTCHAIN_CA_MINT_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/pkey.h"
#include "pki/bytes.h"

/*
 * Roots and intermediates, with the subjects and validities of identity.md
 * section 4; below a root whose key is ML-DSA the unit ends in " PQ".
 */
struct pki_cert;
struct pki_constraints;
struct rng;

enum ca_mint_kind { CA_MINT_ROOT, CA_MINT_INTERMEDIATE };

struct ca_mint {
	enum ca_mint_kind kind;
	unsigned number;		  /* of the intermediate, from 1 */
	const struct crypto_pkey *key;	  /* the subject's, or NULL and */
	struct pki_bytes spki;		  /* its public half */
	const struct crypto_pkey *signer; /* the root's */
	const struct pki_cert *issuer;	  /* the root; NULL for itself */
	int64_t now_ms;
	int64_t days;				 /* 0: as long as may be */
	const struct pki_constraints *permitted; /* NULL: any name */
	const char *aia_url, *cdp_url;		 /* NULL: none */
};

/* Longest validity of an intermediate. */
#define CA_MINT_DAYS_MAX 1095

/**
 * ca_mint(m, rng, ret):
 * Make and sign the certificate, which ends with its issuer at the latest;
 * ${ret} is freed by pki_cert_free.
 * ERR_SYS_RNG, ERR_SYS_CRYPTO, ERR_SYS_NOMEM, ERR_PEER_KEY.
 */
MUST_CHECK int ca_mint(
    const struct ca_mint *m, const struct rng *rng, struct pki_cert **ret);

#endif
