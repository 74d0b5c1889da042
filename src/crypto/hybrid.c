/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hybrid.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/wipe.h"
#include "crypto/hkdf.h"
#include "crypto/hybrid_internal.h"
#include "crypto/x25519.h"

#define X CRYPTO_X25519_LEN

struct crypto_hybrid {
	enum crypto_mlkem_alg alg;
	struct crypto_mlkem *mlkem;
	uint8_t secret[X];
	uint8_t pub[CRYPTO_HYBRID1024_PUBLIC_LEN];
};

size_t
crypto_hybrid_public_len(enum crypto_mlkem_alg alg)
{
	return X + crypto_mlkem_public_len(alg);
}

size_t
crypto_hybrid_ciphertext_len(enum crypto_mlkem_alg alg)
{
	return X + crypto_mlkem_ciphertext_len(alg);
}

int
crypto_hybrid_new(
    enum crypto_mlkem_alg alg, const uint8_t *seed, struct crypto_hybrid **ret)
{
	struct crypto_hybrid *k = calloc(1, sizeof(*k));
	int rc;

	if (k == NULL)
		return ERR_SYS_NOMEM;
	k->alg = alg;
	memcpy(k->secret, seed, X);
	if ((rc = crypto_x25519_public(k->secret, k->pub)) != 0 ||
	    (rc = crypto_mlkem_new(alg, seed + X, &k->mlkem)) != 0 ||
	    (rc = crypto_mlkem_public(k->mlkem, k->pub + X)) != 0) {
		crypto_hybrid_free(k);
		return rc;
	}
	*ret = k;
	return 0;
}

void
crypto_hybrid_free(struct crypto_hybrid *k)
{
	if (k == NULL)
		return;
	crypto_mlkem_free(k->mlkem);
	base_wipe_free(k, sizeof(*k));
}

const uint8_t *
crypto_hybrid_public(const struct crypto_hybrid *k)
{
	return k->pub;
}

void
crypto_hybrid_combine(struct hybrid_exchange *x, uint8_t secret[64])
{
	uint8_t prk[CRYPTO_SHA512_LEN], info[CRYPTO_SHA512_LEN];
	struct crypto_sha2 h;
	int rc;

	crypto_sha2_init(&h, CRYPTO_SHA512);
	crypto_sha2_update(&h, x->pub, X);
	crypto_sha2_update(&h, x->ct, X);
	crypto_sha2_update(&h, x->pub + X, crypto_mlkem_public_len(x->alg));
	crypto_sha2_update(&h, x->ct + X, crypto_mlkem_ciphertext_len(x->alg));
	crypto_sha2_final(&h, info);
	crypto_hkdf_extract(CRYPTO_SHA512, x->label,
	    (struct crypto_bytes){ x->shares, sizeof(x->shares) }, prk);
	rc = crypto_hkdf_expand(CRYPTO_SHA512,
	    (struct crypto_bytes){ prk, sizeof(prk) },
	    (struct crypto_bytes){ info, sizeof(info) }, secret,
	    CRYPTO_HYBRID_SECRET_LEN);
	TROTH_ASSERT(rc == 0);
	base_wipe(prk, sizeof(prk));
	base_wipe(x->shares, sizeof(x->shares));
}

/* The end of both ways: combine, or leave nothing behind. */
static int
finish(struct hybrid_exchange *x, int rc, uint8_t secret[64])
{
	if (rc == 0) {
		crypto_hybrid_combine(x, secret);
	} else {
		base_wipe(x->shares, sizeof(x->shares));
		base_wipe(secret, CRYPTO_HYBRID_SECRET_LEN);
	}
	return rc;
}

int
crypto_hybrid_encaps(const struct crypto_hybrid_peer *peer,
    const uint8_t ephemeral[32], const struct rng *rng, uint8_t *ct,
    uint8_t secret[64])
{
	struct hybrid_exchange x = { .alg = peer->alg,
		.label = peer->label,
		.pub = peer->pub,
		.ct = ct };
	int rc = crypto_x25519_public(ephemeral, ct);

	if (rc == 0)
		rc = crypto_x25519_shared(ephemeral, peer->pub, x.shares);
	if (rc == 0)
		rc = crypto_mlkem_encaps(
		    peer->alg, peer->pub + X, rng, ct + X, x.shares + X);
	return finish(&x, rc, secret);
}

int
crypto_hybrid_decaps(const struct crypto_hybrid *k, struct crypto_bytes label,
    const uint8_t *ct, uint8_t secret[64])
{
	struct hybrid_exchange x = {
		.alg = k->alg, .label = label, .pub = k->pub, .ct = ct
	};
	int rc = crypto_x25519_shared(k->secret, ct, x.shares);

	if (rc == 0)
		rc = crypto_mlkem_decaps(k->mlkem, ct + X, x.shares + X);
	return finish(&x, rc, secret);
}
