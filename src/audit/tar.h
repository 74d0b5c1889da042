/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_TAR_H
#define AUDIT_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The header of a member of a POSIX ustar archive (POSIX.1-2017 pax). */
enum { AUDIT_TAR_BLOCK = 512, AUDIT_TAR_NAME_MAX = 101 };
#define AUDIT_TAR_SIZE_MAX (((uint64_t)1 << 33) - 1)

/**
 * audit_tar_encode(name, size, ret):
 * Write the header of a plain file, readable by all, of time 0.
 * ERR_SYS_LIMIT for a name above 100 or a size above AUDIT_TAR_SIZE_MAX.
 */
MUST_CHECK int audit_tar_encode(
    const char *name, uint64_t size, uint8_t ret[AUDIT_TAR_BLOCK]);

/**
 * audit_tar_parse(block, name, ret_size):
 * Parse a header.  ERR_STATE_NOT_FOUND for the block of zeroes that ends an
 * archive, ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for anything that is no
 * plain file.
 */
MUST_CHECK int audit_tar_parse(const uint8_t block[AUDIT_TAR_BLOCK],
    char name[AUDIT_TAR_NAME_MAX], uint64_t *ret_size);

#endif
