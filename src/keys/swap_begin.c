/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "keys/bundle.h"
#include "keys/mono.h"
#include "keys/supervisor_internal.h"

/* A key process reads its bundle at once; it is stuck after this long. */
#define WRITE_TIMEOUT_MS 10000

static int
write_bundle(int fd, const struct buf *b)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	size_t done = 0;
	ssize_t n;

	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return ERR_SYS_OS;
	while (done < b->len) {
		n = write(fd, b->data + done, b->len - done);
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return ERR_SYS_IO;
		if (poll(&p, 1, WRITE_TIMEOUT_MS) == 0)
			return ERR_SYS_TIMEOUT;
	}
	return 0;
}

static int
start(struct keys_supervisor *s, struct keys_line *l)
{
	struct keys_spawn spawn = { .keys = true,
		.argv = s->o->argv,
		.user = s->o->keys_user };
	int rc;

	rc = keys_spawn_child(&spawn, &l->next);
	if (rc != 0)
		return rc;
	l->next_ready = false;
	l->next_started_ms = keys_mono_ms();
	return 0;
}

static int
begin(struct keys_supervisor *s, struct keys_line *l, struct buf *bundle)
{
	bool empty = bundle->len == KEYS_BUNDLE_EMPTY;
	int rc;

	if (l->index != KEYS_FILES && s->main.pid != 0 &&
	    empty != (l->keys.pid == 0)) {
		keys_supervisor_say(s, KEYS_REPORT_WARNING,
		    "the first key on a device, or the last, comes and goes "
		    "with a restart");
		return 0;
	}
	if (l->index != KEYS_FILES && empty)
		return 0;
	rc = keys_bundle_end(bundle);
	if (rc == 0)
		rc = start(s, l);
	if (rc == 0) {
		rc = write_bundle(l->next.bundle, bundle);
		close(l->next.bundle);
		l->next.bundle = -1;
		if (rc != 0)
			(void)kill(l->next.pid, SIGKILL);
	}
	return rc;
}

static int
begin_all(struct keys_supervisor *s, struct buf bundle[KEYS_PROCESSES])
{
	int rc = 0;

	for (unsigned i = 0; i < KEYS_PROCESSES && rc == 0; i++)
		rc = begin(s, &s->line[i], &bundle[i]);
	if (rc != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "cannot start a key process: %s", base_err_text(rc));
	return rc;
}

int
keys_swap_begin(struct keys_supervisor *s)
{
	struct buf bundle[KEYS_PROCESSES];
	struct fault f = { 0, "" };
	int rc = 0;

	for (unsigned i = 0; i < KEYS_PROCESSES; i++) {
		int made = keys_bundle_begin(&bundle[i]);

		rc = rc != 0 ? rc : made;
	}
	if (rc == 0)
		rc = s->o->load(s->o->ctx, bundle, &f);
	if (rc != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR, "%s",
		    f.msg[0] != '\0' ? f.msg : base_err_text(rc));
	else
		rc = begin_all(s, bundle);
	for (unsigned i = 0; i < KEYS_PROCESSES; i++)
		base_buf_free(&bundle[i]);
	return rc;
}
