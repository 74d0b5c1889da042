/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_PKCS8_H
#define CRYPTO_PKCS8_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct crypto_pkey;
struct rng;

/* Longest encrypted key file, PEM. */
#define CRYPTO_PKCS8_FILE_MAX 16384
#define CRYPTO_PKCS8_PASS_MAX 1024

/* A passphrase: ${len} bytes at ${data}, at most CRYPTO_PKCS8_PASS_MAX. */
struct crypto_pass {
	const uint8_t *data;
	size_t len;
};

/**
 * crypto_pkcs8_parse(der, len, ret):
 * Parse an unencrypted PKCS #8 PrivateKeyInfo (RFC 5958).  ERR_PEER_KEY,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_pkcs8_parse(
    const uint8_t *der, size_t len, struct crypto_pkey **ret);

/**
 * crypto_pkcs8_encode(k, out):
 * Append the unencrypted PrivateKeyInfo to ${out}, which the caller wipes.
 * ERR_SYS_CRYPTO, else as base_buf_append.
 */
MUST_CHECK int crypto_pkcs8_encode(
    const struct crypto_pkey *k, struct buf *out);

/**
 * crypto_pkcs8_decrypt(text, len, pass, ret):
 * Parse a key file: PEM "ENCRYPTED PRIVATE KEY" or its DER, PBES2 with scrypt
 * (RFC 7914 section 7; N <= 2^20, r <= 32, p <= 16, at most 256 MiB of
 * memory) and AES-256-CBC.  ERR_PEER_DECRYPT for a wrong passphrase,
 * ERR_PEER_MALFORMED or ERR_PEER_UNSUPPORTED for another format.
 */
MUST_CHECK int crypto_pkcs8_decrypt(const void *text, size_t len,
    struct crypto_pass pass, struct crypto_pkey **ret);

/**
 * crypto_pkcs8_encrypt(k, pass, rng, out):
 * Append the PEM key file of ${k} to ${out}: PBES2, scrypt N 65536, r 8, p 1
 * with a salt from ${rng}, AES-256-CBC with an IV from ${rng}.
 * ERR_SYS_RNG, ERR_SYS_CRYPTO, else as base_buf_append.
 */
MUST_CHECK int crypto_pkcs8_encrypt(const struct crypto_pkey *k,
    struct crypto_pass pass, const struct rng *rng, struct buf *out);

#endif
