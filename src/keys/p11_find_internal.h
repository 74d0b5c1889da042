/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_FIND_INTERNAL_H
#define KEYS_P11_FIND_INTERNAL_H

#include <p11-kit/pkcs11.h>

#include "base/err.h"
#include "base/fault.h"

struct crypto_pkey;
struct keys_p11_token;
struct keys_p11_uri;

/**
 * keys_p11_key_find(t, uri, class, ret, f):
 * Find the object of ${class} (CKO_PRIVATE_KEY...) that ${uri} names.
 * ERR_STATE_NOT_FOUND, ERR_STATE_CONFLICT when there are several,
 * ERR_STATE_CONFIG when ${uri} names no object, errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_key_find(const struct keys_p11_token *t,
    const struct keys_p11_uri *uri, CK_OBJECT_CLASS class,
    CK_OBJECT_HANDLE *ret, struct fault *f);

/**
 * keys_p11_key_public(t, handle, type, ret, f):
 * Read a public key object of enum crypto_key_type ${type}: P-256, P-384 or
 * Ed25519.  ERR_STATE_CONFIG for another one, ERR_PEER_KEY for a point that is
 * none.
 */
MUST_CHECK int keys_p11_key_public(const struct keys_p11_token *t,
    CK_OBJECT_HANDLE handle, int type, struct crypto_pkey **ret,
    struct fault *f);

#endif
