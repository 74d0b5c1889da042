/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_DESK_INTERNAL_H
#define KEYS_DESK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* One packet of main's and the answer to it. */
struct keys_desk {
	uint8_t *packet; /* KEYS_FRAME_MAX bytes */
	size_t len;
	int pass; /* a descriptor that came with it, or -1 */
	struct buf out;
};

#endif
