/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/ecdsa.h"
#include "crypto/sha2.h"
#include "keys/tpm_file.h"
#include "keys/tpm_internal.h"
#include "keys/tpm_key_internal.h"

#define HALF 32

/* A parameter of a signature, to its full length. */
static int
put(const TPM2B_ECC_PARAMETER *p, uint8_t *out)
{
	if (p->size > HALF)
		return ERR_SYS_TOKEN;
	memset(out, 0, HALF);
	memcpy(out + HALF - p->size, p->buffer, p->size);
	return 0;
}

static int
take(const TPMT_SIGNATURE *sig, struct keys_tpm_signing *s)
{
	uint8_t raw[2 * HALF];

	if (sig->sigAlg != TPM2_ALG_ECDSA ||
	    put(&sig->signature.ecdsa.signatureR, raw) != 0 ||
	    put(&sig->signature.ecdsa.signatureS, raw + HALF) != 0 ||
	    crypto_ecdsa_raw_to_der(raw, sizeof(raw), s->sig,
		CRYPTO_ECDSA_P256_DER_MAX, &s->sig_len) != 0)
		return ERR_SYS_TOKEN;
	return 0;
}

static int
sign(struct keys_tpm *t, ESYS_TR object, ESYS_TR session,
    struct keys_tpm_signing *s, struct fault *f)
{
	static const TPMT_TK_HASHCHECK none = { .tag = TPM2_ST_HASHCHECK,
		.hierarchy = TPM2_RH_NULL };
	static const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
		.details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_DIGEST digest = { .size = CRYPTO_SHA256_LEN };
	TPMT_SIGNATURE *sig = NULL;
	TSS2_RC rc;
	int code;

	crypto_sha2_256(s->msg, s->len, digest.buffer);
	rc = Esys_Sign(t->esys, object, session, ESYS_TR_NONE, ESYS_TR_NONE,
	    &digest, &scheme, &none, &sig);
	if (rc != TSS2_RC_SUCCESS)
		return keys_tpm_fault(f, rc, "TPM2_Sign");
	code = take(sig, s);
	Esys_Free(sig);
	if (code != 0)
		return base_fault_set(f, code, "TPM2_Sign: no signature");
	return 0;
}

/* Load the key from its file, and keep the context that the TPM gives. */
static int
from_file(
    struct keys_tpm *t, struct keys_tpm_key *k, ESYS_TR *ret, struct fault *f)
{
	ESYS_TR parent = ESYS_TR_NONE;
	TSS2_RC rc;
	int code;

	code = keys_tpm_parent(t, &parent, f);
	if (code == 0)
		code = keys_tpm_load(t, &k->file, parent, ret, f);
	keys_tpm_flush(t, &parent);
	if (code != 0)
		return code;
	rc = Esys_ContextSave(t->esys, *ret, &k->context);
	if (rc != TSS2_RC_SUCCESS) {
		k->context = NULL;
		keys_tpm_flush(t, ret);
		return keys_tpm_fault(f, rc, "TPM2_ContextSave");
	}
	return 0;
}

/* A context outlives neither a reset of the TPM nor an update of it. */
static int
load(struct keys_tpm *t, struct keys_tpm_key *k, ESYS_TR *ret, struct fault *f)
{
	if (k->context != NULL &&
	    Esys_ContextLoad(t->esys, k->context, ret) == TSS2_RC_SUCCESS)
		return 0;
	*ret = ESYS_TR_NONE;
	Esys_Free(k->context);
	k->context = NULL;
	return from_file(t, k, ret, f);
}

int
keys_tpm_key_sign(struct keys_tpm *t, struct keys_tpm_key *k,
    struct keys_tpm_signing *s, struct fault *f)
{
	struct crypto_bytes auth = { k->auth, k->auth_len };
	ESYS_TR object = ESYS_TR_NONE, session = ESYS_TR_NONE;
	int code;

	code = load(t, k, &object, f);
	if (code == 0)
		code = keys_tpm_set_auth(t, object, auth, f);
	/* In a session the value itself does not cross the bus. */
	if (code == 0 && auth.len > 0)
		code = keys_tpm_session(t, ESYS_TR_NONE, &session, f);
	if (code == 0)
		code = sign(t, object,
		    session != ESYS_TR_NONE ? session : ESYS_TR_PASSWORD, s, f);
	keys_tpm_flush(t, &session);
	keys_tpm_flush(t, &object);
	return code;
}
