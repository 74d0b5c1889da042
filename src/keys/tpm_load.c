/* SPDX-License-Identifier: Apache-2.0 */
#include <tss2/tss2_mu.h>

#include "keys/tpm_file.h"
#include "keys/tpm_internal.h"

static int
bad(struct fault *f)
{
	return base_fault_set(
	    f, ERR_PEER_MISMATCH, "the file's TPM structures are damaged");
}

int
keys_tpm_load(struct keys_tpm *t, const struct keys_tpm_file *file,
    ESYS_TR parent, ESYS_TR *ret, struct fault *f)
{
	TPM2B_PUBLIC public = { .size = 0 };
	TPM2B_PRIVATE private = { .size = 0 };
	size_t used = 0;
	TSS2_RC rc;

	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(file->public, file->public_len,
		&used, &public) != TSS2_RC_SUCCESS ||
	    used != file->public_len)
		return bad(f);
	used = 0;
	if (Tss2_MU_TPM2B_PRIVATE_Unmarshal(file->private, file->private_len,
		&used, &private) != TSS2_RC_SUCCESS ||
	    used != file->private_len)
		return bad(f);
	rc = Esys_Load(t->esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	    ESYS_TR_NONE, &private, &public, ret);
	if (rc != TSS2_RC_SUCCESS) {
		*ret = ESYS_TR_NONE;
		return keys_tpm_fault(f, rc, "TPM2_Load");
	}
	return 0;
}
