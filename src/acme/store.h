/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_STORE_H
#define ACME_STORE_H

#include <stddef.h>
#include <stdint.h>

struct acme_account;
struct acme_authz;
struct acme_challenge;
struct acme_eab;
struct acme_order;
struct acme_store_certs;
struct arena;

/*
 * What the core reads.  Each call returns 0, ERR_STATE_NOT_FOUND or an
 * ERR_SYS code; results live in the arena.  The core never writes: it returns
 * changes (acme/outcome.h).  rev is the store's and 0 for a new object; times
 * are unix milliseconds, 0 for "not set"; absent strings are NULL.
 */
struct acme_store_ops {
	int (*account)(void *ctx, const char *id, struct arena *,
	    struct acme_account *ret);
	int (*account_key)(void *ctx, const char *thumbprint, struct arena *,
	    struct acme_account *ret);
	int (*eab)(void *ctx, const char *kid, int64_t now_ms, struct arena *,
	    struct acme_eab *ret);
	int (*order)(
	    void *ctx, const char *id, struct arena *, struct acme_order *ret);
	int (*order_cert)(void *ctx, const char *cert_id, struct arena *,
	    struct acme_order *ret);
	/* Newest first, a page; cursor is the last id seen or NULL. */
	int (*orders)(void *ctx, const char *account, const char *cursor,
	    struct arena *, struct acme_order **ret, size_t *ret_n);
	int (*orders_of_authz)(void *ctx, const char *authz, struct arena *,
	    struct acme_order **ret, size_t *ret_n);
	int (*authz)(
	    void *ctx, const char *id, struct arena *, struct acme_authz *ret);
	/* The valid one that expires last; key->expires is now. */
	int (*authz_valid)(void *ctx, const struct acme_authz *key,
	    struct arena *, struct acme_authz *ret);
	int (*count_pending)(
	    void *ctx, const char *account, int64_t now_ms, int64_t *ret);
	int (*challenge)(void *ctx, const char *id, struct arena *,
	    struct acme_challenge *ret);
	int (*challenges)(void *ctx, const char *authz, struct arena *,
	    struct acme_challenge **ret, size_t *ret_n);
	/* PEM, leaf first, of a valid order. */
	int (*chain)(void *ctx, const struct acme_order *, struct arena *,
	    const char **ret, size_t *ret_len);
};

struct acme_store {
	const struct acme_store_ops *ops;
	void *ctx;
	const struct acme_store_certs *certs;
};

#endif
