/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/fault.h"
#include "base/wipe.h"
#include "net/tls.h"

struct pair {
	char *cert, *key;
};

static struct pair
make(const char *name)
{
	const char *names[] = { name, "::1", "127.0.0.1" };
	struct pair p;

	assert_int_equal(net_tls_self_signed(names, 3, 30, &p.cert, &p.key), 0);
	return p;
}

static void
drop(struct pair *p)
{
	free(p->cert);
	base_wipe_free(p->key, strlen(p->key));
}

static struct net_tls *
server(const struct pair *p, enum net_tls_client_cert client_cert)
{
	struct net_tls_opts opts = { .client_cert = client_cert,
		.cert_pem = p->cert,
		.key_pem = p->key };
	struct net_tls *t;

	assert_int_equal(net_tls_new(&opts, &t, NULL), 0);
	return t;
}

/* Shake hands in memory; return whether both sides finished. */
static int
handshake(SSL *a, SSL *b)
{
	BIO *x, *y;
	int done_a = 0, done_b = 0;

	assert_int_equal(BIO_new_bio_pair(&x, 0, &y, 0), 1);
	SSL_set_bio(a, x, x);
	SSL_set_bio(b, y, y);
	for (int i = 0; i < 20 && !(done_a && done_b); i++) {
		if (!done_a)
			done_a = SSL_connect(a) == 1;
		if (!done_b)
			done_b = SSL_accept(b) == 1;
	}
	ERR_clear_error();
	return done_a && done_b;
}

static void
self_signed_names_verify(void **state)
{
	struct pair p = make("ca.example");
	BIO *bio = BIO_new_mem_buf(p.cert, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	(void)state;
	assert_non_null(x);
	assert_int_equal(X509_check_host(x, "ca.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "cb.example", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.2", 0), 0);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	X509_free(x);
	BIO_free(bio);
	drop(&p);
}

static void
negotiates_the_house_rules(void **state)
{
	struct pair p = make("a");
	struct net_tls *t = server(&p, NET_TLS_CLIENT_CERT_NONE);
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	static const struct {
		const char *suites, *groups;
		int max, ok;
		const char *suite;
	} rows[] = {
		{ "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
		    "X25519:P-256", 0, 1, "TLS_AES_256_GCM_SHA384" },
		{ "TLS_CHACHA20_POLY1305_SHA256", "P-256", 0, 1,
		    "TLS_CHACHA20_POLY1305_SHA256" },
		{ "TLS_AES_128_GCM_SHA256", "X25519", 0, 1,
		    "TLS_AES_128_GCM_SHA256" },
		{ "TLS_AES_128_CCM_SHA256", "X25519", 0, 0, NULL },
		{ "TLS_AES_256_GCM_SHA384", "P-384", 0, 0, NULL },
		{ "TLS_AES_256_GCM_SHA384", "X25519", TLS1_2_VERSION, 0, NULL },
	};

	(void)state;
	assert_int_equal(net_tls_setup_ctx(t, sctx), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SSL *c = SSL_new(cctx), *s = SSL_new(sctx);

		assert_int_equal(SSL_set_ciphersuites(c, rows[i].suites), 1);
		assert_int_equal(SSL_set1_groups_list(c, rows[i].groups), 1);
		SSL_set_max_proto_version(c, rows[i].max);
		assert_int_equal(handshake(c, s), rows[i].ok);
		if (rows[i].ok)
			assert_string_equal(
			    SSL_get_cipher_name(c), rows[i].suite);
		SSL_free(c);
		SSL_free(s);
	}
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
	net_tls_free(t);
	drop(&p);
}

static void
hybrid_group_where_the_library_has_it(void **state)
{
	struct pair p = make("a");
	struct net_tls *t = server(&p, NET_TLS_CLIENT_CERT_NONE);
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	SSL *c, *s;

	(void)state;
	if (OpenSSL_version_num() < 0x30500000L)
		skip();
	assert_int_equal(net_tls_setup_ctx(t, sctx), 0);
	assert_int_equal(net_tls_setup_client_ctx(cctx), 0);
	c = SSL_new(cctx);
	s = SSL_new(sctx);
	assert_int_equal(handshake(c, s), 1);
	assert_string_equal(SSL_get0_group_name(c), "X25519MLKEM768");
	SSL_free(c);
	SSL_free(s);
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
	net_tls_free(t);
	drop(&p);
}

static void
assert_subject(SSL *c, const char *name)
{
	X509 *x = SSL_get1_peer_certificate(c);

	assert_int_equal(X509_check_host(x, name, 0, 0, NULL), 1);
	X509_free(x);
}

static void
certificate_is_replaced_for_new_handshakes(void **state)
{
	struct pair p = make("first.example"), q = make("second.example");
	struct net_tls *t = server(&p, NET_TLS_CLIENT_CERT_NONE);
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	SSL *c1 = SSL_new(cctx), *c2 = SSL_new(cctx), *s1, *s2;
	struct fault f = { 0 };
	char b[4];

	(void)state;
	assert_int_equal(net_tls_setup_ctx(t, sctx), 0);
	s1 = SSL_new(sctx);
	s2 = SSL_new(sctx);
	assert_int_equal(handshake(c1, s1), 1);
	assert_subject(c1, "first.example");
	/* A pair that does not match changes nothing. */
	assert_int_equal(
	    net_tls_set_cert(t, q.cert, p.key, &f), ERR_STATE_CONFIG);
	assert_int_equal(net_tls_set_cert(t, "x", q.key, &f), ERR_STATE_CONFIG);
	assert_string_equal(net_tls_cert_pem(t), p.cert);
	assert_int_equal(net_tls_set_cert(t, q.cert, q.key, &f), 0);
	assert_int_equal(handshake(c2, s2), 1);
	assert_subject(c2, "second.example");
	/* The older connection lives on. */
	assert_int_equal(SSL_write(c1, "ping", 4), 4);
	assert_int_equal(SSL_read(s1, b, 4), 4);
	assert_memory_equal(b, "ping", 4);
	SSL_free(c1);
	SSL_free(c2);
	SSL_free(s1);
	SSL_free(s2);
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
	net_tls_free(t);
	drop(&p);
	drop(&q);
}

static int
with_client_cert(
    enum net_tls_client_cert mode, const struct pair *client, const char *roots)
{
	struct pair p = make("a");
	struct net_tls_opts opts = { .client_cert = mode,
		.cert_pem = p.cert,
		.key_pem = p.key,
		.client_roots_pem = roots };
	SSL_CTX *sctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *cctx = SSL_CTX_new(TLS_client_method());
	struct net_tls *t;
	SSL *c, *s;
	int ok;

	if (client != NULL) {
		BIO *cert = BIO_new_mem_buf(client->cert, -1);
		BIO *key = BIO_new_mem_buf(client->key, -1);
		X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
		EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);

		assert_int_equal(SSL_CTX_use_certificate(cctx, x), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(cctx, k), 1);
		X509_free(x);
		EVP_PKEY_free(k);
		BIO_free(cert);
		BIO_free(key);
	}
	assert_int_equal(net_tls_new(&opts, &t, NULL), 0);
	assert_int_equal(net_tls_setup_ctx(t, sctx), 0);
	c = SSL_new(cctx);
	s = SSL_new(sctx);
	ok = handshake(c, s);
	if (ok && client != NULL)
		ok = SSL_get0_peer_certificate(s) != NULL ? 2 : 1;
	SSL_free(c);
	SSL_free(s);
	SSL_CTX_free(cctx);
	SSL_CTX_free(sctx);
	net_tls_free(t);
	drop(&p);
	return ok;
}

static void
client_certificates_as_asked(void **state)
{
	struct pair c = make("client"), other = make("other");

	(void)state;
	assert_int_equal(
	    with_client_cert(NET_TLS_CLIENT_CERT_NONE, &c, NULL), 1);
	assert_int_equal(
	    with_client_cert(NET_TLS_CLIENT_CERT_REQUESTED, NULL, NULL), 1);
	assert_int_equal(
	    with_client_cert(NET_TLS_CLIENT_CERT_REQUESTED, &c, NULL), 2);
	assert_int_equal(
	    with_client_cert(NET_TLS_CLIENT_CERT_REQUIRED, NULL, NULL), 0);
	assert_int_equal(
	    with_client_cert(NET_TLS_CLIENT_CERT_REQUIRED, &c, other.cert), 0);
	drop(&c);
	drop(&other);
}

static void
bad_input_is_refused(void **state)
{
	const char *names[] = { "a,DNS:b" };
	char *cert, *key;

	(void)state;
	assert_int_equal(
	    net_tls_self_signed(names, 0, 1, &cert, &key), ERR_STATE_USAGE);
	assert_int_equal(
	    net_tls_self_signed(names, 1, 1, &cert, &key), ERR_STATE_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_signed_names_verify),
		cmocka_unit_test(negotiates_the_house_rules),
		cmocka_unit_test(hybrid_group_where_the_library_has_it),
		cmocka_unit_test(certificate_is_replaced_for_new_handshakes),
		cmocka_unit_test(client_certificates_as_asked),
		cmocka_unit_test(bad_input_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
