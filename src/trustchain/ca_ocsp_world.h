/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_OCSP_WORLD_H
#define TRUSTCHAIN_CA_OCSP_WORLD_H

#include "base/arena.h"
#include "trustchain/ca_ocsp_fixture.h"

/** put_cert: Add a certificate with serial ${n}, revoked unless ${revoked_at}
 * is 0. */
static void
put_cert(uint8_t n, int64_t revoked_at)
{
	struct ca_cert row = { .issuer = "int1",
		.epoch = 1,
		.state = CA_CERT_ISSUED,
		.profile = "server",
		.not_before = NOW_MS - 60000,
		.not_after = NOW_MS + DAY_MS,
		.created = NOW_MS,
		.owner = "system" };
	struct ca_batch *b = ca_batch_new();
	uint8_t serial[PKI_SERIAL_LEN], hash[32];

	serial_for(serial, n);
	memset(hash, n, sizeof(hash));
	row.serial = (struct ca_blob){ serial, sizeof(serial) };
	row.spki = row.fp = (struct ca_blob){ hash, sizeof(hash) };
	row.final = (struct ca_blob){ hash, sizeof(hash) };
	ca_batch_put_precert(b, &row, NULL, 0);
	if (revoked_at != 0)
		ca_batch_revoke(b, "int1", row.serial, revoked_at, 1);
	assert_int_equal(real_store->ops->submit_wait(real_store, b), 0);
}

/** open_store: Open the store with one issuer. */
static void
open_store(void)
{
	static struct ca_store_ops ops;
	static struct ca_store wrapped;
	struct ca_store_sqlite_opts so = { .disk = disk,
		.loop = loop,
		.path = db_path,
		.batch_max = 64,
		.queue_max = 256 };
	struct ca_issuer is = { .id = "int1",
		.cert = { (const uint8_t *)"CERT", 4 },
		.state = "open",
		.epoch = 1 };
	struct ca_batch *b = ca_batch_new();
	struct fault f;

	assert_int_equal(ca_store_sqlite_open(&so, &f, &real_store), 0);
	ca_batch_put_issuer(b, &is);
	assert_int_equal(real_store->ops->submit_wait(real_store, b), 0);
	ops = *real_store->ops;
	ops.get_status = get_status;
	wrapped.ops = &ops;
	store = &wrapped;
}

/** signer_opts: The signer's own writes go to the real store. */
static struct ca_signer_opts
signer_opts(void)
{
	return (struct ca_signer_opts){ .loop = loop,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.config = &config,
		.authority = authority,
		.store = real_store,
		.disk = disk };
}

/** ocsp_opts: What the responder is made of. */
static struct ca_ocsp_opts
ocsp_opts(void)
{
	return (struct ca_ocsp_opts){ .config = &config,
		.authority = authority,
		.store = store,
		.signer = signer,
		.clock = &test_clock,
		.rng = crypto_rng_system(),
		.answered = counted };
}

/** make_service: Make signer, responder and what leads there. */
static void
make_service(void)
{
	const struct ca_signer_opts so = signer_opts();
	struct ca_points_opts po = {
		.config = &config, .authority = authority, .clock = &test_clock
	};
	struct ca_ocsp_opts oo;

	assert_int_equal(ca_signer_new(&so, &signer), 0);
	oo = ocsp_opts();
	assert_int_equal(ca_ocsp_new(&oo, &ocsp), 0);
	po.ocsp = ocsp;
	assert_int_equal(ca_points_new(&po, &points), 0);
}

/** wait_signer: Wait until there is a signer. */
static void
wait_signer(void)
{
	for (int i = 0; i < 500 && ca_signer_get(signer, 0) == NULL; i++)
		loop_run_for(loop, 2);
	assert_non_null(ca_signer_get(signer, 0));
}

/** configure: Fill in the configuration. */
static void
configure(void)
{
	memset(&config, 0, sizeof(config));
	issuer_conf = (struct ca_config_issuer){ .id = strdup("int1") };
	issuer_conf.cert = write_pem("int1.crt", w->issuer);
	issuer_conf.chain = strdup(issuer_conf.cert);
	issuer_conf.ocsp_key = strdup("");
	issuer_conf.is_default = true;
	issuer_conf.crl_shards = 64;
	config.issuers.v = &issuer_conf;
	config.issuers.n = 1;
	config.server.roots = write_pem("root.crt", w->root);
	config.server.state_dir = strdup(dir);
	config.server.environment = TRUSTCHAIN_LOCAL;
	config.status.ocsp_validity_s = 43200;
	config.status.ocsp_cache = 100;
	config.status.ocsp_nonce_per_s = 500;
}

/** setup: Everything, with one good and one revoked certificate. */
static int
setup(void **state)
{
	struct http_server_opts so = { .body_max = 65536 };
	struct http_listener_opts lo = { .handler = handle };
	struct net_addr any;
	struct fault f;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/troth-ocsp-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(db_path, sizeof(db_path), "%s/ca.db", dir);
	w = world_new();
	configure();
	now_ms = NOW_MS;
	fail_op = -1;
	fail_rc = store_rc = 0;
	generated = certified = answered_by_key = 0;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(store_disk_new(&disk), 0);
	assert_int_equal(ca_authority_load(&config, NOW_MS, &authority, &f), 0);
	open_store();
	make_service();
	assert_int_equal(http_server_new(loop, &so, &server, &f), 0);
	assert_int_equal(net_addr_parse("[::1]:0", &any), 0);
	lo.addr = &any;
	assert_int_equal(http_server_listen(server, &lo, &bound, &f), 0);
	assert_int_equal(http_client_new(loop, NULL, &client), 0);
	wait_signer();
	put_cert(1, 0);
	put_cert(2, NOW_MS - DAY_MS / 2);
	return 0;
}

/** teardown: Remove what setup made. */
static int
teardown(void **state)
{
	(void)state;
	http_client_free(client);
	http_server_free(server);
	ca_points_free(points);
	ca_ocsp_free(ocsp);
	real_store->ops->close(real_store);
	loop_run_for(loop, 5);
	ca_signer_free(signer);
	ca_authority_free(authority);
	store_disk_free(disk);
	loop_free(loop);
	EVP_PKEY_free(made[0]);
	EVP_PKEY_free(made[1]);
	made[0] = made[1] = NULL;
	free(issuer_conf.id);
	free(issuer_conf.cert);
	free(issuer_conf.chain);
	free(issuer_conf.ocsp_key);
	free(config.server.roots);
	free(config.server.state_dir);
	world_free(w);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

#endif
