/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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
start(struct keys_supervisor *s)
{
	struct keys_spawn spawn = { true, s->o->argv, s->o->keys_user, -1 };
	int rc;

	rc = keys_spawn_child(&spawn, &s->next);
	if (rc != 0)
		return rc;
	s->next_ready = false;
	s->next_started_ms = keys_mono_ms();
	return 0;
}

int
keys_swap_begin(struct keys_supervisor *s)
{
	struct fault f = { 0, "" };
	struct buf bundle;
	int rc;

	rc = keys_bundle_begin(&bundle);
	if (rc == 0)
		rc = s->o->load(s->o->ctx, &bundle, &f);
	if (rc != 0) {
		keys_supervisor_say(s, KEYS_REPORT_ERROR, "%s",
		    f.msg[0] != '\0' ? f.msg : base_err_text(rc));
		base_buf_free(&bundle);
		return rc;
	}
	rc = keys_bundle_end(&bundle);
	if (rc == 0)
		rc = start(s);
	if (rc == 0) {
		rc = write_bundle(s->next.bundle, &bundle);
		close(s->next.bundle);
		s->next.bundle = -1;
		if (rc != 0)
			(void)kill(s->next.pid, SIGKILL);
	}
	base_buf_free(&bundle);
	if (rc != 0)
		keys_supervisor_say(s, KEYS_REPORT_ERROR,
		    "cannot start a key process: %s", base_err_text(rc));
	return rc;
}
