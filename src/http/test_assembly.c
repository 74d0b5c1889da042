/* SPDX-License-Identifier: Apache-2.0 */
#include "http/assembly_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc_test.h"
#include "http/outqueue_internal.h"

/* Feed ${text} in pieces of ${step} bytes as one text message. */
static int
feed(struct http_assembly *a, const char *text, size_t len, size_t step,
    struct http_piece *ret)
{
	size_t at = 0, n;
	int rc = 0;

	do {
		n = len - at < step ? len - at : step;
		rc = http_assembly_add(a,
		    &(struct http_piece){ .data = (const uint8_t *)text + at,
			.len = n,
			.begins_frame = at == 0,
			.ends_message = at + n == len,
			.is_text = true },
		    ret);
		at += n;
	} while (rc == 0 && at < len);
	return rc;
}

/* The encodings of RFC 3629 section 3, and of section 4 what is none. */
static void
text_is_utf8_however_it_is_cut(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe",
		"\xff", "a\xe2\x82", "\xe2\x28\xa1" };
	struct http_assembly a;
	struct http_piece m;

	(void)state;
	for (size_t step = 1; step < 5; step++) {
		http_assembly_init(&a, 100, 10);
		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
			assert_int_equal(
			    feed(&a, good[i], strlen(good[i]), step, &m), 0);
			assert_non_null(m.data);
			assert_int_equal(m.len, strlen(good[i]));
			assert_memory_equal(m.data, good[i], m.len);
			assert_true(m.is_text);
		}
		http_assembly_fini(&a);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			http_assembly_init(&a, 100, 10);
			assert_int_equal(
			    feed(&a, bad[i], strlen(bad[i]), step, &m),
			    ERR_PEER_ENCODING);
			http_assembly_fini(&a);
		}
	}
}

static void
limits_hold(void **state)
{
	struct http_piece m, p = { .data = (const uint8_t *)"0123456789",
		.len = 10,
		.begins_frame = true };
	struct http_assembly a;

	(void)state;
	http_assembly_init(&a, 25, 100);
	for (int i = 0; i < 3; i++) {
		p.ends_message = i == 1;
		assert_int_equal(http_assembly_add(&a, &p, &m), 0);
		assert_int_equal(m.data != NULL, i == 1);
	}
	assert_int_equal(http_assembly_add(&a, &p, &m), 0);
	assert_int_equal(http_assembly_add(&a, &p, &m), ERR_PEER_TOO_LARGE);
	http_assembly_fini(&a);
	/* One piece, not held at all. */
	http_assembly_init(&a, 9, 100);
	p.ends_message = true;
	assert_int_equal(http_assembly_add(&a, &p, &m), ERR_PEER_TOO_LARGE);
	http_assembly_fini(&a);
	/* Frames count, pieces of a frame do not; nor do earlier messages. */
	http_assembly_init(&a, 1000, 3);
	for (int i = 0; i < 30; i++) {
		p.begins_frame = i % 10 < 3;
		p.ends_message = i % 10 == 9;
		assert_int_equal(http_assembly_add(&a, &p, &m), 0);
	}
	p.begins_frame = true;
	p.ends_message = false;
	p.len = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    http_assembly_add(&a, &p, &m), i < 3 ? 0 : ERR_PEER_RATE);
	http_assembly_fini(&a);
}

static void
queue_has_a_maximum(void **state)
{
	struct http_outqueue q;
	char data[1000] = { 0 };
	int n = 0, rc;

	(void)state;
	http_outqueue_init(&q, 10000);
	while ((rc = http_outqueue_push(&q, n, data, sizeof(data))) == 0)
		n++;
	assert_int_equal(rc, ERR_STATE_FULL);
	assert_in_range(n, 8, 9);
	assert_int_equal(http_outqueue_front(&q)->kind, 0);
	http_outqueue_pop(&q);
	assert_int_equal(http_outqueue_front(&q)->kind, 1);
	assert_int_equal(http_outqueue_push(&q, 5, data, sizeof(data)), 0);
	http_outqueue_clear(&q);
	assert_int_equal(q.bytes, 0);
	assert_null(http_outqueue_front(&q));
	/* Empty items are not free. */
	for (n = 0; http_outqueue_push(&q, 0, NULL, 0) == 0; n++)
		assert_true(n < 1000);
	assert_int_equal(
	    http_outqueue_push(&q, 0, data, SIZE_MAX), ERR_STATE_FULL);
	http_outqueue_clear(&q);
	assert_int_equal(
	    http_outqueue_push(&q, 0, data, 10000), ERR_STATE_FULL);
}

static void
memory_may_be_short(void **state)
{
	struct http_assembly a;
	struct http_outqueue q;
	struct http_piece m;
	bool failed = true;
	int rc;

	(void)state;
	for (long n = 0; failed; n++) {
		http_assembly_init(&a, 100000, 10);
		if (!alloc_test_fail(n))
			return;
		rc = feed(&a, "abcdefgh", 8, 3, &m);
		failed = alloc_test_failed();
		assert_int_equal(rc, failed ? ERR_SYS_NOMEM : 0);
		http_assembly_fini(&a);
	}
	http_outqueue_init(&q, 1000);
	alloc_test_fail(0);
	rc = http_outqueue_push(&q, 0, "x", 1);
	assert_true(alloc_test_failed());
	assert_int_equal(rc, ERR_SYS_NOMEM);
	assert_int_equal(q.bytes, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_utf8_however_it_is_cut),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(queue_has_a_maximum),
		cmocka_unit_test(memory_may_be_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
