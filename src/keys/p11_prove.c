/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_prove_internal.h"

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/p11_find_internal.h"
#include "keys/p11_sign_internal.h"

#define PROOF "troth/token-key-proof/v1"

static int
verify(const struct crypto_pkey *public, const uint8_t *sig, size_t len)
{
	struct crypto_signed s = { .msg = (const uint8_t *)PROOF,
		.msg_len = sizeof(PROOF),
		.sig = sig,
		.sig_len = len };
	int rc;

	rc = crypto_pkey_sig_alg(public, &s.alg);
	return rc == 0 ? crypto_pkey_verify(public, &s) : rc;
}

int
keys_p11_prove(struct keys_p11_key *k, const struct keys_p11_uri *uri,
    const struct crypto_pkey *public, struct fault *f)
{
	const struct keys_p11_message msg = { PROOF, sizeof(PROOF) };
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;
	enum crypto_sig_alg alg;
	int rc;

	rc = crypto_pkey_sig_alg(public, &alg);
	if (rc != 0)
		return rc;
	k->alg = (int)alg;
	rc = keys_p11_sign_can(k->t, k->alg, f);
	if (rc == 0)
		rc = keys_p11_key_find(
		    k->t, uri, CKO_PRIVATE_KEY, &k->handle, f);
	if (rc == 0)
		rc = keys_p11_sign(k, &msg, sig, &len, f);
	if (rc != 0)
		return rc;
	if (verify(public, sig, len) != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the key on the token is not the certificate's or log's; "
		    "fix: correct the URI");
	return 0;
}
