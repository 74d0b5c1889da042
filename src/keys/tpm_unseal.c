/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/wipe.h"
#include "keys/tpm_file.h"
#include "keys/tpm_internal.h"

static int
take(TPM2B_SENSITIVE_DATA *data, struct buf *secret, struct fault *f)
{
	int code = base_buf_append(secret, data->buffer, data->size);

	base_wipe(data, sizeof(*data));
	Esys_Free(data);
	if (code != 0)
		return base_fault_set(f, code, "%s", base_err_text(code));
	return 0;
}

/* The object is loaded; its secret crosses the bus encrypted. */
static int
unseal(struct keys_tpm *t, ESYS_TR object, ESYS_TR session, struct buf *secret,
    struct fault *f)
{
	TPM2B_SENSITIVE_DATA *data = NULL;
	TSS2_RC rc;

	/* TPM2_Unseal has no parameter to encrypt on the way in. */
	rc = Esys_TRSess_SetAttributes(
	    t->esys, session, 0, TPMA_SESSION_DECRYPT);
	if (rc != TSS2_RC_SUCCESS)
		return keys_tpm_fault(f, rc, "Esys_TRSess_SetAttributes");
	rc = Esys_Unseal(
	    t->esys, object, session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
	if (rc != TSS2_RC_SUCCESS)
		return keys_tpm_fault(f, rc, "TPM2_Unseal");
	return take(data, secret, f);
}

int
keys_tpm_unseal(struct keys_tpm *t, struct crypto_bytes auth,
    struct crypto_bytes pem, struct buf *secret, struct fault *f)
{
	ESYS_TR parent = ESYS_TR_NONE, session = ESYS_TR_NONE;
	ESYS_TR object = ESYS_TR_NONE;
	struct keys_tpm_file file;
	int code = keys_tpm_file_parse(pem.data, pem.len, &file);

	if (code == 0 && file.type != KEYS_TPM_FILE_SEALED)
		code = ERR_PEER_UNSUPPORTED;
	if (code != 0)
		return base_fault_set(f, code,
		    "not a secret sealed to a TPM: "
		    "%s",
		    base_err_text(code));
	code = keys_tpm_parent(t, &parent, f);
	if (code == 0)
		code = keys_tpm_load(t, &file, parent, &object, f);
	if (code == 0)
		code = keys_tpm_set_auth(t, object, auth, f);
	if (code == 0)
		code = keys_tpm_session(t, parent, &session, f);
	keys_tpm_flush(t, &parent);
	if (code == 0)
		code = unseal(t, object, session, secret, f);
	keys_tpm_flush(t, &session);
	keys_tpm_flush(t, &object);
	base_wipe(&file, sizeof(file));
	return code;
}
