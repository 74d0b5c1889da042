/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_open_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/key_internal.h"
#include "keys/op.h"
#include "keys/tpm.h"
#include "keys/tpm_backend_internal.h"
#include "keys/tpm_seed_internal.h"

static int
take_tcti(const struct keys_found *found, char *tcti, struct fault *f)
{
	if (found->key == NULL)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "tpm: names no key file");
	if (found->device_len >= KEYS_TPM_TCTI_MAX)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "tpm: the TCTI is too long");
	memcpy(tcti, KEYS_TPM_TCTI, sizeof(KEYS_TPM_TCTI));
	if (found->device != NULL) {
		memcpy(tcti, found->device, found->device_len);
		tcti[found->device_len] = '\0';
	}
	return 0;
}

static int
open_key(
    struct keys_tpm_backend *b, const struct keys_found *found, struct fault *f)
{
	struct crypto_bytes pem = { found->key, found->key_len };
	struct crypto_bytes auth = { found->pass, found->pass_len };
	int rc;

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
	struct crypto_bytes pem = { found->key, found->key_len };
	struct crypto_bytes auth = { found->pass, found->pass_len };
	struct keys_tpm_backend *b = calloc(1, sizeof(*b));
	int rc;

	if (b == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	b->base.ops = &keys_tpm_backend_ops;
	b->process = p;
	b->slot = slot;
	rc = take_tcti(found, b->tcti, f);
	if (rc == 0 && keys_tpm_seed_is(pem)) {
		/* A pair in memory from now on: no backend. */
		rc = keys_tpm_seed_open(b->tcti, pem, auth, &slot->key, f);
		b->base.ops->free(&b->base);
		return rc;
	}
	if (rc == 0)
		rc = open_key(b, found, f);
	if (rc != 0) {
		b->base.ops->free(&b->base);
		return rc;
	}
	*ret = &b->base;
	return 0;
}
