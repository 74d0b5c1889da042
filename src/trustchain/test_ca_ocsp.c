/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_ocsp_world.h"

#include "wire/base64.h"

/*
 * The responder over a real HTTP server and client; requests are made, answers
 * read and verified by OpenSSL.
 */
static void
revoke_it(uint8_t n, int64_t at)
{
	struct ca_batch *b = ca_batch_new();
	uint8_t serial[PKI_SERIAL_LEN];

	serial_for(serial, n);
	ca_batch_revoke(
	    b, "int1", (struct ca_blob){ serial, sizeof(serial) }, at, 4);
	assert_int_equal(real_store->ops->submit_wait(real_store, b), 0);
}

struct answer {
	int calls, status;
	char cache[80], etag[80], modified[40];
	uint8_t body[8192];
	size_t len;
};

static void
keep(const struct http_response *r, const char *name, char *out, size_t cap)
{
	const char *h = http_response_header(r, name);

	snprintf(out, cap, "%s", h != NULL ? h : "");
}

static void
on_answer(void *ctx, const struct http_response *r)
{
	struct answer *a = ctx;
	const uint8_t *body = http_response_body(r, &a->len);

	a->calls++;
	assert_int_equal(http_response_rc(r), 0);
	a->status = http_response_status(r);
	assert_true(a->len < sizeof(a->body));
	memcpy(a->body, body, a->len);
	keep(r, "cache-control", a->cache, sizeof(a->cache));
	keep(r, "etag", a->etag, sizeof(a->etag));
	keep(r, "last-modified", a->modified, sizeof(a->modified));
	loop_stop(loop);
}

static void
send_it(enum http_method m, const char *path, struct pki_bytes body,
    const struct http_header *h, struct answer *a)
{
	static char url[40000];
	struct http_client_request req = { .method = m,
		.url = url,
		.headers = h,
		.headers_count = h != NULL ? 1 : 0,
		.body = body.data,
		.body_len = body.len };

	memset(a, 0, sizeof(*a));
	snprintf(url, sizeof(url), "http://[::1]:%u%s", bound.port, path);
	assert_int_equal(http_client_send(client, &req, on_answer, a, NULL), 0);
	for (int i = 0; i < 100 && a->calls == 0; i++)
		loop_run_for(loop, 100);
	assert_int_equal(a->calls, 1);
}

static void
get(const char *path, const struct http_header *h, struct answer *a)
{
	send_it(HTTP_METHOD_GET, path, B(NULL, 0), h, a);
}

static OCSP_CERTID *
id_of(const uint8_t serial[PKI_SERIAL_LEN], bool other)
{
	const uint8_t *p = pki_cert_der(other ? w->root : w->issuer).data;
	X509 *issuer = d2i_X509(
	    NULL, &p, (long)pki_cert_der(other ? w->root : w->issuer).len);
	BIGNUM *n = BN_bin2bn(serial, PKI_SERIAL_LEN, NULL);
	ASN1_INTEGER *i = BN_to_ASN1_INTEGER(n, NULL);
	OCSP_CERTID *id = OCSP_cert_id_new(EVP_sha256(),
	    X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer), i);

	ASN1_INTEGER_free(i);
	BN_free(n);
	X509_free(issuer);
	return id;
}

/* A request about serial ${n}, of OpenSSL. */
static OCSP_REQUEST *
request(uint8_t n, size_t nonce)
{
	OCSP_REQUEST *req = OCSP_REQUEST_new();
	uint8_t serial[PKI_SERIAL_LEN];

	serial_for(serial, n);
	OCSP_request_add0_id(req, id_of(serial, false));
	if (nonce > 0)
		OCSP_request_add1_nonce(req, NULL, (int)nonce);
	return req;
}

static OCSP_RESPONSE *
post(OCSP_REQUEST *req, struct answer *a)
{
	OCSP_RESPONSE *resp;
	uint8_t *der = NULL;
	const uint8_t *p = a->body;
	int len = i2d_OCSP_REQUEST(req, &der);

	send_it(HTTP_METHOD_POST, "/ocsp", B(der, (size_t)len), NULL, a);
	OPENSSL_free(der);
	assert_int_equal(a->status, 200);
	resp = d2i_OCSP_RESPONSE(NULL, &p, (long)a->len);
	assert_non_null(resp);
	return resp;
}

/* The signature holds, by the root alone. */
static void
verify(OCSP_BASICRESP *basic)
{
	X509_STORE *roots = X509_STORE_new();
	STACK_OF(X509) *chain = sk_X509_new_null();
	const uint8_t *p = pki_cert_der(w->root).data;
	X509 *root = d2i_X509(NULL, &p, (long)pki_cert_der(w->root).len);
	X509 *issuer;

	p = pki_cert_der(w->issuer).data;
	issuer = d2i_X509(NULL, &p, (long)pki_cert_der(w->issuer).len);
	X509_STORE_add_cert(roots, root);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(roots), now_ms / 1000);
	sk_X509_push(chain, issuer);
	assert_int_equal(OCSP_basic_verify(basic, chain, roots, 0), 1);
	sk_X509_free(chain);
	X509_free(issuer);
	X509_free(root);
	X509_STORE_free(roots);
}

/* What the answer says of serial ${n}; -1: nothing is signed. */
static int
status_in(OCSP_RESPONSE *resp, uint8_t n)
{
	uint8_t serial[PKI_SERIAL_LEN];
	ASN1_GENERALIZEDTIME *at, *from, *to;
	OCSP_BASICRESP *basic;
	OCSP_CERTID *id;
	int status = -1, reason;

	if (OCSP_response_status(resp) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return -1;
	basic = OCSP_response_get1_basic(resp);
	verify(basic);
	serial_for(serial, n);
	id = id_of(serial, false);
	assert_int_equal(
	    OCSP_resp_find_status(basic, id, &status, &reason, &at, &from, &to),
	    1);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	return status;
}

/* Ask about serial ${n}; the error of OCSP as a negative number. */
static int
ask(uint8_t n, size_t nonce)
{
	OCSP_REQUEST *req = request(n, nonce);
	struct answer *a = malloc(sizeof(*a));
	OCSP_RESPONSE *resp = post(req, a);
	OCSP_BASICRESP *basic;
	int status = status_in(resp, n);

	if (status < 0) {
		status = -OCSP_response_status(resp);
		assert_string_equal(a->cache, "no-store");
	} else if (nonce > 0) {
		basic = OCSP_response_get1_basic(resp);
		assert_int_equal(OCSP_check_nonce(req, basic), 1);
		OCSP_BASICRESP_free(basic);
		assert_string_equal(a->cache, "no-store");
	}
	OCSP_RESPONSE_free(resp);
	OCSP_REQUEST_free(req);
	free(a);
	return status;
}

static void
test_statuses(void **state)
{
	(void)state;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	assert_string_equal(last_status, "good");
	assert_int_equal(ask(2, 0), V_OCSP_CERTSTATUS_REVOKED);
	assert_string_equal(last_status, "revoked");
	assert_int_equal(ask(3, 0), V_OCSP_CERTSTATUS_UNKNOWN);
	assert_string_equal(last_status, "unknown");
	assert_int_equal(ask(1, 16), V_OCSP_CERTSTATUS_GOOD);
	assert_int_equal(ask(1, 128), V_OCSP_CERTSTATUS_GOOD);
}

/* Sixteen at once, all of one issuer. */
static void
test_many(void **state)
{
	struct answer *a = malloc(sizeof(*a));
	OCSP_REQUEST *req = request(1, 0);
	uint8_t serial[PKI_SERIAL_LEN];
	OCSP_BASICRESP *basic;
	OCSP_RESPONSE *resp;

	(void)state;
	for (uint8_t n = 2; n <= 16; n++) {
		serial_for(serial, n);
		OCSP_request_add0_id(req, id_of(serial, false));
	}
	resp = post(req, a);
	assert_int_equal(status_in(resp, 1), V_OCSP_CERTSTATUS_GOOD);
	assert_int_equal(status_in(resp, 2), V_OCSP_CERTSTATUS_REVOKED);
	assert_int_equal(status_in(resp, 9), V_OCSP_CERTSTATUS_UNKNOWN);
	basic = OCSP_response_get1_basic(resp);
	assert_int_equal(OCSP_resp_count(basic), 16);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(resp);
	serial_for(serial, 17);
	OCSP_request_add0_id(req, id_of(serial, false));
	resp = post(req, a);
	assert_int_equal(
	    OCSP_response_status(resp), OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
	OCSP_RESPONSE_free(resp);
	OCSP_REQUEST_free(req);
	/* One among them is nobody of ours. */
	req = request(1, 0);
	OCSP_request_add0_id(req, id_of(serial, true));
	resp = post(req, a);
	assert_int_equal(
	    OCSP_response_status(resp), OCSP_RESPONSE_STATUS_UNAUTHORIZED);
	OCSP_RESPONSE_free(resp);
	OCSP_REQUEST_free(req);
	free(a);
}

/* What was signed is used again until half its life is over, or until the
 * store or the signer says something else. */
static void
test_cache(void **state)
{
	struct ca_batch *b = ca_batch_new();
	unsigned before;

	(void)state;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	before = answered_by_key;
	now_ms += 3600000;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	assert_int_equal(answered_by_key, before);
	now_ms += 5 * 3600000;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	assert_int_equal(answered_by_key, before + 1);
	revoke_it(1, now_ms);
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_REVOKED);
	assert_int_equal(answered_by_key, before + 2);
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_REVOKED);
	assert_int_equal(answered_by_key, before + 2);
	/* Unknown today, known tomorrow. */
	assert_int_equal(ask(7, 0), V_OCSP_CERTSTATUS_UNKNOWN);
	put_cert(7, 0);
	assert_int_equal(ask(7, 0), V_OCSP_CERTSTATUS_GOOD);
	/* A sweep, and the signer is one of the new epoch. */
	before = certified;
	ca_batch_sweep(
	    b, "int1", now_ms, 1, "0123456789abcdef0123456789abcdef");
	assert_int_equal(real_store->ops->submit_wait(real_store, b), 0);
	assert_int_equal(ask(7, 0), V_OCSP_CERTSTATUS_REVOKED);
	ca_signer_look(signer);
	for (int i = 0; i < 100 && certified == before; i++)
		loop_run_for(loop, 5);
	assert_int_equal(certified, before + 1);
	assert_int_equal(ask(7, 0), V_OCSP_CERTSTATUS_REVOKED);
}

/* More requests with nonces than the configuration allows: tryLater, and
 * everybody else is served. */
static void
test_nonce_flood(void **state)
{
	int good = 0, later = 0, rc;

	(void)state;
	config.status.ocsp_nonce_per_s = 10;
	for (int i = 0; i < 40; i++) {
		rc = ask(1, 32);
		good += rc == V_OCSP_CERTSTATUS_GOOD ? 1 : 0;
		later += rc == -OCSP_RESPONSE_STATUS_TRYLATER ? 1 : 0;
		assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	}
	assert_int_equal(good + later, 40);
	assert_true(good >= 10);
	assert_true(later >= 10);
	config.status.ocsp_nonce_per_s = 0;
	assert_int_equal(ask(1, 32), -OCSP_RESPONSE_STATUS_TRYLATER);
}

static void
test_failures(void **state)
{
	(void)state;
	fail_op = KEYOP_OCSP;
	fail_rc = ERR_SYS_KEY;
	assert_int_equal(ask(1, 0), -OCSP_RESPONSE_STATUS_TRYLATER);
	fail_rc = ERR_STATE_REFUSED;
	assert_int_equal(ask(1, 8), -OCSP_RESPONSE_STATUS_TRYLATER);
	fail_op = -1;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	/* Not even from what is kept: the store might know better. */
	store_rc = ERR_SYS_DATABASE;
	assert_int_equal(ask(1, 0), -OCSP_RESPONSE_STATUS_INTERNALERROR);
	store_rc = 0;
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
}

/* The key process is replaced, and each step to a new signer fails once. */
static void
test_signer_failures(void **state)
{
	static const int ops[] = { KEYOP_GENERATE, KEYOP_CERT };
	const struct ca_signer_ready *r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fail_op = ops[i];
		fail_rc = ERR_SYS_KEY;
		ca_signer_replaced(signer);
		loop_run_for(loop, 20);
		assert_null(ca_signer_get(signer, 0));
		assert_int_equal(ask(1, 0), -OCSP_RESPONSE_STATUS_TRYLATER);
		fail_op = -1;
		/* Not before 5 seconds are over. */
		ca_signer_look(signer);
		loop_run_for(loop, 20);
		assert_null(ca_signer_get(signer, 0));
		now_ms += 5000;
		ca_signer_look(signer);
		wait_signer();
		assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	}
	r = ca_signer_get(signer, 0);
	/* Five days on, the next one; the old one answers until then. */
	generated = 0;
	now_ms += 5 * DAY_MS;
	assert_ptr_equal(ca_signer_get(signer, 0), r);
	ca_signer_look(signer);
	for (int i = 0; i < 100 && generated == 0; i++)
		loop_run_for(loop, 5);
	assert_int_equal(generated, 1);
	loop_run_for(loop, 50);
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	/* Nobody renews: at the end of its life it is not used any more. */
	fail_op = KEYOP_GENERATE;
	now_ms += 8 * DAY_MS;
	assert_null(ca_signer_get(signer, 0));
}

static int
no_submit(struct ca_store *s, struct ca_batch *b, void (*done)(void *, int),
    void *ctx)
{
	(void)s;
	(void)done;
	(void)ctx;
	ca_batch_free(b);
	return ERR_STATE_READ_ONLY;
}

/* A full disk: the signer that there is goes on, and a new one that is not
 * durable is not used. */
static void
test_signer_not_stored(void **state)
{
	const struct ca_store_ops *real = real_store->ops;
	struct ca_store_ops broken = *real;
	const struct ca_signer_ready *r = ca_signer_get(signer, 0);
	unsigned generation = r->generation, before = certified;

	(void)state;
	broken.submit = no_submit;
	real_store->ops = &broken;
	now_ms += 5 * DAY_MS;
	ca_signer_look(signer);
	for (int i = 0; i < 100 && certified == before; i++)
		loop_run_for(loop, 5);
	loop_run_for(loop, 20);
	assert_int_equal(certified, before + 1);
	r = ca_signer_get(signer, 0);
	assert_int_equal(r->generation, generation);
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
	real_store->ops = real;
	now_ms += 5000;
	ca_signer_look(signer);
	for (int i = 0; i < 100 && r->generation == generation; i++)
		loop_run_for(loop, 5);
	assert_int_equal(r->generation, generation + 1);
	assert_int_equal(ask(1, 0), V_OCSP_CERTSTATUS_GOOD);
}

/* The store has the signer, issued and audited. */
static void
test_signer_row(void **state)
{
	struct ca_cert_filter f = { .issuer = "int1", .limit = 10 };
	struct arena *a = base_arena_new(262144);
	struct ca_outbox *out;
	struct ca_cert *rows;
	size_t n, i, found = 0;

	(void)state;
	assert_int_equal(
	    real_store->ops->list_certs(real_store, &f, a, &rows, &n), 0);
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].profile, "ocsp-signer") == 0 &&
		    rows[i].state == CA_CERT_ISSUED && rows[i].final.len > 300)
			found++;
	assert_int_equal(found, 1);
	assert_int_equal(
	    real_store->ops->list_outbox(real_store, 0, 10, a, &out, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(out[0].event, "cert.issued");
	assert_non_null(strstr(out[0].fields, "\"ocsp-signer\""));
	base_arena_free(a);
}

/* ${der} as the path of a GET, percent-encoded or not. */
static void
path_of(const uint8_t *der, size_t len, bool encode, char *out)
{
	static char text[8192];
	size_t n = wire_base64_encode(WIRE_BASE64_STD, der, len, text), at = 6;

	memcpy(out, "/ocsp/", 7);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, 4,
		    encode && strchr("+/=", text[i]) != NULL ? "%%%02X" : "%c",
		    text[i]);
}

static void
expect_get(const uint8_t *der, size_t len, bool encode)
{
	struct answer *a = malloc(sizeof(*a));
	const uint8_t *p = a->body;
	OCSP_RESPONSE *resp;
	char path[8192];

	path_of(der, len, encode, path);
	get(path, NULL, a);
	assert_int_equal(a->status, 200);
	resp = d2i_OCSP_RESPONSE(NULL, &p, (long)a->len);
	assert_non_null(resp);
	assert_int_equal(OCSP_response_status(resp), 0);
	OCSP_RESPONSE_free(resp);
	free(a);
}

/* Requests whose base64 has two and three slashes in a row. */
static void
test_get(void **state)
{
	uint8_t serial[PKI_SERIAL_LEN], *der;
	char text[512];
	unsigned seen = 0;
	OCSP_REQUEST *req;
	int len;

	(void)state;
	serial_for(serial, 1);
	for (unsigned n = 0; n < 600; n++) {
		/* Runs of ones, at each place in the serial. */
		memset(serial, (int)(n * 7 + 1), sizeof(serial));
		serial[0] = 0x41;
		memset(serial + 2 + n % 12, 0xff, 2 + n % 2);
		req = OCSP_REQUEST_new();
		OCSP_request_add0_id(req, id_of(serial, false));
		der = NULL;
		len = i2d_OCSP_REQUEST(req, &der);
		wire_base64_encode(WIRE_BASE64_STD, der, (size_t)len, text);
		if (strstr(text, "//") != NULL && seen < 60) {
			seen++;
			expect_get(der, (size_t)len, seen % 2 == 0);
		}
		OPENSSL_free(der);
		OCSP_REQUEST_free(req);
	}
	assert_true(seen > 20);
}

static void
test_get_headers(void **state)
{
	struct answer *a = malloc(sizeof(*a));
	struct http_header h = { "if-none-match", NULL };
	OCSP_REQUEST *req = request(1, 0);
	char path[8192], etag[80];
	uint8_t *der = NULL;
	int len = i2d_OCSP_REQUEST(req, &der);

	(void)state;
	path_of(der, (size_t)len, true, path);
	get(path, NULL, a);
	assert_int_equal(a->status, 200);
	assert_string_equal(
	    a->cache, "max-age=21600, public, no-transform, must-revalidate");
	assert_string_equal(a->modified, "Sat, 21 Nov 2026 12:00:00 GMT");
	memcpy(etag, a->etag, sizeof(etag));
	h.value = etag;
	get(path, &h, a);
	assert_int_equal(a->status, 304);
	assert_int_equal(a->len, 0);
	h.value = "\"other\"";
	now_ms += 600000;
	get(path, &h, a);
	assert_int_equal(a->status, 200);
	assert_string_equal(a->etag, etag);
	assert_string_equal(
	    a->cache, "max-age=21000, public, no-transform, must-revalidate");
	OPENSSL_free(der);
	OCSP_REQUEST_free(req);
	free(a);
}

static void
test_hostile(void **state)
{
	static const char *const paths[] = { "/ocsp/", "/ocsp/AAAA",
		"/ocsp/%2F%2F%2F%2F", "/ocsp/MDAwMDAwMDAwMDAwMDAw", "/ocsp/..",
		"/ocsp/MIIBAAAAAAAA/////////////////////////////" };
	struct answer *a = malloc(sizeof(*a));
	const uint8_t *p;
	OCSP_RESPONSE *resp;
	uint8_t *big;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		get(paths[i], NULL, a);
		if (a->status == 404)
			continue;
		p = a->body;
		resp = d2i_OCSP_RESPONSE(NULL, &p, (long)a->len);
		assert_non_null(resp);
		assert_int_equal(OCSP_response_status(resp),
		    OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
		OCSP_RESPONSE_free(resp);
	}
	assert_int_equal(ask(1, 129), -OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
	big = calloc(1, 20000);
	send_it(HTTP_METHOD_POST, "/ocsp", B(big, 20000), NULL, a);
	p = a->body;
	resp = d2i_OCSP_RESPONSE(NULL, &p, (long)a->len);
	assert_int_equal(
	    OCSP_response_status(resp), OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
	OCSP_RESPONSE_free(resp);
	free(big);
	send_it(HTTP_METHOD_POST, "/ocsp/x", B("x", 1), NULL, a);
	assert_int_equal(a->status, 404);
	send_it(HTTP_METHOD_DELETE, "/ocsp", B(NULL, 0), NULL, a);
	assert_int_equal(a->status, 404);
	free(a);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_statuses),
		T(test_many),
		T(test_cache),
		T(test_nonce_flood),
		T(test_failures),
		T(test_signer_failures),
		T(test_signer_not_stored),
		T(test_signer_row),
		T(test_get),
		T(test_get_headers),
		T(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
