/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_BANK_INTERNAL_H
#define KEYS_P11_BANK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/* The modules and tokens of one key process. */
#define KEYS_P11_TOKENS_MAX 8
#define KEYS_P11_PIN_MAX 255
#define KEYS_P11_DIGEST_LEN 32 /* of a refused PIN, bound to its token */
#define KEYS_P11_REFUSED_MAX 16

struct keys_p11_place;
struct keys_p11_uri;

struct keys_p11_bank {
	struct keys_p11_place *place[KEYS_P11_TOKENS_MAX];
	size_t places;
	uint8_t refused[KEYS_P11_REFUSED_MAX][KEYS_P11_DIGEST_LEN];
	size_t refusals; /* ever; the oldest are forgotten */
};

/** keys_p11_bank_new(ret): ERR_SYS_NOMEM. */
MUST_CHECK int keys_p11_bank_new(struct keys_p11_bank **ret);

/** keys_p11_bank_free(b): log out, unload, wipe; NULL is allowed. */
void keys_p11_bank_free(struct keys_p11_bank *b);

/* Which token, through what, with which PIN; the caller's. */
struct keys_p11_want {
	const char *module;
	const struct keys_p11_uri *uri;
	const uint8_t *pin;
	size_t pin_len;
};

/**
 * keys_p11_bank_place(b, want, ret, f):
 * Return the place of a token, which need not be there, loading its module if
 * that is new.  ERR_STATE_CONFIG, ERR_SYS_LIMIT, _NOMEM, _TOKEN.
 */
MUST_CHECK int keys_p11_bank_place(struct keys_p11_bank *b,
    const struct keys_p11_want *want, struct keys_p11_place **ret,
    struct fault *f);

/**
 * keys_p11_bank_refuse(b, digest), keys_p11_bank_refused(b, digest):
 * The PIN with this digest has been refused, by whichever process tried it;
 * has it?
 */
void keys_p11_bank_refuse(
    struct keys_p11_bank *b, const uint8_t digest[KEYS_P11_DIGEST_LEN]);
bool keys_p11_bank_refused(const struct keys_p11_bank *b,
    const uint8_t digest[KEYS_P11_DIGEST_LEN]);

#endif
