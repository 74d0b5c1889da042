/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha3.h"

#include <openssl/evp.h>
#include <stdbool.h>

#include "crypto/bytes.h"

int
crypto_sha3_256(const struct crypto_bytes *parts, size_t n, uint8_t out[32])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok =
	    ctx != NULL && EVP_DigestInit_ex2(ctx, EVP_sha3_256(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : ERR_SYS_CRYPTO;
}
