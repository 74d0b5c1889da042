/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/age.h"
#include "crypto/sha2.h"
#include "store/disk.h"
#include "store/file.h"
#include "wire/hex.h"
#include "wire/ustar.h"

#define PIECE 65536
/* An archive ends with two blocks of zeroes. */
#define END_LEN ((size_t)2 * WIRE_USTAR_BLOCK)

struct bak_out {
	struct bak_out_opts o;
	struct store_file *file;
	struct crypto_age_writer *age;
	struct crypto_sha2 hash;
	uint64_t bytes;
	size_t members;
	struct buf sums;
	uint8_t piece[PIECE];
};

static int
sink(void *ctx, const uint8_t *data, size_t len)
{
	struct bak_out *o = ctx;

	crypto_sha2_update(&o->hash, data, len);
	o->bytes += len;
	return store_file_append(o->file, data, len);
}

int
bak_out_new(
    const struct bak_out_opts *opts, struct bak_out **ret, struct fault *f)
{
	struct bak_out *o = calloc(1, sizeof(*o));
	struct crypto_age_writer_opts w = { .recipients = opts->recipients,
		.n_recipients = opts->n_recipients,
		.rng = opts->rng,
		.sink = sink,
		.ctx = o };
	int rc;

	if (o == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	o->o = *opts;
	crypto_sha2_init(&o->hash, CRYPTO_SHA256);
	base_buf_init(&o->sums, BAK_OUT_SUMS_MAX);
	rc = store_file_open(
	    opts->disk, opts->path, O_CREAT | O_TRUNC, 0600, &o->file);
	if (rc == 0)
		rc = crypto_age_writer_new(&w, &o->age);
	if (rc != 0) {
		bak_out_free(o);
		return base_fault_set(
		    f, rc, "%s: %s", opts->path, base_err_text(rc));
	}
	*ret = o;
	return 0;
}

void
bak_out_free(struct bak_out *o)
{
	if (o == NULL)
		return;
	crypto_age_writer_free(o->age);
	store_file_close(o->file);
	base_buf_free(&o->sums);
	free(o);
}

static int
begin(struct bak_out *o, const char *name, uint64_t size, unsigned mode)
{
	struct wire_ustar m = { .size = size, .mode = mode };
	uint8_t block[WIRE_USTAR_BLOCK];
	int rc = base_str_copy(m.name, sizeof(m.name), name);

	if (rc == 0)
		rc = wire_ustar_encode(&m, block);
	return rc == 0 ? crypto_age_writer_push(o->age, block, sizeof(block))
		       : rc;
}

/* The zeroes behind the content, and the line in SHA256SUMS. */
static int
finish(struct bak_out *o, const char *name, uint64_t size,
    const uint8_t hash[CRYPTO_SHA256_LEN])
{
	static const uint8_t zeroes[WIRE_USTAR_BLOCK];
	char text[2 * CRYPTO_SHA256_LEN + 1];
	int rc;

	rc = crypto_age_writer_push(o->age, zeroes, wire_ustar_padding(size));
	wire_hex_encode(hash, CRYPTO_SHA256_LEN, text);
	if (rc == 0)
		rc = base_buf_printf(&o->sums, "%s  %s\n", text, name);
	o->members++;
	return rc;
}

static int
failed(const char *name, int rc, struct fault *f)
{
	return base_fault_set(f, rc, "%s: %s", name, base_err_text(rc));
}

int
bak_out_bytes(struct bak_out *o, const char *name, const void *data, size_t len,
    struct fault *f)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	int rc;

	crypto_sha2_256(data, len, hash);
	if ((rc = begin(o, name, len, 0600)) != 0 ||
	    (rc = crypto_age_writer_push(o->age, data, len)) != 0 ||
	    (rc = finish(o, name, len, hash)) != 0)
		return failed(name, rc, f);
	return 0;
}

/* Exactly ${size} octets of ${fd}. */
static int
copy(struct bak_out *o, int fd, uint64_t size, uint8_t hash[CRYPTO_SHA256_LEN])
{
	struct crypto_sha2 h;
	uint64_t left = size;
	ssize_t n;
	int rc;

	crypto_sha2_init(&h, CRYPTO_SHA256);
	while (left > 0) {
		n = read(fd, o->piece,
		    left < sizeof(o->piece) ? (size_t)left : sizeof(o->piece));
		if (n < 0 && errno == EINTR)
			continue;
		/* Nothing that is backed up is ever cut. */
		if (n <= 0)
			return ERR_SYS_IO;
		crypto_sha2_update(&h, o->piece, (size_t)n);
		rc = crypto_age_writer_push(o->age, o->piece, (size_t)n);
		if (rc != 0)
			return rc;
		left -= (uint64_t)n;
	}
	crypto_sha2_final(&h, hash);
	return 0;
}

int
bak_out_file(
    struct bak_out *o, const char *path, const char *name, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return ERR_STATE_NOT_FOUND;
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = base_err_from_errno(errno);
	else if (!S_ISREG(st.st_mode))
		rc = ERR_PEER_UNSUPPORTED;
	else if ((rc = begin(
		      o, name, (uint64_t)st.st_size, st.st_mode & 0777)) == 0 &&
		 (rc = copy(o, fd, (uint64_t)st.st_size, hash)) == 0)
		rc = finish(o, name, (uint64_t)st.st_size, hash);
	if (fd >= 0)
		(void)close(fd);
	return rc == 0 ? 0 : failed(path, rc, f);
}

int
bak_out_has(const struct bak_out *o, const char *name)
{
	size_t len = strlen(name), at;
	const uint8_t *end;

	/* Lines are 64 digits, two spaces, the name. */
	for (at = 0; at < o->sums.len; at = (size_t)(end - o->sums.data) + 1) {
		end = memchr(o->sums.data + at, '\n', o->sums.len - at);
		if (end == NULL)
			break;
		if ((size_t)(end - o->sums.data) - at == len + 66 &&
		    memcmp(o->sums.data + at + 66, name, len) == 0)
			return 1;
	}
	return 0;
}

int
bak_out_end(struct bak_out *o, struct bak_out_result *ret, struct fault *f)
{
	static const uint8_t zeroes[END_LEN];
	int rc;

	if ((rc = begin(o, BAK_OUT_SUMS, o->sums.len, 0600)) != 0 ||
	    (rc = crypto_age_writer_push(o->age, o->sums.data, o->sums.len)) !=
		0 ||
	    (rc = crypto_age_writer_push(
		 o->age, zeroes, wire_ustar_padding(o->sums.len))) != 0 ||
	    (rc = crypto_age_writer_push(o->age, zeroes, END_LEN)) != 0 ||
	    (rc = crypto_age_writer_end(o->age)) != 0 ||
	    (rc = store_file_sync(o->file, "bak.file")) != 0)
		return failed(o->o.path, rc, f);
	crypto_sha2_final(&o->hash, ret->sha256);
	ret->bytes = o->bytes;
	ret->members = o->members;
	return 0;
}
