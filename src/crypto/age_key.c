/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age_key_internal.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

int
crypto_age_derive(struct crypto_bytes ikm, struct crypto_bytes salt,
    const char *info, uint8_t out[32])
{
	uint8_t prk[CRYPTO_SHA256_LEN];
	int rc;

	crypto_hkdf_extract(CRYPTO_SHA256, salt, ikm, prk);
	rc = crypto_hkdf_expand(CRYPTO_SHA256,
	    (struct crypto_bytes){ prk, sizeof(prk) },
	    (struct crypto_bytes){ (const uint8_t *)info, strlen(info) }, out,
	    32);
	base_wipe(prk, sizeof(prk));
	return rc;
}

static int
mac_key(const uint8_t *file_key, uint8_t out[32])
{
	return crypto_age_derive(
	    (struct crypto_bytes){ file_key, CRYPTO_AGE_FILE_KEY_LEN },
	    (struct crypto_bytes){ NULL, 0 }, "header", out);
}

int
crypto_age_mac(const uint8_t *file_key, struct crypto_bytes head,
    uint8_t mac[CRYPTO_AGE_MAC_LEN])
{
	uint8_t key[32];
	const struct crypto_hmac_key k = { CRYPTO_SHA256, key, sizeof(key) };
	int rc = mac_key(file_key, key);

	if (rc == 0)
		crypto_hmac_sign(&k, head.data, head.len, mac);
	base_wipe(key, sizeof(key));
	return rc;
}

int
crypto_age_mac_check(const uint8_t *file_key, struct crypto_bytes head,
    const uint8_t mac[CRYPTO_AGE_MAC_LEN])
{
	uint8_t key[32];
	const struct crypto_hmac_key k = { CRYPTO_SHA256, key, sizeof(key) };
	int rc = mac_key(file_key, key);

	if (rc == 0)
		rc = crypto_hmac_verify(
		    &k, head.data, head.len, mac, CRYPTO_AGE_MAC_LEN);
	base_wipe(key, sizeof(key));
	return rc;
}
