/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_LOG_H
#define TRUSTCHAIN_CA_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "pki/ct.h"

/*
 * The CA's side of its CT logs (identity.md section 5 step 6): keeps the log
 * lists, chooses the shard of a notAfter, submits precertificates and
 * verifies what comes back.  Loop thread only.
 */
struct arena;
struct ca_config;
struct ca_log;
struct clock;
struct loop;
struct ops_log;
struct pki_lint_log;
struct store_disk;

struct ca_log_opts {
	struct loop *loop;
	const struct ca_config *config; /* outlives the result */
	struct store_disk *disk;
	const struct clock *clock;
	struct ops_log *log;
	/* A new list was stored: have the key process replaced, which has to
	 * know the shards' keys, then call ca_log_confirm. */
	void (*changed)(void *ctx);
	void *ctx;
	/* How often the lists are fetched while every log answers, and while
	 * one does not; 0 means 60 s and 5 s (section 2). */
	uint64_t up_ms, down_ms;
};

/* A verified SCT; shard is the name in the log list.  One of a foreign log has
 * neither shard nor leaf_index. */
struct ca_log_sct {
	struct pki_ct_sct sct;
	uint64_t leaf_index;
	char shard[64];
	bool foreign;
};

/* What is submitted.  Copied by ca_log_submit. */
struct ca_log_entry {
	struct pki_bytes precert;      /* DER */
	const struct pki_bytes *chain; /* issuer first; may end at the root */
	size_t chain_len;
	struct pki_bytes tbs; /* PreCert TBS, without the poison */
	uint8_t issuer_key_hash[32];
	int64_t not_after_ms;
};

/*
 * Called once, later, on the loop: 0 with min_scts SCTs of distinct logs, or
 * ERR_SYS_UNAVAILABLE (503 ct_unavailable), ERR_SYS_CLOCK (an SCT's time is
 * more than 5 s off: 503 clock_skew).
 */
typedef void ca_log_fn(
    void *ctx, int rc, const struct ca_log_sct *scts, size_t n);

/**
 * ca_log_new(opts, ret, f):
 * Read the stored lists and begin to keep them fresh (every 5 s until all
 * logs answered, then every 60 s).  ERR_SYS_*.
 */
MUST_CHECK int ca_log_new(
    const struct ca_log_opts *opts, struct ca_log **ret, struct fault *f);

/**
 * ca_log_free(l):
 * Stop; submissions still open end with ERR_SYS_CANCELLED.  NULL is legal.
 */
void ca_log_free(struct ca_log *l);

/**
 * ca_log_confirm(l):
 * The key process knows the lists that were stored: use them from now on.
 */
void ca_log_confirm(struct ca_log *l);

/**
 * ca_log_submit(l, entry, fn, ctx):
 * Get min_scts SCTs for ${entry} from the primary logs (from backups too, if
 * ct_on_failure says so) within ct_timeout_ms each.  Submitting the same
 * entry again gives the same leaf.  ERR_SYS_NOMEM; ${fn} is not called then.
 */
MUST_CHECK int ca_log_submit(struct ca_log *l, const struct ca_log_entry *entry,
    ca_log_fn *fn, void *ctx);

/**
 * ca_log_ready(l, not_after_ms, why, whylen):
 * Return whether min_scts logs take a certificate that ends at ${not_after_ms}
 * and answered last time; else the reason is in ${why}.
 */
bool ca_log_ready(
    const struct ca_log *l, int64_t not_after_ms, char *why, size_t whylen);

/**
 * ca_log_known(l, a, ret, ret_n):
 * Copy the logs whose SCTs count now into the arena ${a}, for the self-check
 * of a finished certificate on another thread.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_log_known(const struct ca_log *l, struct arena *a,
    struct pki_lint_log **ret, size_t *ret_n);

/**
 * ca_log_list_path(state_dir, list_vkey, out, cap):
 * Write the path of the stored list (ct_list_pack form) of the log server
 * with ${list_vkey}: what the supervisor hands to the key process.
 * ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_log_list_path(
    const char *state_dir, const char *list_vkey, char *out, size_t cap);

#endif
