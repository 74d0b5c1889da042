/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_INIT_H
#define CRYPTO_INIT_H

#include "base/err.h"
#include "base/fault.h"

/**
 * crypto_init_check(exe, f):
 * Check, once at the start of a program, that the OpenSSL this process runs
 * with is the one it was built for: version 3.5 or newer, and SSL_CTX_new and
 * EVP_MD_fetch come from the library directory of the build or, for an
 * installed program, from ../lib/troth beside the directory of ${exe}, the
 * absolute path of the running program (NULL: build directory only).  A
 * process that mixes two copies of libssl fails in stranger ways later.
 * ERR_SYS_VERSION with the reason in ${f} (may be NULL).
 */
MUST_CHECK int crypto_init_check(const char *exe, struct fault *f);

#endif
