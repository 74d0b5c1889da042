/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/source_internal.h"
#include "base/str.h"

bool
audit_source_number(const char *name, const char *prefix, uint64_t *ret)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] == '.' &&
	       base_str_u64(name + n + 1, strlen(name + n + 1), ret) == 0 &&
	       *ret != AUDIT_SOURCE_UNNUMBERED;
}

int
audit_source_add(struct audit_source *s, uint64_t first)
{
	uint64_t *more;
	size_t n = s->n_segments;

	if (n >= AUDIT_SOURCE_SEGMENTS_MAX)
		return ERR_PEER_TOO_LARGE;
	/* Room grows by doubling: n is a power of two when it is full. */
	if ((n & (n - 1)) == 0) {
		more = realloc(s->first, (n > 0 ? 2 * n : 1) * sizeof(*more));
		if (more == NULL)
			return ERR_SYS_NOMEM;
		s->first = more;
	}
	s->first[s->n_segments++] = first;
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
audit_source_sort(struct audit_source *s)
{
	size_t i;

	if (s->n_segments == 0)
		return 0;
	qsort(s->first, s->n_segments, sizeof(*s->first), by_number);
	for (i = 1; i < s->n_segments; i++)
		if (s->first[i] == s->first[i - 1])
			return ERR_PEER_DUPLICATE;
	return 0;
}

/* Find the segments beside the file s->log, and that file. */
static int
list_segments(struct audit_source *s)
{
	char dir[PATH_MAX], *slash;
	const char *base;
	struct dirent *e;
	uint64_t first;
	int rc = 0;
	DIR *d;

	if ((rc = base_str_copy(dir, sizeof(dir), s->log)) != 0)
		return rc;
	slash = strrchr(dir, '/');
	base = slash == NULL ? s->log : s->log + (slash - dir) + 1;
	if (slash == NULL)
		memcpy(dir, ".", 2);
	else
		slash[slash == dir] = '\0';
	if ((d = opendir(dir)) == NULL)
		return base_err_from_errno(errno);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, base) == 0)
			rc = audit_source_add(s, AUDIT_SOURCE_UNNUMBERED);
		else if (audit_source_number(e->d_name, base, &first))
			rc = audit_source_add(s, first);
	}
	closedir(d);
	if (rc == 0 && s->n_segments == 0)
		rc = ERR_STATE_NOT_FOUND;
	return rc == 0 ? audit_source_sort(s) : rc;
}

int
audit_source_dir(const char *log, const char *tiles, struct audit_source **ret)
{
	struct audit_source *s = calloc(1, sizeof(*s));
	int rc = ERR_SYS_NOMEM;

	if (s == NULL)
		return ERR_SYS_NOMEM;
	s->fd = -1;
	s->log = base_str_dup(log);
	s->tiles = base_str_dup(tiles);
	if (s->log != NULL && s->tiles != NULL)
		rc = list_segments(s);
	if (rc != 0) {
		audit_source_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

void
audit_source_free(struct audit_source *s)
{
	if (s == NULL)
		return;
	free(s->log);
	free(s->tiles);
	free(s->member);
	free(s->first);
	free(s);
}

static int
open_file(const char *path, struct audit_part *ret)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return base_err_from_errno(errno);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return ERR_SYS_IO;
	}
	*ret = (struct audit_part){ fd, 0, (uint64_t)st.st_size, true };
	return 0;
}

static int
by_name(const void *key, const void *member)
{
	return strcmp(key, ((const struct audit_source_member *)member)->name);
}

int
audit_source_open(
    const struct audit_source *s, const char *name, struct audit_part *ret)
{
	const struct audit_source_member *m;
	char path[PATH_MAX];
	int rc;

	if (s->tiles != NULL) {
		rc = base_str_format(
		    path, sizeof(path), "%s/%s", s->tiles, name);
		return rc == 0 ? open_file(path, ret) : rc;
	}
	if (s->n_members == 0)
		return ERR_STATE_NOT_FOUND;
	m = bsearch(name, s->member, s->n_members, sizeof(*m), by_name);
	if (m == NULL)
		return ERR_STATE_NOT_FOUND;
	*ret = (struct audit_part){ s->fd, m->offset, m->len, false };
	return 0;
}

int
audit_source_load(const struct audit_source *s, const char *name, void *data,
    size_t cap, size_t *ret_len)
{
	struct audit_part part;
	int rc;

	if ((rc = audit_source_open(s, name, &part)) != 0)
		return rc;
	rc = part.len > cap ? ERR_PEER_TOO_LARGE
			    : audit_part_read(&part, data, cap, 0, ret_len);
	audit_part_close(&part);
	return rc;
}

size_t
audit_source_segments(const struct audit_source *s)
{
	return s->n_segments;
}

int
audit_source_segment(const struct audit_source *s, size_t i,
    struct audit_part *ret, uint64_t *ret_first)
{
	char path[PATH_MAX];
	int rc;

	*ret_first = s->first[i];
	if (s->log != NULL && s->first[i] == AUDIT_SOURCE_UNNUMBERED)
		return open_file(s->log, ret);
	rc = base_str_format(path, sizeof(path), "%s.%" PRIu64,
	    s->log != NULL ? s->log : "audit.log", s->first[i]);
	if (rc != 0)
		return rc;
	return s->log != NULL ? open_file(path, ret)
			      : audit_source_open(s, path, ret);
}

int
audit_part_read(const struct audit_part *part, void *data, size_t len,
    uint64_t at, size_t *ret_len)
{
	size_t got = 0;
	ssize_t n;

	if (at >= part->len)
		len = 0;
	else if (len > part->len - at)
		len = (size_t)(part->len - at);
	while (got < len) {
		n = pread(part->fd, (uint8_t *)data + got, len - got,
		    (off_t)(part->offset + at + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYS_IO;
		got += (size_t)n;
	}
	*ret_len = got;
	return 0;
}

void
audit_part_close(struct audit_part *part)
{
	if (part->own)
		close(part->fd);
	part->own = false;
}
