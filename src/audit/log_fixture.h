/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LOG_FIXTURE_H
#define AUDIT_LOG_FIXTURE_H

/*
 * What the tests of the audit log share: a log in a directory of its own,
 * signed by a key that the test holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/command.h"
#include "audit/event.h"
#include "audit/log.h"
#include "audit/recent.h"
#include "audit/verify.h"
#include "base/fault.h"
#include "crypto/ed25519.h"
#include "merkle/vkey.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "store/file.h"

#define FIXTURE static __attribute__((unused))

FIXTURE const uint8_t seed[32] = { 7 };
FIXTURE struct merkle_vkey vkey;
FIXTURE char dir[64], path[128];
FIXTURE struct store_disk *disk;
FIXTURE struct audit_log *lg;
FIXTURE struct fault why;
FIXTURE uint64_t seg_bytes; /* when segments are closed; 0: never */
FIXTURE struct audit_verify_result result;

/** rm_one: Remove one entry of a tree (nftw). */
FIXTURE int
rm_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

/** make_dir: A new place for a log, a tracked disk, a key. */
FIXTURE void
make_dir(void)
{
	uint8_t pub[32];

	snprintf(dir, sizeof(dir), "%s/troth-audit-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(dir + strlen(dir), 5, "/log");
	snprintf(path, sizeof(path), "%s/audit.log", dir);
	assert_int_equal(crypto_ed25519_public(seed, pub), 0);
	assert_int_equal(merkle_vkey_init(&vkey, "example.test/audit",
			     MERKLE_SIG_ED25519, pub),
	    0);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(store_disk_fault_track(disk), 0);
}

/** remove_dir: Close the log and remove what make_dir made. */
FIXTURE void
remove_dir(void)
{
	audit_log_close(lg);
	lg = NULL;
	store_disk_free(disk);
	disk = NULL;
	dir[strlen(dir) - 4] = '\0';
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

/** open_log: Open ${lg}; return what audit_log_open says. */
FIXTURE int
open_log(void)
{
	struct audit_log_opts o = { disk, dir, &vkey, NULL, seg_bytes, 0 };

	return audit_log_open(&o, &why, &lg);
}

/** setup: make_dir and open_log. */
FIXTURE int
setup(void **state)
{
	(void)state;
	make_dir();
	assert_int_equal(open_log(), 0);
	return 0;
}

/** teardown: remove_dir. */
FIXTURE int
teardown(void **state)
{
	(void)state;
	remove_dir();
	return 0;
}

/** restart: Close and open again. */
FIXTURE int
restart(void)
{
	audit_log_close(lg);
	lg = NULL;
	return open_log();
}

/** append: Append event number ${n}, from outbox number ${n}. */
FIXTURE int
append(int n)
{
	struct audit_event ev = { "cert.issued", "system:test", "serial=00",
		1700000000000 + n, n, NULL };
	char line[AUDIT_LINE_MAX + 1];
	uint8_t random[16] = { 0 };
	size_t len;

	random[2] = (uint8_t)(n >> 8);
	random[3] = (uint8_t)n;
	assert_int_equal(audit_event_encode(&ev, random, line, &len), 0);
	line[len++] = '\n';
	return audit_log_append(lg, line, len);
}

/** publish: Prepare, sign and publish a checkpoint. */
FIXTURE int
publish(void)
{
	char text[AUDIT_LOG_TEXT_MAX];
	uint8_t sig[64];
	int rc;

	if ((rc = audit_log_prepare(lg, text)) != 0)
		return rc;
	assert_int_equal(crypto_ed25519_sign(seed, text, strlen(text), sig), 0);
	return audit_log_publish(lg, text, sig, sizeof(sig));
}

/** verify: audit_verify_log into ${result}, with an event or without. */
FIXTURE int
verify(const char *event_id)
{
	struct audit_verify_opts o = { path, dir, &vkey, event_id };

	return audit_verify_log(&o, &why, &result);
}

/** write_file: Overwrite a file of the log as an intruder would. */
FIXTURE void
write_file(const char *name, const void *data, size_t len)
{
	char p[160];
	FILE *f;

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	assert_non_null(f = fopen(p, "wb"));
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

#endif
