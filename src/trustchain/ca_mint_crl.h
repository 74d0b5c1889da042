/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_MINT_CRL_H
#define TRUSTCHAIN_CA_MINT_CRL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "pki/bytes.h"

/* A root's list of revoked intermediates, for commands with its key at hand. */
struct crypto_pkey;
struct pki_cert;

/* Half a year and a week: the ceremony that makes the next one is due. */
#define CA_MINT_CRL_VALID_MS (190 * INT64_C(86400000))
#define CA_MINT_CRL_MAX (1 << 20)

struct ca_mint_crl {
	const struct pki_cert *root;
	const struct crypto_pkey *key;
	int64_t now_ms;
	uint64_t number;
	struct pki_bytes entries; /* of pki_crl_entry */
};

/**
 * ca_mint_crl(m, out):
 * Append the signed list in DER.  ERR_SYS_CRYPTO, ERR_SYS_NOMEM,
 * ERR_SYS_LIMIT, ERR_PEER_KEY.
 */
MUST_CHECK int ca_mint_crl(const struct ca_mint_crl *m, struct buf *out);

#endif
