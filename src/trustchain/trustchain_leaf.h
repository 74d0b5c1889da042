/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_LEAF_H
#define TRUSTCHAIN_LEAF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What a daemon needs to ask for a TLS certificate of its own. */
struct crypto_pkey;

/**
 * trustchain_leaf_csr(key, ret, ret_len):
 * Make a request, DER, whose only content that counts is the key; the caller
 * frees it with OPENSSL_free.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int trustchain_leaf_csr(
    const struct crypto_pkey *key, uint8_t **ret, size_t *ret_len);

/**
 * trustchain_leaf_key_pem(key):
 * Return the private key as PEM, for net_tls only, or NULL; the caller wipes
 * and frees it.
 */
char *trustchain_leaf_key_pem(const struct crypto_pkey *key);

#endif
