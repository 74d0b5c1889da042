/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_READ_INTERNAL_H
#define TRUSTCHAIN_CT_READ_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "merkle/proof.h"
#include "trustchain/ct_reply.h"
#include "trustchain/ct_shard.h"
#include "trustchain/ct_tiles.h"
#include "wire/json.h"

struct ct_log;
struct loop_timer;

enum { CT_READ_CHECKPOINT_MAX = 16384 };

/* One look-up on the pool, against the head of the moment. */
struct ct_read {
	struct ct_log *log;
	struct ct_shard *shard;
	struct http_request *r;
	enum ct_reply_style style;
	uint64_t size;		/* of the published tree */
	uint64_t first, second; /* the query's numbers, as the verb says */
	struct merkle_hash hash;
	uint64_t started_us;
	const char *metric; /* kind of proof, or NULL */

	int (*work)(struct ct_read *, struct ct_tiles *);
	json_t *json;  /* the answer, or */
	uint8_t *data; /* a file: */
	size_t len;
	const char *type;
	bool gzip;
	struct merkle_tile tile;
	char name[65]; /* issuer fingerprint */

	struct pki_ct_sct sct; /* ct_read_sct */
	struct merkle_head head;
	char *checkpoint;
	size_t checkpoint_len;
	bool as_text;
	struct loop_timer *timer;
	unsigned waited_ms;

	const struct ct_reply_error *error;
};

/**
 * ct_read_new(l, shard, r, style):
 * A look-up of ${shard}; answers and returns NULL when there is no head yet
 * or no memory.
 */
struct ct_read *ct_read_new(struct ct_log *l, struct ct_shard *shard,
    struct http_request *r, enum ct_reply_style style);

/**
 * ct_read_run(q):
 * Do q->work on the pool, then answer with what it made, or with q->error,
 * and free ${q}.  ${work} returns an error code, for which an answer is made.
 */
void ct_read_run(struct ct_read *q);

/**
 * ct_read_fail(q, error):
 * Answer with an error and free ${q}.
 */
void ct_read_fail(struct ct_read *q, const struct ct_reply_error *error);

/**
 * ct_read_free(q):
 * Free it without an answer.
 */
void ct_read_free(struct ct_read *q);

/**
 * ct_read_path(proof):
 * The hashes of a proof as a JSON array of base64.
 */
json_t *ct_read_path(const struct merkle_proof *proof);

extern const struct ct_reply_error ct_read_not_found;
extern const struct ct_reply_error ct_read_malformed;

#endif
