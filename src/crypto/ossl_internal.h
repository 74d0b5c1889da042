/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_OSSL_INTERNAL_H
#define CRYPTO_OSSL_INTERNAL_H

/**
 * crypto_ossl_rc(otherwise):
 * Empty OpenSSL's error queue and return ${otherwise}, but ERR_SYS_NOMEM for
 * a failure while memory was short: what is our lack must not be the peer's
 * fault.
 */
int crypto_ossl_rc(int otherwise);

#endif
