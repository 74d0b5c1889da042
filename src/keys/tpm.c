/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm.h"

#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_tctildr.h>

#include "base/str.h"
#include "keys/tpm_internal.h"

int
keys_tpm_attach(TSS2_TCTI_CONTEXT *tcti, struct keys_tpm **ret, struct fault *f)
{
	struct keys_tpm *t = calloc(1, sizeof(*t));
	TSS2_RC rc;

	if (t == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = Esys_Initialize(&t->esys, tcti, NULL);
	if (rc != TSS2_RC_SUCCESS) {
		free(t);
		return keys_tpm_fault(f, rc, "Esys_Initialize");
	}
	*ret = t;
	return 0;
}

int
keys_tpm_open(const char *tcti, struct keys_tpm **ret, struct fault *f)
{
	TSS2_TCTI_CONTEXT *ctx = NULL;
	TSS2_RC rc;
	int code;

	/* The loader takes the name of any library. */
	if (!base_str_starts(tcti, "device:") &&
	    !base_str_starts(tcti, "swtpm:"))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: not device:PATH or swtpm:path=PATH", tcti);
	rc = Tss2_TctiLdr_Initialize(tcti, &ctx);
	if (rc != TSS2_RC_SUCCESS)
		return keys_tpm_fault(f, rc, tcti);
	code = keys_tpm_attach(ctx, ret, f);
	if (code != 0)
		Tss2_TctiLdr_Finalize(&ctx);
	else
		(*ret)->tcti = ctx;
	return code;
}

void
keys_tpm_close(struct keys_tpm *t)
{
	if (t == NULL)
		return;
	Esys_Finalize(&t->esys);
	Tss2_TctiLdr_Finalize(&t->tcti);
	free(t);
}

void
keys_tpm_flush(struct keys_tpm *t, ESYS_TR *handle)
{
	/* What a failing TPM keeps is lost with its next reset. */
	if (*handle != ESYS_TR_NONE)
		(void)Esys_FlushContext(t->esys, *handle);
	*handle = ESYS_TR_NONE;
}
