/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_LOAD_INTERNAL_H
#define KEYS_LOAD_INTERNAL_H

#include "keys/process_internal.h"

/**
 * keys_process_load(p, bundle, f):
 * Make the slots, decrypt or make their keys and hand the rest to the
 * product.
 */
MUST_CHECK int keys_process_load(
    struct keys_process *p, const struct buf *bundle, struct fault *f);

#endif
