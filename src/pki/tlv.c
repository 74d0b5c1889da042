/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tlv.h"

#include <string.h>

int
pki_tlv_next(struct pki_bytes *in, struct pki_tlv *ret)
{
	const uint8_t *p = in->data;
	size_t left = in->len, head = 2, len, n, i;

	if (left < 2)
		return ERR_PEER_TRUNCATED;
	/* X.690 section 8.1.2.4: no structure here has a high tag number. */
	if ((p[0] & 0x1f) == 0x1f)
		return ERR_PEER_ENCODING;
	len = p[1];
	if (len >= 0x80) {
		n = len & 0x7f;
		/* X.690 section 10.1: definite, in the fewest octets. */
		if (n == 0 || n > 4)
			return ERR_PEER_ENCODING;
		if (left < 2 + n)
			return ERR_PEER_TRUNCATED;
		for (len = 0, i = 0; i < n; i++)
			len = len << 8 | p[2 + i];
		if (len < 0x80 || p[2] == 0)
			return ERR_PEER_ENCODING;
		head += n;
	}
	if (len > left - head)
		return ERR_PEER_TRUNCATED;
	ret->tag = p[0];
	ret->der.data = p;
	ret->der.len = head + len;
	ret->val.data = p + head;
	ret->val.len = len;
	in->data = p + head + len;
	in->len = left - head - len;
	return 0;
}

int
pki_tlv_expect(struct pki_bytes *in, unsigned want, struct pki_tlv *ret)
{
	struct pki_bytes rest = *in;
	struct pki_tlv t;
	int rc;

	if ((rc = pki_tlv_next(&rest, &t)) != 0)
		return rc;
	if (t.tag != want)
		return ERR_PEER_MALFORMED;
	*in = rest;
	*ret = t;
	return 0;
}

bool
pki_tlv_optional(struct pki_bytes *in, unsigned want, struct pki_tlv *ret)
{

	return in->len > 0 && in->data[0] == want && pki_tlv_next(in, ret) == 0;
}

/* X.690 section 8.3.2: no nine equal leading bits. */
static bool
integer_ok(struct pki_bytes v)
{

	if (v.len == 0)
		return false;
	if (v.len == 1)
		return true;
	return !(v.data[0] == 0x00 && v.data[1] < 0x80) &&
	       !(v.data[0] == 0xff && v.data[1] >= 0x80);
}

/* X.690 sections 8.6 and 11.2: unused bits exist and are zero. */
static bool
bits_ok(struct pki_bytes v)
{

	if (v.len == 0 || v.data[0] > 7)
		return false;
	if (v.len == 1)
		return v.data[0] == 0;
	return (v.data[v.len - 1] & ((1U << v.data[0]) - 1)) == 0;
}

/* X.690 section 8.19: each arc in the fewest octets, the last one ended. */
static bool
oid_ok(struct pki_bytes v)
{
	bool start = true;
	size_t i;

	for (i = 0; i < v.len; i++) {
		if (start && v.data[i] == 0x80)
			return false;
		start = (v.data[i] & 0x80) == 0;
	}
	return v.len > 0 && start;
}

/* X.690 section 11.7 and 11.8: seconds present, UTC, no empty fraction. */
static bool
time_ok(const struct pki_tlv *t)
{
	size_t digits = t->tag == PKI_TAG_UTC_TIME ? 12 : 14, i;
	struct pki_bytes v = t->val;

	if (v.len < digits + 1 || v.data[v.len - 1] != 'Z')
		return false;
	for (i = 0; i < digits; i++)
		if (v.data[i] < '0' || v.data[i] > '9')
			return false;
	if (v.len == digits + 1)
		return true;
	if (t->tag == PKI_TAG_UTC_TIME || v.data[digits] != '.' ||
	    v.len < digits + 3 || v.data[v.len - 2] == '0')
		return false;
	for (i = digits + 1; i < v.len - 1; i++)
		if (v.data[i] < '0' || v.data[i] > '9')
			return false;
	return true;
}

static bool
primitive_ok(const struct pki_tlv *t)
{

	switch (t->tag) {
	case PKI_TAG_BOOLEAN:
		return t->val.len == 1 &&
		       (t->val.data[0] == 0x00 || t->val.data[0] == 0xff);
	case PKI_TAG_INTEGER:
	case PKI_TAG_ENUMERATED:
		return integer_ok(t->val);
	case PKI_TAG_BIT_STRING:
		return bits_ok(t->val);
	case PKI_TAG_NULL:
		return t->val.len == 0;
	case PKI_TAG_OID:
		return oid_ok(t->val);
	case PKI_TAG_UTC_TIME:
	case PKI_TAG_GENERALIZED_TIME:
		return time_ok(t);
	case PKI_TAG_OCTET_STRING:
	case PKI_TAG_UTF8:
	case PKI_TAG_PRINTABLE:
	case PKI_TAG_IA5:
	case 0x12: /* NumericString */
	case 0x14: /* TeletexString, in old names */
	case 0x1a: /* VisibleString */
	case 0x1c: /* UniversalString */
	case 0x1e: /* BMPString */
		return true;
	default:
		/* Implicitly tagged: only the context class exists here. */
		return (t->tag & 0xe0) == PKI_TAG_CONTEXT;
	}
}

/* X.690 section 11.6: SET OF is ordered by encoding. */
static bool
ordered(struct pki_bytes prev, struct pki_bytes next)
{
	size_t n = prev.len < next.len ? prev.len : next.len;
	int c = n == 0 ? 0 : memcmp(prev.data, next.data, n);

	return c < 0 || (c == 0 && prev.len <= next.len);
}

static int
check(struct pki_bytes in, bool set, unsigned depth)
{
	struct pki_bytes prev = { NULL, 0 };
	struct pki_tlv t;
	int rc;

	if (depth > PKI_TAG_DEPTH_MAX)
		return ERR_PEER_DEPTH;
	while (in.len > 0) {
		if ((rc = pki_tlv_next(&in, &t)) != 0)
			return rc;
		if (set && !ordered(prev, t.der))
			return ERR_PEER_ENCODING;
		prev = t.der;
		if ((t.tag & 0x20) == 0) {
			if (!primitive_ok(&t))
				return ERR_PEER_ENCODING;
			continue;
		}
		/* Constructed: SEQUENCE, SET, or explicit context tags. */
		if (t.tag != PKI_TAG_SEQUENCE && t.tag != PKI_TAG_SET &&
		    (t.tag & 0xe0) != PKI_TAG_CONTEXT_C)
			return ERR_PEER_ENCODING;
		if ((rc = check(t.val, t.tag == PKI_TAG_SET, depth + 1)) != 0)
			return rc;
	}
	return 0;
}

int
pki_tlv_check(struct pki_bytes der)
{
	struct pki_bytes rest = der;
	struct pki_tlv t;
	int rc;

	if ((rc = pki_tlv_next(&rest, &t)) != 0)
		return rc;
	if (rest.len != 0)
		return ERR_PEER_TRAILING;
	return check(der, false, 0);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Two decimal digits, or -1. */
static int
two(const uint8_t *p)
{

	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

static int
month_days(int64_t y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* The ten digits and the Z behind a year. */
static int
rest_of_time(int64_t y, const uint8_t *p, int64_t *ret_unix_ms)
{
	int f[5], i;

	for (i = 0; i < 5; i++)
		if ((f[i] = two(p + 2 * i)) < 0)
			return ERR_PEER_MALFORMED;
	if (p[10] != 'Z' || f[0] < 1 || f[0] > 12 || f[1] < 1 ||
	    f[1] > month_days(y, f[0]) || f[2] > 23 || f[3] > 59 || f[4] > 59)
		return ERR_PEER_MALFORMED;
	*ret_unix_ms =
	    (((days_from_civil(y, f[0], f[1]) * 24 + f[2]) * 60 + f[3]) * 60 +
		f[4]) *
	    1000;
	return 0;
}

int
pki_tlv_generalized(const struct pki_tlv *t, int64_t *ret_unix_ms)
{
	const uint8_t *p = t->val.data;

	if (t->tag != PKI_TAG_GENERALIZED_TIME || t->val.len != 15 ||
	    two(p) < 0 || two(p + 2) < 0)
		return ERR_PEER_MALFORMED;
	return rest_of_time(two(p) * 100 + two(p + 2), p + 4, ret_unix_ms);
}

int
pki_tlv_time(const struct pki_tlv *t, int64_t *ret_unix_ms)
{
	const uint8_t *p = t->val.data;
	int64_t ms, y;
	int hi, rc;

	/* RFC 5280 section 4.1.2.5: seconds present, Z, no fraction. */
	if (t->tag == PKI_TAG_UTC_TIME && t->val.len == 13) {
		if ((hi = two(p)) < 0)
			return ERR_PEER_MALFORMED;
		y = hi + (hi >= 50 ? 1900 : 2000);
		return rest_of_time(y, p + 2, ret_unix_ms);
	}
	if ((rc = pki_tlv_generalized(t, &ms)) != 0)
		return rc;
	y = two(p) * 100 + two(p + 2);
	if (y >= 1950 && y < 2050)
		return ERR_PEER_MALFORMED;
	*ret_unix_ms = ms;
	return 0;
}
