/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/lines.h"

#include <string.h>

void
audit_lines_init(struct audit_lines *l, const struct audit_part *part)
{
	l->part = *part;
	l->read = 0;
	l->at = l->len = 0;
}

/* Move what is left to the front and fill up. */
static int
refill(struct audit_lines *l)
{
	size_t got;
	int rc;

	memmove(l->buffer, l->buffer + l->at, l->len - l->at);
	l->len -= l->at;
	l->at = 0;
	rc = audit_part_read(&l->part, l->buffer + l->len,
	    sizeof(l->buffer) - l->len, l->read, &got);
	if (rc == 0) {
		l->read += got;
		l->len += got;
	}
	return rc;
}

int
audit_lines_peek(struct audit_lines *l, const char **ret, size_t *ret_len)
{
	const char *end;
	int rc;

	end = memchr(l->buffer + l->at, '\n', l->len - l->at);
	if (end == NULL) {
		if ((rc = refill(l)) != 0)
			return rc;
		if (l->len == 0)
			return ERR_STATE_NOT_FOUND;
		end = memchr(l->buffer, '\n', l->len);
	}
	if (end == NULL)
		return l->len == sizeof(l->buffer) ? ERR_PEER_TOO_LARGE
						   : ERR_PEER_TRUNCATED;
	*ret = l->buffer + l->at;
	*ret_len = (size_t)(end - *ret);
	return 0;
}

int
audit_lines_next(struct audit_lines *l, const char **ret, size_t *ret_len)
{
	int rc = audit_lines_peek(l, ret, ret_len);

	if (rc == 0)
		l->at += *ret_len + 1;
	return rc;
}
