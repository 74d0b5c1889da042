/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "keys/key_internal.h"

static int
make(const struct keys_found *found, const struct rng *rng,
    struct crypto_pkey **ret, struct buf *pem)
{
	struct crypto_pass pass = { found->pass, found->pass_len };
	struct crypto_pkey *key = NULL;
	int rc;

	rc = crypto_pkey_generate((enum crypto_key_type)found->make_type, &key);
	if (rc == 0)
		rc = crypto_pkcs8_encrypt(key, pass, rng, pem);
	if (rc != 0) {
		crypto_pkey_free(key);
		return rc;
	}
	*ret = key;
	return 0;
}

int
keys_key_open(const struct keys_found *found, const struct rng *rng,
    struct crypto_pkey **ret, struct buf *pem)
{
	struct crypto_pass pass = { found->pass, found->pass_len };

	if (found->key != NULL)
		return crypto_pkcs8_decrypt(
		    found->key, found->key_len, pass, ret);
	if (found->make)
		return make(found, rng, ret, pem);
	*ret = NULL;
	return 0;
}

void
keys_key_free(struct crypto_pkey *key)
{
	crypto_pkey_free(key);
}
