/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_BASIC_H
#define PKI_BASIC_H

#include "base/err.h"
#include "pki/bytes.h"

/**
 * pki_basic_parse(v, ca, pathlen): read BasicConstraints (RFC 5280
 * section 4.2.1.9); no path length is -1.  ERR_PEER_MALFORMED, _ENCODING.
 */
MUST_CHECK int pki_basic_parse(struct pki_bytes v, bool *ca, int *pathlen);

#endif
