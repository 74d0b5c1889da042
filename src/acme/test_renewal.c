/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renewal information (RFC 9773), and orders that replace a certificate.
 */
#include "acme/fixture_test.h"

#define HOUR INT64_C(3600000)
#define NEW "/acme/new-order"

static const struct acme_ident names[] = { { "dns", "a.test" },
	{ "dns", "b.test" } };

/* A certificate of 24 hours; its name is AKI.serial. */
static const char *
cert_new(const char *account, const char *serial)
{
	lab.cert[lab.n_cert] = (struct acme_cert){ .fingerprint = "f",
		.account = account,
		.ident = names,
		.n_idents = 2,
		.not_before = NOW,
		.not_after = NOW + 24 * HOUR - 1000 };
	lab.cert_der[lab.n_cert] = (const uint8_t *)"XX";
	lab.cert_serial[lab.n_cert++] = serial;
	return text("%s.%s", b64("AKI", 3), b64(serial, 1));
}

static int
get(const char *path)
{
	const struct acme_request req = { "GET", path, NULL, "", 0, "x" };
	struct acme_turn *t;

	assert_int_equal(
	    acme_turn_begin(lab.server, &req, &store, lab.arena, &t), 0);
	acme_turn_decide(t, lab.now, &lab.out);
	acme_turn_end(t);
	return lab.out.status;
}

/* RFC 9773 section 4.1 and appendix A. */
static void
test_certid(void **state)
{
	static const uint8_t aki[] = { 0x69, 0x88, 0x5B, 0x6B, 0x87, 0x46, 0x40,
		0x41, 0xE1, 0xB3, 0x7B, 0x84, 0x7B, 0xA0, 0xAE, 0x2C, 0xDE,
		0x01, 0xC8, 0xD4 };
	static const uint8_t serial[] = { 0x00, 0x87, 0x65, 0x43, 0x21 };
	static const char *const bad[] = { "", ".", "a", "AQ", "AQ.", ".AQ",
		"AQ.AQ.AQ", "AQ==.AQ", "AR.AQ", "A/.AQ", "AQ.A Q" };
	struct acme_certid id;
	size_t i;

	(void)state;
	assert_int_equal(
	    acme_certid_parse("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", &id), 0);
	assert_int_equal(id.aki_len, sizeof(aki));
	assert_memory_equal(id.aki, aki, sizeof(aki));
	assert_int_equal(id.serial_len, sizeof(serial));
	assert_memory_equal(id.serial, serial, sizeof(serial));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    acme_certid_parse(bad[i], &id), ERR_PEER_MALFORMED);
}

static void
test_window(void **state)
{
	const char *id = cert_new(NULL, "1");

	(void)state;
	assert_int_equal(get(text("/acme/renewal-info/%s", id)), 200);
	assert_string_equal(reply_header("retry-after"), "1800");
	/* NOW is 2027-01-15T08:00:00Z: 8 to 4 hours before the end */
	assert_string_equal(text("%.*s", (int)lab.out.body_len, lab.out.body),
	    "{\"suggestedWindow\":{\"start\":\"2027-01-15T23:59:59Z\","
	    "\"end\":\"2027-01-16T03:59:59Z\"}}");
	/* a life of three hours: 1 h to 30 min */
	lab.cert[0].not_after = NOW + 3 * HOUR - 1000;
	assert_int_equal(get(text("/acme/renewal-info/%s", id)), 200);
	assert_non_null(strstr(lab.out.body, "\"2027-01-15T09:59:59Z\""));
	assert_non_null(strstr(lab.out.body, "\"2027-01-15T10:29:59Z\""));
	/* revoked: at once */
	lab.cert[0].revoked_at = NOW + 5000;
	assert_int_equal(get(text("/acme/renewal-info/%s", id)), 200);
	assert_non_null(
	    strstr(lab.out.body, "\"start\":\"2027-01-15T08:00:05Z\""));
	assert_non_null(
	    strstr(lab.out.body, "\"end\":\"2027-01-15T08:00:06Z\""));
	assert_int_equal(get("/acme/renewal-info/QUtJ.Mg"), 404);
	assert_int_equal(get("/acme/renewal-info/nothing"), 400);
	assert_int_equal(get("/acme/renewal-info/"), 404);
}

static int
order(const struct client *c, const char *idents, const char *replaces)
{
	return post(c, NEW,
	    text("{\"identifiers\":[%s],\"replaces\":\"%s\"}", idents,
		replaces));
}

static void
test_replaces(void **state)
{
	struct client c, other;
	const char *id, *id2;

	(void)state;
	sign_up(&c);
	sign_up(&other);
	id = cert_new(lab.account[0].id, "1");
	assert_int_equal(order(&c, DNS("a.test"), id), 201);
	assert_string_equal(member("replaces"), id);
	assert_string_equal(lab.order[0].replaces, id);
	/* one that was never finalized makes room, but is charged for */
	assert_int_equal(order(&c, DNS("b.test"), id), 201);
	assert_null(lab.order[0].replaces);
	assert_string_equal(lab.order[1].replaces, id);
	/* a finalized one does not */
	lab.order[1].status = ACME_PROCESSING;
	order(&c, DNS("a.test"), id);
	expect(409, ACME_PROBLEM_ALREADY_REPLACED);
	lab.order[1].status = ACME_VALID;
	order(&c, DNS("a.test"), id);
	expect(409, ACME_PROBLEM_ALREADY_REPLACED);
	lab.order[1].status = ACME_INVALID;
	assert_int_equal(order(&c, DNS("a.test"), id), 201);
	/* not ours: ignored; no certificate's name: malformed */
	assert_int_equal(order(&c, DNS("a.test"), "QUtJ.eHg"), 201);
	assert_null(member("replaces"));
	order(&c, DNS("a.test"), "nothing");
	expect(400, ACME_PROBLEM_MALFORMED);
	/* another account's; none of its names */
	order(&other, DNS("a.test"), id);
	expect(403, ACME_PROBLEM_UNAUTHORIZED);
	id2 = cert_new(lab.account[0].id, "2");
	order(&c, DNS("c.test"), id2);
	expect(400, ACME_PROBLEM_MALFORMED);
	EVP_PKEY_free(c.key);
	EVP_PKEY_free(other.key);
}

/* The first order for a certificate is exempt, however many there were. */
static void
test_exempt(void **state)
{
	struct client c;
	const char *id;
	int i;

	(void)state;
	sign_up(&c);
	id = cert_new(lab.account[0].id, "1");
	for (i = 0; i < 6; i++)
		(void)new_order(&c, DNS("a.test"));
	post(&c, NEW, "{\"identifiers\":[" DNS("a.test") "]}");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	assert_int_equal(order(&c, DNS("a.test"), id), 201);
	/* not a way around them: the second is like any other */
	order(&c, DNS("a.test"), id);
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	assert_string_equal(lab.order[6].replaces, id);
	/* nor is one that is not ours */
	order(&c, DNS("a.test"), "QUtJ.eHg");
	expect(429, ACME_PROBLEM_RATE_LIMITED);
	EVP_PKEY_free(c.key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_certid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_replaces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exempt, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
