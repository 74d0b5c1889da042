/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keywrap.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "base/wipe.h"

#define BLOCK 8

static const EVP_CIPHER *
cipher_of(const struct crypto_keywrap_key *k)
{
	bool pad = k->alg == CRYPTO_KEYWRAP_KWP;

	switch (k->len) {
	case 16:
		return pad ? EVP_aes_128_wrap_pad() : EVP_aes_128_wrap();
	case 24:
		return pad ? EVP_aes_192_wrap_pad() : EVP_aes_192_wrap();
	case 32:
		return pad ? EVP_aes_256_wrap_pad() : EVP_aes_256_wrap();
	default:
		return NULL;
	}
}

/* One of both directions; 0 when the cipher refuses. */
static int
run(const struct crypto_keywrap_key *k, bool wrap, const uint8_t *in,
    size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;

	if (ctx == NULL)
		return ERR_SYS_NOMEM;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2(
		ctx, cipher_of(k), k->key, NULL, wrap ? 1 : 0, NULL) != 1)
		n = ERR_SYS_CRYPTO;
	else if (EVP_CipherUpdate(ctx, out, &n, in, (int)len) != 1 || n <= 0 ||
		 EVP_CipherFinal_ex(ctx, out + n, &last) != 1)
		n = 0;
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return n;
}

int
crypto_keywrap_wrap(const struct crypto_keywrap_key *k, const uint8_t *in,
    size_t len, uint8_t *out, size_t *ret_len)
{
	int n;

	if (len > CRYPTO_KEYWRAP_MAX)
		return ERR_PEER_TOO_LARGE;
	if (cipher_of(k) == NULL)
		return ERR_PEER_KEY;
	if (len == 0 || (k->alg == CRYPTO_KEYWRAP_KW &&
			    (len % BLOCK != 0 || len < 2 * BLOCK)))
		return ERR_PEER_MALFORMED;
	n = run(k, true, in, len, out);
	if (n <= 0)
		return n == 0 ? ERR_SYS_CRYPTO : n;
	*ret_len = (size_t)n;
	return 0;
}

int
crypto_keywrap_unwrap(const struct crypto_keywrap_key *k, const uint8_t *in,
    size_t len, uint8_t *out, size_t *ret_len)
{
	size_t min = (k->alg == CRYPTO_KEYWRAP_KW ? 3 : 2) * BLOCK;
	int n;

	if (len > CRYPTO_KEYWRAP_MAX + CRYPTO_KEYWRAP_MORE)
		return ERR_PEER_TOO_LARGE;
	if (cipher_of(k) == NULL)
		return ERR_PEER_KEY;
	if (len < min || len % BLOCK != 0)
		return ERR_PEER_MALFORMED;
	n = run(k, false, in, len, out);
	if (n <= 0) {
		base_wipe(out, len);
		return n == 0 ? ERR_PEER_DECRYPT : n;
	}
	*ret_len = (size_t)n;
	return 0;
}
