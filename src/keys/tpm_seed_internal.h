/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_SEED_INTERNAL_H
#define KEYS_TPM_SEED_INTERNAL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/fault.h"
#include "crypto/bytes.h"

struct crypto_pkey;

/** keys_tpm_seed_is(pem): whether the file is a sealed secret's. */
bool keys_tpm_seed_is(struct crypto_bytes pem);

/**
 * keys_tpm_seed_open(tcti, pem, auth, ret, f):
 * Unseal the 32-byte seed of an Ed25519 key (RFC 8032), which available TPMs
 * do not sign with, and make the pair in this process.  Errors as keys/tpm.h;
 * ERR_PEER_KEY when the secret is no seed.
 */
MUST_CHECK int keys_tpm_seed_open(const char *tcti, struct crypto_bytes pem,
    struct crypto_bytes auth, struct crypto_pkey **ret, struct fault *f);

#endif
