/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "base/wipe.h"
#include "crypto/age_internal.h"
#include "crypto/age_key_internal.h"
#include "crypto/age_stream_internal.h"

struct crypto_age_writer {
	crypto_age_sink *sink;
	void *ctx;
	struct crypto_age_stream stream;
	size_t len;
	uint8_t plain[CRYPTO_AGE_CHUNK];
	uint8_t sealed[CRYPTO_AGE_CHUNK + CRYPTO_AGE_TAG];
};

/* A file has these parts. */
enum part { HEADER, NONCE, PAYLOAD };

struct crypto_age_reader {
	uint8_t identities[CRYPTO_AGE_IDENTITIES_MAX][32];
	struct crypto_age_reader_opts o;
	enum part part;
	uint8_t file_key[CRYPTO_AGE_FILE_KEY_LEN];
	struct crypto_age_stream stream;
	struct buf in; /* not used yet */
	uint8_t plain[CRYPTO_AGE_CHUNK];
};

static int
begin(struct crypto_age_writer *w, const struct crypto_age_writer_opts *o)
{
	uint8_t file_key[CRYPTO_AGE_FILE_KEY_LEN], nonce[CRYPTO_AGE_NONCE_LEN];
	const struct crypto_age_keys to = { o->recipients, o->n_recipients };
	struct buf head;
	int rc;

	base_buf_init(&head, CRYPTO_AGE_HEADER_MAX);
	if ((rc = base_rng_fill(o->rng, file_key, sizeof(file_key))) == 0 &&
	    (rc = base_rng_fill(o->rng, nonce, sizeof(nonce))) == 0 &&
	    (rc = crypto_age_header_make(to, o->rng, file_key, &head)) == 0 &&
	    (rc = crypto_age_stream_init(&w->stream, file_key, nonce)) == 0 &&
	    (rc = w->sink(w->ctx, head.data, head.len)) == 0)
		rc = w->sink(w->ctx, nonce, sizeof(nonce));
	base_wipe(file_key, sizeof(file_key));
	base_buf_free(&head);
	return rc;
}

int
crypto_age_writer_new(
    const struct crypto_age_writer_opts *o, struct crypto_age_writer **ret)
{
	struct crypto_age_writer *w;
	int rc;

	if (o->n_recipients == 0 || o->n_recipients > CRYPTO_AGE_RECIPIENTS_MAX)
		return ERR_STATE_USAGE;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return ERR_SYS_NOMEM;
	w->sink = o->sink;
	w->ctx = o->ctx;
	if ((rc = begin(w, o)) != 0) {
		crypto_age_writer_free(w);
		return rc;
	}
	*ret = w;
	return 0;
}

static int
flush(struct crypto_age_writer *w, bool last)
{
	int rc = crypto_age_stream_seal(
	    &w->stream, w->plain, w->len, last, w->sealed);

	if (rc == 0)
		rc = w->sink(w->ctx, w->sealed, w->len + CRYPTO_AGE_TAG);
	w->len = 0;
	return rc;
}

int
crypto_age_writer_push(
    struct crypto_age_writer *w, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;
	int rc;

	/* A full chunk waits: the last one is marked, and only an empty file
	 * has an empty chunk. */
	while (len > 0) {
		if (w->len == CRYPTO_AGE_CHUNK && (rc = flush(w, false)) != 0)
			return rc;
		n = CRYPTO_AGE_CHUNK - w->len;
		if (n > len)
			n = len;
		memcpy(w->plain + w->len, p, n);
		w->len += n;
		p += n;
		len -= n;
	}
	return 0;
}

int
crypto_age_writer_end(struct crypto_age_writer *w)
{
	return flush(w, true);
}

void
crypto_age_writer_free(struct crypto_age_writer *w)
{
	if (w == NULL)
		return;
	crypto_age_stream_fini(&w->stream);
	base_wipe_free(w, sizeof(*w));
}

int
crypto_age_reader_new(
    const struct crypto_age_reader_opts *o, struct crypto_age_reader **ret)
{
	struct crypto_age_reader *r;

	if (o->n_identities == 0 || o->n_identities > CRYPTO_AGE_IDENTITIES_MAX)
		return ERR_STATE_USAGE;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return ERR_SYS_NOMEM;
	r->o = *o;
	memcpy(r->identities, o->identities, 32 * o->n_identities);
	r->o.identities = (const uint8_t(*)[32])r->identities;
	base_buf_init(&r->in, 2 * CRYPTO_AGE_HEADER_MAX);
	*ret = r;
	return 0;
}

/* ERR_STATE_PENDING while there is not enough to go on with. */
static int
take_header(struct crypto_age_reader *r)
{
	const struct crypto_age_keys ids = { r->o.identities,
		r->o.n_identities };
	size_t len = 0;
	int rc;

	rc = crypto_age_header_open(
	    ids, r->in.data, r->in.len, r->file_key, &len);
	if (rc == ERR_STATE_PENDING && r->in.len > CRYPTO_AGE_HEADER_MAX)
		return ERR_PEER_MALFORMED;
	if (rc != 0)
		return rc;
	base_buf_consume(&r->in, len);
	r->part = NONCE;
	return 0;
}

static int
take_nonce(struct crypto_age_reader *r)
{
	int rc;

	if (r->in.len < CRYPTO_AGE_NONCE_LEN)
		return ERR_STATE_PENDING;
	rc = crypto_age_stream_init(&r->stream, r->file_key, r->in.data);
	base_wipe(r->file_key, sizeof(r->file_key));
	base_buf_consume(&r->in, CRYPTO_AGE_NONCE_LEN);
	r->part = PAYLOAD;
	return rc;
}

static int
take_chunk(struct crypto_age_reader *r, size_t len, bool last)
{
	int rc;

	if (len < CRYPTO_AGE_TAG ||
	    (len == CRYPTO_AGE_TAG && r->stream.chunk > 0))
		return ERR_PEER_DECRYPT;
	rc =
	    crypto_age_stream_open(&r->stream, r->in.data, len, last, r->plain);
	if (rc != 0)
		return rc;
	base_buf_consume(&r->in, len);
	return len == CRYPTO_AGE_TAG
		   ? 0
		   : r->o.sink(r->o.ctx, r->plain, len - CRYPTO_AGE_TAG);
}

/* A chunk that something follows is not the last. */
static int
take(struct crypto_age_reader *r)
{
	if (r->part == HEADER)
		return take_header(r);
	if (r->part == NONCE)
		return take_nonce(r);
	if (r->in.len <= CRYPTO_AGE_CHUNK + CRYPTO_AGE_TAG)
		return ERR_STATE_PENDING;
	return take_chunk(r, CRYPTO_AGE_CHUNK + CRYPTO_AGE_TAG, false);
}

int
crypto_age_reader_push(
    struct crypto_age_reader *r, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;
	int rc;

	while (len > 0) {
		n = len < 32768 ? len : 32768;
		if ((rc = base_buf_append(&r->in, p, n)) != 0)
			return rc;
		p += n;
		len -= n;
		while ((rc = take(r)) == 0)
			;
		if (rc != ERR_STATE_PENDING)
			return rc;
	}
	return 0;
}

int
crypto_age_reader_end(struct crypto_age_reader *r)
{
	if (r->part != PAYLOAD)
		return ERR_PEER_MALFORMED;
	return take_chunk(r, r->in.len, true);
}

void
crypto_age_reader_free(struct crypto_age_reader *r)
{
	if (r == NULL)
		return;
	crypto_age_stream_fini(&r->stream);
	base_buf_free(&r->in);
	base_wipe_free(r, sizeof(*r));
}
