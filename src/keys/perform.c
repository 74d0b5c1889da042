/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "keys/crew_lock_internal.h"
#include "keys/msg_internal.h"
#include "keys/perform_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"
#include "keys/status.h"

/* Report a refusal to the supervisor, at most so many a second. */
static void
report(struct keys_process *p, uint8_t op, uint8_t slot,
    const struct keys_call *call)
{
	char text[512];
	const char *name = call->slot == NULL ? "" : call->slot->name;
	int n, rc;

	if (!keys_limit_take(&p->report)) {
		p->reports_dropped++;
		return;
	}
	n = snprintf(
	    text, sizeof(text), "%c%s%c%s", op, name, '\0', call->reason.msg);
	if (p->reports_dropped > 0 && n > 0 && (size_t)n < sizeof(text)) {
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    " (%llu more were not reported)",
		    (unsigned long long)p->reports_dropped);
		p->reports_dropped = 0;
	}
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	/* A supervisor that is gone ends this process by the next poll. */
	rc = keys_process_tell(p, KEYS_MSG_REFUSED, slot, text, (size_t)n);
	(void)rc;
}

static const struct keys_op *
find_op(const struct keys_product *product, uint8_t op, uint8_t kind)
{
	for (size_t i = 0; i < product->ops_len; i++)
		if (product->ops[i].op == op && product->ops[i].kind == kind)
			return &product->ops[i];
	return NULL;
}

/*
 * Only an operation without memory runs beside another one on its slot: those
 * that compare with what was signed last must see it.
 */
static int
handle(struct keys_process *p, const struct keys_op *op,
    struct keys_place *place, struct keys_call *call)
{
	int rc;

	if (p->product->overlaps != NULL && p->product->overlaps(op->op))
		return op->handle(call);
	while (place->busy)
		keys_crew_wait(p);
	place->busy = true;
	call->now_ms = base_clock_now_ms(p->clock);
	rc = op->handle(call);
	place->busy = false;
	keys_crew_tell(p);
	return rc;
}

/* Run one request through allow-list, rate cap and policy. */
static int
decide(struct keys_process *p, uint8_t op_number, uint8_t slot,
    struct keys_call *call)
{
	const struct keys_op *op = NULL;
	struct keys_place *place = NULL;

	if (slot < KEYS_SLOTS_MAX)
		place = p->place[slot];
	if (place != NULL) {
		call->slot = &place->slot;
		op = find_op(p->product, op_number, place->slot.kind);
	}
	if (op == NULL)
		return base_fault_set(&call->reason, ERR_STATE_REFUSED,
		    "operation not allowed on this slot");
	if (!keys_limit_take(&place->limit))
		return ERR_SYS_UNAVAILABLE;
	return handle(p, op, place, call);
}

uint8_t
keys_process_perform(
    struct keys_process *p, uint8_t op, uint8_t slot, struct keys_call *call)
{
	int rc;

	call->now_ms = base_clock_now_ms(p->clock);
	rc = decide(p, op, slot, call);
	if (base_err_class(rc) == ERR_CLASS_STATE)
		report(p, op, slot, call);
	return (uint8_t)keys_status_of(rc);
}
