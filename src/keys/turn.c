/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/turn_internal.h"

#include <errno.h>
#include <poll.h>

#include "keys/crew_internal.h"
#include "keys/crew_lock_internal.h"
#include "keys/mono.h"
#include "keys/msg_internal.h"
#include "keys/perform_internal.h"
#include "keys/process_internal.h"

/* Requests answered before the supervisor is listened to again. */
#define TURN_MAX 64
#define GO_TIMEOUT_MS 60000

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

/* Wait for the supervisor, for main while somebody is free, for workers. */
static int
wait(struct keys_process *p, struct pollfd fds[3])
{
	bool is_free = p->crew == NULL || keys_crew_desk(p) != NULL;
	int ms = wait_ms(p), n;

	fds[0] = (struct pollfd){ .fd = p->control_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = is_free ? p->main_fd : -1,
		.events = POLLIN };
	fds[2] = (struct pollfd){ .fd = keys_crew_fd(p),
		.events = POLLIN };
	keys_crew_leave(p);
	n = poll(fds, 3, ms);
	keys_crew_enter(p);
	return n < 0 && errno != EINTR ? ERR_SYS_OS : 0;
}

int
keys_process_turns(struct keys_process *p)
{
	struct pollfd fds[3];
	uint8_t msg = 0;
	int rc = 0;

	while (rc == 0) {
		rc = wait(p, fds);
		if (rc == 0 && fds[2].revents != 0)
			rc = keys_crew_heard(p);
		if (rc == 0 && fds[0].revents != 0)
			rc = keys_process_hear(p, &msg);
		if (rc == 0 && msg == KEYS_MSG_RETIRE)
			return keys_process_retire(p);
		if (rc == 0 && fds[1].revents != 0)
			rc = keys_process_serve(p, TURN_MAX);
	}
	return rc;
}
