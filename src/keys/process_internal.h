/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PROCESS_INTERNAL_H
#define KEYS_PROCESS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keys/limit_internal.h"
#include "keys/max.h"

struct clock;
struct rng;
struct keys_crew;
struct keys_desk;
struct keys_p11_bank;
struct keys_place;
struct keys_process_opts;
struct keys_product;
struct keys_slot;

struct keys_process {
	int main_fd, control_fd;
	const struct clock *clock;
	const struct rng *rng;
	const struct keys_product *product;
	struct keys_place *place[KEYS_SLOTS_MAX];
	struct keys_desk *desk; /* its own, for the supervisor's packets too */
	struct keys_limit report; /* bounds what main can make us report */
	uint64_t reports_dropped;
	struct keys_p11_bank *bank; /* tokens in use; or NULL */
	struct keys_crew *crew;	    /* whose lock covers all this; or NULL */
};

/** keys_slot_add(p, index, ret): make the empty slot ${index}, if free. */
MUST_CHECK int keys_slot_add(
    struct keys_process *p, uint8_t index, struct keys_slot **ret);

/** keys_slot_free_all(p): free every slot and the bank. */
void keys_slot_free_all(struct keys_process *p);

/** keys_process_tell(p, msg, slot, data, len): talk to the supervisor. */
MUST_CHECK int keys_process_tell(struct keys_process *p, uint8_t msg,
    uint8_t slot, const void *data, size_t len);

#endif
