/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_CHECK_TILES_INTERNAL_H
#define AUDIT_CHECK_TILES_INTERNAL_H

#include "audit/check_tiles.h"

/** audit_check_tiles_load: audit_source_load, for who sees no more of it. */
MUST_CHECK int audit_check_tiles_load(const struct audit_source *s,
    const char *name, void *data, size_t cap, size_t *ret_len);

#endif
