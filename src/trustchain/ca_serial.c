/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_serial.h"

#include "base/rng.h"
#include "pki/pubkey.h"
#include "pki/tbs.h"

enum { TRIES = 8 };

int
ca_serial_draw(const struct rng *rng, uint32_t shards,
    uint8_t out[PKI_SERIAL_LEN], uint32_t *ret_shard)
{
	uint8_t hash[32];
	int i, rc = ERR_SYS_RNG;

	for (i = 0; i < TRIES; i++) {
		rc = base_rng_fill(rng, out, PKI_SERIAL_LEN);
		if (rc != 0 || (rc = pki_tbs_serial(out)) == 0)
			break;
	}
	if (rc != 0)
		return rc;
	rc = pki_pubkey_sha256((struct pki_bytes){ out, PKI_SERIAL_LEN }, hash);
	if (rc != 0)
		return rc;
	*ret_shard = ((uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
			 (uint32_t)hash[2] << 8 | hash[3]) %
		     shards;
	return 0;
}
