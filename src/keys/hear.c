/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "keys/bank_internal.h"
#include "keys/msg_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"
#include "keys/turn_internal.h"

static int
take_state(struct keys_process *p, const uint8_t *msg, size_t len)
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

int
keys_process_hear(struct keys_process *p, uint8_t *ret_msg)
{
	size_t len = 0;
	int pass = -1, rc;

	*ret_msg = 0;
	rc = keys_sock_recv(p->control_fd, p->desk.packet, KEYS_MSG_MAX, &len, &pass);
	if (rc == ERR_STATE_PENDING)
		return 0;
	if (rc != 0)
		return rc;
	if (pass >= 0)
		close(pass);
	*ret_msg = p->desk.packet[0];
	if (*ret_msg == KEYS_MSG_STATE)
		return take_state(p, p->desk.packet, len);
	if (*ret_msg == KEYS_MSG_PIN)
		return keys_process_pin(p, p->desk.packet + 1, len - 1);
	return 0;
}
