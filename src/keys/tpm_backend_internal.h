/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_BACKEND_INTERNAL_H
#define KEYS_TPM_BACKEND_INTERNAL_H

#include <stdbool.h>

#include "keys/backend.h"

#define KEYS_TPM_TCTI_MAX 256

struct keys_process;
struct keys_slot;
struct keys_tpm_key;

/* A slot's key in a TPM. */
struct keys_tpm_backend {
	struct keys_backend base;
	struct keys_process *process;
	struct keys_slot *slot;
	struct keys_tpm_key *key;
	char tcti[KEYS_TPM_TCTI_MAX];
	bool good;
	int64_t retry_ms;
	struct fault why; /* when not good */
};

extern const struct keys_backend_ops keys_tpm_backend_ops;

#endif
