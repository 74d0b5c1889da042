/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/punycode.h"

#include <stdbool.h>
#include <string.h>

/* RFC 3492 section 5. */
enum {
	BASE = 36,
	TMIN = 1,
	TMAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 128
};

/* RFC 3492 section 6.1. */
static uint32_t
adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	while (delta > ((BASE - TMIN) * TMAX) / 2) {
		delta /= BASE - TMIN;
		k += BASE;
	}
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t
threshold(uint32_t k, uint32_t bias)
{

	if (k <= bias)
		return TMIN;
	return k >= bias + TMAX ? TMAX : k - bias;
}

static int
digit(char c)
{

	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= '0' && c <= '9')
		return c - '0' + 26;
	return -1;
}

/* Read one variable-length integer and add it to ${i}. */
static int
read_delta(const char **p, const char *end, uint32_t bias, uint32_t *i)
{
	uint32_t w = 1, k, t;
	int d;

	for (k = BASE;; k += BASE) {
		if (*p == end || (d = digit(*(*p)++)) < 0)
			return ERR_PEER_MALFORMED;
		if ((uint32_t)d > (UINT32_MAX - *i) / w)
			return ERR_PEER_MALFORMED;
		*i += (uint32_t)d * w;
		t = threshold(k, bias);
		if ((uint32_t)d < t)
			return 0;
		if (w > UINT32_MAX / (BASE - t))
			return ERR_PEER_MALFORMED;
		w *= BASE - t;
	}
}

int
pki_punycode_decode(const char *in, size_t len,
    uint32_t out[PKI_PUNYCODE_POINTS_MAX], size_t *ret_n)
{
	const char *p = in, *end = in + len, *hyphen;
	uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS, old;
	size_t count = 0;
	int rc;

	if (len > PKI_PUNYCODE_POINTS_MAX)
		return ERR_PEER_TOO_LARGE;
	hyphen = len == 0 ? NULL : memrchr(in, '-', len);
	if (hyphen != NULL) {
		while (p < hyphen)
			out[count++] = (uint8_t)*p++;
		p++;
	}
	while (p < end) {
		old = i;
		if ((rc = read_delta(&p, end, bias, &i)) != 0)
			return rc;
		count++;
		bias = adapt(i - old, (uint32_t)count, old == 0);
		if (i / count > 0x10ffff - n)
			return ERR_PEER_MALFORMED;
		n += (uint32_t)(i / count);
		i %= (uint32_t)count;
		if (n >= 0xd800 && n <= 0xdfff)
			return ERR_PEER_MALFORMED;
		if (count > PKI_PUNYCODE_POINTS_MAX)
			return ERR_PEER_TOO_LARGE;
		memmove(out + i + 1, out + i, (count - 1 - i) * sizeof(*out));
		out[i++] = n;
	}
	*ret_n = count;
	return 0;
}

struct text {
	char *out;
	size_t cap, len;
	bool full;
};

static void
put(struct text *t, char c)
{

	if (t->len == t->cap)
		t->full = true;
	else
		t->out[t->len++] = c;
}

static void
put_digit(struct text *t, uint32_t d)
{

	put(t, (char)(d < 26 ? 'a' + d : '0' + (d - 26)));
}

static void
write_delta(struct text *t, uint32_t q, uint32_t bias)
{
	uint32_t k, limit;

	for (k = BASE;; k += BASE) {
		limit = threshold(k, bias);
		if (q < limit)
			break;
		put_digit(t, limit + (q - limit) % (BASE - limit));
		q = (q - limit) / (BASE - limit);
	}
	put_digit(t, q);
}

/* The smallest code point that is not below ${n}. */
static uint32_t
next_point(const uint32_t *in, size_t count, uint32_t n)
{
	uint32_t m = UINT32_MAX;
	size_t j;

	for (j = 0; j < count; j++)
		if (in[j] >= n && in[j] < m)
			m = in[j];
	return m;
}

int
pki_punycode_encode(
    const uint32_t *in, size_t count, char *out, size_t cap, size_t *ret_len)
{
	struct text t = { out, cap, 0, false };
	uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS, m;
	size_t h, basic, j;

	for (j = 0; j < count; j++)
		if (in[j] < INITIAL_N)
			put(&t, (char)in[j]);
	h = basic = t.len;
	if (basic > 0)
		put(&t, '-');
	while (h < count && !t.full) {
		m = next_point(in, count, n);
		delta += (m - n) * (uint32_t)(h + 1);
		n = m;
		for (j = 0; j < count; j++) {
			if (in[j] < n)
				delta++;
			if (in[j] != n)
				continue;
			write_delta(&t, delta, bias);
			bias = adapt(delta, (uint32_t)h + 1, h == basic);
			delta = 0;
			h++;
		}
		delta++;
		n++;
	}
	if (t.full)
		return ERR_SYS_LIMIT;
	*ret_len = t.len;
	return 0;
}
