/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of ours in turn fails, on the way to a token and back; the
 * module's own (SoftHSM) succeed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc_test.h"
#include "keys/crew_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_wrap.h"
#include "keys/p11_world_test.h"

#define WRAP_URI "pkcs11:token=Troth;object=kek"
#define WARM_UPS 2

static struct crypto_pkey *public;
static long ours;

/* The module's allocations do not count. */
static void
around(int on)
{
	if (on)
		ours = atomic_exchange(&alloc_test_left, -1);
	else
		atomic_store(&alloc_test_left, ours);
}

static struct keys_p11_new
new_key(const char *uri)
{
	return (struct keys_p11_new){ rig.shim, uri, (const uint8_t *)RIG_PIN,
		4, CRYPTO_KEY_P256, true };
}

/* A fault says something, and no token is blamed for our memory. */
static int
judge(int rc, const struct fault *f)
{
	if (rc == 0)
		return 0;
	assert_true(f->msg[0] != '\0');
	assert_true(rc == ERR_SYS_NOMEM || rc == ERR_SYS_CRYPTO ||
		    rc == ERR_STATE_CONFIG);
	return rc;
}

static int
do_find(void)
{
	struct keys_p11_new n = new_key(KEY_URI);
	struct crypto_pkey *key = NULL;
	struct fault f = { 0, "" };
	int rc = keys_p11_make_ensure(&n, &key, NULL, &f);

	if (rc != 0)
		assert_null(key);
	crypto_pkey_free(key);
	return judge(rc, &f);
}

static int
do_wrap(void)
{
	struct keys_p11_new n = new_key(WRAP_URI);
	uint8_t seed[32] = { 1, 2, 3 }, wrapped[64], back[64];
	struct keys_p11_secret in = { seed, sizeof(seed) };
	struct fault f = { 0, "" };
	size_t len = 0;
	int rc;

	rc = keys_p11_wrap_ensure(&n, &f);
	if (rc == 0)
		rc = keys_p11_wrap_seal(&n, in, wrapped, &len, &f);
	in = (struct keys_p11_secret){ wrapped, len };
	if (rc == 0)
		rc = keys_p11_wrap_open(&n, in, back, &len, &f);
	if (rc == 0)
		assert_memory_equal(seed, back, sizeof(seed));
	return judge(rc, &f);
}

/* A slot from its opening to a signature, and a crew beside it. */
static int
do_slot(void)
{
	struct keys_found found = { .uri = (const uint8_t *)KEY_URI,
		.uri_len = strlen(KEY_URI),
		.device = (const uint8_t *)rig.shim,
		.device_len = strlen(rig.shim),
		.pass = (const uint8_t *)RIG_PIN,
		.pass_len = 4 };
	struct world w = { .supervisor = -1 };
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t len;
	struct fault f = { 0, "" };
	int rc;

	w.p.control_fd = -1;
	w.slot.key = public;
	rc = keys_device_open(&w.p, &w.slot, &found, &f);
	if (rc == 0 && tick(&w) != INT64_MAX)
		rc = check(&w, &f) == ERR_SYS_KEY ? ERR_SYS_NOMEM : -1;
	if (rc == 0)
		rc = keys_crew_start(&w.p);
	if (rc == 0)
		rc = keys_slot_key_sign(&w.slot, "message", 7, sig, &len);
	keys_crew_end(&w.p);
	if (w.slot.backend != NULL)
		w.slot.backend->ops->free(w.slot.backend);
	keys_process_bank_free(&w.p);
	return rc;
}

static void
each(int (*fn)(void), long least)
{
	/* What libraries allocate once and for all. */
	for (int i = 0; i < WARM_UPS; i++)
		assert_int_equal(fn(), 0);
	assert_true(alloc_test_each(fn) >= least);
	assert_int_equal(fn(), 0);
}

static void
test_find(void **state)
{
	(void)state;
	each(do_find, 3);
}

static void
test_wrap(void **state)
{
	(void)state;
	each(do_wrap, 3);
}

static void
test_slot(void **state)
{
	(void)state;
	each(do_slot, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_slot),
	};
	int failed = rig_start();

	if (!alloc_test_fail(-1))
		return failed == 0 ? 0 : failed;
	if (failed != 0) {
		(void)fprintf(stderr, "no SoftHSM (package softhsm2)\n");
		return failed;
	}
	rig.control->around = around;
	public = key_on_token(KEY_URI);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_pkey_free(public);
	rig_end();
	return failed;
}
