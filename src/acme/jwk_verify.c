/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jwk.h"

#include "acme/jwk_internal.h"
#include "crypto/ecdsa.h"
#include "crypto/pkey_sign.h"

static const enum crypto_sig_alg sig_algs[ACME_JWK_ALG_COUNT] = {
	CRYPTO_SIG_ECDSA_SHA256, CRYPTO_SIG_ECDSA_SHA384, CRYPTO_SIG_ED25519,
	CRYPTO_SIG_RSA_SHA256
};

int
acme_jwk_verify(const struct acme_jwk *k, const char *text, size_t len,
    const uint8_t *sig, size_t sig_len)
{
	enum acme_jwk_alg alg = k->params.alg;
	uint8_t der[CRYPTO_ECDSA_P384_DER_MAX];
	struct crypto_signed s = { sig_algs[alg], (const uint8_t *)text, len,
		sig, sig_len };
	int rc;

	if (alg == ACME_JWK_ES256 || alg == ACME_JWK_ES384) {
		if (sig_len != (alg == ACME_JWK_ES256 ? 64 : 96))
			return ERR_PEER_SIGNATURE;
		rc = crypto_ecdsa_raw_to_der(
		    sig, sig_len, der, sizeof(der), &s.sig_len);
		if (rc != 0)
			return ERR_PEER_SIGNATURE;
		s.sig = der;
	}
	rc = crypto_pkey_verify(k->key, &s);
	return rc == 0 || rc == ERR_SYS_NOMEM ? rc : ERR_PEER_SIGNATURE;
}
