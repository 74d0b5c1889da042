/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/wipe.h"

#define BUF_CAP_MIN 64

void
base_buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
base_buf_free(struct buf *b)
{
	base_wipe_free(b->data, b->cap);
	b->data = NULL;
	b->len = b->cap = 0;
}

int
base_buf_reserve(struct buf *b, size_t extra, uint8_t **ret_at)
{
	size_t cap = b->cap;
	uint8_t *p;

	if (extra > b->max || b->len > b->max - extra)
		return ERR_SYS_LIMIT;
	if (b->len + extra > cap) {
		cap = cap < BUF_CAP_MIN ? BUF_CAP_MIN : cap;
		while (cap < b->len + extra)
			cap = cap > b->max / 2 ? b->max : cap * 2;
		if (cap < b->len + extra)
			cap = b->len + extra;
		/* Not realloc: the old block may hold secrets. */
		if ((p = malloc(cap)) == NULL)
			return ERR_SYS_NOMEM;
		if (b->len > 0)
			memcpy(p, b->data, b->len);
		base_wipe_free(b->data, b->cap);
		b->data = p;
		b->cap = cap;
	}
	/* To reserve nothing in an empty buffer points nowhere. */
	*ret_at = b->data == NULL ? NULL : b->data + b->len;
	return 0;
}

void
base_buf_commit(struct buf *b, size_t n)
{
	TROTH_ASSERT(n <= b->cap - b->len);
	b->len += n;
}

int
base_buf_append(struct buf *b, const void *data, size_t len)
{
	uint8_t *at;
	int rc;

	if (len == 0)
		return 0;
	if ((rc = base_buf_reserve(b, len, &at)) != 0)
		return rc;
	memcpy(at, data, len);
	b->len += len;
	return 0;
}

int
base_buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	uint8_t *at;
	int n, rc;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return ERR_SYS_OS;
	if ((rc = base_buf_reserve(b, (size_t)n + 1, &at)) != 0)
		return rc;
	va_start(ap, fmt);
	(void)vsnprintf((char *)at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void
base_buf_consume(struct buf *b, size_t n)
{
	TROTH_ASSERT(n <= b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}
