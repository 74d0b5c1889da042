/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/wipe.h"
#include "keys/tpm_internal.h"

static const TPM2B_PUBLIC template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_USERWITHAUTH |
		    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT |
		    TPMA_OBJECT_NODA | TPMA_OBJECT_FIXEDTPM |
		    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN,
		.parameters.eccDetail = {
			.symmetric = { .algorithm = TPM2_ALG_AES,
			    .keyBits.aes = 128,
			    .mode.aes = TPM2_ALG_CFB },
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

int
keys_tpm_parent(struct keys_tpm *t, ESYS_TR *ret, struct fault *f)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPML_PCR_SELECTION no_pcrs;
	static const TPM2B_DATA outside;
	TSS2_RC rc;

	rc = Esys_CreatePrimary(t->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
	    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &template, &outside,
	    &no_pcrs, ret, NULL, NULL, NULL, NULL);
	if (rc != TSS2_RC_SUCCESS) {
		*ret = ESYS_TR_NONE;
		return keys_tpm_fault(f, rc, "TPM2_CreatePrimary");
	}
	return 0;
}

int
keys_tpm_session(
    struct keys_tpm *t, ESYS_TR salt_key, ESYS_TR *ret, struct fault *f)
{
	static const TPMT_SYM_DEF aes = { .algorithm = TPM2_ALG_AES,
		.keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB };
	const TPMA_SESSION attributes = TPMA_SESSION_DECRYPT |
					TPMA_SESSION_ENCRYPT |
					TPMA_SESSION_CONTINUESESSION;
	TSS2_RC rc;

	rc = Esys_StartAuthSession(t->esys, salt_key, ESYS_TR_NONE,
	    ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_HMAC, &aes,
	    TPM2_ALG_SHA256, ret);
	if (rc != TSS2_RC_SUCCESS) {
		*ret = ESYS_TR_NONE;
		return keys_tpm_fault(f, rc, "TPM2_StartAuthSession");
	}
	rc = Esys_TRSess_SetAttributes(t->esys, *ret, attributes, 0xff);
	if (rc != TSS2_RC_SUCCESS) {
		keys_tpm_flush(t, ret);
		return keys_tpm_fault(f, rc, "Esys_TRSess_SetAttributes");
	}
	return 0;
}

int
keys_tpm_set_auth(struct keys_tpm *t, ESYS_TR object, struct crypto_bytes auth,
    struct fault *f)
{
	TPM2B_AUTH value = { .size = (UINT16)auth.len };
	TSS2_RC rc;

	if (auth.len > KEYS_TPM_AUTH_MAX)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the authorization value has more than %d bytes",
		    KEYS_TPM_AUTH_MAX);
	if (auth.len > 0)
		memcpy(value.buffer, auth.data, auth.len);
	rc = Esys_TR_SetAuth(t->esys, object, &value);
	base_wipe(&value, sizeof(value));
	return rc == TSS2_RC_SUCCESS ? 0
				     : keys_tpm_fault(f, rc, "Esys_TR_SetAuth");
}
