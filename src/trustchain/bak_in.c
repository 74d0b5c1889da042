/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "crypto/age.h"
#include "crypto/sha2.h"
#include "store/file.h"
#include "trustchain/bak_out.h"
#include "wire/cursor.h"
#include "wire/hex.h"

#define PIECE 65536
#define IDENTITY_FILE_MAX 65536
#define IDENTITY_LINE_MAX 256

struct reading {
	const struct bak_tar_hooks *hooks;
	struct bak_tar tar;
	struct crypto_sha2 hash;
	char name[WIRE_USTAR_NAME_MAX];
	bool in_sums;
	struct buf made, found; /* SHA256SUMS as it should be, and is */
	size_t members;
};

/* One line: a comment, nothing, or an identity. */
static int
take_identity(const uint8_t *line, size_t len, uint8_t out[32], bool *ret)
{
	char text[IDENTITY_LINE_MAX];
	int rc;

	*ret = false;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0 || line[0] == '#')
		return 0;
	if (len >= sizeof(text))
		return ERR_PEER_TOO_LARGE;
	memcpy(text, line, len);
	text[len] = '\0';
	rc = crypto_age_identity(text, out);
	base_wipe(text, sizeof(text));
	*ret = rc == 0;
	return rc;
}

int
bak_in_identities(const char *path, uint8_t (*ids)[32], size_t cap,
    size_t *ret_n, struct fault *f)
{
	const uint8_t *line;
	struct cursor c;
	uint8_t *data;
	size_t len, line_len, n = 0;
	bool one;
	int rc;

	if ((rc = store_file_load(path, IDENTITY_FILE_MAX, &data, &len)) != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	wire_cursor_init(&c, data, len);
	while (rc == 0 && (line = wire_cursor_line(&c, &line_len)) != NULL) {
		rc = n == cap ? ERR_PEER_TOO_LARGE
			      : take_identity(line, line_len, ids[n], &one);
		n += rc == 0 && one ? 1 : 0;
	}
	base_wipe_free(data, len);
	if (rc != 0 || n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: not an identity file of age-keygen(1)", path);
	*ret_n = n;
	return 0;
}

static int
hash_file(const char *path, uint64_t *ret_size, uint8_t hash[CRYPTO_SHA256_LEN])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t piece[PIECE];
	struct crypto_sha2 h;
	ssize_t n;

	if (fd < 0)
		return base_err_from_errno(errno);
	*ret_size = 0;
	crypto_sha2_init(&h, CRYPTO_SHA256);
	while ((n = read(fd, piece, sizeof(piece))) > 0) {
		crypto_sha2_update(&h, piece, (size_t)n);
		*ret_size += (uint64_t)n;
	}
	crypto_sha2_final(&h, hash);
	(void)close(fd);
	return n < 0 ? ERR_SYS_IO : 0;
}

int
bak_in_check(const char *path, const json_t *note, struct fault *f)
{
	char text[2 * CRYPTO_SHA256_LEN + 1];
	uint8_t hash[CRYPTO_SHA256_LEN];
	uint64_t size;
	int rc;

	if ((rc = hash_file(path, &size, hash)) != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	wire_hex_encode(hash, sizeof(hash), text);
	if (size !=
		(uint64_t)json_integer_value(json_object_get(note, "size")) ||
	    strcmp(text, json_string_value(json_object_get(note, "sha256"))) !=
		0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%s: not what its note says: size %llu, sha256 %s", path,
		    (unsigned long long)size, text);
	return 0;
}

static int
on_begin(void *ctx, const struct wire_ustar *m)
{
	struct reading *r = ctx;

	/* It is the last. */
	if (r->in_sums)
		return ERR_PEER_MALFORMED;
	r->in_sums = strcmp(m->name, BAK_OUT_SUMS) == 0;
	memcpy(r->name, m->name, sizeof(r->name));
	crypto_sha2_init(&r->hash, CRYPTO_SHA256);
	return r->in_sums || r->hooks == NULL
		   ? 0
		   : r->hooks->begin(r->hooks->ctx, m);
}

static int
on_data(void *ctx, const uint8_t *data, size_t len)
{
	struct reading *r = ctx;

	if (r->in_sums)
		return base_buf_append(&r->found, data, len);
	crypto_sha2_update(&r->hash, data, len);
	return r->hooks == NULL ? 0 : r->hooks->data(r->hooks->ctx, data, len);
}

static int
on_end(void *ctx)
{
	char text[2 * CRYPTO_SHA256_LEN + 1];
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct reading *r = ctx;
	int rc;

	if (r->in_sums)
		return 0;
	crypto_sha2_final(&r->hash, hash);
	wire_hex_encode(hash, sizeof(hash), text);
	r->members++;
	rc = base_buf_printf(&r->made, "%s  %s\n", text, r->name);
	if (rc != 0 || r->hooks == NULL)
		return rc;
	return r->hooks->end(r->hooks->ctx);
}

static int
on_plain(void *ctx, const uint8_t *data, size_t len)
{
	struct reading *r = ctx;

	return bak_tar_push(&r->tar, data, len);
}

static int
feed(const char *path, struct crypto_age_reader *age)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	uint8_t piece[PIECE];
	ssize_t n;

	if (fd < 0)
		return base_err_from_errno(errno);
	while (rc == 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		rc = crypto_age_reader_push(age, piece, (size_t)n);
	(void)close(fd);
	if (rc == 0 && n < 0)
		rc = ERR_SYS_IO;
	return rc == 0 ? crypto_age_reader_end(age) : rc;
}

static int
read_all(struct reading *r, const struct bak_in_opts *o)
{
	const struct crypto_age_reader_opts ro = { .identities = o->identities,
		.n_identities = o->n_identities,
		.sink = on_plain,
		.ctx = r };
	const struct bak_tar_hooks h = { on_begin, on_data, on_end, r };
	struct crypto_age_reader *age;
	int rc;

	bak_tar_init(&r->tar, &h);
	if ((rc = crypto_age_reader_new(&ro, &age)) != 0)
		return rc;
	rc = feed(o->path, age);
	crypto_age_reader_free(age);
	if (rc == 0)
		rc = bak_tar_end(&r->tar);
	if (rc == 0 &&
	    (!r->in_sums || r->found.len != r->made.len ||
		memcmp(r->found.data, r->made.data, r->made.len) != 0))
		rc = ERR_PEER_MISMATCH;
	return rc;
}

int
bak_in_read(const struct bak_in_opts *o, size_t *ret_members, struct fault *f)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	r->hooks = o->hooks;
	base_buf_init(&r->made, BAK_OUT_SUMS_MAX);
	base_buf_init(&r->found, BAK_OUT_SUMS_MAX);
	f->msg[0] = '\0';
	rc = read_all(r, o);
	*ret_members = r->members;
	if (rc == ERR_STATE_NOT_FOUND && r->name[0] == '\0')
		rc = base_fault_set(f, ERR_STATE_UNAUTHORIZED,
		    "%s: not encrypted to this identity", o->path);
	else if (rc != 0 && base_err_class(rc) == ERR_CLASS_PEER)
		rc = base_fault_set(f, ERR_STATE_INTEGRITY, "%s: %s%s%s",
		    o->path, base_err_text(rc),
		    r->name[0] != '\0' ? " at " : "", r->name);
	else if (rc != 0 && f->msg[0] == '\0')
		rc =
		    base_fault_set(f, rc, "%s: %s", o->path, base_err_text(rc));
	base_buf_free(&r->made);
	base_buf_free(&r->found);
	free(r);
	return rc;
}
