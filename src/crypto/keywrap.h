/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_KEYWRAP_H
#define CRYPTO_KEYWRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Longest key that is wrapped, and what wrapping adds to it at most. */
#define CRYPTO_KEYWRAP_MAX 8192
#define CRYPTO_KEYWRAP_MORE 16

enum crypto_keywrap_alg {
	CRYPTO_KEYWRAP_KW,  /* RFC 3394: 16 bytes or more, a multiple of 8 */
	CRYPTO_KEYWRAP_KWP, /* RFC 5649: any length but 0 */
};

/* An AES key of 16, 24 or 32 bytes; it belongs to the caller. */
struct crypto_keywrap_key {
	enum crypto_keywrap_alg alg;
	const uint8_t *key;
	size_t len;
};

/**
 * crypto_keywrap_wrap(k, in, len, out, ret_len):
 * Encrypt ${len} bytes with integrity protection under ${k} and write at most
 * ${len} + CRYPTO_KEYWRAP_MORE bytes to ${out}.  There is no nonce: the same
 * input gives the same output.  ERR_PEER_TOO_LARGE beyond CRYPTO_KEYWRAP_MAX,
 * ERR_PEER_MALFORMED for a length that ${k}->alg cannot wrap, ERR_PEER_KEY
 * for a length of ${k} that AES does not have, ERR_SYS_NOMEM,
 * ERR_SYS_CRYPTO.
 */
MUST_CHECK int crypto_keywrap_wrap(const struct crypto_keywrap_key *k,
    const uint8_t *in, size_t len, uint8_t *out, size_t *ret_len);

/**
 * crypto_keywrap_unwrap(k, in, len, out, ret_len):
 * Decrypt and check; ${out} has ${len} bytes.  ERR_PEER_DECRYPT, and ${out}
 * wiped, when it was not wrapped under ${k}; other errors as above.
 */
MUST_CHECK int crypto_keywrap_unwrap(const struct crypto_keywrap_key *k,
    const uint8_t *in, size_t len, uint8_t *out, size_t *ret_len);

#endif
