/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_EAB_COVERS_H
#define ACME_EAB_COVERS_H

#include <stdbool.h>

struct acme_eab;
struct acme_ident;

/**
 * acme_eab_covers(eab, ident):
 * Return whether ${eab} (NULL: no confinement) allows the identifier.
 */
bool acme_eab_covers(
    const struct acme_eab *eab, const struct acme_ident *ident);

#endif
