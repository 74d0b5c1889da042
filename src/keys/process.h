/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PROCESS_H
#define KEYS_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"

/*
 * The key process: holds the private keys, parses what it signs, answers the
 * product's allow-list of operations and nothing else.
 */
struct clock;
struct crypto_pkey;
struct keys_bundle_item;
struct rng;

/* One key with its policy. */
struct keys_slot {
	uint8_t index;
	uint8_t kind;
	uint32_t rate_per_s;
	char name[64];
	struct crypto_pkey *key; /* NULL: a slot without a file key */
	void *policy;		 /* the product's, freed by its fini */
};

struct keys_process;

/* An operation being answered. */
struct keys_call {
	struct keys_process *process;
	struct keys_slot *slot;
	const uint8_t *payload;
	size_t len;
	int64_t now_ms;	     /* unix time */
	struct buf *out;     /* the signature goes here */
	struct fault reason; /* why it was refused, for the audit log */
};

/*
 * An allowed operation on slots of one kind.  ${handle} appends the answer to
 * out and returns 0, or a code of class STATE (refused by policy; with a
 * reason), PEER (malformed) or SYS (key failure).
 */
struct keys_op {
	uint8_t op;
	uint8_t kind;
	int (*handle)(struct keys_call *call);
};

/* What a product puts into the key process. */
struct keys_product {
	const struct keys_op *ops;
	size_t ops_len;

	/* Called for each DATA item of the bundle, after the slot's key. */
	int (*data)(struct keys_process *p, struct keys_slot *slot,
	    const struct keys_bundle_item *item, struct fault *f);
	/* Called when all is loaded; may be NULL. */
	int (*ready)(struct keys_process *p, struct fault *f);
	/* Write the state that the successor must not fall behind, and take
	 * it from the predecessor; both may be NULL. */
	int (*state_save)(struct keys_slot *slot, struct buf *out);
	int (*state_load)(
	    struct keys_slot *slot, const uint8_t *state, size_t len);
	void (*fini)(struct keys_slot *slot); /* frees policy; may be NULL */
	void *ctx;
};

struct keys_process_opts {
	int bundle_fd;	/* pipe from the supervisor, read to its end */
	int main_fd;	/* socketpair with main */
	int control_fd; /* socketpair with the supervisor */
	const struct keys_product *product;
	const struct clock *clock;
	const struct rng *rng;
	/* Confines the process, after the bundle is read and before any of it
	 * is parsed; may be NULL in tests. */
	int (*sandbox)(void *ctx, struct fault *f);
	void *sandbox_ctx;
};

/**
 * keys_process_run(o):
 * Be the key process: read the bundle, confine, decrypt, tell the supervisor
 * that it is ready, wait for its go, then answer requests until the
 * supervisor retires it or a socket closes.  Returns the exit code: 0 when
 * retired or main has gone, 1 when something failed (the supervisor was told
 * what), 2 when the bundle is unusable.
 */
int keys_process_run(const struct keys_process_opts *o);

/**
 * keys_process_slot(p, index):
 * Return slot ${index}, or NULL.
 */
struct keys_slot *keys_process_slot(struct keys_process *p, unsigned index);

/**
 * keys_process_rng(p), keys_process_ctx(p):
 * Return the random hook, and the product's ctx.
 */
const struct rng *keys_process_rng(const struct keys_process *p);
void *keys_process_ctx(const struct keys_process *p);

/**
 * keys_process_adopt(p, kind, key, ret):
 * Add a slot for a key made in this process (op GENERATE); ${key} belongs to
 * it on success.  ERR_STATE_FULL, ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_process_adopt(struct keys_process *p, uint8_t kind,
    struct crypto_pkey *key, struct keys_slot **ret);

#endif
