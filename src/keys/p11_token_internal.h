/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_TOKEN_INTERNAL_H
#define KEYS_P11_TOKEN_INTERNAL_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

struct keys_p11;
struct keys_p11_uri;

/* Slots of one module that are looked at. */
#define KEYS_P11_SLOTS_MAX 64

/* An open session with one token. */
struct keys_p11_token {
	struct keys_p11 *m;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session;
	CK_FLAGS flags; /* of CK_TOKEN_INFO, when it was opened */
	char label[33];
};

/**
 * keys_p11_token_open(m, uri, write, ret, f):
 * Find the token that ${uri} names among those of ${m} and open a session, in
 * which objects can be made if ${write}.  ${ret} is filled in.
 * ERR_SYS_TOKEN when it is absent or not initialised, ERR_STATE_CONFLICT
 * when there are two, other errors of keys_p11_fault.
 */
MUST_CHECK int keys_p11_token_open(struct keys_p11 *m,
    const struct keys_p11_uri *uri, bool write, struct keys_p11_token *ret,
    struct fault *f);

/**
 * keys_p11_token_login(t, pin, len, f):
 * Log in as the user, once per application and token.  Nothing is tried when
 * the token says that the PIN is locked (ERR_SYS_PIN_LOCKED) or that one more
 * wrong PIN would lock it (ERR_SYS_PIN).  A caller must not try a PIN again
 * for which this returned ERR_SYS_PIN.
 */
MUST_CHECK int keys_p11_token_login(struct keys_p11_token *t,
    const uint8_t *pin, size_t len, struct fault *f);

/** keys_p11_token_close(t): close the session; the module stays. */
void keys_p11_token_close(struct keys_p11_token *t);

/**
 * keys_p11_token_can(t, mechanism, flag, f):
 * Return 0 if the token has ${mechanism} for the use ${flag} (CKF_SIGN...),
 * else ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int keys_p11_token_can(const struct keys_p11_token *t,
    CK_MECHANISM_TYPE mechanism, CK_FLAGS flag, struct fault *f);

#endif
