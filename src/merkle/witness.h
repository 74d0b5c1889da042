/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_WITNESS_H
#define MERKLE_WITNESS_H

#include "base/err.h"
#include "merkle/types.h"

/*
 * C2SP tlog-witness, the witness: for each log that it was told about it
 * knows the newest head that it has promised to stand by, and it moves to a
 * larger one only with a consistency proof.  The order is: submit, store the
 * new head durably, say so, sign, answer.  So a head that was signed is known
 * after every crash, and none smaller or other is ever signed.
 */
#define MERKLE_WITNESS_KEYS_MAX 4  /* of one log */
#define MERKLE_WITNESS_SIGS_MAX 16 /* signature lines in a request */
#define MERKLE_WITNESS_ORIGIN_MAX 256
#define MERKLE_WITNESS_BODY_MAX 24

struct merkle_vkey;
struct merkle_witness;

/* What becomes of a request. */
struct merkle_witness_step {
	int status;			    /* to answer now, or 0: store */
	char body[MERKLE_WITNESS_BODY_MAX]; /* status 409: the size, else "" */
	/* Status 0: */
	size_t log; /* number of the log */
	char origin[MERKLE_WITNESS_ORIGIN_MAX];
	struct merkle_head old_head, new_head;
	const char *note; /* the checkpoint, in the request's body */
	size_t note_len, text_len;
};

/* The Content-Type of a 409 answer. */
#define MERKLE_WITNESS_CONFLICT_TYPE "text/x.tlog.size"

/**
 * merkle_witness_new(logs_max, siphash_key, ret):
 * Make a witness of at most ${logs_max} logs; the 16 octets ${siphash_key}
 * are random.  ERR_SYS_NOMEM.
 */
MUST_CHECK int merkle_witness_new(size_t logs_max,
    const uint8_t siphash_key[16], struct merkle_witness **ret);

/** merkle_witness_free(w): Free; NULL is allowed. */
void merkle_witness_free(struct merkle_witness *w);

/**
 * merkle_witness_add(w, origin, key, key_count, head):
 * Add the log that signs as ${origin} with any of 1 to
 * MERKLE_WITNESS_KEYS_MAX Ed25519 keys, which are copied; ${head} is what was
 * stored for it, NULL if nothing was.  ERR_STATE_EXISTS, ERR_STATE_FULL,
 * ERR_STATE_CONFIG, ERR_SYS_NOMEM.
 */
MUST_CHECK int merkle_witness_add(struct merkle_witness *w, const char *origin,
    const struct merkle_vkey *key, size_t key_count,
    const struct merkle_head *head);

/**
 * merkle_witness_head(w, origin, ret):
 * Get the head that is stood by; of size 0 before the first.
 * ERR_STATE_NOT_FOUND for an unknown log.
 */
MUST_CHECK int merkle_witness_head(const struct merkle_witness *w,
    const char *origin, struct merkle_head *ret);

/**
 * merkle_witness_submit(w, body, len, ret):
 * Judge an add-checkpoint request.  400 if it is malformed or its old size
 * exceeds the new, 404 for an unknown origin, 403 without a good signature by
 * a key of the log or with a bad one, 409 if the old size is not that of the
 * head stood by, 422 if the proof fails or roots differ.  Status 0: store
 * new_head, then call merkle_witness_stored; until then further requests for
 * this log give ERR_STATE_PENDING, the only error.
 */
MUST_CHECK int merkle_witness_submit(struct merkle_witness *w, const char *body,
    size_t len, struct merkle_witness_step *ret);

/**
 * merkle_witness_stored(w, step, rc):
 * new_head of ${step} is durable (rc 0) and may be signed, or may not be (rc
 * not 0) and must not be signed; the log's requests are taken again.
 */
void merkle_witness_stored(
    struct merkle_witness *w, const struct merkle_witness_step *step, int rc);

#endif
