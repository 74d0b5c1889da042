/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/ecdsa.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "keys/p11_internal.h"
#include "keys/p11_sign_internal.h"
#include "keys/p11_token_internal.h"

#define ED25519_LEN 64
#define RAW_MAX 96

static CK_MECHANISM_TYPE
mechanism_of(int alg)
{
	return alg == CRYPTO_SIG_ED25519 ? CKM_EDDSA : CKM_ECDSA;
}

int
keys_p11_sign_can(const struct keys_p11_token *t, int alg, struct fault *f)
{
	if (alg != CRYPTO_SIG_ECDSA_SHA256 && alg != CRYPTO_SIG_ECDSA_SHA384 &&
	    alg != CRYPTO_SIG_ED25519)
		return base_fault_set(f, ERR_PEER_UNSUPPORTED,
		    "only P-256, P-384 and Ed25519 keys sign on a token");
	return keys_p11_token_can(t, mechanism_of(alg), CKF_SIGN, f);
}

static int
call(const struct keys_p11_key *k, const struct keys_p11_message *msg,
    uint8_t *out, CK_ULONG *len, struct fault *f)
{
	CK_MECHANISM mechanism = { mechanism_of(k->alg), NULL, 0 };
	CK_FUNCTION_LIST *p = k->t->m->f;
	CK_RV rv;

	rv = p->C_SignInit(k->t->session, &mechanism, k->handle);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_SignInit");
	rv = p->C_Sign(k->t->session, (CK_BYTE *)(uintptr_t)msg->data,
	    (CK_ULONG)msg->len, out, len);
	return rv == CKR_OK ? 0 : keys_p11_fault(f, rv, "C_Sign");
}

static int
sign_ecdsa(const struct keys_p11_key *k, const struct keys_p11_message *msg,
    uint8_t *sig, size_t *ret_len, struct fault *f)
{
	bool small = k->alg == CRYPTO_SIG_ECDSA_SHA256;
	uint8_t hash[CRYPTO_HASH_LEN_MAX], raw[RAW_MAX];
	struct keys_p11_message digest = { hash, small ? CRYPTO_SHA256_LEN
						       : CRYPTO_SHA384_LEN };
	CK_ULONG len = sizeof(raw);
	int rc;

	if (small)
		crypto_sha2_256(msg->data, msg->len, hash);
	else
		crypto_sha2_384(msg->data, msg->len, hash);
	rc = call(k, &digest, raw, &len, f);
	if (rc != 0)
		return rc;
	if (len != 2 * digest.len)
		return base_fault_set(f, ERR_SYS_TOKEN,
		    "C_Sign: a signature of %lu bytes", len);
	rc = crypto_ecdsa_raw_to_der(
	    raw, len, sig, CRYPTO_PKEY_SIG_MAX, ret_len);
	return rc == 0 ? 0
		       : base_fault_set(
			     f, ERR_SYS_TOKEN, "C_Sign: no signature");
}

int
keys_p11_sign(const struct keys_p11_key *k,
    const struct keys_p11_message *msg, uint8_t *sig, size_t *ret_len,
    struct fault *f)
{
	CK_ULONG len = CRYPTO_PKEY_SIG_MAX;
	int rc;

	if (k->alg != CRYPTO_SIG_ED25519)
		return sign_ecdsa(k, msg, sig, ret_len, f);
	rc = call(k, msg, sig, &len, f);
	if (rc != 0)
		return rc;
	if (len != ED25519_LEN)
		return base_fault_set(f, ERR_SYS_TOKEN,
		    "C_Sign: a signature of %lu bytes", len);
	*ret_len = len;
	return 0;
}
