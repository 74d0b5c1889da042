/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The audit log of a running daemon: events come in on any thread and are
 * written, many to one sync, by a thread of their own; checkpoints are made
 * every checkpoint_ms if the log grew, signed by whoever holds the key.
 * Posting never blocks.  Callbacks come from audit_dispatch(), which the owner
 * calls on its loop thread after each wake.
 */
struct audit;
struct audit_event;
struct audit_log_opts;
struct clock;
struct fault;
struct rng;

struct audit_opts {
	const struct audit_log_opts *log; /* copied, without its cancel */
	/* The log is open, or will not be: errors as audit_log_open.  Reading
	 * a long log takes a while; events may be posted meanwhile. */
	void (*opened)(void *ctx, int rc, const struct fault *why);
	void *opened_ctx;
	void (*wake)(void *ctx); /* from the writing thread */
	void *wake_ctx;
	const struct clock *clock;
	const struct rng *rng;
	size_t queue_max;	/* events waiting */
	uint64_t checkpoint_ms; /* 0: only when asked */
	/*
	 * Ask for the Ed25519 signature of a checkpoint's text; on 0 the
	 * answer comes later, once, by audit_signed().  NULL: no checkpoints.
	 */
	int (*sign)(void *ctx, const char *text, size_t len);
	void *sign_ctx;
	/*
	 * Delete closed segments with only older events; 0: never.  Before,
	 * an event audit.pruned by operator_id says so under a checkpoint.
	 */
	uint64_t retention_ms;
	const char *operator_id;
	/* Gets each durable line (without newline), on the writing thread;
	 * must not block.  NULL: nobody. */
	void (*mirror)(void *ctx, const char *line, size_t len);
	void *mirror_ctx;
};

struct audit_stats {
	uint64_t size, published; /* lines durable, lines under a checkpoint */
	uint64_t backlog;	  /* events waiting */
	uint64_t dropped;	  /* events lost because the queue was full */
	int rc;			  /* 0, or why nothing is written now */
};

/*
 * rc 0: what was asked for is durable.  size is that of the log with the event
 * as its last line, or of the checkpoint.
 */
typedef void audit_done_fn(void *ctx, int rc, uint64_t size);

/**
 * audit_new(opts, ret_audit):
 * Start the thread, which opens the log.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int audit_new(
    const struct audit_opts *opts, struct audit **ret_audit);

/**
 * audit_free(a):
 * Write what waits, stop, and complete everything open, what could not be
 * done with ERR_SYS_CANCELLED.  NULL is allowed.
 */
void audit_free(struct audit *a);

/** audit_dispatch(a): Call what is due: opts.opened, opts.sign, done. */
void audit_dispatch(struct audit *a);

/**
 * audit_post(a, ev, done, ctx):
 * Add an event, from any thread; at_ms 0 means now.  On 0, ${done} (may be
 * NULL) is called once it is durable.  ERR_STATE_FULL when queue_max events
 * wait (counted as dropped), errors of audit_event_encode; ${done} is not
 * called then.
 */
MUST_CHECK int audit_post(struct audit *a, const struct audit_event *ev,
    audit_done_fn *done, void *ctx);

/**
 * audit_checkpoint(a, done, ctx):
 * Publish a checkpoint that covers every event posted so far, then call
 * ${done} with its size.  ERR_STATE_CLOSED without a signer, ERR_STATE_FULL
 * when 64 wait already.
 */
MUST_CHECK int audit_checkpoint(
    struct audit *a, audit_done_fn *done, void *ctx);

/**
 * audit_signed(a, rc, sig, len):
 * The answer to opts.sign; may come from within it.
 */
void audit_signed(struct audit *a, int rc, const uint8_t *sig, size_t len);

/**
 * audit_source(a):
 * Return the highest outbox number in the log when it was opened.
 */
int64_t audit_source(const struct audit *a);

/**
 * audit_get_stats(a, ret):
 * For metrics and health, from any thread.
 */
void audit_get_stats(struct audit *a, struct audit_stats *ret);

#endif
