/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TURN_INTERNAL_H
#define KEYS_TURN_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct keys_process;

/** keys_process_wait(p): take a predecessor's state, until told to go. */
MUST_CHECK int keys_process_wait(struct keys_process *p);

/** keys_process_turns(p): answer until retired (0) or a socket closes. */
MUST_CHECK int keys_process_turns(struct keys_process *p);

/** keys_process_hear(p, ret_msg): the supervisor's next packet; 0: none. */
MUST_CHECK int keys_process_hear(struct keys_process *p, uint8_t *ret_msg);

/** keys_process_take_state(p, msg, len): a slot's, of a predecessor. */
MUST_CHECK int keys_process_take_state(
    struct keys_process *p, const uint8_t *msg, size_t len);

/** keys_process_retire(p): answer what is left, hand over the state. */
MUST_CHECK int keys_process_retire(struct keys_process *p);

/** keys_process_tick(p, now_ms): let backends recover; when to come again. */
int64_t keys_process_tick(struct keys_process *p, int64_t now_ms);

#endif
