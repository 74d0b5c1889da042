/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "wire/cursor.h"

struct part {
	const char *path; /* with path_len, into data */
	size_t path_len;
	const uint8_t *data;
	size_t len;
};

struct ca_files {
	struct buf all;
	struct part part[CA_FILES_MAX];
	size_t n;
};

/* Append one file, if it can be read. */
static int
add(struct buf *out, const char *path)
{
	size_t n = strlen(path), len;
	uint8_t head[2] = { (uint8_t)(n >> 8), (uint8_t)n }, size[4];
	uint8_t *data;
	int rc;

	if (n > UINT16_MAX ||
	    store_file_load(path, CA_FILES_ONE_MAX, &data, &len) != 0)
		return 0;
	size[0] = (uint8_t)(len >> 24);
	size[1] = (uint8_t)(len >> 16);
	size[2] = (uint8_t)(len >> 8);
	size[3] = (uint8_t)len;
	if ((rc = base_buf_append(out, head, sizeof(head))) == 0 &&
	    (rc = base_buf_append(out, path, n)) == 0 &&
	    (rc = base_buf_append(out, size, sizeof(size))) == 0)
		rc = base_buf_append(out, data, len);
	free(data);
	return rc;
}

static int
add_named(struct buf *out, const struct ca_config *c)
{
	const struct ca_config_issuer *is = c->issuers.v;
	int rc = add(out, c->server.roots);
	size_t i;

	for (i = 0; rc == 0 && i < c->issuers.n; i++)
		if ((rc = add(out, is[i].cert)) == 0)
			rc = add(out, is[i].chain);
	return rc;
}

static int
to_fd(const void *data, size_t len)
{
	int fd = memfd_create("troth-config", MFD_CLOEXEC);
	const uint8_t *p = data;
	ssize_t n;

	while (fd >= 0 && len > 0) {
		n = write(fd, p, len);
		if (n < 0) {
			(void)close(fd);
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

int
ca_files_pack(const char *config, const char *root)
{
	struct ca_config *c;
	struct fault f;
	struct buf out;
	int fd = -1, rc;

	if (access(config, R_OK) != 0)
		return -1;
	base_buf_init(&out, CA_FILES_BYTES_MAX);
	rc = add(&out, config);
	/* What is wrong with it main will say. */
	if (rc == 0 && ca_config_load(config, root, &c, &f) == 0) {
		rc = add_named(&out, c);
		ca_config_free(c);
	}
	if (rc == 0)
		fd = to_fd(out.data, out.len);
	else
		errno = ENOMEM;
	base_buf_free(&out);
	return fd;
}

static int
read_all(int fd, struct buf *out)
{
	uint8_t *at;
	ssize_t n;
	int rc;

	do {
		if ((rc = base_buf_reserve(out, 65536, &at)) != 0)
			return rc;
		n = read(fd, at, 65536);
		if (n > 0)
			base_buf_commit(out, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? ERR_SYS_IO : 0;
}

static int
parse(struct ca_files *f)
{
	struct cursor c, in;
	struct part *p;

	wire_cursor_init(&c, f->all.data, f->all.len);
	while (wire_cursor_left(&c) > 0) {
		if (f->n == CA_FILES_MAX)
			return ERR_PEER_TOO_LARGE;
		p = &f->part[f->n];
		in = wire_cursor_vec(&c, 2, 1, UINT16_MAX);
		p->path_len = wire_cursor_left(&in);
		p->path = (const char *)wire_cursor_bytes(&in, p->path_len);
		in = wire_cursor_vec(&c, 4, 0, CA_FILES_ONE_MAX);
		p->len = wire_cursor_left(&in);
		p->data = wire_cursor_bytes(&in, p->len);
		if (c.rc != 0)
			return c.rc;
		f->n++;
	}
	return f->n == 0 ? ERR_PEER_TRUNCATED : c.rc;
}

int
ca_files_open(int fd, struct ca_files **ret)
{
	struct ca_files *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL)
		return ERR_SYS_NOMEM;
	base_buf_init(&f->all, CA_FILES_BYTES_MAX + 65536);
	if ((rc = read_all(fd, &f->all)) != 0 || (rc = parse(f)) != 0) {
		ca_files_free(f);
		return rc;
	}
	*ret = f;
	return 0;
}

void
ca_files_free(struct ca_files *f)
{
	if (f == NULL)
		return;
	base_buf_free(&f->all);
	free(f);
}

int
ca_files_config(const struct ca_files *f)
{
	return to_fd(f->part[0].data, f->part[0].len);
}

int
ca_files_load(
    const struct ca_files *f, const char *path, uint8_t **ret, size_t *ret_len)
{
	size_t i, n = strlen(path);
	const struct part *p;
	uint8_t *copy;

	if (f == NULL)
		return store_file_load(path, CA_FILES_ONE_MAX, ret, ret_len);
	for (i = 0; i < f->n; i++) {
		p = &f->part[i];
		if (p->path_len != n || memcmp(p->path, path, n) != 0)
			continue;
		if ((copy = malloc(p->len + 1)) == NULL)
			return ERR_SYS_NOMEM;
		memcpy(copy, p->data, p->len);
		copy[p->len] = 0;
		*ret = copy;
		*ret_len = p->len;
		return 0;
	}
	return ERR_STATE_NOT_FOUND;
}
