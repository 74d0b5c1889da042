/* SPDX-License-Identifier: Apache-2.0 */
/* What allocates, with its n-th allocation failing for each n. */
#include "audit/log_fixture.h"

#include "audit/check.h"
#include "audit/export.h"
#include "audit/pseudonym.h"
#include "audit/retain.h"
#include "audit/source.h"
#include "audit/syslog.h"
#include "base/alloc_test.h"
#include "crypto/rng.h"

static char bundle[160];
static struct store_disk *plain;

static int
do_check(void)
{
	struct audit_check_opts o = { NULL, &vkey, NULL };
	struct audit_source *s = NULL;
	struct audit_check_result r;
	int fd = -1, rc;

	rc = audit_source_dir(path, dir, &s);
	o.source = s;
	if (rc == 0)
		rc = audit_check(&o, &why, &r);
	audit_source_free(s);
	if (rc != 0)
		return rc;
	assert_true((fd = open(bundle, O_RDONLY)) >= 0);
	s = NULL;
	rc = audit_source_tar(fd, &s);
	o.source = s;
	if (rc == 0)
		rc = audit_check(&o, &why, &r);
	audit_source_free(s);
	close(fd);
	/* A lack of memory is never taken for an edited log. */
	if (rc == ERR_STATE_INTEGRITY)
		fail_msg("%s", why.msg);
	return rc;
}

static int
do_export(void)
{
	struct audit_export_opts o = { NULL, &vkey, 0, 0, -1 };
	struct audit_source *s = NULL;
	uint64_t n;
	int rc;

	o.fd = open(bundle, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(o.fd >= 0);
	rc = audit_source_dir(path, dir, &s);
	o.source = s;
	if (rc == 0)
		rc = audit_export(&o, &why, &n);
	close(o.fd);
	audit_source_free(s);
	return rc;
}

/* A log in segments opens, or says why not, and stays as it is. */
static int
do_open(void)
{
	struct audit_log_opts o = { plain, dir, &vkey, NULL, 4000, 0 };
	struct audit_log *log = NULL;
	int rc = audit_log_open(&o, &why, &log);

	if (rc == 0)
		assert_int_equal(audit_log_size(log), 300);
	assert_int_not_equal(rc, ERR_STATE_INTEGRITY);
	audit_log_close(log);
	return rc;
}

static int
do_pseudonym(void)
{
	struct audit_pseudonym_opts o = { plain, NULL, crypto_rng_system(),
		1000 };
	char file[160], text[AUDIT_PSEUDONYM_TEXT_MAX];
	struct audit_pseudonym *p = NULL;
	int rc;

	snprintf(file, sizeof(file), "%s/pseudonym", dir);
	o.path = file;
	if ((rc = audit_pseudonym_open(&o, 1, &p)) == 0) {
		audit_pseudonym_of(p, "a", "b", 1, text);
		rc = audit_pseudonym_forget(p, 1);
	}
	audit_pseudonym_close(p);
	return rc;
}

static int
do_syslog(void)
{
	struct audit_syslog_opts o = { "unix:/nowhere", "h", "a", 4 };
	struct audit_syslog_stats st = { 0, 0, 0 };
	struct audit_syslog *s = NULL;
	int rc = audit_syslog_new(&o, &s);

	if (rc == 0) {
		audit_syslog_put(s, "{}", 2);
		audit_syslog_get_stats(s, &st);
		rc = st.lost == 0 ? 0 : ERR_SYS_NOMEM;
		assert_true(st.lost + st.waiting <= 1);
	}
	audit_syslog_free(s);
	return rc;
}

static void
test_all(void **state)
{
	int i;

	(void)state;
	seg_bytes = 4000;
	make_dir();
	snprintf(bundle, sizeof(bundle), "%s/../bundle.tar", dir);
	assert_int_equal(open_log(), 0);
	for (i = 1; i <= 300; i++) {
		assert_int_equal(append(i), 0);
		if (i % 10 != 0)
			continue;
		assert_int_equal(publish(), 0);
		assert_int_equal(audit_log_roll(lg, 0), 0);
	}
	audit_log_close(lg);
	lg = NULL;
	assert_int_equal(store_disk_new(&plain), 0);
	assert_true(alloc_test_each(do_export) >= (ALLOC_TEST ? 5 : 0));
	assert_int_equal(do_export(), 0);
	assert_true(alloc_test_each(do_check) >= (ALLOC_TEST ? 8 : 0));
	assert_true(alloc_test_each(do_open) >= (ALLOC_TEST ? 8 : 0));
	assert_true(alloc_test_each(do_pseudonym) >= (ALLOC_TEST ? 1 : 0));
	assert_true(alloc_test_each(do_syslog) >= (ALLOC_TEST ? 4 : 0));
	store_disk_free(plain);
	remove_dir();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests_name("audit/alloc", tests, NULL, NULL);
}
