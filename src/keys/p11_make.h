/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_MAKE_H
#define KEYS_P11_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * For the commands that make keys: a key pair on a token.  Daemons do not
 * use this, they sign through their key process.
 */
struct crypto_pkey;

/* Which key; everything belongs to the caller. */
struct keys_p11_new {
	const char *module; /* path of the PKCS #11 module */
	const char *uri;    /* keys/p11_uri.h */
	const uint8_t *pin;
	size_t pin_len;
	int type;  /* enum crypto_key_type: P-256, P-384, Ed25519 */
	bool make; /* if there is none */
};

/**
 * keys_p11_make_ensure(n, ret, ret_made, f):
 * Log in, once, and return the public half of the key on the token; make the
 * pair there, not extractable, if it is missing and ${n}->make.
 * ERR_STATE_CONFIG for a bad URI or module or a key of another type,
 * ERR_STATE_NOT_FOUND, ERR_SYS_TOKEN, ERR_SYS_PIN, ERR_SYS_PIN_LOCKED,
 * ERR_PEER_UNSUPPORTED, ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_p11_make_ensure(const struct keys_p11_new *n,
    struct crypto_pkey **ret, bool *ret_made, struct fault *f);

#endif
