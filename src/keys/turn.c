/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/turn_internal.h"

#include <errno.h>
#include <poll.h>

#include "keys/mono.h"
#include "keys/msg_internal.h"
#include "keys/perform_internal.h"
#include "keys/process_internal.h"

/* Requests answered before the supervisor is listened to again. */
#define TURN_MAX 64
/* And at most before it retires: more cannot be on its way. */
#define DRAIN_MAX 2048
#define GO_TIMEOUT_MS 60000

/* One slot's state, which may take several packets. */
static int
send_state(struct keys_process *p, uint8_t i)
{
	int rc = ERR_STATE_PENDING, sent = 0;

	while (rc == ERR_STATE_PENDING && sent == 0) {
		p->out.len = 0;
		rc = p->product->state_save(&p->place[i]->slot, &p->out);
		if ((rc == 0 || rc == ERR_STATE_PENDING) && p->out.len > 0)
			sent = keys_process_tell(
			    p, KEYS_MSG_STATE, i, p->out.data, p->out.len);
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
keys_process_wait(struct keys_process *p)
{
	struct pollfd fd = { .fd = p->control_fd, .events = POLLIN };
	uint8_t msg = 0;
	int rc = 0;

	while (rc == 0 && msg != KEYS_MSG_GO && msg != KEYS_MSG_RETIRE) {
		if (poll(&fd, 1, GO_TIMEOUT_MS) == 0)
			return ERR_SYS_TIMEOUT;
		rc = keys_process_hear(p, &msg);
	}
	if (rc == 0 && msg == KEYS_MSG_RETIRE)
		rc = ERR_PEER_CLOSED;
	return rc;
}

/* Let devices recover, and return how long there is nothing to do. */
static int
wait_ms(struct keys_process *p)
{
	int64_t now_ms = keys_mono_ms(), at = keys_process_tick(p, now_ms);

	if (at == INT64_MAX)
		return -1;
	return at > now_ms ? (int)(at - now_ms) : 0;
}

int
keys_process_turns(struct keys_process *p)
{
	struct pollfd fds[2] = {
		{ .fd = p->control_fd, .events = POLLIN },
		{ .fd = p->main_fd, .events = POLLIN },
	};
	uint8_t msg = 0;
	int rc = 0;

	while (rc == 0) {
		if (poll(fds, 2, wait_ms(p)) < 0 && errno != EINTR)
			return ERR_SYS_OS;
		if (fds[0].revents != 0)
			rc = keys_process_hear(p, &msg);
		if (rc == 0 && msg == KEYS_MSG_RETIRE) {
			rc = keys_process_serve(p, DRAIN_MAX);
			if (rc == 0 || rc == ERR_PEER_CLOSED)
				rc = send_states(p);
			return rc;
		}
		if (rc == 0 && fds[1].revents != 0)
			rc = keys_process_serve(p, TURN_MAX);
	}
	return rc;
}
