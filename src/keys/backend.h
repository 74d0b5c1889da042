/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_BACKEND_H
#define KEYS_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * A private key that is not in the key process's memory: on a PKCS #11 token
 * or in a TPM.  A slot has one beside its public half (keys/op.h); handlers
 * sign through keys/slot.h and see no difference.
 *
 * An implementation puts struct keys_backend first in its own struct and
 * fills in ${ops}.  Device failures are of class SYS, so that a request is
 * answered with status 3; what the operator should do is in the fault.
 */
struct keys_backend;

struct keys_backend_ops {
	/* Sign ${len} bytes with the algorithm and encoding that
	 * crypto_pkey_sign() has for keys of this type; ${sig} has
	 * CRYPTO_PKEY_SIG_MAX bytes.  Does not wait for a device that failed
	 * a moment ago: ERR_SYS_KEY at once until tick has brought it back. */
	int (*sign)(struct keys_backend *b, const void *msg, size_t len,
	    uint8_t *sig, size_t *ret_len);
	/* 0, or why it cannot sign at present. */
	int (*check)(struct keys_backend *b, struct fault *f);
	/* Called after the process got its go and whenever ${now_ms}
	 * (monotonic) reaches what it returned: try to recover.  INT64_MAX
	 * when there is nothing to do; NULL for backends without retry. */
	int64_t (*tick)(struct keys_backend *b, int64_t now_ms);
	/* Log out, wipe and free. */
	void (*free)(struct keys_backend *b);
};

struct keys_backend {
	const struct keys_backend_ops *ops;
};

#endif
