/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "ops/cli.h"
#include "store/disk.h"
#include "store/file.h"

#define PATH_BYTES 4096
#define KEPT_FILE_MAX (16U << 20)

struct place_root {
	char path[PATH_BYTES];
	bool used, ignored;
};

enum what { SKIP, WRITE, COMPARE };

struct bak_place {
	struct store_disk *disk;
	char prefix[PATH_BYTES]; /* the root folder */
	char folder[PATH_BYTES]; /* of the configuration */
	struct place_root root[BAK_PLACE_ROOTS_MAX];
	size_t n;
	bool config; /* what this pass writes */
	/* The member at hand. */
	enum what what;
	char path[PATH_BYTES], parent[PATH_BYTES];
	struct store_file *file;
	struct crypto_sha2 hash;
};

int
bak_place_new(struct store_disk *disk, const char *root, const char *config,
    struct bak_place **ret)
{
	struct bak_place *p = calloc(1, sizeof(*p));
	const char *slash = strrchr(config, '/');
	int rc;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	p->disk = disk;
	rc = base_str_copy(p->prefix, sizeof(p->prefix), root);
	if (rc == 0)
		rc = slash == NULL
			 ? ERR_STATE_USAGE
			 : base_str_format(p->folder, sizeof(p->folder), "%.*s",
			       (int)(slash - config), config);
	if (rc != 0) {
		free(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void
bak_place_free(struct bak_place *p)
{
	if (p == NULL)
		return;
	store_file_close(p->file);
	free(p);
}

/* Nothing but a lock: a daemon that has stopped leaves that. */
bool
bak_place_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool empty = true;

	if (d == NULL)
		return errno == ENOENT;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, "lock") != 0)
			empty = false;
	(void)closedir(d);
	return empty;
}

/* Whether ${path} is ${under} or below it. */
static bool
is_under(const char *path, const char *under)
{
	size_t n = strlen(under);

	return strncmp(path, under, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

/* Others must be able to pass through what is above state. */
static int
make_above(struct bak_place *p, const char *path)
{
	char above[PATH_BYTES], *slash;
	int rc = base_str_copy(above, sizeof(above), path);

	if (rc != 0 || (slash = strrchr(above, '/')) == NULL || slash == above)
		return rc;
	*slash = '\0';
	return store_disk_mkdirs(p->disk, above, 0755, "bak.place");
}

int
bak_place_state(struct bak_place *p, const char *path, struct fault *f)
{
	char staged[PATH_BYTES];
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_under(path, p->root[i].path))
			return 0;
	if (p->n == BAK_PLACE_ROOTS_MAX ||
	    base_str_copy(p->root[p->n].path, PATH_BYTES, path) != 0 ||
	    base_str_format(
		staged, sizeof(staged), "%s" BAK_PLACE_STAGED, path) != 0)
		return base_fault_set(
		    f, ERR_SYS_LIMIT, "%.200s: too long or too many", path);
	if (!bak_place_empty(path))
		return base_fault_set(f, ERR_STATE_EXISTS,
		    "%s: not empty; fix: stop the daemon and move it away",
		    path);
	if (access(staged, F_OK) == 0)
		return base_fault_set(f, ERR_STATE_EXISTS,
		    "%s: left by an attempt that failed; fix: remove it",
		    staged);
	if (make_above(p, path) != 0)
		return base_fault_set(
		    f, ERR_SYS_IO, "%s: cannot make the folder above", path);
	p->n++;
	return 0;
}

int
bak_place_ignore(struct bak_place *p, const char *path, struct fault *f)
{
	if (p->n == BAK_PLACE_ROOTS_MAX ||
	    base_str_copy(p->root[p->n].path, PATH_BYTES, path) != 0)
		return base_fault_set(
		    f, ERR_SYS_LIMIT, "%.200s: too long or too many", path);
	p->root[p->n++].ignored = true;
	return 0;
}

int
bak_place_staged(
    const struct bak_place *p, const char *path, char *out, size_t size)
{
	size_t i, n;

	for (i = 0; i < p->n; i++) {
		n = strlen(p->root[i].path);
		if (is_under(path, p->root[i].path))
			return base_str_format(out, size,
			    "%s" BAK_PLACE_STAGED "%s", p->root[i].path,
			    path + n);
	}
	return base_str_copy(out, size, path);
}

static void
mark_used(struct bak_place *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_under(path, p->root[i].path))
			p->root[i].used = true;
}

bool
bak_place_used(const struct bak_place *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->root[i].path, path) == 0)
			return p->root[i].used;
	return false;
}

/* Decide where the member ${name} goes, and whether this pass writes it. */
static int
choose(struct bak_place *p, const char *name)
{
	char path[PATH_BYTES];
	size_t i;
	int rc = base_str_format(path, sizeof(path), "%s/%s", p->prefix, name);

	p->what = SKIP;
	if (rc != 0)
		return rc;
	for (i = 0; i < p->n; i++)
		if (is_under(path, p->root[i].path)) {
			p->what =
			    p->config || p->root[i].ignored ? SKIP : WRITE;
			if (p->what == WRITE)
				mark_used(p, path);
			return bak_place_staged(
			    p, path, p->path, sizeof(p->path));
		}
	if (is_under(path, p->folder)) {
		if (p->config)
			p->what = access(path, F_OK) == 0 ? COMPARE : WRITE;
		return base_str_copy(p->path, sizeof(p->path), path);
	}
	if (!p->config)
		ops_cli_warn("%s is not restored: it is outside of %s; fix: "
			     "take it out with age -d and tar",
		    name, p->folder);
	return 0;
}

/* The folder of the file, and the one of the file before made durable. */
static int
make_parent(struct bak_place *p)
{
	char parent[PATH_BYTES], *slash;
	int rc;

	if ((rc = base_str_copy(parent, sizeof(parent), p->path)) != 0)
		return rc;
	if ((slash = strrchr(parent, '/')) != NULL)
		*slash = '\0';
	if (strcmp(parent, p->parent) == 0)
		return 0;
	if (p->parent[0] != '\0' &&
	    (rc = store_disk_sync_dir(p->disk, p->parent, "bak.place")) != 0)
		return rc;
	/* Main reads certificates under another user; keys it must not. */
	slash = strrchr(parent, '/');
	rc = store_disk_mkdirs(p->disk, parent,
	    p->config && slash != NULL && strcmp(slash, "/keys") != 0 ? 0755
								      : 0700,
	    "bak.place");
	return rc == 0 ? base_str_copy(p->parent, sizeof(p->parent), parent)
		       : rc;
}

static int
on_begin(void *ctx, const struct wire_ustar *m)
{
	struct bak_place *p = ctx;
	int rc;

	if ((rc = choose(p, m->name)) != 0 || p->what == SKIP)
		return rc;
	crypto_sha2_init(&p->hash, CRYPTO_SHA256);
	if (p->what == COMPARE)
		return 0;
	if ((rc = make_parent(p)) != 0)
		return rc;
	return store_file_open(
	    p->disk, p->path, O_CREAT | O_EXCL, m->mode & 0755, &p->file);
}

static int
on_data(void *ctx, const uint8_t *data, size_t len)
{
	struct bak_place *p = ctx;

	if (p->what == COMPARE)
		crypto_sha2_update(&p->hash, data, len);
	return p->what == WRITE ? store_file_append(p->file, data, len) : 0;
}

/* What is there stays; that it is another one must be known. */
static void
compare(struct bak_place *p)
{
	uint8_t mine[CRYPTO_SHA256_LEN], theirs[CRYPTO_SHA256_LEN];
	uint8_t *data;
	size_t len;

	crypto_sha2_final(&p->hash, theirs);
	if (store_file_load(p->path, KEPT_FILE_MAX, &data, &len) == 0) {
		crypto_sha2_256(data, len, mine);
		free(data);
		if (memcmp(mine, theirs, sizeof(mine)) == 0)
			return;
	}
	ops_cli_warn("%s: kept as it is; the backup has another one", p->path);
}

static int
on_end(void *ctx)
{
	struct bak_place *p = ctx;
	int rc;

	if (p->what == COMPARE)
		compare(p);
	if (p->what != WRITE)
		return 0;
	rc = store_file_sync(p->file, "bak.place");
	store_file_close(p->file);
	p->file = NULL;
	return rc;
}

void
bak_place_hooks(struct bak_place *p, bool config, struct bak_tar_hooks *ret)
{
	p->config = config;
	*ret = (struct bak_tar_hooks){ on_begin, on_data, on_end, p };
}

static int
move(struct bak_place *p, const struct place_root *r)
{
	char staged[PATH_BYTES], lock[PATH_BYTES];
	int rc;

	rc = bak_place_staged(p, r->path, staged, sizeof(staged));
	if (rc == 0)
		rc = base_str_format(lock, sizeof(lock), "%s/lock", r->path);
	if (rc != 0)
		return rc;
	(void)unlink(lock);
	if (rmdir(r->path) != 0 && errno != ENOENT)
		return base_err_from_errno(errno);
	if ((rc = store_disk_rename(p->disk, staged, r->path)) != 0)
		return rc;
	return store_disk_sync_parent(p->disk, r->path, "bak.place");
}

int
bak_place_commit(struct bak_place *p, struct fault *f)
{
	size_t i;
	int rc = 0;

	if (p->parent[0] != '\0')
		rc = store_disk_sync_dir(p->disk, p->parent, "bak.place");
	/* The CA's comes first and is moved last: it is the one that a
	 * restore begun anew would look at. */
	for (i = p->n; rc == 0 && i > 0; i--)
		if (p->root[i - 1].used && (rc = move(p, &p->root[i - 1])) != 0)
			return base_fault_set(f, rc, "%s: %s",
			    p->root[i - 1].path, base_err_text(rc));
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%s: %s", p->parent, base_err_text(rc));
}

void
bak_place_abort(struct bak_place *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->root[i].used)
			ops_cli_info(
			    "what was written is in %s" BAK_PLACE_STAGED
			    "; remove it before the next attempt",
			    p->root[i].path);
}
