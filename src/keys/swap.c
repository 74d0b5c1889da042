/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/mono.h"
#include "keys/msg_internal.h"
#include "keys/report_internal.h"
#include "keys/sock_internal.h"
#include "keys/supervisor_internal.h"

/* Main's end is noticed this soon after its key process's. */
#define MAIN_TIMEOUT_MS 2000

static int
tell(int fd, uint8_t msg)
{
	struct iovec iov = { &msg, 1 };

	return keys_sock_send(fd, &iov, 1, -1, 1);
}

/* Everything has been handed over: the new process takes its place. */
static void
promote(struct keys_supervisor *s, struct keys_line *l)
{
	int peer = l->next.peer;

	keys_spawn_forget(&l->keys);
	l->keys = l->next;
	l->keys.peer = -1;
	l->next = (struct keys_child){ 0, -1, -1, -1 };
	keys_report_pins(s, l->keys.control);
	if (tell(l->keys.control, KEYS_MSG_GO) != 0) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the key process is gone");
		close(peer);
		keys_supervisor_finish(s, 1);
		return;
	}
	keys_supervisor_switched(s, l, peer);
}

void
keys_swap_hear_old(struct keys_supervisor *s, struct keys_line *l)
{
	static uint8_t msg[KEYS_MSG_MAX];
	struct iovec iov = { msg, 0 };
	int pass, rc;

	if (l->keys.control < 0)
		return;
	rc = keys_sock_recv(
	    l->keys.control, msg, sizeof(msg), &iov.iov_len, &pass);
	if (rc == ERR_STATE_PENDING)
		return;
	if (rc == ERR_PEER_CLOSED) {
		close(l->keys.control);
		l->keys.control = -1;
		return;
	}
	if (rc != 0)
		return;
	if (pass >= 0)
		close(pass);
	if (msg[0] == KEYS_MSG_REFUSED || msg[0] == KEYS_MSG_DEVICE)
		keys_report_packet(s, msg, iov.iov_len);
	else if (msg[0] == KEYS_MSG_PIN)
		keys_report_pin(s, msg, iov.iov_len);
	else if (msg[0] == KEYS_MSG_STATE && l->next_ready &&
		 keys_sock_send(l->next.control, &iov, 1, -1, 1) != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "the new key process did not take a state");
	else if (msg[0] == KEYS_MSG_RETIRED && l->next_ready)
		promote(s, l);
}

static void
next_failed(struct keys_supervisor *s, const struct keys_line *l,
    const uint8_t *msg, size_t len)
{
	int first = l->keys.pid == 0;

	keys_supervisor_say(s, first ? KEYS_REPORT_ERROR : KEYS_REPORT_WARNING,
	    "%.*s", (int)(len - 2), (const char *)msg + 2);
	if (first)
		keys_supervisor_finish(
		    s, msg[1] == 2 || msg[1] == 5 ? msg[1] : 1);
}

static void
store_key(struct keys_supervisor *s, const struct keys_line *l,
    const uint8_t *msg, size_t len)
{
	struct fault f = { 0, "" };
	int rc = ERR_STATE_CONFIG;

	if (s->o->store_key != NULL)
		rc = s->o->store_key(s->o->ctx, msg[1], msg + 2, len - 2, &f);
	if (rc == 0)
		return;
	/* A key that is not durable must not sign. */
	keys_supervisor_say(s, KEYS_REPORT_ERROR, "cannot store a new key: %s",
	    f.msg[0] != '\0' ? f.msg : base_err_text(rc));
	(void)kill(l->next.pid, SIGKILL);
}

static void
next_ready(struct keys_supervisor *s, struct keys_line *l)
{
	l->next_ready = true;
	if (l->keys.pid == 0)
		promote(s, l);
	else if (tell(l->keys.control, KEYS_MSG_RETIRE) != 0)
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the key process is gone");
}

void
keys_swap_hear_new(struct keys_supervisor *s, struct keys_line *l)
{
	static uint8_t msg[KEYS_MSG_MAX];
	size_t len;
	int pass, rc;

	if (l->next.control < 0)
		return;
	rc = keys_sock_recv(l->next.control, msg, sizeof(msg), &len, &pass);
	if (rc == ERR_STATE_PENDING)
		return;
	if (rc != 0) {
		close(l->next.control);
		l->next.control = -1;
		return;
	}
	if (pass >= 0)
		close(pass);
	if (len < 2)
		return;
	if (msg[0] == KEYS_MSG_READY)
		next_ready(s, l);
	else if (msg[0] == KEYS_MSG_FAILED)
		next_failed(s, l, msg, len);
	else if (msg[0] == KEYS_MSG_KEY)
		store_key(s, l, msg, len);
}

static void
next_died(struct keys_supervisor *s, struct keys_line *l)
{
	keys_swap_hear_new(s, l);
	keys_spawn_forget(&l->next);
	l->next_ready = false;
	keys_supervisor_say(s, KEYS_REPORT_WARNING,
	    "a new key process ended before it served");
	if (l->keys.pid == 0)
		keys_supervisor_finish(s, 1);
}

static void
old_died(struct keys_supervisor *s, struct keys_line *l, int status)
{
	pid_t pid = l->keys.pid;

	/* Its last words may be the hand-over. */
	while (l->keys.pid == pid && l->keys.control >= 0)
		keys_swap_hear_old(s, l);
	if (l->keys.pid != pid)
		return;
	l->keys.pid = 0;
	/* It ends with 0 when main has gone, whose own code counts more. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		s->ending_at_ms = keys_mono_ms() + MAIN_TIMEOUT_MS;
		return;
	}
	keys_supervisor_say(
	    s, KEYS_REPORT_ERROR, "the key process ended (status %d)", status);
	keys_supervisor_finish(s, 1);
}

void
keys_swap_died(struct keys_supervisor *s, pid_t pid, int status)
{
	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		if (pid == s->line[i].next.pid)
			next_died(s, &s->line[i]);
		else if (pid == s->line[i].keys.pid)
			old_died(s, &s->line[i], status);
	}
}
