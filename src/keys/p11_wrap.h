/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_WRAP_H
#define KEYS_P11_WRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * Secrets that a token cannot compute with, kept wrapped under an AES key that
 * never leaves it: RFC 5649, by CKM_AES_KEY_WRAP_KWP or, where a token only
 * has the older name, CKM_AES_KEY_WRAP_PAD.  For a process's start, before it
 * has other business with the module.
 */
#define KEYS_P11_WRAP_MAX 4096 /* bytes of a secret */
#define KEYS_P11_WRAP_MORE 16  /* that wrapping adds, at most */

struct keys_p11_new; /* keys/p11_make.h; its type is not used */

/**
 * keys_p11_wrap_ensure(n, f):
 * Make the AES-256 key that ${n}->uri names, neither readable nor extractable
 * and good for wrapping only, unless it is there.  Errors of
 * keys_p11_make_ensure.
 */
MUST_CHECK int keys_p11_wrap_ensure(
    const struct keys_p11_new *n, struct fault *f);

/* A secret, or its wrapped form. */
struct keys_p11_secret {
	const uint8_t *data;
	size_t len;
};

/**
 * keys_p11_wrap_seal(n, in, out, ret_len, f),
 * keys_p11_wrap_open(n, in, out, ret_len, f):
 * Wrap ${in}, of 16 bytes or more and a multiple of 8 (else
 * ERR_PEER_MALFORMED): SoftHSM 2.6.1 fills up other lengths itself, before it
 * wraps, and gives back more than it was given.  Unwrap it, into memory that the caller locks and wipes.  ${out}
 * has ${in}.len + KEYS_P11_WRAP_MORE bytes.  ERR_PEER_DECRYPT when it was not
 * wrapped under this key (ERR_SYS_TOKEN from tokens that say no more than
 * CKR_GENERAL_ERROR then, as SoftHSM), ERR_SYS_LIMIT, ERR_STATE_NOT_FOUND, ERR_SYS_TOKEN,
 * ERR_SYS_PIN, ERR_SYS_PIN_LOCKED, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int keys_p11_wrap_seal(const struct keys_p11_new *n,
    struct keys_p11_secret in, uint8_t *out, size_t *ret_len, struct fault *f);
MUST_CHECK int keys_p11_wrap_open(const struct keys_p11_new *n,
    struct keys_p11_secret in, uint8_t *out, size_t *ret_len, struct fault *f);

#endif
