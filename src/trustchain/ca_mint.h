/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_MINT_H
#define TRUSTCHAIN_CA_MINT_H

#include <stdint.h>

#include "base/err.h"
#include "crypto/pkey.h"

/*
 * Roots and intermediates of a laboratory, with the subjects and validities
 * of identity.md section 4.
 */
struct pki_cert;
struct rng;

enum ca_mint_kind { CA_MINT_ROOT, CA_MINT_INTERMEDIATE };

struct ca_mint {
	enum ca_mint_kind kind;
	unsigned number;		  /* of the intermediate, from 1 */
	const struct crypto_pkey *key;	  /* the subject's */
	const struct crypto_pkey *signer; /* the root's */
	const struct pki_cert *issuer;	  /* the root; NULL for itself */
	int64_t now_ms;
};

/**
 * ca_mint(m, rng, ret):
 * Make and sign the certificate; ${ret} is freed by pki_cert_free.
 * ERR_SYS_RNG, ERR_SYS_CRYPTO, ERR_SYS_NOMEM, ERR_PEER_KEY.
 */
MUST_CHECK int ca_mint(
    const struct ca_mint *m, const struct rng *rng, struct pki_cert **ret);

#endif
