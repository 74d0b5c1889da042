/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_point_internal.h"

#include <p11-kit/pkcs11.h>
#include <string.h>

#include "crypto/pkey_raw.h"
#include "wire/cursor.h"

#define OCTET_STRING 0x04

/* CKA_EC_PARAMS: the OID of the curve, or its name for Ed25519. */
static const struct {
	enum crypto_key_type type;
	size_t len;
	const char *params;
} curves[] = {
	{ CRYPTO_KEY_P256, 10, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" },
	{ CRYPTO_KEY_P384, 7, "\x06\x05\x2b\x81\x04\x00\x22" },
	{ CRYPTO_KEY_ED25519, 5, "\x06\x03\x2b\x65\x70" },
	{ CRYPTO_KEY_ED25519, 14, "\x13\x0c\x65\x64wards25519" },
};

/* CKA_EC_POINT is an OCTET STRING; some tokens leave the head out. */
static int
from_point(enum crypto_key_type type, const uint8_t *point, size_t len,
    struct crypto_pkey **ret)
{
	struct cursor c, content;

	wire_cursor_init(&c, point, len);
	if (wire_cursor_u8(&c) == OCTET_STRING) {
		content = wire_cursor_vec(&c, 1, 1, 0x7f);
		if (wire_cursor_done(&c) == 0 && content.rc == 0)
			return crypto_pkey_from_point(type, content.pos,
			    wire_cursor_left(&content), ret);
	}
	return crypto_pkey_from_point(type, point, len, ret);
}

int
keys_p11_point_parse(int type, struct keys_p11_bytes params,
    struct keys_p11_bytes point, struct crypto_pkey **ret)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if ((int)curves[i].type == type &&
		    params.len == curves[i].len &&
		    memcmp(params.data, curves[i].params, params.len) == 0)
			return from_point(
			    curves[i].type, point.data, point.len, ret);
	return ERR_STATE_CONFIG;
}

struct keys_p11_bytes
keys_p11_point_params(int type, unsigned long *ret_mechanism)
{
	*ret_mechanism = type == CRYPTO_KEY_ED25519
			     ? CKM_EC_EDWARDS_KEY_PAIR_GEN
			     : CKM_EC_KEY_PAIR_GEN;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if ((int)curves[i].type == type)
			return (struct keys_p11_bytes){
				(const uint8_t *)curves[i].params, curves[i].len
			};
	return (struct keys_p11_bytes){ NULL, 0 };
}
