/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_STORE_FIXTURE_H
#define TRUSTCHAIN_CA_STORE_FIXTURE_H

/*
 * What the tests of the CA's store share: a database in a directory of its
 * own with one issuer, and one-line forms of C1 and C2.
 */
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/fault.h"
#include "loop/loop.h"
#include "store/disk.h"
#include "store/disk_fault.h"
#include "trustchain/ca_batch_acme.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"

static char dir[64];
static char path[128];
static struct store_disk *disk;
static struct ca_store *s;
static struct arena *a;

/** rm_one: Remove one entry of a tree (nftw). */
static __attribute__((unused)) int
rm_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

/** open_store: Open ${s} on ${disk}; return what ca_store_sqlite_open says. */
static __attribute__((unused)) int
open_store(struct loop *loop)
{
	struct ca_store_sqlite_opts o = { .disk = disk,
		.loop = loop,
		.path = path,
		.batch_max = 64,
		.queue_max = 256 };
	struct fault fault;

	return ca_store_sqlite_open(&o, &fault, &s);
}

/** put_issuer: Add issuer int1 with epoch 1, as a start does. */
static __attribute__((unused)) void
put_issuer(void)
{
	struct ca_issuer is = { .id = "int1",
		.cert = { (const uint8_t *)"CERT", 4 },
		.state = "open",
		.epoch = 1 };
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_issuer(b, &is);
	/* The power may be off already; the callers look at the rest. */
	(void)!s->ops->submit_wait(s, b);
}

/** setup: A new directory, a tracked disk, an open store with one issuer. */
static __attribute__((unused)) int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "%s/troth-ca-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/ca.db", dir);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(store_disk_fault_track(disk), 0);
	assert_non_null(a = base_arena_new(1 << 24));
	assert_int_equal(open_store(NULL), 0);
	put_issuer();
	return 0;
}

/** teardown: Close and remove what setup made. */
static __attribute__((unused)) int
teardown(void **state)
{
	(void)state;
	if (s != NULL)
		s->ops->close(s);
	s = NULL;
	store_disk_free(disk);
	base_arena_free(a);
	nftw(dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/** restart: Close and open again. */
static __attribute__((unused)) void
restart(void)
{
	s->ops->close(s);
	s = NULL;
	assert_int_equal(open_store(NULL), 0);
}

/** blob: A text as a blob. */
static __attribute__((unused)) struct ca_blob
blob(const char *text)
{
	struct ca_blob b = { (const uint8_t *)text, strlen(text) };

	return b;
}

/** cert: A plausible row in state P. */
static __attribute__((unused)) struct ca_cert
cert(const char *serial)
{
	struct ca_cert c = { .issuer = "int1",
		.serial = blob(serial),
		.epoch = 1,
		.state = CA_CERT_PRECERT,
		.profile = "server",
		.not_before = 1000,
		.not_after = 9000,
		.created = 1100,
		.shard = 7,
		.spki = blob("spki"),
		.precert = blob("PRECERT"),
		.owner = "token:t1" };

	return c;
}

/** c1: Commit C1 for ${c}, with an idempotency entry if given. */
static __attribute__((unused)) int
c1(const struct ca_cert *c, const struct ca_idem *idem)
{
	struct ca_name names[] = { { CA_NAME_DNS, blob("www.example") },
		{ CA_NAME_IP, blob("0123456789abcdef") } };
	struct ca_batch *b = ca_batch_new();

	ca_batch_put_precert(b, c, names, 2);
	if (idem != NULL)
		ca_batch_put_idem(b, idem);
	return s->ops->submit_wait(s, b);
}

/** c2: Commit C2 for a serial, with its audit event. */
static __attribute__((unused)) int
c2(const char *serial)
{
	struct ca_cert c = { .issuer = "int1",
		.serial = blob(serial),
		.fp = blob(serial),
		.final = blob("FINAL"),
		.scts = blob("SCTS"),
		.sct_json = "[]" };
	struct ca_batch *b = ca_batch_new();

	ca_batch_finalize(b, &c);
	ca_batch_outbox(b, 1200, "cert.issued", "{\"serial\":\"x\"}");
	return s->ops->submit_wait(s, b);
}

#endif
