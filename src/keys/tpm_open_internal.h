/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_OPEN_INTERNAL_H
#define KEYS_TPM_OPEN_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct keys_backend;
struct keys_found;
struct keys_process;
struct keys_slot;

#define KEYS_TPM_TCTI "device:/dev/tpmrm0" /* unless the bundle says other */
#define KEYS_TPM_RETRY_MS 5000		   /* after a failure */

/**
 * keys_tpm_backend_open(p, slot, found, ret, f):
 * Make the backend of ${slot} for the key file in ${found}, whose public half
 * becomes the slot's; the device is the TCTI and the passphrase the key's
 * authorization value.  The TPM is asked by the first tick.  A file with a
 * sealed Ed25519 seed is opened now, becomes the slot's key pair, and ${ret} is
 * left alone.  Errors of keys_tpm_key_new and keys_tpm_seed_open.
 */
MUST_CHECK int keys_tpm_backend_open(struct keys_process *p,
    struct keys_slot *slot, const struct keys_found *found,
    struct keys_backend **ret, struct fault *f);

#endif
