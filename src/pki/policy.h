/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_POLICY_H
#define PKI_POLICY_H

#include "base/err.h"

struct pki_profile;

/**
 * pki_policy_add(profile, text):
 * Give certificates of ${profile} one more policy (RFC 5280 section 4.2.1.4),
 * without qualifiers: an object identifier such
 * as "2.23.140.1.2.1".  ERR_PEER_MALFORMED, ERR_PEER_DUPLICATE,
 * ERR_PEER_TOO_LARGE (the identifier, or the ninth).
 */
MUST_CHECK int pki_policy_add(struct pki_profile *profile, const char *text);

#endif
