/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_shared.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/assert.h"
#include "store/file.h"
#include "wire/pem.h"

struct ca_shared {
	struct list files;
	size_t len_max;
};

int
ca_shared_new(size_t len_max, struct ca_shared **ret)
{
	struct ca_shared *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_SYS_NOMEM;
	base_list_init(&s->files);
	s->len_max = len_max;
	*ret = s;
	return 0;
}

void
ca_shared_free(struct ca_shared *s)
{
	if (s == NULL)
		return;
	TROTH_ASSERT(base_list_empty(&s->files));
	free(s);
}

void
ca_shared_release(void *ctx)
{
	struct ca_shared_file *f = ctx;

	TROTH_ASSERT(f->users > 0);
	if (--f->users > 0)
		return;
	base_list_remove(&f->node);
	free(f->path);
	free(f->data);
	base_buf_free(&f->pem);
	free(f);
}

int
ca_shared_pem(struct ca_shared_file *f, const char *label)
{
	struct buf pem;
	int rc;

	if (f->pem.len > 0)
		return 0;
	/* Four characters for three octets, a newline for each 64. */
	base_buf_init(&pem, f->len / 2 * 3 + 1024);
	if ((rc = wire_pem_encode(label, f->data, f->len, &pem)) == 0)
		f->pem = pem;
	else
		base_buf_free(&pem);
	return rc;
}

static int64_t
modified_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 +
	       st->st_mtim.tv_nsec / 1000000;
}

/* A new file has another inode, or at least another time. */
static void
version_of(const struct stat *st, char *out, size_t cap)
{
	(void)snprintf(out, cap, "%llx-%llx-%llx",
	    (unsigned long long)st->st_ino,
	    (unsigned long long)st->st_mtim.tv_sec * 1000000000ULL +
		(unsigned long long)st->st_mtim.tv_nsec,
	    (unsigned long long)st->st_size);
}

static struct ca_shared_file *
find(struct ca_shared *s, const char *path, const char *version)
{
	struct ca_shared_file *f;
	struct list *it, *tmp;

	LIST_FOREACH (it, tmp, &s->files) {
		f = LIST_ENTRY(it, struct ca_shared_file, node);
		if (strcmp(f->version, version) == 0 &&
		    strcmp(f->path, path) == 0)
			return f;
	}
	return NULL;
}

static int
load(struct ca_shared *s, const char *path, struct ca_shared_file **ret)
{
	struct ca_shared_file *f = calloc(1, sizeof(*f));
	int rc = f == NULL ? ERR_SYS_NOMEM : 0;

	if (rc == 0 && (f->path = strdup(path)) == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = store_file_load(path, s->len_max, &f->data, &f->len);
	if (rc != 0) {
		if (f != NULL)
			free(f->path);
		free(f);
		return rc;
	}
	*ret = f;
	return 0;
}

int
ca_shared_open(
    struct ca_shared *s, const char *path, struct ca_shared_file **ret)
{
	struct ca_shared_file *f;
	char version[sizeof(f->version)];
	struct stat st;
	int rc;

	if (stat(path, &st) != 0)
		return base_err_from_errno(errno);
	if (!S_ISREG(st.st_mode))
		return ERR_STATE_NOT_FOUND;
	version_of(&st, version, sizeof(version));
	if ((f = find(s, path, version)) == NULL) {
		if ((rc = load(s, path, &f)) != 0)
			return rc;
		/* Replaced in between, it has a version that nobody asks for
		 * again: caches take the one after it. */
		memcpy(f->version, version, sizeof(version));
		f->modified_ms = modified_ms(&st);
		base_list_init(&f->node);
		base_list_push_back(&s->files, &f->node);
	}
	f->users++;
	*ret = f;
	return 0;
}
