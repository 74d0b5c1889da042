/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_PROVE_INTERNAL_H
#define KEYS_P11_PROVE_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct crypto_pkey;
struct keys_p11_key;
struct keys_p11_uri;

/**
 * keys_p11_prove(k, uri, public, f):
 * Find the private key that ${uri} names on ${k}->t and have it sign a fixed
 * text, which is none that any protocol here signs, to see that it is the
 * private half of ${public} and works.  Fills in the rest of ${k}.
 * ERR_STATE_CONFIG when it is another key, errors of keys_p11_key_find and
 * keys_p11_sign.
 */
MUST_CHECK int keys_p11_prove(struct keys_p11_key *k,
    const struct keys_p11_uri *uri, const struct crypto_pkey *public,
    struct fault *f);

#endif
