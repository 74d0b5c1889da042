/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SERIAL_H
#define TRUSTCHAIN_CA_SERIAL_H

#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/* Serial numbers (identity.md section 4), and the CRL shard of each. */
struct rng;

/**
 * ca_serial_draw(rng, shards, out, ret_shard):
 * Draw a serial of 16 octets (PKI_SERIAL_LEN) and store its place among
 * ${shards} CRLs: the first 4 octets of its SHA-256 modulo ${shards}, which is
 * fixed when it is issued.  ERR_SYS_RNG, ERR_SYS_CRYPTO.
 */
MUST_CHECK int ca_serial_draw(const struct rng *rng, uint32_t shards,
    uint8_t out[16], uint32_t *ret_shard);

/**
 * ca_serial_shard(serial, shards, ret):
 * Store the place of a serial that exists.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int ca_serial_shard(
    struct pki_bytes serial, uint32_t shards, uint32_t *ret);

#endif
