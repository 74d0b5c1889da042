/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fault.h"
#include "crypto/rng.h"
#include "pki/san.h"
#include "store/disk.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"

static char dir[] = "/tmp/troth-auth-XXXXXX";
static char db[64];
static struct store_disk *disk;
static struct ca_store *store;
static int64_t now_ms = 1795400000000;

static int64_t
now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock test_clock = { now, NULL };

static int
setup(void **state)
{
	struct ca_store_sqlite_opts o = {
		.path = db, .batch_max = 16, .queue_max = 16
	};
	struct fault f;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(db, sizeof(db), "%s/ca.db", dir);
	if (store_disk_new(&disk) != 0)
		return -1;
	o.disk = disk;
	return ca_store_sqlite_open(&o, &f, &store);
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[80];
	size_t i;

	(void)state;
	store->ops->close(store);
	store_disk_free(disk);
	for (i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", db, ends[i]);
		(void)unlink(path);
	}
	return rmdir(dir);
}

static const char *const some_roles[] = { "issuer", "auditor" };
static const char *const some_scopes[] = { "test", "2001:db8::/32" };
static const char *const some_profiles[] = { "server", "client" };

static void
mint(struct ca_auth *a, int64_t rate, char header[128], char id[17])
{
	struct ca_auth_spec spec = { some_roles, 2, some_scopes, 2,
		some_profiles, 2, 3600000, rate };
	struct ca_batch *b = ca_batch_new();
	char text[CA_AUTH_TOKEN_MAX];

	assert_int_equal(ca_auth_mint(a, &spec, b, text, id), 0);
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	(void)snprintf(header, 128, "Bearer %s", text);
}

static bool
allows(const struct ca_principal *p, const char *name)
{
	struct pki_san_list l = { .n = 0 };

	assert_int_equal(pki_san_add_text(&l, name), 0);
	return ca_auth_allows_name(p, &l.item[0]);
}

static void
test_token(void **state)
{
	struct ca_principal p;
	struct ca_auth *a;
	char header[128], id[17];
	unsigned wait;
	size_t i, n;

	(void)state;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &a), 0);
	mint(a, 60000, header, id);
	assert_int_equal(
	    ca_auth_check(a, header, CA_AUTH_ISSUER, &p, &wait), 0);
	assert_true(strncmp(p.owner, "token:", 6) == 0);
	assert_string_equal(p.owner + 6, id);
	assert_true(allows(&p, "a.test"));
	assert_true(allows(&p, "test"));
	assert_false(allows(&p, "atest"));
	assert_true(allows(&p, "2001:db8::1"));
	assert_false(allows(&p, "2001:db9::1"));
	assert_true(ca_auth_allows_profile(&p, "client"));
	assert_false(ca_auth_allows_profile(&p, "service"));
	assert_false(ca_auth_allows_profile(&p, "serve"));
	assert_int_equal(ca_auth_check(a, header, CA_AUTH_OPERATOR, &p, &wait),
	    ERR_STATE_FORBIDDEN);
	/* Every other text is unauthorized. */
	assert_int_equal(
	    ca_auth_check(a, NULL, 0, &p, &wait), ERR_STATE_UNAUTHORIZED);
	n = strlen(header);
	for (i = 0; i < n; i++) {
		header[i] ^= 1;
		assert_int_equal(ca_auth_check(a, header, 0, &p, &wait),
		    ERR_STATE_UNAUTHORIZED);
		header[i] ^= 1;
	}
	header[n] = 'A';
	header[n + 1] = '\0';
	assert_int_equal(
	    ca_auth_check(a, header, 0, &p, &wait), ERR_STATE_UNAUTHORIZED);
	header[n] = '\0';
	now_ms += 3600000;
	assert_int_equal(
	    ca_auth_check(a, header, 0, &p, &wait), ERR_STATE_UNAUTHORIZED);
	now_ms -= 3600000;
	assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), 0);
	ca_auth_free(a);
}

static void
test_revoked(void **state)
{
	struct ca_batch *b = ca_batch_new();
	struct ca_principal p;
	struct ca_auth *a;
	char header[128], id[17];
	unsigned wait;

	(void)state;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &a), 0);
	mint(a, 60000, header, id);
	assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), 0);
	ca_batch_revoke_token(b, id, now_ms);
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	assert_int_equal(
	    ca_auth_check(a, header, 0, &p, &wait), ERR_STATE_UNAUTHORIZED);
	ca_auth_free(a);
}

static void
test_rate(void **state)
{
	struct ca_principal p;
	struct ca_auth *a;
	char header[128], id[17];
	unsigned wait = 0;
	int i;

	(void)state;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &a), 0);
	mint(a, 60, header, id);
	for (i = 0; i < 10; i++)
		assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), 0);
	assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), ERR_PEER_RATE);
	assert_int_equal(wait, 2);
	now_ms += 1000;
	assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), 0);
	assert_int_equal(ca_auth_check(a, header, 0, &p, &wait), ERR_PEER_RATE);
	ca_auth_free(a);
}

static void
test_spec(void **state)
{
	static const char *const bad_role[] = { "root" };
	static const char *const comma[] = { "a,b" };
	struct ca_auth_spec ok = { some_roles, 1, some_scopes, 1, NULL, 0, 1000,
		60 };
	struct ca_auth_spec s;
	struct ca_batch *b = ca_batch_new();
	char text[CA_AUTH_TOKEN_MAX], id[17];
	struct ca_auth *a;

	(void)state;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &a), 0);
	assert_int_equal(ca_auth_mint(a, &ok, b, text, id), 0);
	s = ok;
	s.roles = bad_role;
	assert_int_equal(ca_auth_mint(a, &s, b, text, id), ERR_STATE_USAGE);
	s = ok;
	s.nroles = 0;
	assert_int_equal(ca_auth_mint(a, &s, b, text, id), ERR_STATE_USAGE);
	s = ok;
	s.ttl_ms = 0;
	assert_int_equal(ca_auth_mint(a, &s, b, text, id), ERR_STATE_USAGE);
	s = ok;
	s.rate_per_min = 0;
	assert_int_equal(ca_auth_mint(a, &s, b, text, id), ERR_STATE_USAGE);
	s = ok;
	s.profiles = comma;
	s.nprofiles = 1;
	assert_int_equal(ca_auth_mint(a, &s, b, text, id), ERR_STATE_USAGE);
	ca_batch_free(b);
	ca_auth_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_spec),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
