/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ADMIN_H
#define TRUSTCHAIN_CA_ADMIN_H

#include "base/err.h"

/*
 * The admin listener (8446, identity.md section 6): GET /api/v1/admin/{config,
 * tokens,eab,orders,logs} and PUT .../maintenance, for those whose client
 * certificate has role operator.  A bearer token opens nothing here.
 */
struct ca_admin;
struct ca_config;
struct ca_issue;
struct ca_mtls;
struct ca_rest;
struct ca_store;
struct clock;
struct http_request;
struct trustchain_auditor;

struct ca_admin_opts {
	const struct ca_config *config;
	struct ca_store *store;
	const struct ca_mtls *mtls;
	struct ca_issue *issue;
	struct ca_rest *rest;		    /* the form of answers */
	struct trustchain_auditor *auditor; /* NULL: nothing is audited */
	const struct clock *clock;
};

/**
 * ca_admin_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_admin_new(
    const struct ca_admin_opts *opts, struct ca_admin **ret);

/** ca_admin_free(a): NULL is legal. */
void ca_admin_free(struct ca_admin *a);

/**
 * ca_admin_handle(ctx, r):
 * An http_handler_fn: ${ctx} is the struct ca_admin.
 */
void ca_admin_handle(void *ctx, struct http_request *r);

/**
 * ca_admin_refuse(ctx, r, status, wait_s):
 * An http_refuse_fn: problem documents.
 */
void ca_admin_refuse(
    void *ctx, struct http_request *r, int status, unsigned wait_s);

#endif
