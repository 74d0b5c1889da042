/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_DEVICE_INTERNAL_H
#define KEYS_DEVICE_INTERNAL_H

#include "base/err.h"
#include "base/fault.h"

struct keys_found;
struct keys_process;
struct keys_slot;

/**
 * keys_device_open(p, slot, found, f):
 * Give ${slot} the backend for the URI in ${found}.  ERR_PEER_UNSUPPORTED for
 * a key store that is not built in, else as that store's own function.
 */
MUST_CHECK int keys_device_open(struct keys_process *p, struct keys_slot *slot,
    const struct keys_found *found, struct fault *f);

#endif
