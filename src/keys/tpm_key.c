/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "base/wipe.h"
#include "keys/tpm_key_internal.h"

#define HALF 32

static int
coordinate(const TPM2B_ECC_PARAMETER *p, uint8_t *out)
{
	if (p->size > HALF)
		return ERR_PEER_UNSUPPORTED;
	memcpy(out + HALF - p->size, p->buffer, p->size);
	return 0;
}

/* The public half of a P-256 key that may sign what it is given. */
static int
point_of(struct keys_tpm_key *k)
{
	TPM2B_PUBLIC public = { .size = 0 };
	const TPMT_PUBLIC *area = &public.publicArea;
	size_t used = 0;

	if (k->file.type != KEYS_TPM_FILE_KEY)
		return ERR_PEER_UNSUPPORTED;
	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(k->file.public, k->file.public_len,
		&used, &public) != TSS2_RC_SUCCESS ||
	    used != k->file.public_len)
		return ERR_PEER_MALFORMED;
	if (area->type != TPM2_ALG_ECC ||
	    area->parameters.eccDetail.curveID != TPM2_ECC_NIST_P256 ||
	    (area->objectAttributes & TPMA_OBJECT_SIGN_ENCRYPT) == 0 ||
	    (area->objectAttributes & TPMA_OBJECT_RESTRICTED) != 0)
		return ERR_PEER_UNSUPPORTED;
	k->point[0] = 4;
	return coordinate(&area->unique.ecc.x, k->point + 1) != 0
		   ? ERR_PEER_UNSUPPORTED
		   : coordinate(&area->unique.ecc.y, k->point + 1 + HALF);
}

static int
take_auth(struct keys_tpm_key *k, struct crypto_bytes auth, struct fault *f)
{
	if (auth.len > sizeof(k->auth))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the authorization value has more than %d bytes",
		    KEYS_TPM_AUTH_MAX);
	if (auth.len == 0 && !k->file.empty_auth)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the key needs an authorization value: pass_file");
	/* One that the key has not is not sent to it. */
	if (auth.len > 0 && !k->file.empty_auth) {
		memcpy(k->auth, auth.data, auth.len);
		k->auth_len = auth.len;
	}
	return 0;
}

int
keys_tpm_key_new(struct crypto_bytes pem, struct crypto_bytes auth,
    struct keys_tpm_key **ret, struct fault *f)
{
	struct keys_tpm_key *k = calloc(1, sizeof(*k));
	int code;

	if (k == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	code = keys_tpm_file_parse(pem.data, pem.len, &k->file);
	if (code == 0)
		code = point_of(k);
	if (code != 0)
		base_fault_set(f, code, "not a P-256 signing key of a TPM: %s",
		    base_err_text(code));
	else
		code = take_auth(k, auth, f);
	if (code != 0) {
		keys_tpm_key_free(k);
		return code;
	}
	*ret = k;
	return 0;
}

void
keys_tpm_key_free(struct keys_tpm_key *k)
{
	if (k == NULL)
		return;
	Esys_Free(k->context);
	base_wipe_free(k, sizeof(*k));
}

const uint8_t *
keys_tpm_key_point(const struct keys_tpm_key *k)
{
	return k->point;
}
