/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_H
#define KEYS_TPM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "crypto/bytes.h"

/*
 * A TPM 2.0 (TCG Library 1.38): P-256 keys that sign in it, and secrets sealed
 * to it, both kept in files (keys/tpm_file.h) under the primary storage key.
 * Nothing stays loaded between calls, for a TPM has room for three objects and
 * maybe no resource manager; and no handle is made persistent.
 *
 * The authorization value, if any, is at most KEYS_TPM_AUTH_MAX bytes.  Errors
 * of all functions, with a message that says what to do:
 *   ERR_SYS_TOKEN        no TPM, or it fails;
 *   ERR_SYS_PIN          wrong authorization value;
 *   ERR_SYS_PIN_LOCKED   too many wrong ones, the TPM waits;
 *   ERR_PEER_MISMATCH    the file belongs to another TPM, or is damaged;
 *   ERR_PEER_UNSUPPORTED the file holds another kind of object, or the TPM
 *                        has no P-256;
 *   ERR_STATE_CONFIG     a TCTI other than device: and swtpm:, an
 *                        authorization value too long or missing;
 *   ERR_SYS_NOMEM, ERR_SYS_CRYPTO; and those of keys_tpm_file_parse.
 */
struct buf;
struct crypto_pkey;
struct keys_tpm;
struct keys_tpm_key;

#define KEYS_TPM_AUTH_MAX 32
#define KEYS_TPM_POINT_LEN 65
#define KEYS_TPM_SECRET_MAX 128 /* MAX_SYM_DATA: what a TPM seals */

/**
 * keys_tpm_open(tcti, ret, f):
 * Connect: "device:/dev/tpmrm0", "swtpm:path=/run/swtpm.sock".  Release with
 * keys_tpm_close.
 */
MUST_CHECK int keys_tpm_open(
    const char *tcti, struct keys_tpm **ret, struct fault *f);

/**
 * keys_tpm_close(t):
 * Disconnect; NULL is allowed.
 */
void keys_tpm_close(struct keys_tpm *t);

/**
 * keys_tpm_make(t, auth, pem, f):
 * Make a P-256 key that signs ECDSA with SHA-256, is not restricted and never
 * leaves the TPM, and append its file to ${pem}.
 */
MUST_CHECK int keys_tpm_make(struct keys_tpm *t, struct crypto_bytes auth,
    struct buf *pem, struct fault *f);

/**
 * keys_tpm_seal(t, auth, secret, pem, f):
 * Seal up to KEYS_TPM_SECRET_MAX bytes to this TPM and append the file.
 * ERR_PEER_TOO_LARGE.
 */
MUST_CHECK int keys_tpm_seal(struct keys_tpm *t, struct crypto_bytes auth,
    struct crypto_bytes secret, struct buf *pem, struct fault *f);

/**
 * keys_tpm_unseal(t, auth, pem, secret, f):
 * Append the secret that the file ${pem} has.
 */
MUST_CHECK int keys_tpm_unseal(struct keys_tpm *t, struct crypto_bytes auth,
    struct crypto_bytes pem, struct buf *secret, struct fault *f);

/**
 * keys_tpm_key_new(pem, auth, ret, f):
 * Get ready to sign with the key in a file; the TPM is not asked yet.
 * Release with keys_tpm_key_free, which wipes; NULL is allowed.
 */
MUST_CHECK int keys_tpm_key_new(struct crypto_bytes pem,
    struct crypto_bytes auth, struct keys_tpm_key **ret, struct fault *f);

/** keys_tpm_key_free(k): see keys_tpm_key_new. */
void keys_tpm_key_free(struct keys_tpm_key *k);

/**
 * keys_tpm_key_point(k), keys_tpm_key_public(k, ret):
 * Return the uncompressed point that the file has, KEYS_TPM_POINT_LEN bytes;
 * make the public half of it.  ERR_PEER_KEY.
 */
const uint8_t *keys_tpm_key_point(const struct keys_tpm_key *k);
MUST_CHECK int keys_tpm_key_public(
    const struct keys_tpm_key *k, struct crypto_pkey **ret);

/* What is signed, and where the DER signature goes. */
struct keys_tpm_signing {
	const void *msg;
	size_t len;
	uint8_t *sig; /* CRYPTO_ECDSA_P256_DER_MAX bytes */
	size_t sig_len;
};

/**
 * keys_tpm_key_sign(t, k, s, f):
 * Sign ${s}->msg.  The first call loads the key from its file, later ones
 * from the context that the TPM gave for it, which is several times faster.
 */
MUST_CHECK int keys_tpm_key_sign(struct keys_tpm *t, struct keys_tpm_key *k,
    struct keys_tpm_signing *s, struct fault *f);

#endif
