/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ISSUE_WORLD_H
#define TRUSTCHAIN_CA_ISSUE_WORLD_H

#include <ftw.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "crypto/rng.h"
#include "store/disk.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_issue_fixture.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"

/** write_pem: Write a certificate to the directory of the test. */
static char *
write_pem(const char *name, const struct pki_cert *c)
{
	char path[128];
	struct pki_bytes d = pki_cert_der(c);
	const uint8_t *p = d.data;
	X509 *x = d2i_X509(NULL, &p, (long)d.len);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_free(x);
	return strdup(path);
}

/** remove_one: Remove one entry of a tree (nftw). */
static int
remove_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

/** start: Open the store and begin; wait for the roll-forward. */
static void
start(void)
{
	struct ca_store_sqlite_opts so = { .disk = disk,
		.loop = loop,
		.path = db_path,
		.batch_max = 64,
		.queue_max = 256 };
	struct ca_issue_opts o = { .loop = loop,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.config = &config,
		.authority = authority,
		.traffic_percentage = 100 };
	struct fault f;
	int i;

	assert_int_equal(ca_store_sqlite_open(&so, &f, &store), 0);
	o.store = store;
	assert_int_equal(ca_issue_new(&o, &issue), 0);
	for (i = 0; i < 200 && !ca_issue_recovered(issue); i++)
		loop_run_for(loop, 2);
	assert_true(ca_issue_recovered(issue));
}

/** stop: End as the program does. */
static void
stop(void)
{
	ca_issue_stop(issue);
	store->ops->close(store);
	loop_run_for(loop, 10);
	ca_issue_free(issue);
	issue = NULL;
}

static struct ca_config_issuer issuer_conf;

/** setup: A directory, an authority, a driver. */
static int
setup(void **state)
{
	struct fault f;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/troth-issue-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(db_path, sizeof(db_path), "%s/ca.db", dir);
	w = world_new();
	log_key = new_ec("P-256");
	spki_of(log_key, &log_spki);
	memset(&config, 0, sizeof(config));
	memset(&issuer_conf, 0, sizeof(issuer_conf));
	issuer_conf.id = strdup("int1");
	issuer_conf.cert = write_pem("int1.crt", w->issuer);
	issuer_conf.chain = strdup(issuer_conf.cert);
	issuer_conf.is_default = true;
	issuer_conf.crl_shards = 64;
	config.issuers.v = &issuer_conf;
	config.issuers.n = 1;
	config.server.roots = write_pem("root.crt", w->root);
	config.server.base_url = strdup("https://ca.test");
	config.server.environment = TRUSTCHAIN_LOCAL;
	config.issue.min_scts = 1;
	config.issue.roll_forward_s = 300;
	config.issue.max_inflight = 16;
	config.issue.idempotency_s = 3600;
	now_ms = NOW_MS;
	log_up = log_answers = true;
	lie = HONEST;
	key_rc = 0;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(ca_authority_load(&config, NOW_MS, &authority, &f), 0);
	start();
	return 0;
}

/** teardown: Remove what setup made. */
static int
teardown(void **state)
{
	(void)state;
	stop();
	ca_authority_free(authority);
	store_disk_free(disk);
	loop_free(loop);
	free(issuer_conf.id);
	free(issuer_conf.cert);
	free(issuer_conf.chain);
	free(config.server.roots);
	free(config.server.base_url);
	EVP_PKEY_free(log_key);
	world_free(w);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

#endif
