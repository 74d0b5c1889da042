/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hmac.h"

#include <string.h>

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/hmac_internal.h"

#define BLOCK_MAX 128

void
crypto_hmac_begin(
    struct hmac *m, enum crypto_hash alg, const uint8_t *key, size_t len)
{
	uint8_t pad[BLOCK_MAX] = { 0 };
	size_t block = alg == CRYPTO_SHA256 ? 64 : 128;

	if (len > block) {
		crypto_sha2_init(&m->inner, alg);
		crypto_sha2_update(&m->inner, key, len);
		crypto_sha2_final(&m->inner, pad);
	} else if (len > 0) {
		memcpy(pad, key, len);
	}
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36;
	crypto_sha2_init(&m->inner, alg);
	crypto_sha2_update(&m->inner, pad, block);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	crypto_sha2_init(&m->outer, alg);
	crypto_sha2_update(&m->outer, pad, block);
	base_wipe(pad, sizeof(pad));
}

void
crypto_hmac_end(struct hmac *m, uint8_t *out)
{
	uint8_t sum[CRYPTO_HASH_LEN_MAX];
	size_t len = crypto_sha2_len(m->inner.alg);

	crypto_sha2_final(&m->inner, sum);
	crypto_sha2_update(&m->outer, sum, len);
	crypto_sha2_final(&m->outer, out);
	base_wipe(sum, sizeof(sum));
}

void
crypto_hmac_sign(const struct crypto_hmac_key *key, const void *data,
    size_t len, uint8_t *out)
{
	struct hmac m;

	crypto_hmac_begin(&m, key->alg, key->key, key->len);
	crypto_sha2_update(&m.inner, data, len);
	crypto_hmac_end(&m, out);
}

int
crypto_hmac_verify(const struct crypto_hmac_key *key, const void *data,
    size_t len, const uint8_t *mac, size_t mac_len)
{
	uint8_t want[CRYPTO_HASH_LEN_MAX];
	bool same;

	crypto_hmac_sign(key, data, len, want);
	same = mac_len == crypto_sha2_len(key->alg) &&
	       base_ct_equal(want, mac, mac_len);
	base_wipe(want, sizeof(want));
	return same ? 0 : ERR_PEER_SIGNATURE;
}
