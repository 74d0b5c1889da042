/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys/load_internal.h"
#include "keys/msg_internal.h"
#include "keys/process_internal.h"
#include "keys/sock_internal.h"

/* Requests answered before the supervisor is listened to again. */
#define TURN_MAX 64
/* And at most before it retires: more cannot be on its way. */
#define DRAIN_MAX 2048
#define PACKET_MAX KEYS_MSG_MAX
#define READ_STEP 65536
#define BUNDLE_MAX (((size_t)64 << 20) + READ_STEP)
#define REPORTS_PER_S 100
#define GO_TIMEOUT_MS 60000
#define EXIT_FAILED 1
#define EXIT_BUNDLE 2
#define EXIT_INTEGRITY 5

int
keys_process_tell(struct keys_process *p, uint8_t msg, uint8_t slot,
    const void *data, size_t len)
{
	uint8_t head[2] = { msg, slot };
	struct iovec iov[2] = { { head, 2 }, { (void *)(uintptr_t)data, len } };

	return keys_sock_send(p->control_fd, iov, 2, -1, 1);
}

/* Hand the state of every slot to the supervisor for the successor. */
static int
send_states(struct keys_process *p)
{
	const struct keys_product *product = p->product;
	int rc = 0;

	for (size_t i = 0; i < KEYS_SLOTS_MAX && rc == 0; i++) {
		if (p->place[i] == NULL || product->state_save == NULL)
			continue;
		p->out.len = 0;
		rc = product->state_save(&p->place[i]->slot, &p->out);
		if (rc == 0 && p->out.len > 0)
			rc = keys_process_tell(p, KEYS_MSG_STATE, (uint8_t)i,
			    p->out.data, p->out.len);
	}
	if (rc == 0)
		rc = keys_process_tell(p, KEYS_MSG_RETIRED, 0, NULL, 0);
	return rc;
}

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

/* Read the supervisor's next packet; *ret_msg is 0 when there is none. */
static int
control(struct keys_process *p, uint8_t *ret_msg)
{
	size_t len = 0;
	int pass = -1, rc;

	*ret_msg = 0;
	rc = keys_sock_recv(p->control_fd, p->packet, PACKET_MAX, &len, &pass);
	if (rc == ERR_STATE_PENDING)
		return 0;
	if (rc != 0)
		return rc;
	if (pass >= 0)
		close(pass);
	*ret_msg = p->packet[0];
	if (*ret_msg == KEYS_MSG_STATE)
		return take_state(p, p->packet, len);
	return 0;
}

static int
wait_for_go(struct keys_process *p)
{
	struct pollfd fd = { .fd = p->control_fd, .events = POLLIN };
	uint8_t msg = 0;
	int rc = 0;

	while (rc == 0 && msg != KEYS_MSG_GO && msg != KEYS_MSG_RETIRE) {
		if (poll(&fd, 1, GO_TIMEOUT_MS) == 0)
			return ERR_SYS_TIMEOUT;
		rc = control(p, &msg);
	}
	if (rc == 0 && msg == KEYS_MSG_RETIRE)
		rc = ERR_PEER_CLOSED;
	return rc;
}

/* Answer until retired (0) or a socket closes. */
static int
serve_all(struct keys_process *p)
{
	struct pollfd fds[2] = {
		{ .fd = p->control_fd, .events = POLLIN },
		{ .fd = p->main_fd, .events = POLLIN },
	};
	uint8_t msg = 0;
	int rc = 0;

	while (rc == 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return ERR_SYS_OS;
		if (fds[0].revents != 0)
			rc = control(p, &msg);
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

static void
fini(struct keys_process *p)
{
	keys_slot_free_all(p);
	base_buf_free(&p->out);
	free(p->packet);
}

int
keys_process_store(struct keys_process *p, uint8_t slot, const struct buf *pem)
{
	return keys_process_tell(p, KEYS_MSG_KEY, slot, pem->data, pem->len);
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
		rc = o->sandbox(o->sandbox_ctx, f);
	if (rc == 0)
		rc = keys_process_load(p, &bundle, f);
	base_buf_free(&bundle);
	return rc;
}

int
keys_process_run(const struct keys_process_opts *o)
{
	struct keys_process p = { .main_fd = o->main_fd,
		.control_fd = o->control_fd,
		.clock = o->clock,
		.rng = o->rng,
		.product = o->product };
	struct fault f = { 0, "" };
	int rc, code = 0;

	/* A terminal's Ctrl-C is for the supervisor. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	keys_limit_init(&p.report, REPORTS_PER_S);
	base_buf_init(&p.out, PACKET_MAX - 16);
	p.packet = malloc(PACKET_MAX);
	if (p.packet == NULL)
		return EXIT_FAILED;
	rc = load(&p, o, &f);
	if (rc != 0) {
		code = fail(&p, rc, &f);
		fini(&p);
		return code;
	}
	rc = keys_process_tell(&p, KEYS_MSG_READY, 0, NULL, 0);
	if (rc == 0)
		rc = wait_for_go(&p);
	if (rc == 0)
		rc = serve_all(&p);
	if (rc != 0 && rc != ERR_PEER_CLOSED)
		code = EXIT_FAILED;
	fini(&p);
	return code;
}
