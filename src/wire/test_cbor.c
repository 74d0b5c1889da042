/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor.h"

#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cbor.h>
#include <cmocka.h>
#include <jansson.h>

#include "wire/cbor_fixture.h"
#include "wire/hex.h"

static size_t
unhex(const char *hex, uint8_t *out, size_t cap)
{
	size_t len = 0;

	assert_int_equal(wire_hex_decode(hex, strlen(hex), out, cap, &len), 0);
	return len;
}

static int
verdict(const uint8_t *data, size_t len)
{
	struct wire_cbor r;
	size_t n;

	wire_cbor_init(&r, data, len);
	(void)wire_cbor_skip(&r, &n);
	return wire_cbor_done(&r);
}

/* What the deterministic encoding, or our documents, have no room for. */
static int
expected(const json_t *v)
{
	const char *hex = json_string_value(json_object_get(v, "hex"));
	const char *what = json_string_value(json_object_get(v, "diagnostic"));

	if (hex[0] == 'f' && strcmp(hex, "f4") != 0 && strcmp(hex, "f5") != 0 &&
	    strcmp(hex, "f6") != 0)
		return ERR_PEER_UNSUPPORTED; /* floats, simple values */
	if (strncmp(hex, "c1fb", 4) == 0)
		return ERR_PEER_UNSUPPORTED; /* a time in floating point */
	if (strchr("5f7f9fbf", hex[0]) != NULL && hex[1] == 'f')
		return ERR_PEER_ENCODING; /* indefinite length */
	/* Appendix A's [1, [2, 3], [_ 4, 5]] and their like. */
	if (strstr(hex, "9f") != NULL || strstr(hex, "bf61") != NULL)
		return ERR_PEER_ENCODING;
	assert_true(what == NULL || strstr(what, "_ ") == NULL);
	return 0;
}

static void
one_vector(const json_t *v)
{
	const char *hex = json_string_value(json_object_get(v, "hex"));
	const json_t *decoded = json_object_get(v, "decoded");
	uint8_t in[256], out[256];
	struct wire_cbor_writer w;
	struct wire_cbor r;
	size_t n, len = unhex(hex, in, sizeof(in));

	if (verdict(in, len) != expected(v))
		fail_msg("%s: %s, not %s", hex, base_err_name(verdict(in, len)),
		    base_err_name(expected(v)));
	if (expected(v) != 0)
		return;
	wire_cbor_init(&r, in, len);
	wire_cbor_writer_init(&w, out, sizeof(out));
	copy_item(&r, &w);
	if (strcmp(hex, "3bffffffffffffffff") == 0) {
		assert_int_equal(r.c.rc, ERR_PEER_TOO_LARGE);
		return;
	}
	assert_int_equal(wire_cbor_done(&r), 0);
	assert_int_equal(wire_cbor_writer_done(&w, &n), 0);
	assert_int_equal(n, len);
	assert_memory_equal(out, in, len);
	wire_cbor_init(&r, in, len);
	if (json_is_real(decoded) && in[0] >> 5 == 0)
		assert_true(
		    (double)wire_cbor_uint(&r) == json_real_value(decoded));
	else if (json_is_real(decoded) && in[0] >> 5 == 1)
		assert_true((double)wire_cbor_int(&r, INT64_MIN, -1) ==
			    json_real_value(decoded));
	else if (json_is_string(decoded) && in[0] >> 5 == 3) {
		const char *s = wire_cbor_text(&r, &n);

		assert_non_null(s);
		assert_int_equal(n, json_string_length(decoded));
		assert_memory_equal(s, json_string_value(decoded), n);
	} else if (json_is_boolean(decoded))
		assert_int_equal(wire_cbor_bool(&r), json_is_true(decoded));
}

static void
test_appendix_a(void **state)
{
	/* jansson has no integers beyond 63 bits: it takes them as reals. */
	json_t *all = json_load_file("tests/vectors/cbor/appendix_a.json",
	    JSON_DECODE_INT_AS_REAL, NULL);

	(void)state;
	assert_int_equal(json_array_size(all), 82);
	for (size_t i = 0; i < json_array_size(all); i++)
		one_vector(json_array_get(all, i));
	json_decref(all);
}

static const struct {
	const char *hex;
	int rc;
} refused[] = {
	{ "", ERR_PEER_TRUNCATED },
	{ "18", ERR_PEER_TRUNCATED },
	{ "1b00000001000000", ERR_PEER_TRUNCATED },
	{ "0000", ERR_PEER_TRAILING },
	/* integers and lengths in more bytes than they need */
	{ "1817", ERR_PEER_ENCODING },
	{ "1900ff", ERR_PEER_ENCODING },
	{ "1a0000ffff", ERR_PEER_ENCODING },
	{ "1b00000000ffffffff", ERR_PEER_ENCODING },
	{ "3800", ERR_PEER_ENCODING },
	{ "580161", ERR_PEER_ENCODING },
	{ "780161", ERR_PEER_ENCODING },
	{ "980100", ERR_PEER_ENCODING },
	{ "b8010000", ERR_PEER_ENCODING },
	{ "d81700", ERR_PEER_ENCODING },
	/* indefinite lengths, break, reserved forms */
	{ "5fff", ERR_PEER_ENCODING },
	{ "7fff", ERR_PEER_ENCODING },
	{ "9fff", ERR_PEER_ENCODING },
	{ "bfff", ERR_PEER_ENCODING },
	{ "1f", ERR_PEER_MALFORMED },
	{ "ff", ERR_PEER_MALFORMED },
	{ "81ff", ERR_PEER_MALFORMED },
	{ "1c", ERR_PEER_MALFORMED },
	{ "fc", ERR_PEER_MALFORMED },
	/* map keys */
	{ "a201000100", ERR_PEER_DUPLICATE },
	{ "a202000100", ERR_PEER_ENCODING },
	{ "a220000000", ERR_PEER_ENCODING },
	{ "a2616200616100", ERR_PEER_ENCODING },
	{ "a262616100616200", ERR_PEER_ENCODING },
	{ "a161610001", ERR_PEER_TRAILING },
	{ "a1f400", ERR_PEER_UNSUPPORTED },
	{ "a1c10000", ERR_PEER_UNSUPPORTED },
	{ "a18000", ERR_PEER_UNSUPPORTED },
	{ "a101", ERR_PEER_TRUNCATED },
	/* lengths beyond the input */
	{ "41", ERR_PEER_TRUNCATED },
	{ "5bffffffffffffffff00", ERR_PEER_TRUNCATED },
	{ "9bffffffffffffffff00", ERR_PEER_TRUNCATED },
	{ "bb7fffffffffffffff00", ERR_PEER_TRUNCATED },
	{ "bb800000000000000000", ERR_PEER_TRUNCATED },
	{ "8200", ERR_PEER_TRUNCATED },
	{ "c1", ERR_PEER_TRUNCATED },
	/* text that is not UTF-8 */
	{ "61ff", ERR_PEER_MALFORMED },
	{ "62c080", ERR_PEER_MALFORMED },
	{ "63eda080", ERR_PEER_MALFORMED },
	/* bignums that an integer holds (section 3.4.3) */
	{ "c2420100", ERR_PEER_ENCODING },
	{ "c348ffffffffffffffff", ERR_PEER_ENCODING },
	{ "c24a00010000000000000000", ERR_PEER_ENCODING },
	{ "c249010000000000000000", 0 },
	/* nine arrays within each other; eight */
	{ "81818181818181818100", ERR_PEER_DEPTH },
	{ "818181818181818100", 0 },
	{ "f7", ERR_PEER_UNSUPPORTED },
	{ "f818", ERR_PEER_UNSUPPORTED },
	{ "f90000", ERR_PEER_UNSUPPORTED },
};

static void
test_refusals(void **state)
{
	uint8_t in[32];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t len = unhex(refused[i].hex, in, sizeof(in));

		if (verdict(in, len) != refused[i].rc)
			fail_msg("%s: %s, not %s", refused[i].hex,
			    base_err_name(verdict(in, len)),
			    base_err_name(refused[i].rc));
	}
}

static void
test_size(void **state)
{
	static uint8_t big[WIRE_CBOR_LEN_MAX + 1];

	(void)state;
	/* 59 ff fd: 65,533 bytes after a head of three. */
	big[0] = 0x59;
	big[1] = 0xff;
	big[2] = 0xfd;
	assert_int_equal(verdict(big, WIRE_CBOR_LEN_MAX), 0);
	assert_int_equal(
	    verdict(big, WIRE_CBOR_LEN_MAX + 1), ERR_PEER_TOO_LARGE);
}

/* A document as the mesh has them: known keys in order, some optional. */
static int
schema(const char *hex, uint64_t *version, size_t *members)
{
	struct wire_cbor r;
	uint8_t in[64];
	size_t i, n;

	wire_cbor_init(&r, in, unhex(hex, in, sizeof(in)));
	(void)wire_cbor_map(&r);
	*version = wire_cbor_key(&r, 1) ? wire_cbor_uint(&r) : 0;
	*members = 0;
	if (wire_cbor_key(&r, 2)) {
		n = wire_cbor_array(&r);
		for (i = 0; i < n && r.c.rc == 0; i++)
			if (!wire_cbor_null(&r))
				*members += wire_cbor_fixed(&r, 2) != NULL;
		wire_cbor_leave(&r);
	}
	if (wire_cbor_key(&r, -1))
		(void)wire_cbor_int(&r, -7, 7);
	wire_cbor_leave(&r);
	return wire_cbor_done(&r);
}

static void
test_schema(void **state)
{
	uint64_t v;
	size_t n;

	(void)state;
	assert_int_equal(schema("a3010902824201"
				"02f62026",
			     &v, &n),
	    0);
	assert_int_equal(v, 9);
	assert_int_equal(n, 1);
	assert_int_equal(schema("a10280", &v, &n), 0);
	assert_int_equal(v, 0);
	/* an unknown key, a missing item, another type, another length */
	assert_int_equal(schema("a201090300", &v, &n), ERR_PEER_MALFORMED);
	assert_int_equal(schema("a101f6", &v, &n), ERR_PEER_MALFORMED);
	assert_int_equal(schema("a1028100", &v, &n), ERR_PEER_MALFORMED);
	assert_int_equal(schema("a102814101", &v, &n), ERR_PEER_MALFORMED);
	assert_int_equal(schema("80", &v, &n), ERR_PEER_MALFORMED);
	assert_int_equal(schema("a12008", &v, &n), ERR_PEER_TOO_LARGE);
	assert_int_equal(schema("a12027", &v, &n), ERR_PEER_TOO_LARGE);
	/* what is wrong is said, although the schema stops before it */
	assert_int_equal(schema("a201090109", &v, &n), ERR_PEER_DUPLICATE);
	assert_int_equal(schema("a202800109", &v, &n), ERR_PEER_ENCODING);
	assert_int_equal(schema("a2010903f7", &v, &n), ERR_PEER_MALFORMED);
}

/* After an error nothing moves, and every read gives nothing. */
static void
test_sticky(void **state)
{
	static const uint8_t in[] = { 0x82, 0x18, 0x01, 0x61, 'a' };
	const uint8_t *pos;
	struct wire_cbor r;
	size_t n = 9;

	(void)state;
	wire_cbor_init(&r, in, sizeof(in));
	assert_int_equal(wire_cbor_array(&r), 2);
	assert_int_equal(wire_cbor_uint(&r), 0);
	assert_int_equal(r.c.rc, ERR_PEER_ENCODING);
	pos = r.c.pos;
	assert_int_equal(wire_cbor_peek(&r), WIRE_CBOR_END);
	assert_null(wire_cbor_text(&r, &n));
	assert_int_equal(n, 0);
	assert_null(wire_cbor_bytes(&r, &n));
	assert_null(wire_cbor_skip(&r, &n));
	assert_int_equal(wire_cbor_int(&r, -1, 1), 0);
	assert_int_equal(wire_cbor_tag(&r), 0);
	assert_int_equal(wire_cbor_map(&r), 0);
	assert_false(wire_cbor_bool(&r));
	assert_false(wire_cbor_null(&r));
	assert_false(wire_cbor_key(&r, 1));
	wire_cbor_leave(&r);
	assert_ptr_equal(r.c.pos, pos);
	assert_int_equal(wire_cbor_done(&r), ERR_PEER_ENCODING);
	/* more than the container has */
	wire_cbor_init(&r, in + 3, 2);
	assert_non_null(wire_cbor_text(&r, &n));
	assert_null(wire_cbor_text(&r, &n));
	assert_int_equal(wire_cbor_done(&r), ERR_PEER_MALFORMED);
}

/* xorshift64: the same documents in each run */
static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t
chance(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static uint64_t
number(void)
{
	return chance(UINT64_MAX) >> chance(64);
}

static void
random_item(struct wire_cbor_writer *w, unsigned depth)
{
	static const uint8_t text[] = "tr\xc3\xb6th \xe2\x82\xac";
	uint64_t what = chance(depth > 0 ? 10 : 6), n, key = 0;

	if (what == 0)
		wire_cbor_put_uint(w, number());
	else if (what == 1)
		wire_cbor_put_int(w, -(int64_t)(number() >> 1));
	else if (what == 2)
		wire_cbor_put_bytes(w, text, chance(sizeof(text)));
	else if (what == 3)
		wire_cbor_put_text(w, (const char *)text, sizeof(text) - 1);
	else if (what == 4)
		wire_cbor_put_bool(w, chance(2) != 0);
	else if (what == 5)
		wire_cbor_put_null(w);
	else if (what == 6) {
		wire_cbor_put_tag(w, 98 + chance(300));
		random_item(w, depth);
	} else if (what == 7) {
		wire_cbor_put_array(w, n = chance(5));
		while (n-- > 0)
			random_item(w, depth - 1);
		wire_cbor_put_end(w);
	} else {
		wire_cbor_put_map(w, n = chance(5));
		while (n-- > 0) {
			key += 1 + chance(200);
			if (what == 8)
				wire_cbor_put_uint(w, key);
			else
				wire_cbor_put_int(w, -(int64_t)key);
			random_item(w, depth - 1);
		}
		wire_cbor_put_end(w);
	}
}

/* libcbor's item, encoded by libcbor, in a buffer for the caller to free. */
static size_t
encoded(const cbor_item_t *item, unsigned char **ret)
{
	size_t cap = 0;

	return cbor_serialize_alloc(item, ret, &cap);
}

static bool
utf8(const void *s, size_t len)
{
	char out[65536], *to = out, *from = (char *)(uintptr_t)s;
	size_t cap = sizeof(out), n;
	iconv_t cd = iconv_open("UTF-32LE", "UTF-8");

	assert_true(cd != (iconv_t)-1);
	n = iconv(cd, &from, &len, &to, &cap);
	iconv_close(cd);
	return n != (size_t)-1 && len == 0;
}

static bool strict(cbor_item_t *item, unsigned depth);

static bool
strict_map(const cbor_item_t *item, unsigned depth)
{
	struct cbor_pair *pair = cbor_map_handle(item);
	unsigned char *last = NULL, *key;
	size_t last_len = 0, len;
	bool good = cbor_map_is_definite(item) && depth > 0;

	for (size_t i = 0; good && i < cbor_map_size(item); i++) {
		len = encoded(pair[i].key, &key);
		good = key[0] >> 5 <= 3 && strict(pair[i].key, depth - 1) &&
		       strict(pair[i].value, depth - 1);
		if (good && last != NULL) {
			size_t min = len < last_len ? len : last_len;
			int d = memcmp(key, last, min);

			good = d > 0 || (d == 0 && len > last_len);
		}
		free(last);
		last = key;
		last_len = len;
	}
	free(last);
	return good;
}

static bool
strict_tag(const cbor_item_t *item, unsigned depth)
{
	uint64_t tag = cbor_tag_value(item);
	cbor_item_t *in = cbor_tag_item(item);
	bool good = strict(in, depth);

	if (good && (tag == 2 || tag == 3) && cbor_isa_bytestring(in))
		good = cbor_bytestring_length(in) > 8 &&
		       cbor_bytestring_handle(in)[0] != 0;
	cbor_decref(&in);
	return good;
}

/* Our rules, over what libcbor decoded.  Whether lengths and tags are in
 * their shortest form shows when libcbor encodes it again. */
static bool
strict(cbor_item_t *item, unsigned depth)
{
	static const uint64_t least[] = { 0, 0x100, 0x10000, 0x100000000 };

	if (cbor_isa_uint(item) || cbor_isa_negint(item))
		return cbor_get_int(item) >= least[cbor_int_get_width(item)];
	if (cbor_isa_bytestring(item))
		return cbor_bytestring_is_definite(item);
	if (cbor_isa_string(item))
		return cbor_string_is_definite(item) &&
		       utf8(cbor_string_handle(item), cbor_string_length(item));
	if (cbor_isa_map(item))
		return strict_map(item, depth);
	if (cbor_isa_tag(item))
		return strict_tag(item, depth);
	if (cbor_isa_array(item)) {
		bool good = cbor_array_is_definite(item) && depth > 0;

		for (size_t i = 0; good && i < cbor_array_size(item); i++)
			good = strict(cbor_array_handle(item)[i], depth - 1);
		return good;
	}
	return cbor_float_ctrl_is_ctrl(item) && !cbor_is_undef(item) &&
	       (cbor_is_bool(item) || cbor_is_null(item));
}

/* libcbor knows no tags from 6 to 20: there it has no verdict. */
static bool
unknown_tag(
    const uint8_t *data, size_t len, const struct cbor_load_result *result)
{
	size_t at = result->error.position;

	return result->error.code == CBOR_ERR_MALFORMATED && at < len &&
	       data[at] >= 0xc6 && data[at] <= 0xd4;
}

/* libcbor's verdict under our rules. */
static bool
oracle(const uint8_t *data, size_t len)
{
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(data, len, &result);
	unsigned char *again = NULL;
	bool good;
	size_t n;

	if (item == NULL)
		return unknown_tag(data, len, &result) ? verdict(data, len) == 0
						       : false;
	good = result.read == len && strict(item, WIRE_CBOR_DEPTH_MAX);
	if (good) {
		n = encoded(item, &again);
		good = n == len && memcmp(again, data, n) == 0;
		free(again);
	}
	cbor_decref(&item);
	return good;
}

/* Before it looks for the items, libcbor makes room for as many as the head
 * of an array or map says: 2^32, say. */
static bool
room(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] == 0x9a || data[i] == 0x9b || data[i] == 0xba ||
		    data[i] == 0xbb)
			return false;
	return true;
}

static void
compare(const uint8_t *data, size_t len)
{
	char hex[1024] = "";

	if (!room(data, len))
		return;
	if (oracle(data, len) == (verdict(data, len) == 0))
		return;
	for (size_t i = 0; i < len && i < 500; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", data[i]);
	fail_msg("we: %s, libcbor: %s: %s", base_err_name(verdict(data, len)),
	    oracle(data, len) ? "accepts" : "refuses", hex);
}

static void
test_libcbor(void **state)
{
	static uint8_t doc[WIRE_CBOR_LEN_MAX];
	unsigned good = 0, bad = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct wire_cbor_writer w;
		size_t len = 0;

		wire_cbor_writer_init(&w, doc, sizeof(doc));
		random_item(&w, (unsigned)chance(5));
		assert_int_equal(wire_cbor_writer_done(&w, &len), 0);
		assert_int_equal(verdict(doc, len), 0);
		compare(doc, len);
		for (uint64_t n = 1 + chance(2); n > 0; n--)
			doc[chance(len)] = (uint8_t)chance(256);
		compare(doc, len);
		if (verdict(doc, len) == 0)
			good++;
		else
			bad++;
		compare(doc, chance(len));
	}
	/* Both kinds were really compared. */
	assert_true(good > 2000);
	assert_true(bad > 2000);
}

/* A document is cut off at every capacity with the one error, unharmed. */
static void
test_writer_full(void **state)
{
	static const uint8_t want[] = { 0xd8, 0x62, 0xa2, 0x01, 0x83, 0x38,
		0x63, 0xf5, 0xf6, 0x20, 0x42, 1, 2 };
	uint8_t out[sizeof(want) + 1];

	(void)state;
	for (size_t cap = 0; cap <= sizeof(want); cap++) {
		struct wire_cbor_writer w;
		size_t len = 0;
		int rc;

		memset(out, 0xaa, sizeof(out));
		wire_cbor_writer_init(&w, out, cap);
		wire_cbor_put_tag(&w, 98);
		wire_cbor_put_map(&w, 2);
		wire_cbor_put_uint(&w, 1);
		wire_cbor_put_array(&w, 3);
		wire_cbor_put_int(&w, -100);
		wire_cbor_put_bool(&w, true);
		wire_cbor_put_null(&w);
		wire_cbor_put_end(&w);
		wire_cbor_put_int(&w, -1);
		wire_cbor_put_bytes(&w, "\x01\x02", 2);
		wire_cbor_put_end(&w);
		rc = wire_cbor_writer_done(&w, &len);
		assert_int_equal(rc, cap < sizeof(want) ? ERR_SYS_LIMIT : 0);
		assert_int_equal(out[cap], 0xaa);
		if (rc == 0)
			assert_memory_equal(out, want, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appendix_a),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_sticky),
		cmocka_unit_test(test_libcbor),
		cmocka_unit_test(test_writer_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
