/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_WORLD_TEST_H
#define KEYS_P11_WORLD_TEST_H

/*
 * For tests: a slot whose key is on a token (p11_rig_test.h), as far as its
 * backend sees it, in time that the test makes pass.
 */
#include <stdint.h>
#include <string.h>

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/backend.h"
#include "keys/bank_internal.h"
#include "keys/device_internal.h"
#include "keys/key_internal.h"
#include "keys/mono.h"
#include "keys/p11_bank_internal.h"
#include "keys/p11_make.h"
#include "keys/p11_rig_test.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"
#include "keys/slot_key.h"
#include "keys/sock_internal.h"

#define KEY_URI "pkcs11:token=Troth;object=backend"

/* A key process of one slot, as far as a backend sees it. */
struct world {
	struct keys_process p;
	struct keys_slot slot;
	int supervisor; /* what the process tells it arrives here */
	int64_t now_ms;
	uint8_t digest[KEYS_P11_DIGEST_LEN];
	unsigned ups, downs, pins;
};

/**
 * key_on_token(uri):
 * Return the public half of the P-256 key, made if it is not there.
 */
static inline struct crypto_pkey *
key_on_token(const char *uri)
{
	struct keys_p11_new n = { rig.shim, uri, (const uint8_t *)RIG_PIN, 4,
		CRYPTO_KEY_P256, true };
	struct crypto_pkey *key = NULL;
	struct fault f = { 0, "" };

	assert_int_equal(keys_p11_make_ensure(&n, &key, NULL, &f), 0);
	return key;
}

/**
 * begin(w, pin, public):
 * Open the backend of one slot with the key KEY_URI; ${public} is consumed.
 */
static inline void
begin(struct world *w, const char *pin, struct crypto_pkey *public)
{
	struct keys_found found = { .uri = (const uint8_t *)KEY_URI,
		.uri_len = strlen(KEY_URI),
		.device = (const uint8_t *)rig.shim,
		.device_len = strlen(rig.shim),
		.pass = (const uint8_t *)pin,
		.pass_len = strlen(pin) };
	struct fault f = { 0, "" };
	int fds[2];

	memset(w, 0, sizeof(*w));
	assert_int_equal(keys_sock_pair(fds), 0);
	w->p.control_fd = fds[0];
	w->supervisor = fds[1];
	keys_limit_init(&w->p.report, 1000);
	memcpy(w->slot.name, "ca-1", 5);
	w->slot.key = public;
	w->now_ms = keys_mono_ms();
	assert_int_equal(keys_device_open(&w->p, &w->slot, &found, &f), 0);
}

/** end(w): free it all. */
static inline void
end(struct world *w)
{
	w->slot.backend->ops->free(w->slot.backend);
	keys_process_bank_free(&w->p);
	crypto_pkey_free(w->slot.key);
	close(w->p.control_fd);
	close(w->supervisor);
}

/** tick(w): let the backend recover, at the time of the world. */
static inline int64_t
tick(struct world *w)
{
	return w->slot.backend->ops->tick(w->slot.backend, w->now_ms);
}

/** check(w, f): why it cannot sign, or 0. */
static inline int
check(struct world *w, struct fault *f)
{
	return keys_slot_key_check(&w->slot, f);
}

/** sign(w): sign, and see that OpenSSL verifies it. */
static inline int
sign(struct world *w)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256,
		(const uint8_t *)"message", 7, sig, 0 };
	int rc;

	rc = keys_slot_key_sign(&w->slot, s.msg, s.msg_len, sig, &s.sig_len);
	if (rc == 0)
		assert_int_equal(crypto_pkey_verify(w->slot.key, &s), 0);
	return rc;
}

#endif
