/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_seed_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "crypto/pkcs8.h"
#include "keys/tpm.h"
#include "keys/tpm_file.h"

#define SEED_LEN 32

bool
keys_tpm_seed_is(struct crypto_bytes pem)
{
	struct keys_tpm_file file;

	return keys_tpm_file_parse(pem.data, pem.len, &file) == 0 &&
	       file.type == KEYS_TPM_FILE_SEALED;
}

/* PrivateKeyInfo around the seed (RFC 8410 section 7). */
static int
pair_of(const struct buf *seed, struct crypto_pkey **ret)
{
	static const uint8_t head[] = { 0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3,
		0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20 };
	uint8_t der[sizeof(head) + SEED_LEN];
	int rc;

	if (seed->len != SEED_LEN)
		return ERR_PEER_KEY;
	memcpy(der, head, sizeof(head));
	memcpy(der + sizeof(head), seed->data, SEED_LEN);
	rc = crypto_pkcs8_parse(der, sizeof(der), ret);
	base_wipe(der, sizeof(der));
	return rc;
}

int
keys_tpm_seed_open(const char *tcti, struct crypto_bytes pem,
    struct crypto_bytes auth, struct crypto_pkey **ret, struct fault *f)
{
	struct keys_tpm *t;
	struct buf seed;
	int rc = keys_tpm_open(tcti, &t, f);

	if (rc != 0)
		return rc;
	base_buf_init(&seed, KEYS_TPM_SECRET_MAX);
	rc = keys_tpm_unseal(t, auth, pem, &seed, f);
	keys_tpm_close(t);
	if (rc == 0 && (rc = pair_of(&seed, ret)) != 0)
		base_fault_set(f, rc, "the sealed secret is no Ed25519 seed");
	base_buf_free(&seed);
	return rc;
}
