/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pwhash.h"

#include <argon2.h>
#include <stdbool.h>

#include "base/wipe.h"

static bool
acceptable(const struct crypto_pwhash_cost *c, size_t salt_len)
{
	return c->lanes >= 1 && c->lanes <= CRYPTO_PWHASH_LANES_MAX &&
	       c->passes >= 1 && c->passes <= CRYPTO_PWHASH_PASSES_MAX &&
	       c->memory_kib >= 8 * c->lanes &&
	       c->memory_kib <= CRYPTO_PWHASH_MEMORY_KIB_MAX && salt_len >= 8 &&
	       salt_len <= 64;
}

int
crypto_pwhash_argon2id(const struct crypto_pwhash_cost *cost,
    struct crypto_bytes pass, struct crypto_bytes salt, uint8_t *out,
    size_t out_len)
{
	int rc = ERR_PEER_UNSUPPORTED;

	if (acceptable(cost, salt.len) && out_len >= 4 && out_len <= 1024)
		rc = argon2id_hash_raw(cost->passes, cost->memory_kib,
			 cost->lanes, pass.data, pass.len, salt.data, salt.len,
			 out, out_len) == ARGON2_OK
			 ? 0
			 : ERR_SYS_NOMEM;
	if (rc != 0)
		base_wipe(out, out_len);
	return rc;
}
