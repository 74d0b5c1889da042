/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_MAC_H
#define ACME_EAB_MAC_H

#include "base/err.h"

struct acme_jws;
struct acme_turn;

/**
 * acme_eab_mac(t, jws):
 * Verify a binding by the key that its kid names, which must be usable.
 * Errors as acme/turn_internal.h says.
 */
MUST_CHECK int acme_eab_mac(struct acme_turn *t, const struct acme_jws *jws);

#endif
