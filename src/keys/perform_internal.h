/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PERFORM_INTERNAL_H
#define KEYS_PERFORM_INTERNAL_H

#include <stdint.h>

struct keys_call;
struct keys_process;

/**
 * keys_process_perform(p, op, slot, call), keys_process_clear(p):
 * Run one operation through allow-list, rate cap and policy, report refusals
 * and return the status to answer with; wipe the answer.
 */
uint8_t keys_process_perform(
    struct keys_process *p, uint8_t op, uint8_t slot, struct keys_call *call);
void keys_process_clear(struct keys_process *p);

#endif
