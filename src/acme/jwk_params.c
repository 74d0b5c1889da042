/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jwk_params.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "wire/base64.h"
#include "wire/json.h"

enum { PARAM_TEXT_MAX = 700 };

static const char *const alg_names[ACME_JWK_ALG_COUNT] = { "ES256", "ES384",
	"EdDSA", "RS256" };

int
acme_jwk_alg_find(const char *name, enum acme_jwk_alg *ret)
{
	unsigned i;

	for (i = 0; i < ACME_JWK_ALG_COUNT; i++) {
		if (strcmp(alg_names[i], name) == 0) {
			*ret = (enum acme_jwk_alg)i;
			return 0;
		}
	}
	return ERR_PEER_UNSUPPORTED;
}

/* One binary member: its text and its bytes. */
static int
param(const json_t *o, const char *name, const char **ret_text, uint8_t *out,
    size_t *ret_len)
{
	size_t len;
	int rc = wire_json_string(o, name, PARAM_TEXT_MAX, ret_text, &len);

	if (rc == ERR_PEER_TOO_LARGE)
		return ERR_PEER_KEY;
	if (rc != 0)
		return ERR_PEER_MALFORMED;
	rc = wire_base64_decode(
	    WIRE_BASE64_URL, *ret_text, len, out, ACME_JWK_PARAM_MAX, ret_len);
	return rc == 0 ? 0 : ERR_PEER_MALFORMED;
}

static int
parse_ec(struct acme_jwk_params *k, const json_t *o, const char *crv)
{
	bool p256 = strcmp(crv, "P-256") == 0;
	size_t size = p256 ? 32 : 48;
	const char *x, *y;
	int rc;

	if (!p256 && strcmp(crv, "P-384") != 0)
		return ERR_PEER_KEY;
	rc = param(o, "x", &x, k->a, &k->a_len);
	if (rc == 0)
		rc = param(o, "y", &y, k->b, &k->b_len);
	if (rc != 0)
		return rc;
	/* RFC 7518 section 6.2.1.2: the full size of a coordinate. */
	if (k->a_len != size || k->b_len != size)
		return ERR_PEER_KEY;
	k->alg = p256 ? ACME_JWK_ES256 : ACME_JWK_ES384;
	return base_str_format(k->canonical, sizeof(k->canonical),
	    "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", crv, x,
	    y);
}

static int
parse_okp(struct acme_jwk_params *k, const json_t *o, const char *crv)
{
	const char *x;
	int rc;

	if (strcmp(crv, "Ed25519") != 0)
		return ERR_PEER_KEY;
	rc = param(o, "x", &x, k->a, &k->a_len);
	if (rc != 0)
		return rc;
	if (k->a_len != 32)
		return ERR_PEER_KEY;
	k->alg = ACME_JWK_EDDSA;
	return base_str_format(k->canonical, sizeof(k->canonical),
	    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
}

static int
parse_rsa(struct acme_jwk_params *k, const json_t *o)
{
	static const uint8_t f4[] = { 0x01, 0x00, 0x01 };
	const char *n, *e;
	int rc;

	rc = param(o, "n", &n, k->a, &k->a_len);
	if (rc == 0)
		rc = param(o, "e", &e, k->b, &k->b_len);
	if (rc != 0)
		return rc;
	/* RFC 7518 section 6.3.1.1: no leading zero octet. */
	if (k->a_len == 0 || k->a[0] == 0 || (k->a[k->a_len - 1] & 1) == 0)
		return ERR_PEER_KEY;
	if (k->b_len != sizeof(f4) || memcmp(k->b, f4, sizeof(f4)) != 0)
		return ERR_PEER_KEY;
	k->alg = ACME_JWK_RS256;
	return base_str_format(k->canonical, sizeof(k->canonical),
	    "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", e, n);
}

static int
parse_members(struct acme_jwk_params *k, const json_t *o)
{
	const char *kty, *crv;
	size_t len;

	if (!json_is_object(o))
		return ERR_PEER_MALFORMED;
	/* A client that sends its private key must not go on using it. */
	if (json_object_get(o, "d") != NULL)
		return ERR_PEER_KEY;
	if (wire_json_string(o, "kty", 16, &kty, &len) != 0)
		return ERR_PEER_MALFORMED;
	if (strcmp(kty, "RSA") == 0)
		return parse_rsa(k, o);
	if (strcmp(kty, "EC") != 0 && strcmp(kty, "OKP") != 0)
		return ERR_PEER_KEY;
	if (wire_json_string(o, "crv", 32, &crv, &len) != 0)
		return ERR_PEER_MALFORMED;
	return kty[0] == 'E' ? parse_ec(k, o, crv) : parse_okp(k, o, crv);
}

int
acme_jwk_params_parse(const char *text, size_t len, struct acme_jwk_params *ret)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	char print[WIRE_BASE64_ENCODED_MAX(CRYPTO_SHA256_LEN)];
	json_t *o;
	int rc;

	rc = wire_json_parse(text, len, &o, NULL);
	if (rc != 0)
		return rc == ERR_SYS_NOMEM ? rc : ERR_PEER_MALFORMED;
	rc = parse_members(ret, o);
	json_decref(o);
	if (rc != 0)
		return rc;
	/* RFC 7638 section 3. */
	crypto_sha2_256(ret->canonical, strlen(ret->canonical), hash);
	(void)wire_base64_encode(WIRE_BASE64_URL, hash, sizeof(hash), print);
	return base_str_copy(ret->thumbprint, sizeof(ret->thumbprint), print);
}
