/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CRL_H
#define TRUSTCHAIN_CA_CRL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Publishes the CRLs of every issuer (identity.md section 8): one for each
 * shard and one for all, every status.crl_interval_s and crl_debounce_ms after
 * a revocation, as files of the state folder that are replaced atomically.
 * Numbers are reserved in the store before anything is signed, so they rise
 * over restarts and restores.  Loop thread only; files and the encoding of
 * entries are the pool's work.
 */
struct ca_authority;
struct ca_config;
struct ca_crl;
struct ca_store;
struct clock;
struct keys_client;
struct loop;
struct loop_pool;
struct ops_faults;
struct ops_log;
struct store_disk;

enum { CA_CRL_SHARDS_MAX = 1024, CA_CRL_WHOLE = CA_CRL_SHARDS_MAX };

/* What is published of one issuer. */
struct ca_crl_published {
	const char *issuer;
	int64_t number, at; /* CRL number; thisUpdate */
	size_t entries;	    /* on the CRL for all */
};

/* How a publication ended, with one element for each issuer. */
typedef void ca_crl_fn(
    void *ctx, int rc, const struct ca_crl_published *all, size_t n);

struct ca_crl_opts {
	struct loop *loop;
	struct loop_pool *pool;
	struct store_disk *disk;
	const struct clock *clock;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct keys_client *keys;
	struct ops_log *log;
	struct ops_faults *faults;
};

/**
 * ca_crl_new(opts, ret):
 * Begin, with a first publication at once.  What ${opts} names outlives the
 * result; the folders are there (ca_crl_folder).  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_crl_new(const struct ca_crl_opts *opts, struct ca_crl **ret);

/**
 * ca_crl_grow(c):
 * The authority has more issuers: publish for them, too.
 */
void ca_crl_grow(struct ca_crl *c);

/**
 * ca_crl_stop(c), ca_crl_free(c):
 * The two halves of the end.  Stop: answer those who wait, begin nothing more.
 * Free: after key client, pool and store have ended.  NULL is legal for both.
 */
void ca_crl_stop(struct ca_crl *c);
void ca_crl_free(struct ca_crl *c);

/**
 * ca_crl_publish(c, fn, ctx):
 * Publish now; ${fn} is called once when CRLs that hold all that is committed
 * at this moment are published, or why not.  ERR_SYS_NOMEM, ERR_STATE_CLOSED;
 * ${fn} is then not called.
 */
MUST_CHECK int ca_crl_publish(struct ca_crl *c, ca_crl_fn *fn, void *ctx);

/**
 * ca_crl_oldest_ms(c):
 * Return the thisUpdate of that issuer's CRLs whose is the oldest; 0 when
 * there is one of which none was published yet.
 */
int64_t ca_crl_oldest_ms(const struct ca_crl *c);

/**
 * ca_crl_folder(state_dir, issuer, out, cap),
 * ca_crl_path(state_dir, issuer, shard, out, cap):
 * Write where the files of an issuer are, "<state_dir>/crl/<issuer>", and the
 * file of one shard, "<folder>/<shard>.crl", or "<folder>/full.crl" for
 * CA_CRL_WHOLE.  ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_crl_folder(
    const char *state_dir, const char *issuer, char *out, size_t cap);
MUST_CHECK int ca_crl_path(const char *state_dir, const char *issuer,
    unsigned shard, char *out, size_t cap);

#endif
