/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_POINT_INTERNAL_H
#define KEYS_P11_POINT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct crypto_pkey;

struct keys_p11_bytes {
	const uint8_t *data;
	size_t len;
};

/**
 * keys_p11_point_parse(type, params, point, ret):
 * Make a public key of enum crypto_key_type ${type} (P-256, P-384, Ed25519) of
 * CKA_EC_PARAMS and CKA_EC_POINT (PKCS #11 v2.40 section 2.3).
 * ERR_STATE_CONFIG when ${params} are of another curve, ERR_PEER_KEY for a
 * point that is not on it.
 */
MUST_CHECK int keys_p11_point_parse(int type, struct keys_p11_bytes params,
    struct keys_p11_bytes point, struct crypto_pkey **ret);

/**
 * keys_p11_point_params(type, ret_mechanism):
 * Return CKA_EC_PARAMS for enum crypto_key_type ${type}, empty for others,
 * and store the CK_MECHANISM_TYPE that makes such keys.
 */
struct keys_p11_bytes keys_p11_point_params(
    int type, unsigned long *ret_mechanism);

#endif
