/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_DESK_INTERNAL_H
#define KEYS_DESK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A packet and the answer to it. */
struct keys_desk {
	uint8_t *packet;
	size_t len, max;
	int pass; /* a descriptor that came with it, or -1 */
	struct buf out;
	int fd; /* where the answer goes */
};

/**
 * keys_desk_init(d, max), keys_desk_free(d):
 * Make room for packets and answers of ${max} bytes; free it.  ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_desk_init(struct keys_desk *d, size_t max);
void keys_desk_free(struct keys_desk *d);

#endif
