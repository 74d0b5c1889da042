/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/vkey.h"

#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "merkle/utf8_internal.h"
#include "wire/base64.h"
#include "wire/hex.h"
#include "wire/utf8.h"

int
merkle_vkey_name_ok(const char *name, size_t len)
{
	size_t pos = 0;
	uint32_t c;

	if (len == 0)
		return 0;
	while (pos < len) {
		if (!wire_utf8_next(name, len, &pos, &c))
			return 0;
		if (c < 0x20 || c == '+' || merkle_utf8_space(c))
			return 0;
	}
	return 1;
}

static size_t
key_len(uint8_t type)
{
	return type == MERKLE_SIG_COSIGNATURE44 ? 1312 : 32;
}

static uint32_t
key_id(const char *name, uint8_t type, const uint8_t *octets)
{
	struct crypto_sha2 ctx;
	const uint8_t sep[2] = { 0x0a, type };
	uint8_t h[32];

	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, name, strlen(name));
	crypto_sha2_update(&ctx, sep, sizeof(sep));
	crypto_sha2_update(&ctx, octets, key_len(type));
	crypto_sha2_final(&ctx, h);
	return (uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 |
	       (uint32_t)h[2] << 8 | h[3];
}

int
merkle_vkey_init(struct merkle_vkey *key, const char *name,
    enum merkle_sig_type type, const uint8_t *octets)
{
	size_t len = strlen(name);

	if (len >= sizeof(key->name) || !merkle_vkey_name_ok(name, len))
		return ERR_PEER_NAME;
	memset(key, 0, sizeof(*key));
	memcpy(key->name, name, len);
	key->type = (uint8_t)type;
	key->key_len = (uint16_t)key_len(key->type);
	memcpy(key->key, octets, key->key_len);
	key->id = key_id(key->name, key->type, key->key);
	return 0;
}

int
merkle_vkey_parse(const char *text, size_t len, struct merkle_vkey *ret)
{
	const char *plus, *plus2, *end = text + len;
	char name[MERKLE_VKEY_NAME_MAX];
	struct merkle_vkey key;
	uint8_t id[4], mat[1 + MERKLE_VKEY_KEY_MAX];
	size_t n, i;
	int rc;

	if ((plus = memchr(text, '+', len)) == NULL ||
	    (plus2 = memchr(plus + 1, '+', (size_t)(end - plus - 1))) == NULL)
		return ERR_PEER_MALFORMED;
	n = (size_t)(plus - text);
	if (n >= sizeof(name) || memchr(text, '\0', n) != NULL ||
	    plus2 - plus != 9)
		return ERR_PEER_MALFORMED;
	memcpy(name, text, n);
	name[n] = '\0';
	for (i = 1; i <= 8; i++)
		if (plus[i] >= 'A' && plus[i] <= 'F')
			return ERR_PEER_MALFORMED;
	rc = wire_hex_decode(plus + 1, 8, id, sizeof(id), &n);
	if (rc != 0)
		return ERR_PEER_MALFORMED;
	rc = wire_base64_decode(WIRE_BASE64_STD, plus2 + 1,
	    (size_t)(end - plus2 - 1), mat, sizeof(mat), &n);
	if (rc != 0 || n < 1)
		return ERR_PEER_MALFORMED;
	if (mat[0] != MERKLE_SIG_ED25519 && mat[0] != MERKLE_SIG_COSIGNATURE &&
	    mat[0] != MERKLE_SIG_COSIGNATURE44)
		return ERR_PEER_UNSUPPORTED;
	if (n != 1 + key_len(mat[0]))
		return ERR_PEER_MALFORMED;
	rc =
	    merkle_vkey_init(&key, name, (enum merkle_sig_type)mat[0], mat + 1);
	if (rc != 0)
		return ERR_PEER_MALFORMED;
	if (key.id != ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
			  (uint32_t)id[2] << 8 | id[3]))
		return ERR_PEER_MISMATCH;
	*ret = key;
	return 0;
}

int
merkle_vkey_encode(
    const struct merkle_vkey *key, char ret[MERKLE_VKEY_TEXT_MAX])
{
	uint8_t mat[1 + MERKLE_VKEY_KEY_MAX];
	char b64[WIRE_BASE64_ENCODED_MAX(sizeof(mat))];

	mat[0] = key->type;
	memcpy(mat + 1, key->key, key->key_len);
	wire_base64_encode(
	    WIRE_BASE64_STD, mat, 1 + (size_t)key->key_len, b64);
	return base_str_format(
	    ret, MERKLE_VKEY_TEXT_MAX, "%s+%08x+%s", key->name, key->id, b64);
}
