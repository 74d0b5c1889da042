/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_REST_FIXTURE_H
#define TRUSTCHAIN_CA_REST_FIXTURE_H

#include "pki/pki_test.h"

#include "http/client.h"
#include "http/server.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "net/addr.h"
#include "net/tls.h"
#include "ops/health.h"
#include "ops/metrics.h"
#include "ops/web.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_issue_fixture.h"
#include "trustchain/ca_issue_world.h"
#include "trustchain/ca_rest.h"
#include "trustchain/ca_store.h"
#include "wire/json.h"
#include "wire/time.h"

/*
 * The REST API over a real HTTP server and client on loopback; key process
 * and log are played as in the test of the driver.
 */
static struct http_server *server;
static struct http_client *client;
static struct net_addr bound;
static struct ca_auth *auth;
static struct ca_rest *rest;
static struct net_tls *tls;
static struct ops_web web;
static struct loop_pool *pool;
static char token[128], reader[128], registrar[128], keyless[128];

/** handle: one request, to the API or 404. */
static __attribute__((unused)) void
handle(void *ctx, struct http_request *r)
{
	(void)ctx;
	if (!ca_rest_handle(rest, r))
		ca_rest_not_found(rest, r);
}

/** mint: a token of one role; the Authorization header. */
static __attribute__((unused)) void
mint(const char *role, char out[128])
{
	static const char *const scopes[] = { "example.test", "2001:db8::/32" };
	const char *roles[] = { role };
	struct ca_auth_spec spec = { .roles = roles,
		.nroles = 1,
		.scopes = scopes,
		.nscopes = 2,
		.ttl_ms = 3600000,
		.rate_per_min = 60000 };
	struct ca_batch *b = ca_batch_new();
	char text[CA_AUTH_TOKEN_MAX], id[17];

	assert_int_equal(ca_auth_mint(auth, &spec, b, text, id), 0);
	assert_int_equal(store->ops->submit_wait(store, b), 0);
	snprintf(out, 128, "Bearer %s", text);
}

/** setup_rest: everything, with a server and a client on loopback. */
static __attribute__((unused)) int
setup_rest(void **state)
{
	static const char *const names[] = { "localhost" };
	struct http_server_opts so = { .body_max = 65536 };
	struct http_listener_opts lo = { .handler = handle,
		.refuse = ca_rest_refuse };
	struct net_tls_opts to = { 0 };
	struct ca_rest_opts ro;
	struct net_addr any;
	char *cert, *key;
	struct fault f;

	if (setup(state) != 0)
		return -1;
	assert_int_equal(
	    ca_auth_new(store, &test_clock, crypto_rng_system(), &auth), 0);
	mint("issuer", token);
	mint("auditor", reader);
	mint("registrar", registrar);
	mint("issuer-keygen", keyless);
	assert_int_equal(loop_pool_new(loop, 1, 16, &pool), 0);
	assert_int_equal(net_tls_self_signed(names, 1, 1, &cert, &key), 0);
	to.cert_pem = cert;
	to.key_pem = key;
	assert_int_equal(net_tls_new(&to, &tls, &f), 0);
	free(cert);
	free(key);
	web.health = ops_health_new("1", "test");
	config.auth.token_max_ttl_d = 90;
	ro = (struct ca_rest_opts){ .loop = loop,
		.config = &config,
		.authority = authority,
		.store = store,
		.auth = auth,
		.issue = issue,
		.pool = pool,
		.tls = tls,
		.web = &web,
		.clock = &test_clock,
		.rng = crypto_rng_system() };
	assert_int_equal(ca_rest_new(&ro, &rest), 0);
	assert_int_equal(http_server_new(loop, &so, &server, &f), 0);
	assert_int_equal(net_addr_parse("[::1]:0", &any), 0);
	lo.addr = &any;
	lo.ctx = rest;
	assert_int_equal(http_server_listen(server, &lo, &bound, &f), 0);
	assert_int_equal(http_client_new(loop, NULL, &client), 0);
	return 0;
}

/** teardown_rest: free it. */
static __attribute__((unused)) int
teardown_rest(void **state)
{
	http_client_free(client);
	ca_issue_stop(issue);
	http_server_free(server);
	ca_rest_free(rest);
	loop_pool_free(pool);
	ca_auth_free(auth);
	net_tls_free(tls);
	ops_health_free(web.health);
	return teardown(state);
}

#endif
