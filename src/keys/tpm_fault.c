/* SPDX-License-Identifier: Apache-2.0 */
#include <tss2/tss2_rc.h>

#include "keys/tpm_internal.h"

static const struct {
	TSS2_RC rc;
	int code;
	const char *text;
} faults[] = {
	{ TPM2_RC_INTEGRITY, ERR_PEER_MISMATCH,
	    "the file was made for another TPM, or this one was cleared since, "
	    "or the file is damaged" },
	{ TPM2_RC_AUTH_FAIL, ERR_SYS_PIN, "wrong authorization value" },
	{ TPM2_RC_BAD_AUTH, ERR_SYS_PIN, "wrong authorization value" },
	{ TPM2_RC_LOCKOUT, ERR_SYS_PIN_LOCKED,
	    "too many wrong authorization values; the TPM waits" },
	{ TPM2_RC_OBJECT_MEMORY, ERR_SYS_TOKEN,
	    "no free slot; fix: use a resource manager (/dev/tpmrm0)" },
	{ TPM2_RC_CURVE, ERR_PEER_UNSUPPORTED, "the TPM has no P-256" },
	{ TPM2_RC_INITIALIZE, ERR_SYS_TOKEN, "the TPM was not started up" },
};

/* The TPM's own code, without the number of the handle or parameter. */
static TSS2_RC
bare(TSS2_RC rc)
{
	TSS2_RC layer = rc & TSS2_RC_LAYER_MASK;

	if (layer != TSS2_TPM_RC_LAYER && layer != TSS2_RESMGR_TPM_RC_LAYER)
		return rc;
	rc &= ~(TSS2_RC)TSS2_RC_LAYER_MASK;
	return (rc & TPM2_RC_FMT1) != 0 ? rc & (TPM2_RC_FMT1 | 0x3f) : rc;
}

int
keys_tpm_fault(struct fault *f, TSS2_RC rc, const char *what)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].rc == bare(rc))
			return base_fault_set(
			    f, faults[i].code, "%s: %s", what, faults[i].text);
	if ((rc & 0xff) == TSS2_BASE_RC_MEMORY &&
	    (rc & TSS2_RC_LAYER_MASK) != TSS2_TPM_RC_LAYER)
		return base_fault_set(
		    f, ERR_SYS_NOMEM, "%s: out of memory", what);
	return base_fault_set(f, ERR_SYS_TOKEN,
	    "%s: %s; the TPM is not there or fails", what, Tss2_RC_Decode(rc));
}
