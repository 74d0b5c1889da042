/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "ops/availability_internal.h"
#include "wire/cursor.h"

#define HEADING "availability 1"
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_-"

static int
save_ring(const struct ops_availability_component *c, char kind, size_t n,
    struct buf *out)
{
	const struct ops_availability_bucket *ring =
	    kind == 'm' ? c->minute : c->hour;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		if (ring[i].good + ring[i].bad > 0)
			rc = base_buf_printf(out,
			    "%s %c %" PRId64 " %" PRIu64 " %" PRIu64 "\n",
			    c->name, kind, ring[i].slot, ring[i].good,
			    ring[i].bad);
	return rc;
}

int
ops_availability_save(const struct ops_availability *a, struct buf *out)
{
	size_t i;
	int rc;

	rc = base_buf_printf(out, HEADING "\n");
	for (i = 0; rc == 0 && i < a->n; i++) {
		rc = save_ring(a->v[i], 'm', OPS_AVAILABILITY_MINUTES, out);
		if (rc == 0)
			rc = save_ring(
			    a->v[i], 'h', OPS_AVAILABILITY_HOURS, out);
	}
	return rc == 0 ? base_buf_printf(out, "end\n") : rc;
}

static bool
is(const char *line, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(line, text, len) == 0;
}

/* The next word of a line, up to a space or the end. */
static size_t
word(const char **at, size_t *left, const char **ret)
{
	const char *space = memchr(*at, ' ', *left);
	size_t n = space == NULL ? *left : (size_t)(space - *at);

	*ret = *at;
	*at += n + (space == NULL ? 0 : 1);
	*left -= n + (space == NULL ? 0 : 1);
	return n;
}

static int
load_line(struct ops_availability *a, const char *line, size_t len)
{
	char name[OPS_AVAILABILITY_NAME_MAX + 1];
	const char *w, *kind;
	struct ops_availability_component *c;
	uint64_t v[3];
	size_t n, i;

	n = word(&line, &len, &w);
	if (n == 0 || n >= sizeof(name))
		return ERR_PEER_MALFORMED;
	memcpy(name, w, n);
	name[n] = '\0';
	if (strspn(name, NAME_CHARS) != n)
		return ERR_PEER_MALFORMED;
	if (word(&line, &len, &kind) != 1 || (*kind != 'm' && *kind != 'h'))
		return ERR_PEER_MALFORMED;
	for (i = 0; i < 3; i++) {
		n = word(&line, &len, &w);
		if (base_str_u64(w, n, &v[i]) != 0 || v[i] > INT64_MAX / 2)
			return ERR_PEER_MALFORMED;
	}
	if (len != 0)
		return ERR_PEER_TRAILING;
	if ((c = ops_availability_component(a, name)) == NULL)
		return a->n == OPS_AVAILABILITY_COMPONENTS_MAX
			   ? ERR_PEER_TOO_LARGE
			   : ERR_SYS_NOMEM;
	ops_availability_count(*kind == 'm' ? c->minute : c->hour,
	    *kind == 'm' ? OPS_AVAILABILITY_MINUTES : OPS_AVAILABILITY_HOURS,
	    (int64_t)v[0], v[1], v[2]);
	return 0;
}

int
ops_availability_load(struct ops_availability *a, const void *text, size_t len)
{
	const char *line;
	struct cursor c;
	size_t n = 0;
	int rc = 0;

	wire_cursor_init(&c, text, len);
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL || !is(line, n, HEADING))
		return ERR_PEER_MALFORMED;
	for (;;) {
		line = (const char *)wire_cursor_line(&c, &n);
		if (line == NULL)
			rc = c.rc;
		else if (is(line, n, "end"))
			break;
		else
			rc = load_line(a, line, n);
		if (rc != 0)
			break;
	}
	if (rc == 0)
		rc = wire_cursor_done(&c);
	if (rc == 0)
		return 0;
	while (a->n > 0)
		free(a->v[--a->n]);
	return rc;
}
