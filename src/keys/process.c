/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/crew_internal.h"
#include "keys/desk_internal.h"
#include "keys/load_internal.h"
#include "keys/msg_internal.h"
#include "keys/process_internal.h"
#include "keys/turn_internal.h"

#define PACKET_MAX KEYS_MSG_MAX
#define READ_STEP 65536
#define BUNDLE_MAX (((size_t)64 << 20) + READ_STEP)
#define REPORTS_PER_S 100
#define EXIT_FAILED 1
#define EXIT_BUNDLE 2
#define EXIT_INTEGRITY 5

static void
fini(struct keys_process *p)
{
	keys_crew_end(p);
	keys_slot_free_all(p);
	keys_desk_free(p->desk);
}

static int
fail(struct keys_process *p, int rc, const struct fault *f)
{
	int code = EXIT_FAILED, told;

	if (rc == ERR_STATE_CONFIG || base_err_class(rc) == ERR_CLASS_PEER)
		code = EXIT_BUNDLE;
	else if (rc == ERR_STATE_INTEGRITY)
		code = EXIT_INTEGRITY;
	told = keys_process_tell(
	    p, KEYS_MSG_FAILED, (uint8_t)code, f->msg, strlen(f->msg));
	return told == 0 ? code : EXIT_FAILED;
}

static int
read_bundle(int fd, struct buf *b)
{
	uint8_t *at;
	ssize_t n;
	int rc;

	for (;;) {
		rc = base_buf_reserve(b, READ_STEP, &at);
		if (rc != 0)
			return rc;
		n = read(fd, at, READ_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_SYS_IO;
		if (n == 0)
			return 0;
		base_buf_commit(b, (size_t)n);
	}
}

/* Read the whole bundle, then confine, then look into it. */
static int
load(struct keys_process *p, const struct keys_process_opts *o, struct fault *f)
{
	struct buf bundle;
	int rc;

	base_buf_init(&bundle, BUNDLE_MAX);
	rc = read_bundle(o->bundle_fd, &bundle);
	close(o->bundle_fd);
	if (rc != 0)
		base_fault_set(f, rc, "reading the bundle failed");
	if (rc == 0 && o->sandbox != NULL)
		rc = o->sandbox(o->sandbox_ctx, &bundle, f);
	if (rc == 0)
		rc = keys_process_load(p,
		    &(struct keys_bytes){ bundle.data, bundle.len }, f);
	base_buf_free(&bundle);
	return rc;
}

int
keys_process_run(const struct keys_process_opts *o)
{
	struct keys_desk desk;
	struct keys_process p = { .main_fd = o->main_fd,
		.control_fd = o->control_fd,
		.clock = o->clock,
		.rng = o->rng,
		.product = o->product,
		.desk = &desk };
	struct fault f = { 0, "" };
	int rc, code = 0;

	/* A terminal's Ctrl-C is for the supervisor. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	keys_limit_init(&p.report, REPORTS_PER_S);
	if (keys_desk_init(&desk, PACKET_MAX) != 0)
		return EXIT_FAILED;
	rc = load(&p, o, &f);
	if (rc != 0) {
		code = fail(&p, rc, &f);
		fini(&p);
		return code;
	}
	/* Only a token makes us wait for a signature. */
	if (p.bank != NULL)
		rc = keys_crew_start(&p);
	if (rc == 0)
		rc = keys_process_tell(&p, KEYS_MSG_READY, 0, NULL, 0);
	if (rc == 0)
		rc = keys_process_wait(&p);
	if (rc == 0)
		rc = keys_process_turns(&p);
	if (rc != 0 && rc != ERR_PEER_CLOSED)
		code = EXIT_FAILED;
	fini(&p);
	return code;
}
