/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PERFORM_INTERNAL_H
#define KEYS_PERFORM_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct keys_call;
struct keys_desk;
struct keys_process;

/**
 * keys_process_perform(p, op, slot, call):
 * Run one operation through allow-list, rate cap and policy, report refusals
 * and return the status to answer with.
 */
uint8_t keys_process_perform(
    struct keys_process *p, uint8_t op, uint8_t slot, struct keys_call *call);

/**
 * keys_process_answer(p, d):
 * Answer the packet on ${d}; a code here ends the process.
 */
MUST_CHECK int keys_process_answer(
    struct keys_process *p, struct keys_desk *d);

/**
 * keys_process_serve(p, max), keys_process_drain(p, max):
 * Answer up to ${max} of main's packets, as far as there are workers; all of
 * them, and wait for the workers.  ERR_PEER_CLOSED when main has gone.
 */
MUST_CHECK int keys_process_serve(struct keys_process *p, size_t max);
MUST_CHECK int keys_process_drain(struct keys_process *p, size_t max);

#endif
