/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_PAIR_INTERNAL_H
#define KEYS_P11_PAIR_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct crypto_pkey;
struct keys_p11_token;
struct keys_p11_uri;

/**
 * keys_p11_pair_make(t, uri, type, ret, f):
 * Make a signing key pair of enum crypto_key_type ${type} on the token, in a
 * session for writing, under the label and id of ${uri} (id: 1 octet, 01, if
 * it has none): private, sensitive, never extractable.  Returns the public
 * half.  ERR_PEER_UNSUPPORTED, errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_pair_make(const struct keys_p11_token *t,
    const struct keys_p11_uri *uri, int type, struct crypto_pkey **ret,
    struct fault *f);

#endif
