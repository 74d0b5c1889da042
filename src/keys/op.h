/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_OP_H
#define KEYS_OP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "keys/max.h"

/*
 * What a product puts into its key process (keys/process.h): an allow-list of
 * operations with the rules each one obeys before it signs.
 */
struct buf;
struct crypto_pkey;
struct keys_backend;
struct keys_bundle_item;
struct keys_process;

struct keys_slot {
	uint8_t index;
	uint8_t kind;
	char name[KEYS_SLOT_NAME_MAX + 1];
	struct crypto_pkey *key;      /* NULL: a slot without a key */
	struct keys_backend *backend; /* has the private half; or NULL */
	void *policy;		      /* the product's, freed by its fini */
};

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

struct keys_product {
	const struct keys_op *ops;
	size_t ops_len;
	/* Whether calls of an operation on one slot may overlap; NULL: none. */
	bool (*overlaps)(uint8_t op);
	/* Called for each DATA item of the bundle, after the slot's key. */
	int (*data)(struct keys_process *p, struct keys_slot *slot,
	    const struct keys_bundle_item *item, struct fault *f);
	/* Called when all is loaded; may be NULL. */
	int (*ready)(struct keys_process *p, struct fault *f);
	/* Write the state that the successor must not fall behind (PENDING:
	 * call again for more), and take each part; both may be NULL. */
	int (*state_save)(struct keys_slot *slot, struct buf *out);
	int (*state_load)(
	    struct keys_slot *slot, const uint8_t *state, size_t len);
	void (*fini)(struct keys_slot *slot); /* frees policy; may be NULL */
	void *ctx;
};

#endif
