/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_backend_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/mono.h"
#include "keys/news_internal.h"
#include "keys/tpm.h"
#include "keys/tpm_open_internal.h"

#define PROOF "troth/tpm-key-proof/v1"
#define SIG_MAX 72 /* CRYPTO_ECDSA_P256_DER_MAX */

static void
set_failed(struct keys_tpm_backend *b, int64_t now_ms, const struct fault *f)
{
	bool news = b->good || strcmp(b->why.msg, f->msg) != 0;

	b->good = false;
	b->why = *f;
	b->retry_ms = now_ms + KEYS_TPM_RETRY_MS;
	if (news)
		keys_news_key(b->process, b->slot, f->msg);
}

/* A connection for each signature: it holds nothing while there is nothing
 * to do, and a TPM or simulator that was restarted is found again. */
static int
sign_once(
    struct keys_tpm_backend *b, struct keys_tpm_signing *s, struct fault *f)
{
	struct keys_tpm *t;
	int rc = keys_tpm_open(b->tcti, &t, f);

	if (rc != 0)
		return rc;
	rc = keys_tpm_key_sign(t, b->key, s, f);
	keys_tpm_close(t);
	return rc;
}

static int64_t
tick(struct keys_backend *backend, int64_t now_ms)
{
	struct keys_tpm_backend *b = (struct keys_tpm_backend *)backend;
	uint8_t sig[SIG_MAX];
	struct keys_tpm_signing s = { PROOF, sizeof(PROOF), sig, 0 };
	struct fault f = { 0, "" };

	if (b->good)
		return INT64_MAX;
	if (now_ms < b->retry_ms)
		return b->retry_ms;
	/* The TPM loads a private half only with its public one, so that a
	 * signature made is one by the slot's key. */
	if (sign_once(b, &s, &f) != 0) {
		set_failed(b, now_ms, &f);
		return b->retry_ms;
	}
	b->good = true;
	b->why = (struct fault){ 0, "" };
	keys_news_key(b->process, b->slot, NULL);
	return INT64_MAX;
}

static int
sign(struct keys_backend *backend, const void *msg, size_t len, uint8_t *sig,
    size_t *ret_len)
{
	struct keys_tpm_backend *b = (struct keys_tpm_backend *)backend;
	struct keys_tpm_signing s = { msg, len, sig, 0 };
	struct fault f = { 0, "" };

	if (!b->good)
		return ERR_SYS_KEY;
	if (sign_once(b, &s, &f) != 0) {
		set_failed(b, keys_mono_ms(), &f);
		return ERR_SYS_KEY;
	}
	*ret_len = s.sig_len;
	return 0;
}

static int
check(struct keys_backend *backend, struct fault *f)
{
	const struct keys_tpm_backend *b = (struct keys_tpm_backend *)backend;

	if (b->good)
		return 0;
	return base_fault_set(f, ERR_SYS_KEY, "%s",
	    b->why.msg[0] != '\0' ? b->why.msg : "the TPM is being asked");
}

static void
free_backend(struct keys_backend *backend)
{
	struct keys_tpm_backend *b = (struct keys_tpm_backend *)backend;

	keys_tpm_key_free(b->key);
	free(b);
}

const struct keys_backend_ops keys_tpm_backend_ops = { sign, check, tick,
	free_backend };
