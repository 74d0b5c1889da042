/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/desk_internal.h"
#include "keys/msg_internal.h"
#include "keys/perform_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"
#include "keys/turn_internal.h"

/* Requests answered before it retires: more cannot be on their way. */
#define DRAIN_MAX 2048

int
keys_process_take_state(struct keys_process *p, const uint8_t *msg, size_t len)
{
	const struct keys_product *product = p->product;
	struct keys_slot *slot;

	if (len < 2)
		return ERR_PEER_TRUNCATED;
	slot = msg[1] < KEYS_SLOTS_MAX && p->place[msg[1]] != NULL
		   ? &p->place[msg[1]]->slot
		   : NULL;
	/* A slot that is configured no longer leaves its state behind. */
	if (slot == NULL || product->state_load == NULL)
		return 0;
	return product->state_load(slot, msg + 2, len - 2);
}

/* One slot's state, which may take several packets. */
static int
send_state(struct keys_process *p, uint8_t i)
{
	struct buf *out = &p->desk->out;
	int rc = ERR_STATE_PENDING, sent = 0;

	while (rc == ERR_STATE_PENDING && sent == 0) {
		out->len = 0;
		rc = p->product->state_save(&p->place[i]->slot, out);
		if ((rc == 0 || rc == ERR_STATE_PENDING) && out->len > 0)
			sent = keys_process_tell(
			    p, KEYS_MSG_STATE, i, out->data, out->len);
	}
	return rc != 0 && rc != ERR_STATE_PENDING ? rc : sent;
}

/* Hand the state of every slot to the supervisor for the successor. */
static int
send_states(struct keys_process *p)
{
	int rc = 0;

	for (size_t i = 0; i < KEYS_SLOTS_MAX && rc == 0; i++)
		if (p->place[i] != NULL && p->product->state_save != NULL)
			rc = send_state(p, (uint8_t)i);
	if (rc == 0)
		rc = keys_process_tell(p, KEYS_MSG_RETIRED, 0, NULL, 0);
	return rc;
}

int
keys_process_retire(struct keys_process *p)
{
	int rc = keys_process_drain(p, DRAIN_MAX);

	if (rc == 0 || rc == ERR_PEER_CLOSED)
		rc = send_states(p);
	return rc;
}
