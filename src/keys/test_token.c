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

#include "base/wipe.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/backend.h"
#include "keys/bank_internal.h"
#include "keys/device_internal.h"
#include "keys/key_internal.h"
#include "keys/mono.h"
#include "keys/msg_internal.h"
#include "keys/p11_bank_internal.h"
#include "keys/p11_make.h"
#include "keys/p11_rig_test.h"
#include "keys/process_internal.h"
#include "keys/slot_key.h"
#include "keys/sock_internal.h"

#define KEY_URI "pkcs11:token=Troth;object=backend"
#define RETRY_MS 5000 /* identity.md section 3 */
#define CALLS_MAX 40

/* A key process of one slot, as far as a backend sees it. */
struct world {
	struct keys_process p;
	struct keys_slot slot;
	int supervisor; /* what the process tells it arrives here */
	int64_t now_ms;
	uint8_t digest[KEYS_P11_DIGEST_LEN];
	unsigned ups, downs, pins;
};

static struct crypto_pkey *
key_on_token(const char *uri)
{
	struct keys_p11_new n = { rig.shim, uri, (const uint8_t *)RIG_PIN, 4,
		CRYPTO_KEY_P256, true };
	struct crypto_pkey *key = NULL;
	struct fault f = { 0, "" };

	assert_int_equal(keys_p11_make_ensure(&n, &key, NULL, &f), 0);
	return key;
}

static void
begin(struct world *w, const char *pin, struct crypto_pkey *public)
{
	struct keys_found found = { .uri = (const uint8_t *)KEY_URI,
		.uri_len = strlen(KEY_URI),
		.device = (const uint8_t *)rig.shim,
		.device_len = strlen(rig.shim),
		.pass = (const uint8_t *)pin,
		.pass_len = strlen(pin) };
	struct fault f = { 0, "" };
	int fds[2];

	memset(w, 0, sizeof(*w));
	assert_int_equal(keys_sock_pair(fds), 0);
	w->p.control_fd = fds[0];
	w->supervisor = fds[1];
	keys_limit_init(&w->p.report, 1000);
	memcpy(w->slot.name, "ca-1", 5);
	w->slot.key = public;
	w->now_ms = keys_mono_ms();
	assert_int_equal(keys_device_open(&w->p, &w->slot, &found, &f), 0);
}

static void
end(struct world *w)
{
	w->slot.backend->ops->free(w->slot.backend);
	keys_process_bank_free(&w->p);
	crypto_pkey_free(w->slot.key);
	close(w->p.control_fd);
	close(w->supervisor);
}

static int64_t
tick(struct world *w)
{
	return w->slot.backend->ops->tick(w->slot.backend, w->now_ms);
}

static int
check(struct world *w, struct fault *f)
{
	return keys_slot_key_check(&w->slot, f);
}

/* Sign, and see that OpenSSL verifies it. */
static int
sign(struct world *w)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256,
		(const uint8_t *)"message", 7, sig, 0 };
	int rc;

	rc = keys_slot_key_sign(&w->slot, s.msg, s.msg_len, sig, &s.sig_len);
	if (rc == 0)
		assert_int_equal(crypto_pkey_verify(w->slot.key, &s), 0);
	return rc;
}

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
	/* Initialise, slots, info, session, login, mechanism, search (3),
	 * sign (2). */
	assert_true(way_back >= 11);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
