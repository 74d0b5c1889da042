/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "store/file.h"
#include "trustchain/bak_out.h"

#define PATH_BYTES 4096
#define KEY_FILE_MAX 65536
#define KEY_BEGIN "-----BEGIN ENCRYPTED PRIVATE KEY-----"

static int
ends(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

static int
left_out(const char *name)
{
	static const char *const names[] = { "offline-root", "lock", "index",
		"tls" };
	static const char *const tails[] = { ".tmp", ".new", ".db", ".db-wal",
		".db-shm", ".db-journal", ".sock", ".ctl" };
	size_t i;

	if (name[0] == '.')
		return 1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return 1;
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (ends(name, tails[i]))
			return 1;
	return 0;
}

/* What comes first in a folder. */
static int
rank(const char *name)
{
	static const char *const first[] = { "wal", "checkpoint", "tile" };
	int i;

	for (i = 0; i < 3; i++)
		if (strcmp(name, first[i]) == 0)
			return i;
	return 3;
}

static int
by_rank(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int d = rank(x) - rank(y);

	return d != 0 ? d : strcmp(x, y);
}

struct names {
	char **v;
	size_t n, cap;
};

static void
names_free(struct names *l)
{
	while (l->n > 0)
		free(l->v[--l->n]);
	free(l->v);
}

static int
names_add(struct names *l, const char *name)
{
	char **more;

	if (l->n == BAK_WALK_ENTRIES_MAX)
		return ERR_SYS_LIMIT;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : 2 * l->cap;
		more = realloc(l->v, l->cap * sizeof(*more));
		if (more == NULL)
			return ERR_SYS_NOMEM;
		l->v = more;
	}
	if ((l->v[l->n] = strdup(name)) == NULL)
		return ERR_SYS_NOMEM;
	l->n++;
	return 0;
}

static int
list(const char *path, struct names *l)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int rc = 0;

	memset(l, 0, sizeof(*l));
	if (d == NULL)
		return errno == ENOENT ? 0 : base_err_from_errno(errno);
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (!left_out(e->d_name))
			rc = names_add(l, e->d_name);
	(void)closedir(d);
	if (rc == 0 && l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), by_rank);
	return rc;
}

/* Without the root folder and the slash. */
static const char *
member(const struct bak_walk *w, const char *path)
{
	size_t n = strlen(w->root);

	if (strncmp(path, w->root, n) == 0)
		path += n;
	while (*path == '/')
		path++;
	return path;
}

/* The folder of ${path}, by its name: of a checkpoint, the shard. */
static void
tell_head(const struct bak_walk *w, const char *path, const char *name)
{
	char folder[PATH_BYTES], *slash;

	if (w->head == NULL || strcmp(name, "checkpoint") != 0 ||
	    base_str_copy(folder, sizeof(folder), path) != 0 ||
	    (slash = strrchr(folder, '/')) == NULL)
		return;
	*slash = '\0';
	slash = strrchr(folder, '/');
	w->head(w->ctx, slash != NULL ? slash + 1 : folder, path);
}

static int folder(
    const struct bak_walk *w, const char *path, int depth, struct fault *f);

static int
entry(const struct bak_walk *w, const char *path, const char *name, int depth,
    struct fault *f)
{
	struct stat st;
	int rc;

	if (lstat(path, &st) != 0)
		return errno == ENOENT
			   ? 0
			   : base_fault_set(f, base_err_from_errno(errno),
				 "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return folder(w, path, depth + 1, f);
	if (!S_ISREG(st.st_mode))
		return 0;
	rc = bak_out_file(w->out, path, member(w, path), f);
	if (rc == 0)
		tell_head(w, path, name);
	/* Gone since it was listed: what replaces it comes later. */
	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

static int
folder(const struct bak_walk *w, const char *path, int depth, struct fault *f)
{
	char sub[PATH_BYTES];
	struct names l;
	size_t i;
	int rc = depth > BAK_WALK_DEPTH_MAX ? ERR_SYS_LIMIT : list(path, &l);

	if (depth > BAK_WALK_DEPTH_MAX)
		return base_fault_set(f, rc, "%s: nested too deeply", path);
	if (rc != 0)
		(void)base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	for (i = 0; rc == 0 && i < l.n; i++) {
		rc = base_str_format(sub, sizeof(sub), "%s/%s", path, l.v[i]);
		rc = rc == 0 ? entry(w, sub, l.v[i], depth, f)
			     : base_fault_set(
				   f, rc, "%s: the path is too long", path);
	}
	names_free(&l);
	return rc;
}

int
bak_walk_folder(const struct bak_walk *w, const char *path, struct fault *f)
{
	return folder(w, path, 0, f);
}

int
bak_walk_file(const struct bak_walk *w, const char *path, struct fault *f)
{
	const char *name = member(w, path);
	int rc;

	if (bak_out_has(w->out, name))
		return 0;
	rc = bak_out_file(w->out, path, name, f);
	return rc == ERR_STATE_NOT_FOUND
		   ? base_fault_set(f, rc, "%s: not there", path)
		   : rc;
}

/* Whether the file is what this project keeps keys in. */
static int
is_key(const char *path)
{
	uint8_t *data;
	size_t len;
	int yes;

	if (store_file_load(path, KEY_FILE_MAX, &data, &len) != 0)
		return 0;
	yes = base_str_starts((const char *)data, KEY_BEGIN);
	free(data);
	return yes;
}

int
bak_walk_keys(const struct bak_walk *w, const char *path, struct fault *f)
{
	char sub[PATH_BYTES];
	struct names l;
	size_t i;
	int rc = list(path, &l);

	if (rc != 0)
		(void)base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	for (i = 0; rc == 0 && i < l.n; i++)
		if (base_str_format(sub, sizeof(sub), "%s/%s", path, l.v[i]) ==
			0 &&
		    is_key(sub))
			rc = bak_walk_file(w, sub, f);
	names_free(&l);
	return rc;
}
