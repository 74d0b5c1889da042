/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_store_fixture.h"

#include <pthread.h>
#include <sys/socket.h>

#include "audit/event.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "crypto/ed25519.h"
#include "crypto/rng.h"
#include "keys/client.h"
#include "keys/frame.h"
#include "merkle/vkey.h"
#include "store/file.h"
#include "trustchain/ca_drain.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_auditor.h"

static const uint8_t seed[32] = { 3 };
static char audit_dir[128];

/* A key process of two operations, on a thread. */
static size_t
fake_answer(const struct keys_request *req, uint8_t *out)
{
	static const uint8_t prefix[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
		0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

	if (req->op == KEYOP_PUBLIC) {
		memcpy(out, prefix, sizeof(prefix));
		(void)!crypto_ed25519_public(seed, out + sizeof(prefix));
		return sizeof(prefix) + 32;
	}
	(void)!crypto_ed25519_sign(seed, req->payload, req->len, out);
	return 64;
}

static void *
fake_keys(void *arg)
{
	uint8_t in[4096], out[KEYS_REPLY_HEAD + 64];
	struct keys_reply reply = { 0 };
	struct keys_request req;
	int fd = *(int *)arg;
	ssize_t n;

	while ((n = recv(fd, in, sizeof(in), 0)) > 0) {
		if (keys_frame_request_parse(in, (size_t)n, &req, &reply.id) !=
		    0)
			break;
		reply.len = fake_answer(&req, out + KEYS_REPLY_HEAD);
		keys_frame_reply_head(&reply, out);
		if (send(fd, out, KEYS_REPLY_HEAD + reply.len, 0) < 0)
			break;
	}
	close(fd);
	return NULL;
}

static int64_t
now(void *ctx)
{
	(void)ctx;
	return 1700000000000;
}

static const struct clock test_clock = { now, NULL };

/* A daemon's share of things. */
struct world {
	struct loop *loop;
	struct keys_client *keys;
	struct trustchain_auditor *auditor;
	struct ca_drain *drain;
	pthread_t thread;
	int fds[2], opened_rc, opened;
	struct fault why;
};

static void
on_opened(void *ctx, int rc, const struct fault *why)
{
	struct world *w = ctx;

	w->opened++;
	w->opened_rc = rc;
	w->why = *why;
	if (rc == 0)
		w->opened_rc = ca_drain_check(w->drain, &w->why);
	loop_stop(w->loop);
}

static void
world_start(struct world *w)
{
	struct trustchain_auditor_opts o = { .disk = disk,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.dir = audit_dir,
		.origin = "ca.test/audit/ca",
		.operator_id = "system:trustchain-ca",
		.opened = on_opened,
		.ctx = w };

	memset(w, 0, sizeof(*w));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, w->fds), 0);
	assert_int_equal(
	    pthread_create(&w->thread, NULL, fake_keys, &w->fds[1]), 0);
	assert_int_equal(loop_new(&w->loop), 0);
	assert_int_equal(keys_client_new(w->loop, w->fds[0], &w->keys), 0);
	assert_int_equal(open_store(w->loop), 0);
	o.loop = w->loop;
	o.keys = w->keys;
	assert_int_equal(trustchain_auditor_new(&o, &w->auditor), 0);
	assert_int_equal(ca_drain_new(s, w->auditor, w->loop, &w->drain), 0);
	assert_true(loop_run_for(w->loop, 10000));
	assert_int_equal(w->opened, 1);
}

static void
world_stop(struct world *w)
{
	ca_drain_free(w->drain);
	trustchain_auditor_free(w->auditor);
	s->ops->close(s);
	s = NULL;
	keys_client_free(w->keys);
	pthread_join(w->thread, NULL);
	loop_run_for(w->loop, 1);
	loop_free(w->loop);
}

static int
drain_setup(void **state)
{
	setup(state);
	s->ops->close(s);
	s = NULL;
	snprintf(audit_dir, sizeof(audit_dir), "%s/audit", dir);
	return 0;
}

static void
add_events(int n)
{
	struct ca_batch *b;
	int i;

	for (i = 0; i < n; i++) {
		b = ca_batch_new();
		ca_batch_outbox(b, 1700000000000 + i, "cert.issued",
		    "{\"serial\":\"0a\",\"log_ids\":[\"x=\"],\"indexes\":[7]}");
		assert_int_equal(s->ops->submit_wait(s, b), 0);
	}
}

static size_t
outbox_left(void)
{
	struct ca_outbox *rows;
	size_t n;

	assert_int_equal(s->ops->list_outbox(s, 0, 4000, a, &rows, &n), 0);
	return n;
}

static uint64_t
logged(struct world *w)
{
	struct audit_stats st;

	audit_get_stats(trustchain_auditor_log(w->auditor), &st);
	return st.size;
}

static void
run_until_empty(struct world *w)
{
	int i;

	ca_drain_kick(w->drain);
	for (i = 0; i < 1000 && outbox_left() > 0; i++)
		loop_run_for(w->loop, 10);
	assert_int_equal(outbox_left(), 0);
}

static void
on_checkpoint(void *ctx, int rc, uint64_t size)
{
	struct world *w = ctx;

	assert_int_equal(rc, 0);
	(void)size;
	loop_stop(w->loop);
}

static void
test_drain(void **state)
{
	struct audit_verify_result r;
	struct audit_verify_opts v;
	char text[MERKLE_VKEY_TEXT_MAX], log[160], file[160];
	struct merkle_vkey key;
	struct fault why;
	struct world w;
	uint8_t *data;
	size_t len;

	(void)state;
	world_start(&w);
	assert_int_equal(w.opened_rc, 0);
	add_events(600);
	run_until_empty(&w);
	assert_int_equal(logged(&w), 600);
	assert_int_equal(audit_checkpoint(trustchain_auditor_log(w.auditor),
			     on_checkpoint, &w),
	    0);
	assert_true(loop_run_for(w.loop, 10000));
	world_stop(&w);
	/* The key as written beside the log verifies it. */
	snprintf(file, sizeof(file), "%s/vkey", audit_dir);
	assert_int_equal(
	    store_file_load(file, sizeof(text) - 1, &data, &len), 0);
	assert_int_equal(
	    merkle_vkey_parse((const char *)data, len - 1, &key), 0);
	free(data);
	snprintf(log, sizeof(log), "%s/audit.log", audit_dir);
	v = (struct audit_verify_opts){ log, audit_dir, &key, NULL };
	assert_int_equal(audit_verify_log(&v, &why, &r), 0);
	assert_int_equal(r.lines, 600);
	assert_int_equal(store_file_load(log, 1 << 20, &data, &len), 0);
	assert_non_null(strstr((char *)data,
	    "\"operator_id\":\"system:trustchain-ca\",\"action\":"
	    "\"cert.issued\",\"target\":\"outbox=600 serial=0a log_ids=x%3D "
	    "indexes=7\"}\n"));
	free(data);
	assert_int_equal(open_store(NULL), 0);
}

/*
 * A crash after the log has the events and before the outbox lost them: they
 * are not written twice.
 */
static void
test_crash_between(void **state)
{
	struct world w;

	(void)state;
	world_start(&w);
	add_events(5);
	/* The log takes them; the store's disk fails at the delete. */
	ca_drain_kick(w.drain);
	while (logged(&w) < 5)
		usleep(1000);
	store_disk_fault_fail(disk, store_disk_fault_ops(disk) + 1, ENOSPC);
	loop_run_for(w.loop, 300);
	assert_int_equal(outbox_left(), 5);
	world_stop(&w);
	world_start(&w);
	assert_int_equal(w.opened_rc, 0);
	add_events(1);
	run_until_empty(&w);
	assert_int_equal(logged(&w), 6);
	world_stop(&w);
	assert_int_equal(open_store(NULL), 0);
}

/* A log put back to last week's is noticed by the numbers. */
static void
test_rolled_back(void **state)
{
	char log[160];
	struct world w;
	uint8_t *data;
	size_t len;

	(void)state;
	snprintf(log, sizeof(log), "%s/audit.log", audit_dir);
	world_start(&w);
	add_events(2);
	run_until_empty(&w);
	world_stop(&w);
	assert_int_equal(store_file_load(log, 1 << 20, &data, &len), 0);
	world_start(&w);
	add_events(1);
	run_until_empty(&w);
	world_stop(&w);
	assert_int_equal(
	    store_disk_replace(disk, log, data, len, 0600, "t"), 0);
	free(data);
	world_start(&w);
	assert_int_equal(w.opened_rc, ERR_STATE_INTEGRITY);
	world_stop(&w);
	assert_int_equal(open_store(NULL), 0);
}

static void
test_pseudonym_key_stays(void **state)
{
	char one[AUDIT_PSEUDONYM_TEXT_MAX], two[AUDIT_PSEUDONYM_TEXT_MAX];
	struct world w;

	(void)state;
	world_start(&w);
	assert_int_equal(trustchain_auditor_pseudonym(
			     w.auditor, "name", "www.example", one),
	    0);
	world_stop(&w);
	world_start(&w);
	assert_int_equal(trustchain_auditor_pseudonym(
			     w.auditor, "name", "www.example", two),
	    0);
	world_stop(&w);
	assert_string_equal(one, two);
	assert_int_equal(open_store(NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, drain_setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_drain),
		T(test_crash_between),
		T(test_rolled_back),
		T(test_pseudonym_key_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
