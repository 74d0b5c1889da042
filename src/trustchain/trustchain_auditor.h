/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_AUDITOR_H
#define TRUSTCHAIN_AUDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "audit/pseudonym.h"
#include "base/err.h"
#include "merkle/types.h"

/*
 * The audit log of a daemon of the identity plane, with its checkpoints
 * signed by the key process (slot KEYOP_SLOT_AUDIT).  The key's public half
 * is asked for first, so the log opens a moment after the loop runs.  Beside
 * the log, "${dir}/vkey" names the key for whoever verifies.
 */
struct clock;
struct fault;
struct keys_client;
struct loop;
struct rng;
struct store_disk;
struct trustchain_auditor;

struct trustchain_auditor_opts {
	struct store_disk *disk;
	struct loop *loop;
	const struct clock *clock;
	const struct rng *rng;
	struct keys_client *keys;
	const char *dir, *origin; /* outlive the auditor, as all of these */
	const char *operator_id;  /* "system:<program>" */
	uint64_t checkpoint_ms;
	uint64_t retention_ms; /* see audit/audit.h */
	const char *syslog;    /* see audit/syslog.h; "": no mirror */
	/*
	 * Called once the log is open (rc 0), and for every failure to open
	 * it: ERR_STATE_INTEGRITY is final, others are tried again.
	 */
	void (*opened)(void *ctx, int rc, const struct fault *why);
	void *ctx;
};

/**
 * trustchain_auditor_new(opts, ret):
 * Begin.  ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int trustchain_auditor_new(
    const struct trustchain_auditor_opts *opts,
    struct trustchain_auditor **ret);

/**
 * trustchain_auditor_free(t):
 * Write what waits and close.  The key client may be freed before or after.
 * NULL is allowed.
 */
void trustchain_auditor_free(struct trustchain_auditor *t);

/**
 * trustchain_auditor_log(t):
 * Return the log, or NULL before it is open.
 */
struct audit *trustchain_auditor_log(struct trustchain_auditor *t);

/**
 * trustchain_auditor_post(t, ev, done, ctx):
 * audit_post() with a target made from the JSON object ev->target, and the
 * operator of opts if ev names none.  Fields that make no line are replaced
 * by "unreadable=1", so that the event itself is kept.  ERR_STATE_PENDING
 * before the log is open.
 */
MUST_CHECK int trustchain_auditor_post(struct trustchain_auditor *t,
    const struct audit_event *ev, audit_done_fn *done, void *ctx);

/**
 * trustchain_auditor_prove(t, id, index, ret):
 * audit_recent_prove() in the log's own files; ERR_STATE_CLOSED before it is
 * open.
 */
MUST_CHECK int trustchain_auditor_prove(const struct trustchain_auditor *t,
    const char *id, uint64_t index, struct merkle_head *ret);

/**
 * trustchain_auditor_pseudonym(t, kind, value, ret):
 * Write the pseudonym (audit/pseudonym.h) of an identity: "address", "name".
 * Its key is "${dir}/pseudonym.key", made when missing.  ERR_STATE_PENDING
 * before the log is being opened, and for a NULL ${t}.
 */
MUST_CHECK int trustchain_auditor_pseudonym(const struct trustchain_auditor *t,
    const char *kind, const char *value, char ret[AUDIT_PSEUDONYM_TEXT_MAX]);

#endif
