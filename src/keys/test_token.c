/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slot's key on a token, through everything that happens to tokens: the
 * backend on SoftHSM 2, in time that the test makes pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "keys/crew_internal.h"
#include "keys/frame.h"
#include "keys/msg_internal.h"
#include "keys/p11_world_test.h"
#include "keys/perform_internal.h"
#include "keys/status.h"

#define RETRY_MS 5000 /* identity.md section 3 */
#define CALLS_MAX 40

/* Count what the supervisor was told. */
static void
hear(struct world *w)
{
	uint8_t msg[1024];
	size_t len;
	int pass;

	w->ups = w->downs = w->pins = 0;
	while (keys_sock_recv(
		   w->supervisor, msg, sizeof(msg), &len, &pass) == 0) {
		if (msg[0] == KEYS_MSG_PIN) {
			assert_int_equal(len, 2 + KEYS_P11_DIGEST_LEN);
			memcpy(w->digest, msg + 2, KEYS_P11_DIGEST_LEN);
			w->pins++;
			continue;
		}
		assert_int_equal(msg[0], KEYS_MSG_DEVICE);
		assert_string_equal((const char *)msg + 3, "ca-1");
		if (msg[2] == '+')
			w->ups++;
		else
			w->downs++;
	}
}

static void
test_signs(void **state)
{
	struct fault f = { 0, "" };
	struct world w;

	(void)state;
	begin(&w, RIG_PIN, key_on_token(KEY_URI));
	/* Before the first tick, nothing is known and nothing done. */
	assert_int_equal(sign(&w), ERR_SYS_KEY);
	assert_int_equal(check(&w, &f), ERR_SYS_KEY);
	assert_true(tick(&w) == INT64_MAX);
	assert_int_equal(check(&w, &f), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(sign(&w), 0);
	hear(&w);
	assert_int_equal(w.ups, 1);
	assert_int_equal(w.downs, 0);
	end(&w);
}

/* Each call of a signature fails in turn, and then each call on the way
 * back: the slot says so at once and is back after the next attempt. */
static void
test_each_call(void **state)
{
	struct fault f = { 0, "" };
	long n, calls, way_back = 0;
	struct world w;

	(void)state;
	begin(&w, RIG_PIN, key_on_token(KEY_URI));
	assert_true(tick(&w) == INT64_MAX);
	for (n = 0; n < 2; n++) {
		w.now_ms += 60000;
		rig_fail(n, CKR_DEVICE_ERROR);
		assert_int_equal(sign(&w), ERR_SYS_KEY);
		rig_fail(-1, CKR_OK);
		w.now_ms += 60000;
		assert_true(tick(&w) == INT64_MAX);
		assert_int_equal(sign(&w), 0);
	}
	/* C_SignInit and C_Sign are all. */
	rig_fail(2, CKR_DEVICE_ERROR);
	assert_int_equal(sign(&w), 0);
	for (n = 0; n < CALLS_MAX && way_back == 0; n++) {
		rig_fail(0, CKR_DEVICE_REMOVED);
		assert_int_equal(sign(&w), ERR_SYS_KEY);
		w.now_ms += 60000;
		rig_fail(n, CKR_GENERAL_ERROR);
		if (tick(&w) == INT64_MAX) {
			way_back = n;
			break;
		}
		rig_fail(-1, CKR_OK);
		hear(&w);
		/* Not a call to the token before it is time. */
		calls = rig.control->calls;
		assert_int_equal(check(&w, &f), ERR_SYS_KEY);
		assert_non_null(strstr(f.msg, "CKR_GENERAL_ERROR"));
		assert_int_equal(sign(&w), ERR_SYS_KEY);
		w.now_ms += RETRY_MS - 1;
		assert_true(tick(&w) == w.now_ms + 1);
		assert_int_equal(rig.control->calls, calls);
		w.now_ms += 1;
		assert_true(tick(&w) == INT64_MAX);
		assert_int_equal(sign(&w), 0);
		hear(&w);
		assert_int_equal(w.ups, 1);
	}
	/* Initialise, slots, info, sessions (4), login, mechanism, search
	 * (3), sign (2). */
	assert_true(way_back >= 14);
	rig_fail(-1, CKR_OK);
	end(&w);
}

/* A PIN that was refused is tried once, by the process and by those that come
 * after it. */
static void
test_pin_once(void **state)
{
	long logins = rig.control->logins;
	struct fault f = { 0, "" };
	uint8_t digest[KEYS_P11_DIGEST_LEN];
	struct world w;

	(void)state;
	begin(&w, "9999", key_on_token(KEY_URI));
	logins = rig.control->logins;
	for (int i = 0; i < 10; i++) {
		assert_true(tick(&w) < INT64_MAX);
		assert_int_equal(sign(&w), ERR_SYS_KEY);
		w.now_ms += RETRY_MS;
	}
	assert_int_equal(rig.control->logins, logins + 1);
	assert_int_equal(check(&w, &f), ERR_SYS_KEY);
	assert_non_null(strstr(f.msg, "not tried again"));
	hear(&w);
	assert_true(w.pins >= 1);
	/* Wrong PIN, and then that it is not tried again. */
	assert_in_range(w.downs, 1, 2);
	memcpy(digest, w.digest, sizeof(digest));
	end(&w);

	begin(&w, "9999", key_on_token(KEY_URI));
	logins = rig.control->logins;
	assert_int_equal(
	    keys_process_pin(&w.p, digest, sizeof(digest)), 0);
	assert_true(tick(&w) < INT64_MAX);
	assert_int_equal(rig.control->logins, logins);
	end(&w);

	/* Another PIN is another matter. */
	begin(&w, RIG_PIN, key_on_token(KEY_URI));
	assert_int_equal(
	    keys_process_pin(&w.p, digest, sizeof(digest)), 0);
	assert_int_equal(keys_process_pin(&w.p, digest, 31),
	    ERR_PEER_MALFORMED);
	assert_true(tick(&w) == INT64_MAX);
	assert_int_equal(sign(&w), 0);
	end(&w);
}

/* One wrong PIN from being locked, or locked: no attempt at all. */
static void
test_pin_locked(void **state)
{
	static const CK_FLAGS flags[] = { CKF_USER_PIN_LOCKED,
		CKF_USER_PIN_FINAL_TRY };
	struct world w;
	long logins;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&w, RIG_PIN, key_on_token(KEY_URI));
		logins = rig.control->logins;
		rig.control->flags = flags[i];
		assert_true(tick(&w) < INT64_MAX);
		assert_int_equal(rig.control->logins, logins);
		rig.control->flags = 0;
		end(&w);
	}
}

/* Out, and in again. */
static void
test_unplugged(void **state)
{
	char here[96], away[96];
	struct fault f = { 0, "" };
	struct world w;

	(void)state;
	(void)snprintf(here, sizeof(here), "%s/tokens", rig.dir);
	(void)snprintf(away, sizeof(away), "%s/away", rig.dir);
	begin(&w, RIG_PIN, key_on_token(KEY_URI));
	assert_int_equal(rename(here, away), 0);
	assert_int_equal(mkdir(here, 0700), 0);
	/* SoftHSM notices when it is initialised anew, at the latest. */
	assert_true(tick(&w) < INT64_MAX);
	assert_int_equal(check(&w, &f), ERR_SYS_KEY);
	w.now_ms += RETRY_MS;
	assert_true(tick(&w) < INT64_MAX);
	assert_int_equal(check(&w, &f), ERR_SYS_KEY);
	assert_non_null(strstr(f.msg, "token Troth is not there"));
	assert_int_equal(rmdir(here), 0);
	assert_int_equal(rename(away, here), 0);
	w.now_ms += RETRY_MS;
	assert_true(tick(&w) == INT64_MAX);
	assert_int_equal(sign(&w), 0);
	end(&w);
}

/* The token has a key of that name, but it is not the certificate's. */
static void
test_other_key(void **state)
{
	struct crypto_pkey *other;
	struct fault f = { 0, "" };
	struct world w;

	(void)state;
	assert_int_equal(crypto_pkey_generate(CRYPTO_KEY_P256, &other), 0);
	begin(&w, RIG_PIN, other);
	assert_true(tick(&w) < INT64_MAX);
	assert_int_equal(sign(&w), ERR_SYS_KEY);
	assert_int_equal(check(&w, &f), ERR_SYS_KEY);
	assert_non_null(strstr(f.msg, "correct the URI"));
	end(&w);
}

/* --- several at once --- */

enum { FREELY = 1, ALONE = 2 };

static int
sign_payload(struct keys_call *call)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;
	int rc;

	rc = keys_slot_key_sign(
	    call->slot, call->payload, call->len, sig, &len);
	return rc == 0 ? base_buf_append(call->out, sig, len) : rc;
}

static bool
is_free(uint8_t op)
{
	return op == FREELY;
}

static const struct keys_op crew_ops[] = {
	{ FREELY, 0, sign_payload },
	{ ALONE, 0, sign_payload },
};
static const struct keys_product crew_product = { .ops = crew_ops,
	.ops_len = 2, .overlaps = is_free };

static int64_t
no_time(void *ctx)
{
	(void)ctx;
	return 0;
}

static const struct clock crew_clock = { no_time, NULL };

/* A world with workers, whose main is the test. */
struct crew_world {
	struct world w;
	struct keys_place place;
	int main_fd;
	unsigned bad; /* answers that do not verify, or other than asked for */
};

static void
crew_begin(struct crew_world *c, int sessions)
{
	struct keys_process *p = &c->w.p;
	int fds[2];

	memset(c, 0, sizeof(*c));
	begin(&c->w, RIG_PIN, key_on_token(KEY_URI));
	rig.control->sessions = sessions;
	assert_true(tick(&c->w) == INT64_MAX);
	rig.control->sessions = 0;
	assert_int_equal(keys_sock_pair(fds), 0);
	p->main_fd = fds[0];
	c->main_fd = fds[1];
	p->product = &crew_product;
	p->clock = &crew_clock;
	c->place.slot = c->w.slot;
	p->place[0] = &c->place;
	assert_int_equal(keys_crew_start(p), 0);
	rig.control->most = 0;
}

static void
crew_end(struct crew_world *c)
{
	rig.control->meet = rig.control->nap_ms = 0;
	keys_crew_end(&c->w.p);
	close(c->w.p.main_fd);
	close(c->main_fd);
	end(&c->w);
}

static void
ask(struct crew_world *c, uint8_t op, uint8_t id)
{
	uint8_t head[KEYS_REQUEST_HEAD], message[] = { id };
	struct keys_request req = { op, 0, message, 1 };
	struct iovec iov[2] = { { head, sizeof(head) }, { message, 1 } };

	keys_frame_request_head(&req, id, 1, head);
	assert_int_equal(keys_sock_send(c->main_fd, iov, 2, -1, 1), 0);
}

/* Take all answers; return how many there were with ${status}. */
static unsigned
answers(struct crew_world *c, uint8_t status)
{
	uint8_t packet[1024], message[1];
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256, message, 1, NULL,
		0 };
	struct keys_reply r;
	unsigned n = 0;
	size_t len;
	int pass;

	while (keys_sock_recv(
		   c->main_fd, packet, sizeof(packet), &len, &pass) == 0) {
		if (keys_frame_reply_parse(packet, len, &r) != 0 ||
		    r.status != status) {
			c->bad++;
			continue;
		}
		n++;
		message[0] = (uint8_t)r.id;
		s.sig = r.sig;
		s.sig_len = r.len;
		if (status == 0 && crypto_pkey_verify(c->w.slot.key, &s) != 0)
			c->bad++;
	}
	return n;
}

static int
drain(struct crew_world *c)
{
	return keys_process_drain(&c->w.p, 1000);
}

/* The token signs for four at a time, each in a session of its own, and each
 * answer is to its own question. */
static void
test_four_at_once(void **state)
{
	struct crew_world c;

	(void)state;
	crew_begin(&c, 0);
	rig.control->meet = KEYS_CREW_MAX;
	for (uint8_t i = 0; i < 100; i++)
		ask(&c, FREELY, i);
	assert_int_equal(drain(&c), 0);
	assert_int_equal(rig.control->most, KEYS_CREW_MAX);
	assert_int_equal(answers(&c, 0), 100);
	assert_int_equal(c.bad, 0);
	crew_end(&c);
}

/* What compares with the last signature runs alone on its slot. */
static void
test_one_at_a_time(void **state)
{
	struct crew_world c;

	(void)state;
	crew_begin(&c, 0);
	rig.control->nap_ms = 5;
	for (uint8_t i = 0; i < 8; i++)
		ask(&c, ALONE, i);
	assert_int_equal(drain(&c), 0);
	assert_int_equal(rig.control->most, 1);
	assert_int_equal(answers(&c, 0), 8);
	assert_int_equal(c.bad, 0);
	crew_end(&c);
}

/* The token goes while four wait for it: all are told so, the supervisor once,
 * and it comes back. */
static void
test_lost_at_once(void **state)
{
	struct crew_world c;

	(void)state;
	crew_begin(&c, 0);
	hear(&c.w);
	rig.control->meet = KEYS_CREW_MAX;
	for (uint8_t i = 0; i < KEYS_CREW_MAX; i++)
		ask(&c, FREELY, i);
	/* The four calls of C_SignInit pass, those of C_Sign fail. */
	rig_fail(KEYS_CREW_MAX, CKR_DEVICE_REMOVED);
	rig.control->all = 1;
	assert_int_equal(drain(&c), 0);
	rig_fail(-1, CKR_OK);
	assert_int_equal(answers(&c, KEYS_STATUS_KEY), KEYS_CREW_MAX);
	hear(&c.w);
	assert_int_equal(c.w.downs, 1);
	ask(&c, FREELY, 9);
	assert_int_equal(drain(&c), 0);
	assert_int_equal(answers(&c, KEYS_STATUS_KEY), 1);
	c.w.now_ms += 60000;
	assert_true(tick(&c.w) == INT64_MAX);
	rig.control->most = 0;
	for (uint8_t i = 0; i < 8; i++)
		ask(&c, FREELY, i);
	assert_int_equal(drain(&c), 0);
	assert_int_equal(rig.control->most, KEYS_CREW_MAX);
	assert_int_equal(answers(&c, 0), 8);
	assert_int_equal(c.bad, 0);
	crew_end(&c);
}

/* A token that has one session only signs for one at a time. */
static void
test_one_session(void **state)
{
	struct crew_world c;

	(void)state;
	crew_begin(&c, 1);
	for (uint8_t i = 0; i < 20; i++)
		ask(&c, FREELY, i);
	assert_int_equal(drain(&c), 0);
	assert_int_equal(rig.control->most, 1);
	assert_int_equal(answers(&c, 0), 20);
	assert_int_equal(c.bad, 0);
	crew_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_four_at_once),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_lost_at_once),
		cmocka_unit_test(test_one_session),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_each_call),
		cmocka_unit_test(test_pin_once),
		cmocka_unit_test(test_pin_locked),
		cmocka_unit_test(test_unplugged),
		cmocka_unit_test(test_other_key),
	};
	int failed = rig_start();

	if (failed == 0)
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	else
		(void)fprintf(stderr, "no SoftHSM (package softhsm2)\n");
	rig_end();
	return failed;
}
