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
	int i, rc = ERR_SYS_RNG;

	for (i = 0; i < TRIES; i++) {
		rc = base_rng_fill(rng, out, PKI_SERIAL_LEN);
		if (rc != 0 || (rc = pki_tbs_serial(out)) == 0)
			break;
	}
	if (rc != 0)
		return rc;
	return ca_serial_shard(
	    (struct pki_bytes){ out, PKI_SERIAL_LEN }, shards, ret_shard);
}

int
ca_serial_shard(struct pki_bytes serial, uint32_t shards, uint32_t *ret)
{
	uint8_t hash[32];
	int rc = pki_pubkey_sha256(serial, hash);

	if (rc != 0)
		return rc;
	*ret = ((uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 |
		   (uint32_t)hash[2] << 8 | hash[3]) %
	       shards;
	return 0;
}
