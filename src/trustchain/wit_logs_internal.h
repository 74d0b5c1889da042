/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_WIT_LOGS_INTERNAL_H
#define TRUSTCHAIN_WIT_LOGS_INTERNAL_H

#include "merkle/witness.h"
#include "trustchain/wit_logs.h"
#include "trustchain/wit_paths.h"

enum {
	WIT_KEYS_MAX = 2,	/* Ed25519, ML-DSA-44 */
	WIT_WAITING_MAX = 1024, /* requests behind one for the same log */
	WIT_LINES_MAX = 8192	/* our cosignatures of one head */
};

/* One log that is witnessed. */
struct wit_log {
	const char *origin;
	char hash[WIT_PATHS_HASH_MAX];
	struct merkle_vkey key[MERKLE_WITNESS_KEYS_MAX];
	size_t keys;
	uint64_t size; /* of note */
	char *note;    /* the head that is stood by, as the log signed it */
	char *lines;   /* our cosignatures of it; NULL after a restart */
};

struct wit_key {
	struct merkle_vkey vkey;
	uint8_t op, slot;
	bool known;
};

struct wit_job;

struct wit_logs {
	struct wit_logs_opts o;
	struct merkle_witness *core;
	size_t n;
	struct wit_log *log;
	struct wit_key key[WIT_KEYS_MAX];
	size_t keys;
	struct map *by_hash;
	struct wit_job *waiting, **waiting_end;
	size_t waiting_count;
	bool disk_failed;
};

/**
 * wit_logs_reply(w, r, status, type, body):
 * Answer and count it; ${body} is a string.
 */
void wit_logs_reply(struct wit_logs *w, struct http_request *r, int status,
    const char *type, const char *body);

/**
 * wit_logs_stored_note(log, note, len):
 * Return what is kept of a signed checkpoint: its text and the log's own
 * signature lines; NULL when memory is short.
 */
char *wit_logs_stored_note(
    const struct wit_log *log, const char *note, size_t len);

/**
 * wit_logs_resign(w, log, r):
 * Cosign the stored head once more and answer with all of it.
 */
void wit_logs_resign(
    struct wit_logs *w, struct wit_log *log, struct http_request *r);

#endif
