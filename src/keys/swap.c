/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/mono.h"
#include "keys/msg_internal.h"
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
promote(struct keys_supervisor *s)
{
	int peer = s->next.peer;

	keys_spawn_forget(&s->keys);
	s->keys = s->next;
	s->keys.peer = -1;
	s->next = (struct keys_child){ 0, -1, -1, -1 };
	if (tell(s->keys.control, KEYS_MSG_GO) != 0) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the key process is gone");
		close(peer);
		keys_supervisor_finish(s, 1);
		return;
	}
	keys_supervisor_switched(s, peer);
}

static void
report_refused(struct keys_supervisor *s, const uint8_t *msg, size_t len)
{
	struct keys_report r = { KEYS_REPORT_REFUSED, msg[2], msg[1], "", "" };
	char text[1024] = "";

	if (len - 3 >= sizeof(text) || s->o->report == NULL)
		return;
	memcpy(text, msg + 3, len - 3);
	r.name = text;
	/* name NUL text; the array ends with zeros in any case. */
	if (strlen(text) < len - 3)
		r.text = text + strlen(text) + 1;
	s->o->report(s->o->ctx, &r);
}

void
keys_swap_hear_old(struct keys_supervisor *s)
{
	static uint8_t msg[KEYS_MSG_MAX];
	struct iovec iov = { msg, 0 };
	int pass, rc;

	if (s->keys.control < 0)
		return;
	rc = keys_sock_recv(
	    s->keys.control, msg, sizeof(msg), &iov.iov_len, &pass);
	if (rc == ERR_STATE_PENDING)
		return;
	if (rc == ERR_PEER_CLOSED) {
		close(s->keys.control);
		s->keys.control = -1;
		return;
	}
	if (rc != 0)
		return;
	if (pass >= 0)
		close(pass);
	if (msg[0] == KEYS_MSG_REFUSED && iov.iov_len >= 3)
		report_refused(s, msg, iov.iov_len);
	else if (msg[0] == KEYS_MSG_STATE && s->next_ready &&
		 keys_sock_send(s->next.control, &iov, 1, -1, 1) != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "the new key process did not take a state");
	else if (msg[0] == KEYS_MSG_RETIRED && s->next_ready)
		promote(s);
}

static void
next_failed(struct keys_supervisor *s, const uint8_t *msg, size_t len)
{
	int first = s->keys.pid == 0;

	keys_supervisor_say(s, first ? KEYS_REPORT_ERROR : KEYS_REPORT_WARNING,
	    "%.*s", (int)(len - 2), (const char *)msg + 2);
	if (first)
		keys_supervisor_finish(
		    s, msg[1] == 2 || msg[1] == 5 ? msg[1] : 1);
}

static void
store_key(struct keys_supervisor *s, const uint8_t *msg, size_t len)
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
	(void)kill(s->next.pid, SIGKILL);
}

static void
next_ready(struct keys_supervisor *s)
{
	s->next_ready = true;
	if (s->keys.pid == 0)
		promote(s);
	else if (tell(s->keys.control, KEYS_MSG_RETIRE) != 0)
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the key process is gone");
}

void
keys_swap_hear_new(struct keys_supervisor *s)
{
	static uint8_t msg[KEYS_MSG_MAX];
	size_t len;
	int pass, rc;

	if (s->next.control < 0)
		return;
	rc = keys_sock_recv(s->next.control, msg, sizeof(msg), &len, &pass);
	if (rc == ERR_STATE_PENDING)
		return;
	if (rc != 0) {
		close(s->next.control);
		s->next.control = -1;
		return;
	}
	if (pass >= 0)
		close(pass);
	if (len < 2)
		return;
	if (msg[0] == KEYS_MSG_READY)
		next_ready(s);
	else if (msg[0] == KEYS_MSG_FAILED)
		next_failed(s, msg, len);
	else if (msg[0] == KEYS_MSG_KEY)
		store_key(s, msg, len);
}

void
keys_swap_died(struct keys_supervisor *s, pid_t pid, int status)
{
	if (pid == s->next.pid) {
		keys_swap_hear_new(s);
		keys_spawn_forget(&s->next);
		s->next_ready = false;
		keys_supervisor_say(s, KEYS_REPORT_WARNING,
		    "a new key process ended before it served");
		if (s->keys.pid == 0)
			keys_supervisor_finish(s, 1);
		return;
	}
	if (pid != s->keys.pid)
		return;
	/* Its last words may be the hand-over. */
	while (s->keys.pid == pid && s->keys.control >= 0)
		keys_swap_hear_old(s);
	if (s->keys.pid != pid)
		return;
	s->keys.pid = 0;
	/* It ends with 0 when main has gone, whose own code counts more. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		s->ending_at_ms = keys_mono_ms() + MAIN_TIMEOUT_MS;
		return;
	}
	keys_supervisor_say(
	    s, KEYS_REPORT_ERROR, "the key process ended (status %d)", status);
	keys_supervisor_finish(s, 1);
}
