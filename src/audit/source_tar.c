/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/source_internal.h"
#include "base/str.h"
#include "wire/ustar.h"

static int
by_name(const void *a, const void *b)
{
	const struct audit_source_member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Remember one member. */
static int
add_member(struct audit_source *s, const struct audit_source_member *m)
{
	struct audit_source_member *more;
	size_t n = s->n_members;
	uint64_t first;

	if (n >= AUDIT_SOURCE_MEMBERS_MAX)
		return ERR_PEER_TOO_LARGE;
	/* Room grows by doubling: n is a power of two when it is full. */
	if ((n & (n - 1)) == 0) {
		more = realloc(s->member, (n > 0 ? 2 * n : 1) * sizeof(*more));
		if (more == NULL)
			return ERR_SYS_NOMEM;
		s->member = more;
	}
	s->member[s->n_members++] = *m;
	return audit_source_number(m->name, "audit.log", &first)
		   ? audit_source_add(s, first)
		   : 0;
}

static int
read_members(struct audit_source *s, const struct audit_part *all)
{
	uint8_t block[WIRE_USTAR_BLOCK];
	struct audit_source_member m;
	struct wire_ustar head;
	uint64_t at = 0, padded;
	size_t got;
	int rc;

	for (;;) {
		rc = audit_part_read(all, block, sizeof(block), at, &got);
		if (rc != 0)
			return rc;
		if (got < sizeof(block))
			return ERR_PEER_TRUNCATED;
		rc = wire_ustar_parse(block, &head);
		if (rc == ERR_STATE_NOT_FOUND)
			return 0;
		if (rc != 0)
			return rc;
		/* No bundle has a member of such a name. */
		if (base_str_copy(m.name, sizeof(m.name), head.name) != 0)
			return ERR_PEER_UNSUPPORTED;
		m.len = head.size;
		m.offset = at += WIRE_USTAR_BLOCK;
		padded = m.len + wire_ustar_padding(m.len);
		if (padded > all->len - at)
			return ERR_PEER_TRUNCATED;
		at += padded;
		if ((rc = add_member(s, &m)) != 0)
			return rc;
	}
}

static int
sort_members(struct audit_source *s)
{
	size_t i;

	if (s->n_members == 0)
		return 0;
	qsort(s->member, s->n_members, sizeof(*s->member), by_name);
	for (i = 1; i < s->n_members; i++)
		if (by_name(&s->member[i], &s->member[i - 1]) == 0)
			return ERR_PEER_DUPLICATE;
	return audit_source_sort(s);
}

int
audit_source_tar(int fd, struct audit_source **ret)
{
	struct audit_source *s = calloc(1, sizeof(*s));
	struct audit_part all = { fd, 0, 0, false };
	struct stat st;
	int rc = 0;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	s->fd = fd;
	if (fstat(fd, &st) != 0)
		rc = base_err_from_errno(errno);
	else if (!S_ISREG(st.st_mode))
		rc = ERR_PEER_UNSUPPORTED;
	else
		all.len = (uint64_t)st.st_size;
	if (rc == 0)
		rc = read_members(s, &all);
	if (rc == 0)
		rc = sort_members(s);
	if (rc != 0) {
		audit_source_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}
