/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "keys/bank_internal.h"
#include "keys/desk_internal.h"
#include "keys/msg_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"
#include "keys/turn_internal.h"

int
keys_process_hear(struct keys_process *p, uint8_t *ret_msg)
{
	size_t len = 0;
	int pass = -1, rc;

	*ret_msg = 0;
	rc = keys_sock_recv(p->control_fd, p->desk->packet, KEYS_MSG_MAX, &len, &pass);
	if (rc == ERR_STATE_PENDING)
		return 0;
	if (rc != 0)
		return rc;
	if (pass >= 0)
		close(pass);
	*ret_msg = p->desk->packet[0];
	if (*ret_msg == KEYS_MSG_STATE)
		return keys_process_take_state(p, p->desk->packet, len);
	if (*ret_msg == KEYS_MSG_PIN)
		return keys_process_pin(p, p->desk->packet + 1, len - 1);
	return 0;
}
