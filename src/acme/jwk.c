/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jwk.h"

#include <stdlib.h>
#include <string.h>

#include "acme/jwk_internal.h"
#include "base/buf.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, SPKI_MAX = 1024 };

static int
make_key(struct acme_jwk *k)
{
	const struct acme_jwk_params *p = &k->params;
	uint8_t point[1 + 48 + 48] = { 0x04 };
	int bits, rc;

	switch (p->alg) {
	case ACME_JWK_ES256:
	case ACME_JWK_ES384:
		memcpy(point + 1, p->a, p->a_len);
		memcpy(point + 1 + p->a_len, p->b, p->b_len);
		return crypto_pkey_from_point(p->alg == ACME_JWK_ES256
						  ? CRYPTO_KEY_P256
						  : CRYPTO_KEY_P384,
		    point, 1 + p->a_len + p->b_len, &k->key);
	case ACME_JWK_EDDSA:
		return crypto_pkey_from_point(
		    CRYPTO_KEY_ED25519, p->a, p->a_len, &k->key);
	case ACME_JWK_RS256:
		rc = crypto_pkey_from_rsa(
		    p->a, p->a_len, p->b, p->b_len, &k->key);
		if (rc != 0)
			return rc;
		bits = crypto_pkey_bits(k->key);
		return bits < RSA_BITS_MIN || bits > RSA_BITS_MAX ? ERR_PEER_KEY
								  : 0;
	case ACME_JWK_ALG_COUNT:
		break;
	}
	return ERR_PEER_KEY;
}

int
acme_jwk_parse(const char *text, size_t len, struct acme_jwk **ret)
{
	struct acme_jwk *k = calloc(1, sizeof(*k));
	int rc;

	if (k == NULL)
		return ERR_SYS_NOMEM;
	rc = acme_jwk_params_parse(text, len, &k->params);
	if (rc == 0)
		rc = make_key(k);
	if (rc != 0) {
		acme_jwk_free(k);
		return rc;
	}
	*ret = k;
	return 0;
}

void
acme_jwk_free(struct acme_jwk *k)
{
	if (k == NULL)
		return;
	crypto_pkey_free(k->key);
	free(k);
}

const char *
acme_jwk_canonical(const struct acme_jwk *k)
{
	return k->params.canonical;
}

const char *
acme_jwk_thumbprint(const struct acme_jwk *k)
{
	return k->params.thumbprint;
}

enum acme_jwk_alg
acme_jwk_alg(const struct acme_jwk *k)
{
	return k->params.alg;
}

bool
acme_jwk_is_spki(const struct acme_jwk *k, const uint8_t *spki, size_t len)
{
	struct buf own;
	bool same;

	base_buf_init(&own, SPKI_MAX);
	same = crypto_pkey_spki(k->key, &own) == 0 && own.len == len &&
	       memcmp(own.data, spki, len) == 0;
	base_buf_free(&own);
	return same;
}
