/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_OSSL_INTERNAL_H
#define PKI_OSSL_INTERNAL_H

/**
 * pki_ossl_rc(otherwise):
 * Empty OpenSSL's error queue and return ${otherwise}, but ERR_SYS_NOMEM for
 * a failure while memory was short: what is our lack must not be the peer's
 * fault.
 */
int pki_ossl_rc(int otherwise);

/**
 * pki_ossl_parse_rc():
 * The same after a d2i function gave NULL: ERR_PEER_MALFORMED, or
 * ERR_SYS_NOMEM, which OpenSSL does not always put into words.
 */
int pki_ossl_parse_rc(void);

#endif
