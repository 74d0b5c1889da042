/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/sealed.h"

#include <sys/resource.h>

#include "base/buf.h"
#include "base/rng.h"
#include "crypto/sha2.h"
#include "keys/sealed_fixture.h"
#include "store/file.h"

static const struct keys_seal_secret other = PASS("battery staple"),
				     empty = { KEYS_SEAL_PASS,
					     { (const uint8_t *)"", 0 } },
				     short_key = { KEYS_SEAL_KEY,
					     { key_bytes, 31 } };

static int
open_fault(const struct keys_seal_secret *secret,
    const struct crypto_bytes *want, struct fault *f)
{
	struct keys_sealed *s = NULL;
	struct buf content;
	int rc;

	base_buf_init(&content, KEYS_SEAL_IMAGE_MAX);
	rc = keys_sealed_open(&opts, secret, &content, &s, f);
	if (rc == 0 && want != NULL) {
		assert_int_equal(content.len, want->len);
		assert_memory_equal(content.data, want->data, want->len);
	} else if (rc != 0) {
		assert_int_equal(content.len, 0);
		assert_null(s);
	}
	keys_sealed_free(s);
	base_buf_free(&content);
	return rc;
}

static int
open_as(const struct keys_seal_secret *secret, const struct crypto_bytes *want)
{
	struct fault f = { 0, "" };
	int rc = open_fault(secret, want, &f);

	assert_int_equal(f.rc, rc);
	if (rc != 0)
		assert_non_null(strstr(f.msg, path));
	return rc;
}

static void
open_says(const struct keys_seal_secret *secret, int rc, const char *text)
{
	struct fault f = { 0, "" };

	assert_int_equal(open_fault(secret, NULL, &f), rc);
	if (strstr(f.msg, text) == NULL)
		fail_msg("\"%s\" says nothing of \"%s\"", f.msg, text);
}

static uint8_t *
slurp(const char *name, size_t *len)
{
	uint8_t *data = NULL;

	assert_int_equal(store_file_load(name, 1 << 20, &data, len), 0);
	return data;
}

static void
spit(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(name, 0600), 0);
}

/* Counts up from where the vectors' salts do. */
static int
counting(void *ctx, uint8_t *buf, size_t len)
{
	uint8_t *next = ctx;

	for (size_t i = 0; i < len; i++)
		buf[i] = (*next)++;
	return 0;
}

struct vector {
	const char *file;
	struct keys_seal_kind kind;
	const struct keys_seal_secret *secret;
	uint64_t generation;
	size_t content_len; /* 0, 1, 2 ... */
};

static void
one_vector(const struct vector *v)
{
	struct keys_seal *s = NULL;
	uint8_t next = 0, want[32], *file;
	const struct rng rng = { counting, &next };
	struct buf content, image;
	size_t len;

	for (size_t i = 0; i < sizeof(want); i++)
		want[i] = (uint8_t)i;
	file = slurp(v->file, &len);
	base_buf_init(&content, 1024);
	base_buf_init(&image, 1024);
	assert_int_equal(keys_seal_open(&v->kind, v->secret,
			     (struct crypto_bytes){ file, len }, &content, &s),
	    0);
	assert_int_equal(keys_seal_generation(s), v->generation);
	assert_int_equal(content.len, v->content_len);
	if (content.len > 0)
		assert_memory_equal(content.data, want, content.len);
	keys_seal_free(s);
	assert_int_equal(keys_seal_new(&v->kind, v->secret, &rng, &s), 0);
	keys_seal_advance(s, v->generation - 1);
	assert_int_equal(
	    keys_seal_make(
		s, (struct crypto_bytes){ want, v->content_len }, &rng, &image),
	    0);
	assert_int_equal(image.len, len);
	assert_memory_equal(image.data, file, len);
	keys_seal_free(s);
	base_buf_free(&content);
	base_buf_free(&image);
	free(file);
}

/* Files made by another implementation, opened and made again. */
static void
test_vectors(void **state)
{
	static const uint8_t raw[KEYS_SEAL_KEY_LEN] = { 100, 101, 102, 103, 104,
		105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117,
		118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130,
		131 };
	static const struct keys_seal_secret by_key = { KEYS_SEAL_KEY,
		{ raw, sizeof(raw) } };
	const struct vector all[] = {
		{ "tests/vectors/sealed/pass.sealed",
		    { "B4AEKEY2", KEYS_SEAL_CHACHA20_POLY1305, KEYS_SEAL_COST },
		    &pass, 1, 32 },
		{ "tests/vectors/sealed/key.sealed",
		    { "TESTKEY1", KEYS_SEAL_AES_GCM, { 0, 0, 0 } }, &by_key, 7,
		    0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		one_vector(&all[i]);
}

static void
test_life(void **state)
{
	struct keys_sealed *s = NULL;
	struct fault f = { 0, "" };
	struct stat st;
	struct buf content;

	(void)state;
	assert_int_equal(open_as(&pass, NULL), ERR_STATE_NOT_FOUND);
	create(&pass, &one);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(guard_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(
	    keys_sealed_create(&opts, &pass, &two, &s, &f), ERR_STATE_EXISTS);
	assert_int_equal(open_as(&pass, &one), 0);
	assert_int_equal(open_as(&other, NULL), ERR_PEER_DECRYPT);
	assert_int_equal(open_as(&empty, NULL), ERR_STATE_USAGE);
	assert_int_equal(open_as(&key, NULL), ERR_STATE_USAGE);
	base_buf_init(&content, 1024);
	assert_int_equal(keys_sealed_open(&opts, &pass, &content, &s, &f), 0);
	assert_int_equal(keys_sealed_generation(s), 1);
	assert_int_equal(keys_sealed_save(s, &two, &f), 0);
	assert_int_equal(keys_sealed_generation(s), 2);
	assert_int_equal(open_as(&pass, &two), 0);
	assert_int_equal(keys_sealed_rekey(s, &other, &one, &f), 0);
	assert_int_equal(open_as(&pass, NULL), ERR_PEER_DECRYPT);
	assert_int_equal(open_as(&other, &one), 0);
	assert_int_equal(
	    keys_sealed_rekey(s, &empty, &two, &f), ERR_STATE_USAGE);
	assert_int_equal(
	    keys_sealed_rekey(s, &short_key, &two, &f), ERR_STATE_USAGE);
	assert_int_equal(keys_sealed_rekey(s, &key, &two, &f), 0);
	assert_int_equal(keys_sealed_save(s, &one, &f), 0);
	assert_int_equal(keys_sealed_generation(s), 5);
	assert_int_equal(open_as(&key, &one), 0);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(open_as(&key, NULL), ERR_SYS_PERMISSION);
	keys_sealed_free(s);
	base_buf_free(&content);
}

/* Two images of one content have nothing in common but the header. */
static void
test_fresh(void **state)
{
	struct keys_sealed *s = NULL;
	uint8_t *a, *b;
	struct fault f;
	size_t len;

	(void)state;
	assert_int_equal(keys_sealed_create(&opts, &pass, &two, &s, &f), 0);
	a = slurp(path, &len);
	assert_int_equal(keys_sealed_save(s, &two, &f), 0);
	b = slurp(path, &len);
	assert_int_equal(len, 84 + 6 + 16 + 32);
	assert_memory_not_equal(a + 48, b + 48, 16);
	assert_memory_not_equal(a + 84, b + 84, 6);
	keys_sealed_free(s);
	free(a);
	free(b);
}

static void
digest(uint8_t *image, size_t len)
{
	crypto_sha2_256(image, len - 32, image + len - 32);
}

/* Each flipped bit is damage; with the digest made right again it is still
 * refused, and what changed is named as well as can be. */
static void
test_damage(void **state)
{
	uint8_t *image;
	size_t len;
	int rc;

	(void)state;
	create(&pass, &two);
	image = slurp(path, &len);
	for (size_t i = 0; i < len; i++) {
		image[i] ^= 1;
		spit(path, image, len);
		rc = open_as(&pass, NULL);
		if (i < 8)
			assert_int_equal(rc, ERR_PEER_MISMATCH);
		else if (i == 8)
			assert_int_equal(rc, ERR_SYS_VERSION);
		else
			assert_int_equal(rc, ERR_SYS_CORRUPT);
		if (i > 8 && i < len - 32) {
			digest(image, len);
			spit(path, image, len);
			rc = open_as(&pass, NULL);
			assert_int_not_equal(rc, 0);
			/* generation, salt of the image, content, tag */
			if ((i >= 24 && i < 32) || (i >= 48 && i < 64) ||
			    i >= 84)
				assert_int_equal(rc, ERR_STATE_INTEGRITY);
		}
		image[i] ^= 1;
		digest(image, len);
	}
	for (size_t n = 0; n < len; n++) {
		spit(path, image, n);
		assert_int_equal(open_as(&pass, NULL), ERR_SYS_CORRUPT);
	}
	spit(path, image, len);
	assert_int_equal(open_as(&pass, &two), 0);
	open_says(&other, ERR_PEER_DECRYPT, "wrong passphrase");
	free(image);
	image = calloc(1, len + 1);
	assert_non_null(image);
	spit(path, image, len + 1);
	open_says(&pass, ERR_PEER_MISMATCH, "not a file of this kind");
	free(image);
}

/* Whole files whose header asks for too much, or too little. */
static void
test_hostile_cost(void **state)
{
	static const struct {
		uint8_t at, value[4];
		int rc;
	} all[] = {
		{ 12, { 0xff, 0xff, 0xff, 0xff }, ERR_PEER_TOO_LARGE },
		{ 12, { 0, 4, 0, 1 }, ERR_PEER_TOO_LARGE },
		{ 12, { 0, 0, 0x1f, 0xff }, ERR_PEER_MALFORMED },
		{ 12, { 0, 0, 0, 0 }, ERR_PEER_MALFORMED },
		{ 16, { 0xff, 0xff, 0xff, 0xff }, ERR_PEER_TOO_LARGE },
		{ 16, { 0, 0, 0, 17 }, ERR_PEER_TOO_LARGE },
		{ 16, { 0, 0, 0, 0 }, ERR_PEER_MALFORMED },
		{ 20, { 0, 0, 0, 17 }, ERR_PEER_TOO_LARGE },
		{ 20, { 0, 0, 0, 0 }, ERR_PEER_MALFORMED },
		{ 80, { 0xff, 0xff, 0xff, 0xff }, ERR_SYS_CORRUPT },
	};
	struct rusage before, after;
	uint8_t *image, keep[4];
	size_t len;

	(void)state;
	create(&pass, &one);
	image = slurp(path, &len);
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		memcpy(keep, image + all[i].at, 4);
		memcpy(image + all[i].at, all[i].value, 4);
		digest(image, len);
		spit(path, image, len);
		assert_int_equal(open_as(&pass, NULL), all[i].rc);
		memcpy(image + all[i].at, keep, 4);
	}
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	/* Nothing was paid for: KiB. */
	assert_true(after.ru_maxrss - before.ru_maxrss < 1024);
	free(image);
}

static void
test_limits(void **state)
{
	static uint8_t big[KEYS_SEAL_CONTENT_MAX + 1];
	const struct crypto_bytes most = { big, KEYS_SEAL_CONTENT_MAX },
				  more = { big, sizeof(big) },
				  none = { big, 0 };
	struct keys_sealed *s = NULL;
	struct keys_seal_kind weak = kind;
	struct fault f;

	(void)state;
	assert_int_equal(
	    keys_sealed_create(&opts, &key, &more, &s, &f), ERR_PEER_TOO_LARGE);
	assert_int_equal(access(path, F_OK), -1);
	create(&key, &most);
	assert_int_equal(open_as(&key, &most), 0);
	clean();
	create(&key, &none);
	assert_int_equal(open_as(&key, &none), 0);
	clean();
	weak.cost.memory_kib--;
	opts.kind = &weak;
	assert_int_equal(
	    keys_sealed_create(&opts, &pass, &one, &s, &f), ERR_STATE_USAGE);
}

/* An old copy put back is named; the operator may take it, and then the copy
 * that it replaced is the old one. */
static void
test_rollback(void **state)
{
	struct keys_sealed *s = NULL;
	uint8_t *old, *young;
	struct fault f = { 0, "" };
	size_t len, young_len;

	(void)state;
	assert_int_equal(keys_sealed_create(&opts, &pass, &one, &s, &f), 0);
	old = slurp(path, &len);
	assert_int_equal(keys_sealed_save(s, &two, &f), 0);
	young = slurp(path, &young_len);
	keys_sealed_free(s);
	spit(path, old, len);
	open_says(&pass, ERR_STATE_STALE,
	    "rolled back: generation 1, the guard has 2");
	opts.accept_rollback = true;
	assert_int_equal(open_as(&pass, &one), 0);
	opts.accept_rollback = false;
	assert_int_equal(open_as(&pass, &one), 0);
	spit(path, young, young_len);
	open_says(&pass, ERR_STATE_STALE,
	    "rolled back: generation 2, the guard has 3");
	/* After a wipe the guard goes on: nothing old comes back. */
	assert_int_equal(unlink(path), 0);
	create(&pass, &two);
	spit(path, young, young_len);
	open_says(&pass, ERR_STATE_STALE, "the guard has 4");
	free(old);
	free(young);
}

static void
test_guard_lost(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	create(&pass, &one);
	data = slurp(guard_path, &len);
	assert_int_equal(unlink(guard_path), 0);
	open_says(
	    &pass, ERR_STATE_INTEGRITY, "the guard of generation 1 is missing");
	for (size_t i = 0; i < len; i++) {
		data[i] ^= 0x80;
		spit(guard_path, data, len);
		open_says(&pass, ERR_SYS_CORRUPT, "its guard");
		data[i] ^= 0x80;
		spit(guard_path, data, i);
		open_says(&pass, ERR_SYS_CORRUPT, "its guard");
	}
	assert_int_equal(unlink(guard_path), 0);
	opts.accept_rollback = true;
	assert_int_equal(open_as(&pass, &one), 0);
	opts.accept_rollback = false;
	assert_int_equal(open_as(&pass, &one), 0);
	opts.guard = NULL;
	assert_int_equal(open_as(&pass, &one), 0);
	free(data);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		TEST(test_life),
		TEST(test_fresh),
		TEST(test_damage),
		TEST(test_hostile_cost),
		TEST(test_limits),
		TEST(test_rollback),
		TEST(test_guard_lost),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
