/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"

void
pki_der_init(struct pki_der *w, uint8_t *buf, size_t cap)
{

	memset(w, 0, sizeof(*w));
	w->buf = buf;
	w->cap = cap;
}

/* Append octets, or make the error stick. */
static void
append(struct pki_der *w, const void *data, size_t len)
{

	if (w->rc == 0 && len > w->cap - w->len)
		w->rc = ERR_SYS_LIMIT;
	if (w->rc != 0 || len == 0)
		return;
	memcpy(w->buf + w->len, data, len);
	w->len += len;
}

/* Write the shortest definite length (X.690 section 10.1). */
static size_t
encode_length(size_t len, uint8_t out[5])
{
	size_t n = 0, i;

	if (len < 0x80) {
		out[0] = (uint8_t)len;
		return 1;
	}
	while (n < 4 && (len >> (8 * n)) != 0)
		n++;
	out[0] = (uint8_t)(0x80 | n);
	for (i = 0; i < n; i++)
		out[1 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
	return n + 1;
}

static void
header(struct pki_der *w, unsigned tag, size_t len)
{
	uint8_t h[6];

	if (len > UINT32_MAX) {
		w->rc = w->rc != 0 ? w->rc : ERR_SYS_LIMIT;
		return;
	}
	h[0] = (uint8_t)tag;
	append(w, h, 1 + encode_length(len, h + 1));
}

void
pki_der_open(struct pki_der *w, unsigned tag)
{
	uint8_t t = (uint8_t)tag;

	TROTH_ASSERT(w->depth < PKI_TAG_DEPTH_MAX);
	append(w, &t, 1);
	w->mark[w->depth++] = w->len;
}

void
pki_der_close(struct pki_der *w)
{
	uint8_t l[5];
	size_t at, len, n;

	TROTH_ASSERT(w->depth > 0);
	at = w->mark[--w->depth];
	if (w->rc != 0)
		return;
	len = w->len - at;
	n = encode_length(len, l);
	append(w, l, n);
	if (w->rc != 0)
		return;
	memmove(w->buf + at + n, w->buf + at, len);
	memcpy(w->buf + at, l, n);
}

void
pki_der_put(struct pki_der *w, unsigned tag, const void *data, size_t len)
{

	header(w, tag, len);
	append(w, data, len);
}

void
pki_der_raw(struct pki_der *w, struct pki_bytes der)
{

	append(w, der.data, der.len);
}

void
pki_der_uint(struct pki_der *w, struct pki_bytes m)
{
	static const uint8_t zero = 0;
	bool sign;

	while (m.len > 0 && m.data[0] == 0) {
		m.data++;
		m.len--;
	}
	sign = m.len == 0 || (m.data[0] & 0x80) != 0;
	header(w, PKI_TAG_INTEGER, m.len + (sign ? 1 : 0));
	append(w, &zero, sign ? 1 : 0);
	append(w, m.data, m.len);
}

void
pki_der_small(struct pki_der *w, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };
	struct pki_bytes m = { b, sizeof(b) };

	pki_der_uint(w, m);
}

void
pki_der_bits(struct pki_der *w, struct pki_bytes bits, unsigned unused)
{
	uint8_t u = (uint8_t)unused;

	TROTH_ASSERT(unused < 8);
	header(w, PKI_TAG_BIT_STRING, bits.len + 1);
	append(w, &u, 1);
	append(w, bits.data, bits.len);
}

void
pki_der_true(struct pki_der *w)
{
	static const uint8_t yes = 0xff;

	pki_der_put(w, PKI_TAG_BOOLEAN, &yes, 1);
}

/* Two digits of the year, or four. */
static void
put_time(struct pki_der *w, int64_t unix_ms, bool generalized)
{
	time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;
	char text[64];
	int year, n;

	if (unix_ms % 1000 < 0)
		t--;
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 50 ||
	    tm.tm_year > 9999 - 1900) {
		w->rc = w->rc != 0 ? w->rc : ERR_STATE_REFUSED;
		return;
	}
	year = tm.tm_year + 1900;
	generalized = generalized || year >= 2050;
	if (!generalized)
		n = snprintf(text, sizeof(text), "%02d", year % 100);
	else
		n = snprintf(text, sizeof(text), "%04d", year);
	n += snprintf(text + n, sizeof(text) - (size_t)n,
	    "%02d%02d%02d%02d%02dZ", tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	pki_der_put(w,
	    generalized ? PKI_TAG_GENERALIZED_TIME : PKI_TAG_UTC_TIME, text,
	    (size_t)n);
}

void
pki_der_time(struct pki_der *w, int64_t unix_ms)
{

	put_time(w, unix_ms, false);
}

void
pki_der_generalized(struct pki_der *w, int64_t unix_ms)
{

	put_time(w, unix_ms, true);
}

int
pki_der_finish(const struct pki_der *w, size_t *ret_len)
{

	TROTH_ASSERT(w->depth == 0);
	if (w->rc == 0)
		*ret_len = w->len;
	return w->rc;
}
