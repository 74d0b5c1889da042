/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_AGE_H
#define CRYPTO_AGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The age encryption format (C2SP age.md, "age-encryption.org/v1") with X25519
 * recipients: what these functions write `age -d' opens, and they open what
 * `age -r' writes.  Other kinds of recipients are passed over when reading;
 * ASCII armor is not read.  Both directions are fed bytes as they come and
 * hand on what is ready, so neither holds more than two chunks.
 */
#define CRYPTO_AGE_KEY_LEN 32
#define CRYPTO_AGE_RECIPIENTS_MAX 20
#define CRYPTO_AGE_IDENTITIES_MAX 20
#define CRYPTO_AGE_HEADER_MAX 65536
#define CRYPTO_AGE_RECIPIENT_TEXT_MAX 64 /* "age1...", with the zero */

struct crypto_age_reader;
struct crypto_age_writer;
struct rng;

/* Take ${len} bytes; an error ends the reading or writing. */
typedef int crypto_age_sink(void *ctx, const uint8_t *data, size_t len);

/**
 * crypto_age_recipient(text, pub), crypto_age_identity(text, secret):
 * Decode "age1..." or "AGE-SECRET-KEY-1..." to CRYPTO_AGE_KEY_LEN bytes.
 * ERR_PEER_MALFORMED, ERR_PEER_ENCODING; the output is wiped then.
 */
MUST_CHECK int crypto_age_recipient(const char *text, uint8_t pub[32]);
MUST_CHECK int crypto_age_identity(const char *text, uint8_t secret[32]);

/**
 * crypto_age_recipient_text(pub, out):
 * Write the text of a recipient.
 */
void crypto_age_recipient_text(
    const uint8_t pub[32], char out[CRYPTO_AGE_RECIPIENT_TEXT_MAX]);

struct crypto_age_writer_opts {
	const uint8_t (*recipients)[32];
	size_t n_recipients; /* 1 to CRYPTO_AGE_RECIPIENTS_MAX */
	const struct rng *rng;
	crypto_age_sink *sink;
	void *ctx;
};

/**
 * crypto_age_writer_new(o, ret):
 * Begin a file: the header goes to the sink at once.  ERR_STATE_USAGE without
 * a recipient, ERR_PEER_KEY for one of small order, ERR_SYS_*, the sink's.
 */
MUST_CHECK int crypto_age_writer_new(
    const struct crypto_age_writer_opts *o, struct crypto_age_writer **ret);

/**
 * crypto_age_writer_push(w, data, len), crypto_age_writer_end(w):
 * Encrypt ${len} bytes more; finish the file, without which it cannot be
 * opened.  ERR_SYS_*, the sink's.
 */
MUST_CHECK int crypto_age_writer_push(
    struct crypto_age_writer *w, const void *data, size_t len);
MUST_CHECK int crypto_age_writer_end(struct crypto_age_writer *w);

/**
 * crypto_age_writer_free(w):
 * Wipe and free; NULL is legal.
 */
void crypto_age_writer_free(struct crypto_age_writer *w);

struct crypto_age_reader_opts {
	const uint8_t (*identities)[32];
	size_t n_identities; /* 1 to CRYPTO_AGE_IDENTITIES_MAX */
	crypto_age_sink *sink;
	void *ctx;
};

/**
 * crypto_age_reader_new(o, ret):
 * Begin to read a file; the identities are copied.  ERR_STATE_USAGE,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int crypto_age_reader_new(
    const struct crypto_age_reader_opts *o, struct crypto_age_reader **ret);

/**
 * crypto_age_reader_push(r, data, len), crypto_age_reader_end(r):
 * Decrypt ${len} bytes more; the file ends here.  What reaches the sink is
 * authentic, but only the 0 of _end says that it is all.
 * ERR_PEER_MALFORMED for the header, ERR_STATE_NOT_FOUND when no identity
 * opens it, ERR_PEER_SIGNATURE when its MAC is wrong, ERR_PEER_DECRYPT for the
 * content, ERR_SYS_*, the sink's; nothing may be pushed after an error.
 */
MUST_CHECK int crypto_age_reader_push(
    struct crypto_age_reader *r, const void *data, size_t len);
MUST_CHECK int crypto_age_reader_end(struct crypto_age_reader *r);

/**
 * crypto_age_reader_free(r):
 * Wipe and free; NULL is legal.
 */
void crypto_age_reader_free(struct crypto_age_reader *r);

#endif
