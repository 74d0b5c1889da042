/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_WITNESS_CLIENT_H
#define MERKLE_WITNESS_CLIENT_H

#include "base/err.h"
#include "merkle/types.h"

/*
 * C2SP tlog-witness, the log: what it knows of one witness.  For each new
 * head: request, send, answer; on ERR_STATE_CONFLICT once more.
 */
#define MERKLE_WITNESS_CLIENT_CONFLICTS_MAX 2 /* for one head */
#define MERKLE_WITNESS_CLIENT_LINES_MAX 8192

struct builder;
struct merkle_note;
struct merkle_reader;
struct merkle_vkey;

struct merkle_witness_client {
	const struct merkle_vkey *key; /* the witness's; the caller's */
	size_t key_count;
	uint64_t size; /* that it stands by, as far as known; begin with 0 */
	unsigned int conflicts;	 /* for the head of the last request */
	struct merkle_head head; /* of the last request */
};

/* An answer as the transport has it. */
struct merkle_witness_answer {
	int status;
	const char *body;
	size_t len;
};

/**
 * merkle_witness_client_request(c, reader, head, note, b):
 * Append the body that asks for a cosignature of ${head}, whose signed
 * checkpoint is the string ${note}; ${reader} has the log's tree.  Errors of
 * the reader; ERR_STATE_STALE if the witness stands by a larger tree: this
 * log has lost leaves and must not sign; ERR_SYS_LIMIT.
 */
MUST_CHECK int merkle_witness_client_request(struct merkle_witness_client *c,
    const struct merkle_reader *reader, const struct merkle_head *head,
    const char *note, struct builder *b);

/**
 * merkle_witness_client_answer(c, note, answer, lines):
 * Take the answer to the last request, whose checkpoint was ${note}.  0: the
 * good lines by this witness's keys are in ${lines}, a string.  Otherwise
 *	ERR_STATE_CONFLICT  409: the size is adopted, ask again;
 *	ERR_STATE_STALE     409 with a larger size, see above;
 *	ERR_STATE_REFUSED   400, 403, 404 or 422;
 *	ERR_PEER_SIGNATURE  200, but no good line;
 *	ERR_PEER_MALFORMED  nonsense, or conflicts without end;
 *	ERR_SYS_UNAVAILABLE any other status.
 */
MUST_CHECK int merkle_witness_client_answer(struct merkle_witness_client *c,
    const struct merkle_note *note, const struct merkle_witness_answer *answer,
    char lines[MERKLE_WITNESS_CLIENT_LINES_MAX]);

#endif
