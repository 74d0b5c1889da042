/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A witness's main process in a stranger's hands: it gets no two signatures
 * that contradict each other, also not from the next key process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "merkle/checkpoint.h"
#include "merkle/cosigned.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"
#include "trustchain/test_keyop_rig.h"
#include "wire/builder.h"

#define NAME "witness.test/w"
#define MANY 2100 /* origins: more than one packet of state */

static struct crypto_pkey *key, *key44;

static int
setup(void **state)
{
	(void)state;
	if (crypto_pkey_generate(CRYPTO_KEY_ED25519, &key) != 0)
		return -1;
	return crypto_pkey_generate(CRYPTO_KEY_MLDSA44, &key44);
}

static int
teardown(void **state)
{
	(void)state;
	crypto_pkey_free(key);
	crypto_pkey_free(key44);
	return 0;
}

/* A witness that stands by ${stored}, or by nothing. */
static void
start(struct rig *r, const char *stored)
{
	const uint8_t slots[] = { KEYOP_SLOT_WITNESS, KEYOP_SLOT_WITNESS44 };

	rig_begin(r);
	for (uint8_t i = 0; i < 2; i++) {
		rig_slot(r, slots[i],
		    i == 0 ? KEYOP_KIND_WITNESS : KEYOP_KIND_WITNESS44, 0,
		    i == 0 ? key : key44);
		rig_data(r, slots[i], KEYOP_TAG_NAME, NAME, strlen(NAME));
		if (stored != NULL)
			rig_data(r, slots[i], KEYOP_TAG_STOOD_BY, stored,
			    strlen(stored));
	}
}

struct question {
	enum merkle_sig_type type;
	const char *origin, *cosigner;
	uint64_t size;
	uint8_t root;
	int64_t time_ms;
};

static int
ask(struct rig *r, const struct question *q)
{
	struct merkle_head head = { .size = q->size };
	char text[MERKLE_CHECKPOINT_TEXT_MAX];
	uint8_t message[MERKLE_COSIGNED_MAX];
	struct merkle_cosigned m;
	struct builder b;
	size_t len;
	int rc;

	memset(head.root.b, q->root, sizeof(head.root.b));
	assert_int_equal(merkle_checkpoint_encode(q->origin, &head, text), 0);
	assert_int_equal(
	    merkle_cosigned_init(&m, q->type, q->cosigner, text, strlen(text)),
	    0);
	m.timestamp_s = (uint64_t)q->time_ms / 1000;
	wire_builder_init(&b, message, sizeof(message));
	merkle_cosigned_encode(&m, &b);
	assert_int_equal(wire_builder_done(&b, &len), 0);
	rc = q->type == MERKLE_SIG_COSIGNATURE
		 ? rig_call(r, KEYOP_COSIG, KEYOP_SLOT_WITNESS, message, len)
		 : rig_call(
		       r, KEYOP_COSIG44, KEYOP_SLOT_WITNESS44, message, len);
	if (rc == 0) {
		struct crypto_signed s = {
			.alg = q->type == MERKLE_SIG_COSIGNATURE
				   ? CRYPTO_SIG_ED25519
				   : CRYPTO_SIG_MLDSA,
			.msg = message,
			.msg_len = len,
			.sig = r->answer,
			.sig_len = r->answer_len,
		};

		assert_int_equal(
		    crypto_pkey_verify(
			q->type == MERKLE_SIG_COSIGNATURE ? key : key44, &s),
		    0);
	}
	return rc;
}

static int
ask_head(struct rig *r, enum merkle_sig_type type, uint64_t size, uint8_t root)
{
	const struct question q = { type, "log.test/a", NAME, size, root,
		RIG_NOW };

	return ask(r, &q);
}

static void
test_monotone(void **state)
{
	const enum merkle_sig_type types[] = { MERKLE_SIG_COSIGNATURE,
		MERKLE_SIG_COSIGNATURE44 };
	struct rig r;

	(void)state;
	start(&r, NULL);
	rig_start(&r);
	for (size_t i = 0; i < 2; i++) {
		struct question q = { types[i], "log.test/b", NAME, 1, 1,
			RIG_NOW };

		assert_int_equal(ask_head(&r, types[i], 10, 1), 0);
		assert_int_equal(ask_head(&r, types[i], 10, 1), 0);
		assert_int_equal(
		    ask_head(&r, types[i], 10, 2), ERR_STATE_REFUSED);
		assert_int_equal(
		    ask_head(&r, types[i], 9, 1), ERR_STATE_REFUSED);
		assert_int_equal(ask_head(&r, types[i], 11, 3), 0);
		assert_int_equal(
		    ask_head(&r, types[i], 10, 1), ERR_STATE_REFUSED);
		assert_int_equal(ask(&r, &q), 0); /* another log */
		q.time_ms = RIG_NOW + 6000;
		q.size = 2;
		assert_int_equal(ask(&r, &q), ERR_STATE_REFUSED);
	}
	assert_int_equal(rig_reports(&r), 8);
	rig_close(&r, 0);
}

static void
test_malformed(void **state)
{
	const struct question stranger = { MERKLE_SIG_COSIGNATURE44,
		"log.test/a", "witness.test/other", 1, 1, RIG_NOW };
	struct rig r;

	(void)state;
	start(&r, NULL);
	rig_start(&r);
	assert_int_equal(ask(&r, &stranger), ERR_STATE_REFUSED);
	assert_int_equal(rig_call(&r, KEYOP_COSIG, KEYOP_SLOT_WITNESS, "x", 1),
	    ERR_PEER_MALFORMED);
	assert_int_equal(rig_call(&r, KEYOP_COSIG44, KEYOP_SLOT_WITNESS44,
			     "cosignature/v1\n", 15),
	    ERR_PEER_MALFORMED);
	/* Each key has its own form, and signs nothing else. */
	assert_int_equal(
	    rig_call(&r, KEYOP_COSIG44, KEYOP_SLOT_WITNESS, "x", 1),
	    ERR_STATE_REFUSED);
	assert_int_equal(
	    rig_call(&r, KEYOP_NOTE, KEYOP_SLOT_WITNESS, "a\n1\nAA==\n", 9),
	    ERR_STATE_REFUSED);
	rig_close(&r, 0);
}

/* What was stored is the floor, and damaged storage stops the start. */
static void
test_stored(void **state)
{
	struct merkle_head head = { .size = 10 };
	char text[MERKLE_CHECKPOINT_TEXT_MAX], note[2048];
	struct rig r;

	(void)state;
	memset(head.root.b, 1, sizeof(head.root.b));
	assert_int_equal(
	    merkle_checkpoint_encode("log.test/a", &head, text), 0);
	snprintf(
	    note, sizeof(note), "%s\n\xe2\x80\x94 log.test/a AAAAAAA=\n", text);
	start(&r, note);
	rig_start(&r);
	assert_int_equal(
	    ask_head(&r, MERKLE_SIG_COSIGNATURE, 9, 1), ERR_STATE_REFUSED);
	assert_int_equal(
	    ask_head(&r, MERKLE_SIG_COSIGNATURE, 10, 2), ERR_STATE_REFUSED);
	assert_int_equal(ask_head(&r, MERKLE_SIG_COSIGNATURE, 10, 1), 0);
	rig_close(&r, 0);
	start(&r, "log.test/a\n");
	rig_start_fails(&r, 5);
}

/* The next key process knows all that this one signed, stored or not. */
static void
test_replaced(void **state)
{
	struct question q = { MERKLE_SIG_COSIGNATURE, NULL, NAME, 7, 1,
		RIG_NOW };
	char origin[32];
	struct rig r;

	(void)state;
	q.origin = origin;
	start(&r, NULL);
	rig_start(&r);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(origin, sizeof(origin), "log.test/%u", i);
		assert_int_equal(ask(&r, &q), 0);
	}
	rig_replace(&r);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(origin, sizeof(origin), "log.test/%u", i);
		q.root = 2;
		assert_int_equal(ask(&r, &q), ERR_STATE_REFUSED);
		q.root = 1;
		if (i % 64 == 0) {
			assert_int_equal(ask(&r, &q), 0);
			rig_reports(&r);
		}
	}
	rig_close(&r, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_replaced),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
