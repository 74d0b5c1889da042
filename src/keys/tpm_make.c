/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <tss2/tss2_mu.h>

#include "base/wipe.h"
#include "keys/tpm_file.h"
#include "keys/tpm_internal.h"

#define ATTRIBUTES                                                             \
	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                      \
	    TPMA_OBJECT_USERWITHAUTH)

static const TPMT_PUBLIC signing = {
	.type = TPM2_ALG_ECC,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = ATTRIBUTES | TPMA_OBJECT_SENSITIVEDATAORIGIN |
	    TPMA_OBJECT_SIGN_ENCRYPT,
	.parameters.eccDetail = {
		.symmetric.algorithm = TPM2_ALG_NULL,
		.scheme = { .scheme = TPM2_ALG_ECDSA,
		    .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
		.curveID = TPM2_ECC_NIST_P256,
		.kdf.scheme = TPM2_ALG_NULL,
	},
};

static const TPMT_PUBLIC sealed = {
	.type = TPM2_ALG_KEYEDHASH,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = ATTRIBUTES,
	.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL,
};

static int
encode(const TPM2B_PUBLIC *public, const TPM2B_PRIVATE *private,
    struct keys_tpm_file *file, struct buf *pem)
{
	if (Tss2_MU_TPM2B_PUBLIC_Marshal(public, file->public,
		sizeof(file->public), &file->public_len) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPM2B_PRIVATE_Marshal(private, file->private,
		sizeof(file->private), &file->private_len) != TSS2_RC_SUCCESS)
		return ERR_SYS_LIMIT;
	return keys_tpm_file_encode(file, pem);
}

/* TPM2_Create under the primary storage key, what is secret encrypted. */
static int
create(struct keys_tpm *t, const TPM2B_SENSITIVE_CREATE *in,
    const TPM2B_PUBLIC *template, struct keys_tpm_file *file, struct buf *pem,
    struct fault *f)
{
	static const TPML_PCR_SELECTION no_pcrs;
	static const TPM2B_DATA outside;
	ESYS_TR parent = ESYS_TR_NONE, session = ESYS_TR_NONE;
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc;
	int code;

	code = keys_tpm_parent(t, &parent, f);
	if (code == 0)
		code = keys_tpm_session(t, parent, &session, f);
	if (code == 0) {
		rc = Esys_Create(t->esys, parent, session, ESYS_TR_NONE,
		    ESYS_TR_NONE, in, template, &outside, &no_pcrs, &private,
		    &public, NULL, NULL, NULL);
		if (rc != TSS2_RC_SUCCESS)
			code = keys_tpm_fault(f, rc, "TPM2_Create");
	}
	keys_tpm_flush(t, &session);
	keys_tpm_flush(t, &parent);
	if (code == 0) {
		code = encode(public, private, file, pem);
		if (code != 0)
			base_fault_set(f, code, "%s", base_err_text(code));
	}
	Esys_Free(private);
	Esys_Free(public);
	return code;
}

static int
make(struct keys_tpm *t, const TPMT_PUBLIC *area, struct crypto_bytes auth,
    const struct crypto_bytes *secret, struct buf *pem, struct fault *f)
{
	TPM2B_SENSITIVE_CREATE in = { .size = 0 };
	TPM2B_PUBLIC template = { .publicArea = *area };
	struct keys_tpm_file file = { .type = secret != NULL
						  ? KEYS_TPM_FILE_SEALED
						  : KEYS_TPM_FILE_KEY,
		.empty_auth = auth.len == 0 };
	int code;

	if (auth.len > KEYS_TPM_AUTH_MAX)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the authorization value has more than %d bytes",
		    KEYS_TPM_AUTH_MAX);
	if (auth.len > 0)
		memcpy(in.sensitive.userAuth.buffer, auth.data, auth.len);
	else
		/* There is nothing to guess. */
		template.publicArea.objectAttributes |= TPMA_OBJECT_NODA;
	in.sensitive.userAuth.size = (UINT16)auth.len;
	if (secret != NULL) {
		memcpy(in.sensitive.data.buffer, secret->data, secret->len);
		in.sensitive.data.size = (UINT16)secret->len;
	}
	code = create(t, &in, &template, &file, pem, f);
	base_wipe(&in, sizeof(in));
	return code;
}

int
keys_tpm_make(struct keys_tpm *t, struct crypto_bytes auth, struct buf *pem,
    struct fault *f)
{
	return make(t, &signing, auth, NULL, pem, f);
}

int
keys_tpm_seal(struct keys_tpm *t, struct crypto_bytes auth,
    struct crypto_bytes secret, struct buf *pem, struct fault *f)
{
	if (secret.len < 1 || secret.len > KEYS_TPM_SECRET_MAX)
		return base_fault_set(f, ERR_PEER_TOO_LARGE,
		    "a TPM seals 1 to %d bytes", KEYS_TPM_SECRET_MAX);
	return make(t, &sealed, auth, &secret, pem, f);
}
