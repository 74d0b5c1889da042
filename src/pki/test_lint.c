/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/pki_test.h"

#include "pki/der.h"
#include "pki/lint.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/tlv.h"

/*
 * Each lint is shown to fire alone: a good TBS is written, one thing in it is
 * changed, and the set of lints that fire must be exactly that one.
 */
static const struct pki_name_policy policy;

static struct pki_lint_input
input(const struct pki_world *w, const struct der *tbs)
{
	struct pki_lint_input in = { .tbs = bytes(tbs),
		.profile = w->leaf.profile,
		.issuer = w->issuer,
		.names = &policy,
		.status_url = w->leaf.status_url,
		.issuer_id = w->leaf.issuer_id,
		.crl_shard = w->leaf.crl_shard };

	return in;
}

static void
expect(const struct pki_world *w, const struct der *tbs, unsigned n)
{
	struct pki_lint_input in = input(w, tbs);
	char got[PKI_LINT_TEXT_MAX], want[PKI_LINT_TEXT_MAX];
	uint32_t hits;

	assert_int_equal(pki_lint_tbs(&in, &hits), 0);
	pki_lint_ids(hits, got);
	pki_lint_ids(n == 0 ? 0 : PKI_LINT_BIT(n), want);
	assert_string_equal(got, want);
}

static void
write_leaf(const struct pki_tbs_leaf *in, struct der *out)
{
	assert_int_equal(pki_tbs_leaf(in, PKI_TBS_PRECERT, out->data,
			     sizeof(out->data), &out->len),
	    0);
}

static void
good(struct pki_world *w, struct der *out)
{
	write_leaf(&w->leaf, out);
}

/* Find octets that occur exactly once. */
static uint8_t *
find(struct der *d, const char *what, size_t len)
{
	uint8_t *p = memmem(d->data, d->len, what, len);

	assert_non_null(p);
	assert_null(
	    memmem(p + 1, d->len - (size_t)(p + 1 - d->data), what, len));
	return p;
}

/* What to do with the list of extensions. */
struct edit {
	enum pki_oid id;
	enum { DROP, REPLACE, APPEND, SWAP_NEXT, TWICE } how;
	struct pki_bytes with; /* a whole Extension */
};

/* Copy a TBS with its extensions edited. */
static void
edit(const struct der *in, const struct edit *e, struct der *out)
{
	struct pki_bytes rest = bytes(in), list;
	struct pki_tlv seq, t, ext, next, oid;
	struct pki_der w;

	assert_int_equal(pki_tlv_next(&rest, &seq), 0);
	pki_der_init(&w, out->data, sizeof(out->data));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	while (seq.val.len > 0) {
		assert_int_equal(pki_tlv_next(&seq.val, &t), 0);
		if (t.tag != (PKI_TAG_CONTEXT_C | 3)) {
			pki_der_raw(&w, t.der);
			continue;
		}
		pki_der_open(&w, t.tag);
		pki_der_open(&w, PKI_TAG_SEQUENCE);
		assert_int_equal(pki_tlv_next(&t.val, &seq), 0);
		while (seq.val.len > 0) {
			assert_int_equal(pki_tlv_next(&seq.val, &ext), 0);
			list = ext.val;
			assert_int_equal(pki_tlv_next(&list, &oid), 0);
			if (!pki_oid_is(oid.val, e->id)) {
				pki_der_raw(&w, ext.der);
				continue;
			}
			if (e->how == SWAP_NEXT) {
				assert_int_equal(
				    pki_tlv_next(&seq.val, &next), 0);
				pki_der_raw(&w, next.der);
			}
			if (e->how == REPLACE)
				pki_der_raw(&w, e->with);
			else if (e->how != DROP)
				pki_der_raw(&w, ext.der);
			if (e->how == TWICE)
				pki_der_raw(&w, ext.der);
			if (e->how == APPEND)
				pki_der_raw(&w, e->with);
		}
		pki_der_close(&w);
		pki_der_close(&w);
	}
	pki_der_close(&w);
	assert_int_equal(pki_der_finish(&w, &out->len), 0);
}

/* One Extension from its parts. */
static struct pki_bytes
extension(
    const char *oid, size_t oid_len, bool critical, struct pki_bytes value)
{
	static uint8_t buf[65536];
	struct pki_der w;
	size_t len;

	pki_der_init(&w, buf, sizeof(buf));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_put(&w, PKI_TAG_OID, oid, oid_len);
	if (critical)
		pki_der_true(&w);
	pki_der_put(&w, PKI_TAG_OCTET_STRING, value.data, value.len);
	pki_der_close(&w);
	assert_int_equal(pki_der_finish(&w, &len), 0);
	return B(buf, len);
}

static void
edited(struct pki_world *w, struct edit e, unsigned n)
{
	struct der *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));

	good(w, a);
	edit(a, &e, b);
	expect(w, b, n);
	free(a);
	free(b);
}

static void
test_good(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d));
	struct pki_tbs_leaf in = w->leaf;
	struct pki_profile p = *w->leaf.profile;
	size_t i;

	for (i = 0; pki_profile_builtin(i) != NULL; i++) {
		in.profile = w->leaf.profile = pki_profile_builtin(i);
		write_leaf(&in, d);
		expect(w, d, 0);
	}
	/* With status pointers too. */
	w->leaf.profile = in.profile = &p;
	for (i = 0; i < 3; i++) {
		p.status_pointers = (enum pki_status_pointers)i;
		write_leaf(&in, d);
		expect(w, d, 0);
	}
	p.no_rev_avail = true;
	p.status_pointers = PKI_STATUS_BOTH;
	write_leaf(&in, d);
	expect(w, d, 0);
	w->leaf.profile = pki_profile_builtin(0);
	free(d);
}

static void
test_head(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d));
	struct pki_tbs_leaf in = w->leaf;
	uint8_t *p;

	/* L01 version 2 */
	good(w, d);
	p = find(d, "\xa0\x03\x02\x01\x02", 5);
	p[4] = 1;
	expect(w, d, 1);
	/* L02 a serial that is negative; too short */
	good(w, d);
	p = find(d, "\x02\x10\x41\x03\x03", 5);
	p[2] = 0x81;
	expect(w, d, 2);
	/* L03 a day and a second; ends after the issuer; backwards */
	in.not_after_ms += 1000;
	write_leaf(&in, d);
	expect(w, d, 3);
	in.not_after_ms = in.not_before_ms;
	write_leaf(&in, d);
	expect(w, d, 3);
	in.not_before_ms = pki_cert_not_after_ms(w->issuer) - 1000;
	in.not_after_ms = in.not_before_ms + 2000;
	write_leaf(&in, d);
	expect(w, d, 3);
	free(d);
}

static void
test_names(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d));
	struct pki_tbs_leaf in = w->leaf;
	struct pki_san_list *l = calloc(1, sizeof(*l));
	uint8_t *p;

	/* L04 the common name is another name */
	good(w, d);
	p = memmem(d->data, d->len, "a.example.test", 14);
	p[0] = 'b';
	expect(w, d, 4);
	/* L05 none; not critical without subject; twice */
	edited(
	    w, (struct edit){ PKI_OID_SUBJECT_ALT_NAME, DROP, { NULL, 0 } }, 5);
	in.sans = l;
	assert_int_equal(pki_san_add_text(l, "2001:db8::9"), 0);
	write_leaf(&in, d);
	expect(w, d, 0);
	l->n = 0;
	assert_int_equal(pki_san_add_text(l, "a.example.test"), 0);
	l->item[1] = l->item[0];
	l->n = 2;
	write_leaf(&in, d);
	expect(w, d, 5);
	/* L06 a name that must not be */
	l->n = 1;
	assert_int_equal(pki_san_add_text(l, "localhost"), 0);
	write_leaf(&in, d);
	expect(w, d, 6);
	free(l);
	free(d);
}

static void
test_extensions(void **state)
{
	struct pki_world *w = *state;
	struct pki_bytes none = { NULL, 0 };

	/* L07 more usage than the profile's; none */
	edited(w,
	    (struct edit){ PKI_OID_KEY_USAGE, REPLACE,
		extension("\x55\x1d\x0f", 3, true, B("\x03\x02\x05\xa0", 4)) },
	    7);
	edited(w, (struct edit){ PKI_OID_EXT_KEY_USAGE, DROP, none }, 7);
	/* L08 a CA; nothing said */
	edited(w,
	    (struct edit){ PKI_OID_BASIC_CONSTRAINTS, REPLACE,
		extension(
		    "\x55\x1d\x13", 3, true, B("\x30\x03\x01\x01\xff", 5)) },
	    8);
	edited(w, (struct edit){ PKI_OID_BASIC_CONSTRAINTS, DROP, none }, 8);
	/* L09 another key's identifier */
	edited(w,
	    (struct edit){ PKI_OID_SUBJECT_KEY_ID, REPLACE,
		extension("\x55\x1d\x0e", 3, false,
		    B("\x04\x14"
		      "12345678901234567890",
			22)) },
	    9);
	edited(w, (struct edit){ PKI_OID_AUTHORITY_KEY_ID, DROP, none }, 9);
	/* L10 pointers missing, to nowhere, or of another profile */
	edited(w, (struct edit){ PKI_OID_AUTHORITY_INFO, DROP, none }, 10);
	edited(w, (struct edit){ PKI_OID_CRL_POINTS, DROP, none }, 10);
	edited(w,
	    (struct edit){ PKI_OID_AUTHORITY_INFO, REPLACE,
		extension("\x2b\x06\x01\x05\x05\x07\x01\x01", 8, false,
		    B("\x30\x00", 2)) },
	    10);
	edited(w,
	    (struct edit){ PKI_OID_CRL_POINTS, APPEND,
		extension("\x55\x1d\x38", 3, false, B("\x05\x00", 2)) },
	    10);
	/* L11 an unknown critical one */
	edited(w,
	    (struct edit){ PKI_OID_SUBJECT_ALT_NAME, APPEND,
		extension("\x2a\x03\x04", 3, true, B("\x05\x00", 2)) },
	    11);
	/* L12 order, repetition, an unknown one, poison and list */
	edited(w, (struct edit){ PKI_OID_KEY_USAGE, SWAP_NEXT, none }, 12);
	edited(w, (struct edit){ PKI_OID_CT_POISON, TWICE, none }, 12);
	edited(w,
	    (struct edit){ PKI_OID_SUBJECT_ALT_NAME, APPEND,
		extension("\x2a\x03\x04", 3, false, B("\x05\x00", 2)) },
	    12);
	edited(w,
	    (struct edit){ PKI_OID_CT_POISON, APPEND,
		extension("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", 10, false,
		    B("\x04\x02\x00\x00", 4)) },
	    12);
}

/* A TBS whose validity is written by hand. */
static void
with_times(struct pki_world *w, unsigned kind, const char *from, const char *to,
    struct der *out)
{
	struct der *d = malloc(sizeof(*d));
	struct pki_bytes rest;
	struct pki_tlv seq, t;
	struct pki_der x;
	int n = 0;

	good(w, d);
	rest = bytes(d);
	assert_int_equal(pki_tlv_next(&rest, &seq), 0);
	pki_der_init(&x, out->data, sizeof(out->data));
	pki_der_open(&x, PKI_TAG_SEQUENCE);
	while (seq.val.len > 0) {
		assert_int_equal(pki_tlv_next(&seq.val, &t), 0);
		if (n++ != 4) {
			pki_der_raw(&x, t.der);
			continue;
		}
		pki_der_open(&x, PKI_TAG_SEQUENCE);
		pki_der_put(&x, kind, from, strlen(from));
		pki_der_put(&x, kind, to, strlen(to));
		pki_der_close(&x);
	}
	pki_der_close(&x);
	assert_int_equal(pki_der_finish(&x, &out->len), 0);
	free(d);
}

static void
test_times(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d));

	with_times(w, PKI_TAG_UTC_TIME, "261121115900Z", "261122115859Z", d);
	expect(w, d, 0);
	with_times(w, PKI_TAG_GENERALIZED_TIME, "20261121115900Z",
	    "20261122115859Z", d);
	expect(w, d, 13);
	with_times(w, PKI_TAG_UTC_TIME, "261321115900Z", "261322115859Z", d);
	expect(w, d, 13);
	/* L19: no seconds is not DER at all */
	with_times(w, PKI_TAG_UTC_TIME, "2611211159Z", "2611221158Z", d);
	{
		struct pki_lint_input in = input(w, d);
		uint32_t hits;

		assert_int_equal(pki_lint_tbs(&in, &hits), 0);
		assert_true((hits & PKI_LINT_BIT(19)) != 0);
	}
	free(d);
}

static void
test_keys(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d)), *spki = malloc(sizeof(*spki));
	struct pki_tbs_leaf in = w->leaf;
	struct pki_lint_input li;
	EVP_PKEY *k = new_ec("P-521");
	uint32_t hits;
	uint8_t *p;

	/* L14 algorithm, issuer, outer algorithm */
	good(w, d);
	p = find(d, "\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
	p[7] = 3;
	expect(w, d, 14);
	good(w, d);
	p = find(d, "TrustChain Intermediate CA 1", 28);
	p[27] = '2';
	expect(w, d, 14);
	good(w, d);
	li = input(w, d);
	li.outer_algorithm = pki_cert_algorithm(w->root);
	assert_int_equal(pki_lint_tbs(&li, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(14));
	/* L15 */
	spki_of(k, spki);
	in.spki = bytes(spki);
	write_leaf(&in, d);
	expect(w, d, 15);
	EVP_PKEY_free(k);
	free(spki);
	free(d);
}

/* What the caller knows already excuses only what it is about. */
static void
test_known(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d)), *bad = malloc(sizeof(*bad));
	struct der *spki = malloc(sizeof(*spki));
	struct pki_tbs_leaf in = w->leaf;
	EVP_PKEY *k = new_ec("P-521");
	struct pki_lint_input li;
	struct pki_cert *c;
	uint32_t hits;

	good(w, d);
	assert_int_equal(pki_cert_parse_tbs(bytes(d), &c), 0);
	li = input(w, d);
	li.cert = c;
	assert_int_equal(pki_lint_tbs(&li, &hits), 0);
	assert_int_equal(hits, 0);
	/* That certificate says nothing about another TBS: L19. */
	*bad = *d;
	find(bad, "\x55\x1d\x13\x01\x01\xff", 6)[5] = 0x01;
	li = input(w, bad);
	assert_int_equal(pki_lint_tbs(&li, &hits), 0);
	assert_true((hits & PKI_LINT_BIT(19)) != 0);
	li.cert = c;
	assert_int_equal(pki_lint_tbs(&li, &hits), 0);
	assert_true((hits & PKI_LINT_BIT(19)) != 0);
	pki_cert_free(c);
	/* Nor a key that passed about another key: L15. */
	spki_of(k, spki);
	in.spki = bytes(spki);
	write_leaf(&in, d);
	li = input(w, d);
	li.checked_key = bytes(&w->leaf_spki);
	assert_int_equal(pki_lint_tbs(&li, &hits), 0);
	assert_int_equal(hits, PKI_LINT_BIT(15));
	EVP_PKEY_free(k);
	free(spki);
	free(bad);
	free(d);
}

/* L16: an issuer that is constrained to another name. */
static void
test_constraints(void **state)
{
	struct pki_world *w = *state;
	static const uint8_t other[] = { 0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e,
		0x82, 0x0c, 'o', 't', 'h', 'e', 'r', '.', 'e', 'x', 'a', 'm',
		'p', 'l' };
	struct der *tbs = malloc(sizeof(*tbs)), *d = malloc(sizeof(*d));
	struct der *in = malloc(sizeof(*in));
	struct pki_bytes old = pki_cert_tbs(w->issuer);
	struct pki_cert *constrained, *keep = w->issuer;
	struct edit e = { PKI_OID_EXT_KEY_USAGE, APPEND,
		extension("\x55\x1d\x1e", 3, true, B(other, sizeof(other))) };
	struct pki_san_list *l = calloc(1, sizeof(*l));
	struct pki_tbs_leaf leaf = w->leaf;

	memcpy(in->data, old.data, old.len);
	in->len = old.len;
	edit(in, &e, tbs);
	constrained = certify(w->root_key, EVP_sha384(), tbs);
	w->issuer = constrained;
	leaf.issuer = constrained;
	/* Only DNS is constrained: drop the address from the names. */
	assert_int_equal(pki_san_add_text(l, "a.example.test"), 0);
	leaf.sans = l;
	write_leaf(&leaf, d);
	expect(w, d, 16);
	l->n = 0;
	assert_int_equal(pki_san_add_text(l, "a.other.exampl"), 0);
	write_leaf(&leaf, d);
	expect(w, d, 0);
	w->issuer = keep;
	pki_cert_free(constrained);
	free(l);
	free(in);
	free(tbs);
	free(d);
}

static void
test_form(void **state)
{
	struct pki_world *w = *state;
	struct der *d = malloc(sizeof(*d)), *b = malloc(sizeof(*b));
	struct pki_san_list *l = calloc(1, sizeof(*l));
	struct pki_tbs_leaf in = w->leaf;
	char name[254];
	uint8_t *p;
	int i;

	/* L19 a BOOLEAN that is true in BER only; bytes behind */
	good(w, d);
	p = find(d, "\x55\x1d\x13\x01\x01\xff", 6);
	p[5] = 0x01;
	expect(w, d, 19);
	good(w, d);
	d->data[d->len++] = 0;
	expect(w, d, 19);
	d->len = 0;
	expect(w, d, 19);
	/* L20 more than 16 KiB: 90 names of 200 octets */
	in.sans = l;
	for (i = 0; i < 90; i++) {
		memset(name, 'a', sizeof(name));
		name[60] = name[120] = name[180] = '.';
		snprintf(name + 190, 60, "x%d.test", i);
		assert_int_equal(pki_san_add_text(l, name), 0);
	}
	write_leaf(&in, b);
	assert_true(b->len > PKI_TBS_LEN_MAX);
	expect(w, b, 20);
	free(l);
	free(b);
	free(d);
}

static void
test_texts(void **state)
{
	char ids[PKI_LINT_TEXT_MAX];
	unsigned n;

	(void)state;
	pki_lint_ids(0xfffff, ids);
	assert_int_equal(strlen(ids), 20 * 4 - 1);
	for (n = 1; n <= PKI_LINT_COUNT; n++)
		assert_true(strlen(pki_lint_text(n)) > 10);
}

static int
setup(void **state)
{
	*state = world_new();
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_constraints),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
