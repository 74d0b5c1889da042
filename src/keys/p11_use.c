/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_use_internal.h"

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/p11_find_internal.h"
#include "keys/p11_sign_internal.h"

/* How a key of ${type} signs on a token. */
static int
alg_of(int type, int *ret)
{
	if (type == CRYPTO_KEY_P256)
		*ret = CRYPTO_SIG_ECDSA_SHA256;
	else if (type == CRYPTO_KEY_P384)
		*ret = CRYPTO_SIG_ECDSA_SHA384;
	else if (type == CRYPTO_KEY_ED25519)
		*ret = CRYPTO_SIG_ED25519;
	else
		return ERR_PEER_UNSUPPORTED;
	return 0;
}

int
keys_p11_use_sign(const struct keys_p11_use *u, struct crypto_bytes msg,
    uint8_t *sig, size_t *ret_len, struct fault *f)
{
	const struct keys_p11_message m = { msg.data, msg.len };
	struct keys_p11_key k = { .t = u->t };
	int rc;

	if ((rc = alg_of(u->type, &k.alg)) == 0 &&
	    (rc = keys_p11_sign_can(u->t, k.alg, f)) == 0 &&
	    (rc = keys_p11_key_find(
		 u->t, u->uri, CKO_PRIVATE_KEY, &k.handle, f)) == 0)
		rc = keys_p11_sign(&k, &m, sig, ret_len, f);
	return rc;
}
