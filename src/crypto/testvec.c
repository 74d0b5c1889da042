/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/testvec_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "wire/hex.h"

#define FILE_MAX ((size_t)16 << 20)

json_t *
crypto_testvec_load(const char *name)
{
	char path[256], *text = malloc(FILE_MAX);
	json_error_t e;
	json_t *j;
	gzFile f;
	int n;

	assert_non_null(text);
	snprintf(path, sizeof(path), "tests/vectors/%s", name);
	/* gzread passes files that are not compressed through. */
	if ((f = gzopen(path, "rb")) == NULL)
		fail_msg("%s: cannot open", path);
	n = gzread(f, text, (unsigned)FILE_MAX);
	assert_in_range(n, 1, FILE_MAX - 1);
	gzclose(f);
	j = json_loadb(text, (size_t)n, 0, &e);
	if (j == NULL)
		fail_msg("%s: %s", path, e.text);
	free(text);
	return j;
}

struct test_bytes
crypto_testvec_bytes(const json_t *obj, const char *member)
{
	const json_t *v = json_object_get(obj, member);
	struct test_bytes b = { NULL, 0 };
	size_t n;

	assert_true(json_is_string(v));
	n = json_string_length(v);
	b.data = malloc(n / 2 + 1);
	assert_non_null(b.data);
	assert_int_equal(
	    wire_hex_decode(json_string_value(v), n, b.data, n / 2, &b.len), 0);
	return b;
}

int
crypto_testvec_fill(void *ctx, uint8_t *buf, size_t len)
{
	const struct test_bytes *b = ctx;

	if (b->len != len)
		return -1;
	memcpy(buf, b->data, len);
	return 0;
}

int
crypto_testvec_verdict(const json_t *test)
{
	const char *s = json_string_value(json_object_get(test, "result"));

	assert_non_null(s);
	if (strcmp(s, "acceptable") == 0)
		return -1;
	return strcmp(s, "valid") == 0;
}
