/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc_test.h"
#include "pki/pki_test.h"

#include "base/clock.h"
#include "crypto/rng.h"
#include "http/reply.h"
#include "http/request.h"
#include "keys/client.h"
#include "pki/ocsp.h"
#include "pki/tbs_ocsp.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_ocsp.h"
#include "trustchain/ca_shared.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "wire/base64.h"

/*
 * The responder with its n-th allocation failing, for each n: every request is
 * answered once, with the answer or with an error, and nothing leaks (which
 * the sanitizers judge).  HTTP, store, signer and key process are played.
 */
static struct pki_world *w;
static struct ca_authority authority;
static struct ca_authority_issuer is;
static struct ca_config config;
static struct ca_signer_ready ready;
static struct pki_cert *signer_cert;
static struct ca_ocsp *ocsp;
static uint8_t der[512];
static size_t der_len;
static char text[1024];
static const char *path_text; /* NULL: a POST */
static int replies;
static size_t reply_len;

struct http_request {
	int unused;
};

static struct http_request req;

enum http_method
http_request_method(const struct http_request *r)
{
	(void)r;
	return path_text == NULL ? HTTP_METHOD_POST : HTTP_METHOD_GET;
}

const uint8_t *
http_request_body(const struct http_request *r, size_t *ret_len)
{
	(void)r;
	*ret_len = der_len;
	return der;
}

const char *
http_request_header(const struct http_request *r, const char *name)
{
	(void)r;
	(void)name;
	return NULL;
}

void
http_request_reply(struct http_request *r, const struct http_reply *reply)
{
	(void)r;
	replies++;
	reply_len = reply->body_len;
}

const struct ca_signer_ready *
ca_signer_get(const struct ca_signer *s, size_t issuer)
{
	(void)s;
	(void)issuer;
	return &ready;
}

static keys_client_fn *waiting;
static void *waiting_ctx;

int
keys_client_call(struct keys_client *c, const struct keys_request *r,
    keys_client_fn *fn, void *ctx)
{
	(void)c;
	(void)r;
	waiting = fn;
	waiting_ctx = ctx;
	return 0;
}

static int
get_status(struct ca_store *s, const char *issuer, struct ca_blob serial,
    struct ca_status *ret)
{
	(void)s;
	(void)issuer;
	(void)serial;
	*ret = (struct ca_status){ .kind = CA_STATUS_GOOD,
		.not_after = NOW_MS + DAY_MS };
	return 0;
}

static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return NOW_MS;
}

static const struct clock test_clock = { clock_now, NULL };
static const struct ca_store_ops ops = { .get_status = get_status };
static struct ca_store store = { .ops = &ops };

static struct ca_ocsp_opts
opts(void)
{
	return (struct ca_ocsp_opts){ .config = &config,
		.authority = &authority,
		.store = &store,
		.clock = &test_clock,
		.rng = crypto_rng_system() };
}

/* A CertID of the issuer, SHA-256. */
static void
make_request(void)
{
	static const uint8_t head[] = { 0x30, 0x71, 0x30, 0x6f, 0x30, 0x6d,
		0x30, 0x6b, 0x30, 0x69, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
		0x20 };
	uint8_t *p = der;
	size_t len;

	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	assert_int_equal(pki_ocsp_name_hash(pki_cert_subject(w->issuer),
			     PKI_OCSP_SHA256, p, &len),
	    0);
	p += len;
	*p++ = 0x04;
	*p++ = 0x20;
	assert_int_equal(pki_ocsp_key_hash(pki_cert_spki(w->issuer),
			     PKI_OCSP_SHA256, p, &len),
	    0);
	p += len;
	*p++ = 0x02;
	*p++ = 0x10;
	serial_for(p, 1);
	p += 16;
	der_len = (size_t)(p - der);
	der[1] = (uint8_t)(der_len - 2);
	der[3] = (uint8_t)(der_len - 4);
	der[5] = (uint8_t)(der_len - 6);
	der[7] = (uint8_t)(der_len - 8);
	der[9] = (uint8_t)(der_len - 10);
	wire_base64_encode(WIRE_BASE64_STD, der, der_len, text);
}

static int
setup(void **state)
{
	struct der *spki = malloc(sizeof(*spki));
	struct der *tbs = malloc(sizeof(*tbs));
	struct pki_tbs_signer s = { .cn = "OCSP int1",
		.not_before_ms = NOW_MS,
		.not_after_ms = NOW_MS + DAY_MS };
	struct ca_ocsp_opts o;

	(void)state;
	w = world_new();
	spki_of(w->leaf_key, spki);
	s.issuer = w->issuer;
	s.spki = bytes(spki);
	serial_for(s.serial, 9);
	assert_int_equal(
	    pki_tbs_ocsp_signer(&s, tbs->data, sizeof(tbs->data), &tbs->len),
	    0);
	signer_cert = certify(w->issuer_key, EVP_sha256(), tbs);
	free(spki);
	free(tbs);
	is.id = "int1";
	is.cert = w->issuer;
	authority.issuer = &is;
	authority.n_issuers = 1;
	config.status.ocsp_validity_s = 3600;
	config.status.ocsp_nonce_per_s = 500;
	ready.cert = pki_cert_der(signer_cert);
	ready.not_after_ms = NOW_MS + DAY_MS;
	make_request();
	o = opts();
	assert_int_equal(ca_ocsp_new(&o, &ocsp), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ca_ocsp_free(ocsp);
	pki_cert_free(signer_cert);
	world_free(w);
	return 0;
}

/* One request, the key process's answer with it. */
static int
one(void)
{
	static const uint8_t sig[70];

	replies = 0;
	waiting = NULL;
	ca_ocsp_handle(ocsp, &req, path_text);
	if (waiting != NULL)
		waiting(waiting_ctx, 0, sig, sizeof(sig));
	assert_int_equal(replies, 1);
	return reply_len > 100 ? 0 : -1;
}

static void
test_requests(void **state)
{
	(void)state;
	path_text = NULL;
	assert_int_equal(one(), 0);
	assert_true(alloc_test_each(one) >= (ALLOC_TEST ? 3 : 0));
	path_text = text;
	assert_int_equal(one(), 0);
	assert_true(alloc_test_each(one) >= (ALLOC_TEST ? 3 : 0));
}

static int
make(void)
{
	const struct ca_ocsp_opts o = opts();
	struct ca_ocsp *other = NULL;
	int rc = ca_ocsp_new(&o, &other);

	if (rc == 0)
		ca_ocsp_free(other);
	return rc;
}

static int
shared(void)
{
	struct ca_shared *s = NULL;
	struct ca_shared_file *f[2];
	int rc;

	if ((rc = ca_shared_new(1 << 20, &s)) != 0)
		return rc;
	rc = ca_shared_open(s, "meson.build", &f[0]);
	if (rc == 0) {
		rc = ca_shared_open(s, "meson.build", &f[1]);
		/* The second one is the first. */
		assert_int_equal(rc, 0);
		assert_ptr_equal(f[0], f[1]);
		ca_shared_release(f[0]);
		assert_true(f[1]->len > 100);
		ca_shared_release(f[1]);
	}
	ca_shared_free(s);
	return rc;
}

static void
test_rest(void **state)
{
	struct ca_shared *s;
	struct ca_shared_file *f;

	(void)state;
	config.status.ocsp_cache = 100;
	assert_true(alloc_test_each(make) >= (ALLOC_TEST ? 4 : 0));
	assert_true(alloc_test_each(shared) >= (ALLOC_TEST ? 4 : 0));
	assert_int_equal(ca_shared_new(10, &s), 0);
	assert_int_equal(ca_shared_open(s, "meson.build", &f), ERR_SYS_LIMIT);
	assert_int_equal(ca_shared_open(s, "src", &f), ERR_STATE_NOT_FOUND);
	assert_int_equal(ca_shared_open(s, "none", &f), ERR_STATE_NOT_FOUND);
	ca_shared_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
