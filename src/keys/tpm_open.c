/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_open_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/key_internal.h"
#include "keys/op.h"
#include "keys/tpm.h"
#include "keys/tpm_backend_internal.h"

static int
prepare(
    struct keys_tpm_backend *b, const struct keys_found *found, struct fault *f)
{
	struct crypto_bytes pem = { found->key, found->key_len };
	struct crypto_bytes auth = { found->pass, found->pass_len };
	int rc;

	if (found->key == NULL)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "tpm: names no key file");
	if (found->device_len >= sizeof(b->tcti))
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "tpm: the TCTI is too long");
	memcpy(b->tcti, KEYS_TPM_TCTI, sizeof(KEYS_TPM_TCTI));
	if (found->device != NULL) {
		memcpy(b->tcti, found->device, found->device_len);
		b->tcti[found->device_len] = '\0';
	}
	rc = keys_tpm_key_new(pem, auth, &b->key, f);
	if (rc != 0)
		return rc;
	rc = keys_tpm_key_public(b->key, &b->slot->key);
	if (rc != 0)
		return base_fault_set(f, rc, "tpm: %s", base_err_text(rc));
	return 0;
}

int
keys_tpm_backend_open(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found, struct keys_backend **ret, struct fault *f)
{
	struct keys_tpm_backend *b = calloc(1, sizeof(*b));
	int rc;

	if (b == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	b->base.ops = &keys_tpm_backend_ops;
	b->process = p;
	b->slot = slot;
	rc = prepare(b, found, f);
	if (rc != 0) {
		b->base.ops->free(&b->base);
		return rc;
	}
	*ret = &b->base;
	return 0;
}
