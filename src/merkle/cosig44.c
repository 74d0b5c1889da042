/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/mldsa.h"
#include "merkle/cosig44_internal.h"

int
merkle_cosig44_verify(
    const uint8_t *pub, const uint8_t *msg, size_t len, const uint8_t *sig)
{
	struct crypto_bytes none = { NULL, 0 }, data = { msg, len };
	struct crypto_bytes signature = { sig, CRYPTO_MLDSA44_SIG_LEN };
	struct crypto_pkey *key;
	int rc;

	rc = crypto_mldsa_from_public(CRYPTO_KEY_MLDSA44, pub, &key);
	if (rc != 0)
		return rc;
	rc = crypto_mldsa_verify(key, none, data, signature);
	crypto_pkey_free(key);
	return rc;
}
