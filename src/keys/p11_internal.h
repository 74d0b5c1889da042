/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_INTERNAL_H
#define KEYS_P11_INTERNAL_H

#include <p11-kit/pkcs11.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A PKCS #11 module (v2.40): the shared object that speaks to the tokens.
 * Its C_Sign and C_SignInit are called by several threads, each in a session
 * of its own; everything else by one at a time (keys/crew_internal.h).
 */
struct keys_p11 {
	char *path;
	void *object;
	CK_FUNCTION_LIST *f;
	unsigned users; /* how many tokens hold it open */
};

/**
 * keys_p11_load(path, ret, f):
 * Load and initialise the module ${path}.  ERR_STATE_CONFIG when it is no
 * module, ERR_SYS_TOKEN when it does not start, ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_p11_load(
    const char *path, struct keys_p11 **ret, struct fault *f);

/**
 * keys_p11_reset(m, f):
 * Finalise and initialise again: what a module needs that noticed its tokens
 * only once.  Every session and handle is invalid afterwards.  ERR_SYS_TOKEN.
 */
MUST_CHECK int keys_p11_reset(struct keys_p11 *m, struct fault *f);

/** keys_p11_unload(m): finalise, unload and free; NULL is allowed. */
void keys_p11_unload(struct keys_p11 *m);

/**
 * keys_p11_fault(f, rv, what):
 * Turn the failure ${rv} of ${what} into an error code, with a message that
 * says what to do: ERR_SYS_TOKEN, ERR_SYS_PIN, ERR_SYS_PIN_LOCKED,
 * ERR_SYS_NOMEM, ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int keys_p11_fault(struct fault *f, CK_RV rv, const char *what);

#endif
