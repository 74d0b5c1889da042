/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_INTERNAL_H
#define KEYS_TPM_INTERNAL_H

#include <tss2/tss2_esys.h>

#include "keys/tpm.h"

struct keys_tpm_file;

struct keys_tpm {
	TSS2_TCTI_CONTEXT *tcti; /* to be closed; NULL when a test's own */
	ESYS_CONTEXT *esys;
};

/**
 * keys_tpm_attach(tcti, ret, f):
 * As keys_tpm_open, over a TCTI that stays the caller's.
 */
MUST_CHECK int keys_tpm_attach(
    TSS2_TCTI_CONTEXT *tcti, struct keys_tpm **ret, struct fault *f);

/**
 * keys_tpm_fault(f, rc, what):
 * Say what ${rc} of the call ${what} means; return the code for it.
 */
int keys_tpm_fault(struct fault *f, TSS2_RC rc, const char *what);

/**
 * keys_tpm_flush(t, handle):
 * Flush an object or session and forget it; ESYS_TR_NONE is allowed.
 */
void keys_tpm_flush(struct keys_tpm *t, ESYS_TR *handle);

/**
 * keys_tpm_parent(t, ret, f):
 * Make the primary storage key: the ECC template "H" of the TCG EK Credential
 * Profile, which other tools use for these files, too.
 */
MUST_CHECK int keys_tpm_parent(
    struct keys_tpm *t, ESYS_TR *ret, struct fault *f);

/**
 * keys_tpm_session(t, salt_key, ret, f):
 * Start an HMAC session that encrypts the first parameter both ways; with a
 * ${salt_key}, nobody who only listens on the TPM's bus can read it.
 */
MUST_CHECK int keys_tpm_session(
    struct keys_tpm *t, ESYS_TR salt_key, ESYS_TR *ret, struct fault *f);

/**
 * keys_tpm_load(t, file, parent, ret, f):
 * Load the object of ${file} under ${parent}.
 */
MUST_CHECK int keys_tpm_load(struct keys_tpm *t,
    const struct keys_tpm_file *file, ESYS_TR parent, ESYS_TR *ret,
    struct fault *f);

/**
 * keys_tpm_set_auth(t, object, auth, f):
 * Use ${auth} for ${object} from now on.
 */
MUST_CHECK int keys_tpm_set_auth(struct keys_tpm *t, ESYS_TR object,
    struct crypto_bytes auth, struct fault *f);

#endif
