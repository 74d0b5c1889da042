/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_TEST_KEYOP_BUNDLE_H
#define TRUSTCHAIN_TEST_KEYOP_BUNDLE_H

/* What the test's key process (test_keyop_rig.h) is loaded with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/pkcs8.h"
#include "crypto/rng.h"
#include "keys/bundle.h"
#include "keys/sync.h"

/* 2026-11-21T12:00:00Z, which the key process takes for now. */
#define RIG_NOW INT64_C(1795262400000)

struct rig {
	struct buf bundle;
	pid_t pid;
	int main_fd, control_fd;
	uint8_t answer[KEYS_SYNC_ANSWER_MAX];
	size_t answer_len;
	char report[512]; /* text of the last refusal */
};

/** rig_begin(r): start an empty bundle. */
static inline void
rig_begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	assert_int_equal(keys_bundle_begin(&r->bundle), 0);
}

/** rig_data(r, slot, tag, data, len): add a DATA item. */
static inline void
rig_data(struct rig *r, uint8_t slot, uint8_t tag, const void *data, size_t len)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_DATA, slot, tag, data,
		len };

	assert_int_equal(keys_bundle_add(&r->bundle, &item), 0);
}

/** Declare a slot with its key, encrypted as on disk. */
static inline void
rig_slot(struct rig *r, uint8_t slot, uint8_t kind, uint32_t rate,
    const struct crypto_pkey *key)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_KEY, slot, 0, NULL, 0 };
	struct crypto_pass pass = { (const uint8_t *)"pass", 4 };
	struct buf pem;

	assert_int_equal(
	    keys_bundle_slot(&r->bundle, slot, kind, rate, "slot"), 0);
	if (key == NULL)
		return;
	base_buf_init(&pem, CRYPTO_PKCS8_FILE_MAX);
	assert_int_equal(
	    crypto_pkcs8_encrypt(key, pass, crypto_rng_system(), &pem), 0);
	item.data = pem.data;
	item.len = pem.len;
	assert_int_equal(keys_bundle_add(&r->bundle, &item), 0);
	item.type = KEYS_BUNDLE_PASS;
	item.data = pass.data;
	item.len = pass.len;
	assert_int_equal(keys_bundle_add(&r->bundle, &item), 0);
	base_buf_free(&pem);
}

#endif
