/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_KEY_INTERNAL_H
#define KEYS_TPM_KEY_INTERNAL_H

#include <tss2/tss2_tpm2_types.h>

#include "keys/tpm.h"
#include "keys/tpm_file.h"

struct keys_tpm_key {
	struct keys_tpm_file file;
	TPMS_CONTEXT *context; /* of the loaded key; NULL: not loaded yet */
	uint8_t point[KEYS_TPM_POINT_LEN]; /* 04 x y */
	size_t auth_len;
	uint8_t auth[KEYS_TPM_AUTH_MAX];
};

#endif
