/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/xeddsa.h"

#include <stdbool.h>
#include <xeddsa.h>

#include "base/wipe.h"

#define NONCE_LEN 64

int
crypto_xeddsa_sign(const uint8_t secret[32], struct crypto_bytes msg,
    const struct rng *rng, uint8_t sig[64])
{
	uint8_t nonce[NONCE_LEN], key[32];
	int rc;

	if (msg.len > UINT32_MAX)
		return ERR_SYS_LIMIT;
	if (xeddsa_init() < 0)
		return ERR_SYS_CRYPTO;
	if ((rc = base_rng_fill(rng, nonce, sizeof(nonce))) != 0)
		return rc;
	priv_force_sign(key, secret, false);
	ed25519_priv_sign(sig, key, msg.data, (uint32_t)msg.len, nonce);
	base_wipe(key, sizeof(key));
	base_wipe(nonce, sizeof(nonce));
	return 0;
}

/* Whether ${u} is below 2^255 - 19. */
static bool
is_canonical(const uint8_t u[32])
{
	if (u[31] != 0x7f || u[0] < 0xed)
		return u[31] <= 0x7f;
	for (int i = 1; i < 31; i++)
		if (u[i] != 0xff)
			return true;
	return false;
}

int
crypto_xeddsa_verify(
    const uint8_t pub[32], struct crypto_bytes msg, const uint8_t sig[64])
{
	uint8_t key[32];

	if (msg.len > UINT32_MAX)
		return ERR_SYS_LIMIT;
	if (xeddsa_init() < 0)
		return ERR_SYS_CRYPTO;
	if (!is_canonical(pub))
		return ERR_PEER_KEY;
	curve25519_pub_to_ed25519_pub(key, pub, false);
	return ed25519_verify(sig, key, msg.data, (uint32_t)msg.len) == 0
		   ? 0
		   : ERR_PEER_SIGNATURE;
}
