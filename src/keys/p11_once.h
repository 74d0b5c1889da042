/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_ONCE_H
#define KEYS_P11_ONCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "crypto/bytes.h"

/* For commands: one signature by a key on a token, then it is left. */
struct keys_p11_new;

/**
 * keys_p11_once_sign(n, msg, sig, ret_len, f):
 * Log in and sign ${msg} with the key that ${n} names, of its type.  ${sig}
 * has CRYPTO_PKEY_SIG_MAX bytes.  Errors of keys_p11_make_ensure.
 */
MUST_CHECK int keys_p11_once_sign(const struct keys_p11_new *n,
    struct crypto_bytes msg, uint8_t *sig, size_t *ret_len, struct fault *f);

#endif
