/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_OPEN_INTERNAL_H
#define KEYS_TPM_OPEN_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct keys_backend;
struct keys_found;
struct keys_process;
struct keys_slot;

/* Where a TPM is unless the bundle says otherwise: behind the kernel's
 * resource manager. */
#define KEYS_TPM_TCTI "device:/dev/tpmrm0"

/* How long after a failure the TPM is tried again (spec section 3). */
#define KEYS_TPM_RETRY_MS 5000

/**
 * keys_tpm_backend_open(p, slot, found, ret, f):
 * Make the backend of ${slot} for the key file in ${found}, whose public half
 * becomes the slot's; the device is the TCTI and the passphrase the key's
 * authorization value.  The TPM is asked by the first tick.  Errors of
 * keys_tpm_key_new.
 */
MUST_CHECK int keys_tpm_backend_open(struct keys_process *p,
    struct keys_slot *slot, const struct keys_found *found,
    struct keys_backend **ret, struct fault *f);

#endif
