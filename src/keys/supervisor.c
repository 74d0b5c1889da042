/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/mono.h"
#include "keys/msg_internal.h"
#include "keys/sock_internal.h"
#include "keys/spawn_internal.h"
#include "keys/supervisor_internal.h"
/* After the types it uses. */
#include "keys/job_internal.h"

/* Time for a key process to load, and beyond drain_s for main to end. */
#define LOAD_TIMEOUT_MS 120000
#define GRACE_MS 5000
/* Main may ask for a replacement this often. */
#define RELOAD_INTERVAL_MS 5000
#define NEVER INT64_MAX

void
keys_supervisor_say(
    struct keys_supervisor *s, enum keys_report_kind kind, const char *fmt, ...)
{
	char text[512];
	struct keys_report r = { kind, 0, 0, "", text };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->o->report != NULL)
		s->o->report(s->o->ctx, &r);
}

void
keys_supervisor_finish(struct keys_supervisor *s, int code)
{
	if (!s->finished)
		s->code = code;
	s->finished = true;
}

static int
start_main(struct keys_supervisor *s)
{
	struct keys_spawn spawn = { .argv = s->o->argv,
		.user = s->o->main_user,
		.peer_fd = { s->line[KEYS_FILES].first_peer,
		    s->line[KEYS_TOKENS].first_peer } };
	int rc = keys_spawn_child(&spawn, &s->main);

	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		if (s->line[i].first_peer >= 0)
			close(s->line[i].first_peer);
		s->line[i].first_peer = -1;
	}
	return rc;
}

/* Main needs all key processes to be there. */
static void
first_peer(struct keys_supervisor *s, struct keys_line *l, int peer)
{
	l->first_peer = peer;
	for (unsigned i = 0; i < KEYS_PROCESSES; i++)
		if (s->line[i].next.pid != 0)
			return;
	if (start_main(s) != 0) {
		keys_supervisor_say(s, KEYS_REPORT_ERROR, "cannot start main");
		keys_supervisor_finish(s, 1);
	}
}

/* The new key process serves: tell main, or start main with it. */
void
keys_supervisor_switched(
    struct keys_supervisor *s, struct keys_line *l, int peer)
{
	uint8_t msg[2] = { KEYS_MSG_SOCKET, (uint8_t)l->index };
	struct iovec iov = { msg, sizeof(msg) };

	if (s->main.pid == 0) {
		first_peer(s, l, peer);
		return;
	}
	if (keys_sock_send(s->main.control, &iov, 1, peer, 1) != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "cannot hand main the new key process");
	close(peer);
}

static void
drain(struct keys_supervisor *s, int64_t now)
{
	if (s->draining || s->main.pid == 0) {
		if (s->main.pid == 0)
			keys_supervisor_finish(s, 0);
		return;
	}
	s->draining = true;
	s->kill_at_ms = now + (int64_t)s->o->drain_s * 1000 + GRACE_MS;
	(void)kill(s->main.pid, SIGTERM);
}

static void
main_died(struct keys_supervisor *s, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	s->main.pid = 0;
	if (s->draining && code == 0) {
		keys_supervisor_finish(s, 0);
		return;
	}
	if (WIFSIGNALED(status))
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "main was ended by signal %d", WTERMSIG(status));
	else
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "main ended with code %d", code);
	keys_supervisor_finish(s, code >= 2 && code <= 5 ? code : 1);
}

static void
reap(struct keys_supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->main.pid)
			main_died(s, status);
		else if (keys_job_died(s, pid, status) == 0)
			keys_swap_died(s, pid, status);
	}
}

/* Main reads its configuration anew from a descriptor. */
static void
pass_config(struct keys_supervisor *s)
{
	uint8_t msg = KEYS_MSG_CONFIG;
	struct iovec iov = { &msg, 1 };
	int fd;

	if (s->main.pid <= 0 || s->o->open_config == NULL)
		return;
	if ((fd = s->o->open_config(s->o->ctx)) < 0) {
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "configuration not reloaded: %s", strerror(errno));
		return;
	}
	if (keys_sock_send(s->main.control, &iov, 1, fd, 1) != 0)
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "cannot hand main its configuration");
	close(fd);
}

static void
on_signal(struct keys_supervisor *s, int64_t now)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGHUP:
			pass_config(s);
			s->reload_wanted = true;
			break;
		default:
			drain(s, now);
		}
	}
}

static void
on_main(struct keys_supervisor *s)
{
	uint8_t packet[KEYS_COMMAND_LEN + 1];
	size_t len;
	int pass, rc;

	rc = keys_sock_recv(
	    s->main.control, packet, sizeof(packet), &len, &pass);
	if (rc == ERR_PEER_CLOSED) {
		/* Its death is noticed by SIGCHLD. */
		close(s->main.control);
		s->main.control = -1;
		return;
	}
	if (rc == ERR_PEER_TOO_LARGE)
		keys_supervisor_say(
		    s, KEYS_REPORT_WARNING, "main sent an unknown command");
	if (rc != 0)
		return;
	if (pass >= 0)
		close(pass);
	if (len == KEYS_COMMAND_LEN && packet[3] == KEYS_COMMAND_RELOAD &&
	    packet[0] == 0 && packet[1] == 0 && packet[2] == 0)
		s->reload_wanted = true;
	else
		keys_supervisor_say(
		    s, KEYS_REPORT_WARNING, "main sent an unknown command");
}

/* Start a replacement when one is wanted and allowed; return its time. */
static int64_t
maybe_reload(struct keys_supervisor *s, int64_t now)
{
	if (!s->reload_wanted || s->draining || s->main.pid == 0)
		return NEVER;
	for (unsigned i = 0; i < KEYS_PROCESSES; i++)
		if (s->line[i].next.pid != 0)
			return NEVER;
	if (now < s->reload_at_ms)
		return s->reload_at_ms;
	s->reload_wanted = false;
	s->reload_at_ms = now + RELOAD_INTERVAL_MS;
	if (keys_swap_begin(s) != 0)
		keys_supervisor_say(s, KEYS_REPORT_WARNING,
		    "the keys stay as they are; nothing was reloaded");
	return NEVER;
}

/* A key process that does not finish loading is ended. */
static int64_t
load_deadline(struct keys_supervisor *s, struct keys_line *l, int64_t now)
{
	if (l->next.pid == 0)
		return NEVER;
	if (now >= l->next_started_ms + LOAD_TIMEOUT_MS) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the new key process does not load");
		(void)kill(l->next.pid, SIGKILL);
		l->next_started_ms = now;
	}
	return l->next_started_ms + LOAD_TIMEOUT_MS;
}

static int64_t
deadlines(struct keys_supervisor *s, int64_t now)
{
	int64_t at = maybe_reload(s, now), load_at;
	int64_t job_at = keys_job_tick(s, now);

	if (s->draining && now >= s->kill_at_ms) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "main did not drain in time");
		keys_supervisor_finish(s, 1);
	}
	at = job_at < at ? job_at : at;
	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		load_at = load_deadline(s, &s->line[i], now);
		at = load_at < at ? load_at : at;
	}
	if (s->ending_at_ms != 0 && !s->draining && now >= s->ending_at_ms) {
		keys_supervisor_say(
		    s, KEYS_REPORT_ERROR, "the key process ended");
		keys_supervisor_finish(s, 1);
	}
	if (s->ending_at_ms != 0 && !s->draining && s->ending_at_ms < at)
		at = s->ending_at_ms;
	if (s->draining && s->kill_at_ms < at)
		at = s->kill_at_ms;
	return at;
}

static void
turn(struct keys_supervisor *s)
{
	/* First, because it may start processes that are listened to. */
	int64_t now = keys_mono_ms(), at = deadlines(s, now);
	struct pollfd fds[2 + 2 * KEYS_PROCESSES] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->main.control, .events = POLLIN },
	};
	struct pollfd *of = fds + 2;
	int wait_ms = -1;

	if (s->finished)
		return;
	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		of[2 * i] = (struct pollfd){ .fd = s->line[i].keys.control,
			.events = POLLIN };
		of[2 * i + 1] = (struct pollfd){ .fd = s->line[i].next.control,
			.events = POLLIN };
	}
	if (at != NEVER)
		wait_ms = at > now ? (int)(at - now) : 0;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms) < 0 &&
	    errno != EINTR) {
		keys_supervisor_finish(s, 1);
		return;
	}
	now = keys_mono_ms();
	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		if (of[2 * i].revents != 0)
			keys_swap_hear_old(s, &s->line[i]);
		if (of[2 * i + 1].revents != 0)
			keys_swap_hear_new(s, &s->line[i]);
	}
	if (fds[1].revents != 0)
		on_main(s);
	if (fds[0].revents != 0)
		on_signal(s, now);
}

static int
watch_signals(struct keys_supervisor *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return ERR_SYS_OS;
	(void)signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? ERR_SYS_OS : 0;
}

static void
warn_users(struct keys_supervisor *s)
{
	const char *users[2] = { s->o->keys_user, s->o->main_user };

	for (int i = 0; i < 2; i++)
		if (users[i] != NULL && !keys_spawn_user_known(users[i]))
			keys_supervisor_say(s, KEYS_REPORT_WARNING,
			    "no user %s, or not started as root: %s process "
			    "runs under the supervisor's user",
			    users[i], i == 0 ? "key" : "main");
}

static void
bury_child(struct keys_child *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
	}
	keys_spawn_forget(c);
}

/* Kill what is left and wait for it. */
static void
bury(struct keys_supervisor *s)
{
	keys_job_end(s);
	bury_child(&s->main);
	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		bury_child(&s->line[i].keys);
		bury_child(&s->line[i].next);
	}
	free(s->pins);
	if (s->signals >= 0)
		close(s->signals);
}

int
keys_supervisor_run(const struct keys_supervisor_opts *o)
{
	const struct keys_child none = { 0, -1, -1, -1 };
	struct keys_supervisor s = { .o = o,
		.main = none,
		.signals = -1,
		.code = 1 };
	int rc;

	for (unsigned i = 0; i < KEYS_PROCESSES; i++)
		s.line[i] = (struct keys_line){ .index = i,
			.keys = none,
			.next = none,
			.first_peer = -1 };
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || watch_signals(&s) != 0)
		return 1;
	warn_users(&s);
	rc = keys_swap_begin(&s);
	if (rc != 0) {
		bury(&s);
		return base_err_class(rc) == ERR_CLASS_SYS ? 1 : 2;
	}
	while (!s.finished)
		turn(&s);
	bury(&s);
	return s.code;
}
