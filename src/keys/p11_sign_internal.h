/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_SIGN_INTERNAL_H
#define KEYS_P11_SIGN_INTERNAL_H

#include <p11-kit/pkcs11.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

struct keys_p11_token;

/* A key object in the session of its token. */
struct keys_p11_key {
	const struct keys_p11_token *t;
	CK_OBJECT_HANDLE handle;
	int alg; /* enum crypto_sig_alg */
};

/**
 * keys_p11_sign_can(t, alg, f):
 * Return 0 if the token signs with enum crypto_sig_alg ${alg}: ECDSA or
 * Ed25519.
 */
MUST_CHECK int keys_p11_sign_can(
    const struct keys_p11_token *t, int alg, struct fault *f);

/* What is signed. */
struct keys_p11_message {
	const void *data;
	size_t len;
};

/**
 * keys_p11_sign(k, msg, sig, ret_len, f):
 * Sign ${msg}: ECDSA in DER over SHA-256 (P-256) or SHA-384 (P-384), Ed25519.
 * ${sig} has CRYPTO_PKEY_SIG_MAX bytes.  Errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_sign(const struct keys_p11_key *k,
    const struct keys_p11_message *msg, uint8_t *sig, size_t *ret_len,
    struct fault *f);

#endif
