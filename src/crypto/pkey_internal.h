/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKEY_INTERNAL_H
#define CRYPTO_PKEY_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"

struct crypto_pkey;
struct evp_pkey_st;
struct evp_pkey_ctx_st;

/**
 * crypto_pkey_adopt(evp, ret):
 * Wrap ${evp}, which now belongs to *${ret}; freed on failure.
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkey_adopt(
    struct evp_pkey_st *evp, struct crypto_pkey **ret);

/**
 * crypto_pkey_signer(k):
 * Return the context for signing digests with ${k}, a key of P-256 or P-384,
 * which is not used itself but copied: setting one up takes OpenSSL a tenth
 * of a signature.  It belongs to ${k}.
 */
const struct evp_pkey_ctx_st *crypto_pkey_signer(const struct crypto_pkey *k);

/**
 * crypto_pkey_ec_usable(evp):
 * Return whether the EC key ${evp} names its curve instead of spelling out
 * parameters, and is encoded as an uncompressed point.  True for other keys.
 */
bool crypto_pkey_ec_usable(const struct evp_pkey_st *evp);

#endif
