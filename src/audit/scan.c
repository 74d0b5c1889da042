/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/scan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/line.h"
#include "store/file.h"

/* Much more than a line, and no less than one append. */
enum { BLOCK = 1 << 20 };

struct scan {
	audit_scan_fn *fn;
	void *ctx;
	struct audit_scan_tail *tail; /* read and not yet taken */
	bool bad;		      /* it begins with a line that is none */
};

/* Give out the whole lines of what is read. */
static int
scan_lines(struct scan *s)
{
	struct audit_scan_tail *t = s->tail;
	size_t at = 0, n;
	char *end;
	int rc = 0;

	while (rc == 0 &&
	       (end = memchr(t->data + at, '\n', t->len - at)) != NULL) {
		n = (size_t)(end - (t->data + at));
		s->bad = !audit_line_ok(t->data + at, n);
		if (s->bad)
			break;
		rc = s->fn(s->ctx, t->data + at, n,
		    audit_line_source(t->data + at, n));
		at += n + 1;
	}
	memmove(t->data, t->data + at, t->len - at);
	t->len -= at;
	t->offset += at;
	return rc;
}

static bool
is_torn(const struct audit_scan_tail *t, uint64_t size)
{
	char *end = memchr(t->data, '\n', t->len);

	if (t->offset + t->len != size)
		return false;
	return end == NULL || end == t->data + t->len - 1 ||
	       memchr(t->data, '\0', t->len) != NULL;
}

int
audit_scan_file(struct store_file *file, audit_scan_fn *fn, void *ctx,
    struct audit_scan_tail *ret_tail)
{
	struct audit_scan_tail *t = ret_tail;
	struct scan s = { fn, ctx, t, false };
	size_t got;
	int rc = 0;

	memset(t, 0, sizeof(*t));
	if ((t->data = malloc(BLOCK)) == NULL)
		return ERR_SYS_NOMEM;
	while (rc == 0 && !s.bad) {
		rc = store_file_read(file, t->data + t->len, BLOCK - t->len,
		    t->offset + t->len, &got);
		if (rc != 0 || got == 0)
			break;
		t->len += got;
		rc = scan_lines(&s);
	}
	if (rc == 0 && t->len > 0 && !is_torn(t, store_file_size(file)))
		rc = ERR_STATE_INTEGRITY;
	return rc;
}
