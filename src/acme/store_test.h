/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_STORE_TEST_H
#define ACME_STORE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "acme/account.h"
#include "acme/authz.h"
#include "acme/cert.h"
#include "acme/eab.h"
#include "acme/order.h"
#include "acme/outcome.h"
#include "acme/server.h"
#include "acme/store.h"
#include "base/arena.h"

/* The lab of the tests of turns: a server over a store in memory. */
#define BASE "https://ca.test:8443"
#define ROWS_MAX 64
#define NOW INT64_C(1800000000000)

/* Until the test ends. */
static struct {
	struct arena *arena;
	struct acme_server *server;
	struct acme_account account[ROWS_MAX];
	struct acme_order order[ROWS_MAX];
	struct acme_authz authz[ROWS_MAX];
	struct acme_challenge challenge[ROWS_MAX];
	struct acme_eab eab[8];
	const char *bound[8]; /* account of each */
	size_t n_eab;
	struct acme_cert cert[4];
	const uint8_t *cert_der[4]; /* two octets each */
	const char *cert_serial[4]; /* one octet each */
	size_t n_cert;
	size_t n_account, n_order, n_authz, n_challenge;
	int64_t now;
	struct acme_outcome out;
} lab;

struct client {
	EVP_PKEY *key;
	char jwk[256];
	char kid[128];
};

#define FIND(list, n, cond)                                                    \
	do {                                                                   \
		for (size_t i = 0; i < (n); i++)                               \
			if (cond) {                                            \
				*ret = (list)[i];                              \
				return 0;                                      \
			}                                                      \
		return ERR_STATE_NOT_FOUND;                                    \
	} while (0)

/** get_account: one call of the store. */
static int
get_account(
    void *ctx, const char *id, struct arena *a, struct acme_account *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.account, lab.n_account, strcmp(lab.account[i].id, id) == 0);
}

/** get_account_key: one call of the store. */
static int
get_account_key(
    void *ctx, const char *print, struct arena *a, struct acme_account *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.account, lab.n_account,
	    strcmp(lab.account[i].thumbprint, print) == 0);
}

/** get_order: one call of the store. */
static int
get_order(void *ctx, const char *id, struct arena *a, struct acme_order *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.order, lab.n_order, strcmp(lab.order[i].id, id) == 0);
}

/** get_order_cert: one call of the store. */
static int
get_order_cert(
    void *ctx, const char *id, struct arena *a, struct acme_order *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.order, lab.n_order, strcmp(lab.order[i].cert_id, id) == 0);
}

/** get_orders: one call of the store. */
static int
get_orders(void *ctx, const char *account, const char *cursor, struct arena *a,
    struct acme_order **ret, size_t *ret_n)
{
	(void)ctx;
	(void)account;
	(void)a;
	*ret = lab.order;
	*ret_n = cursor == NULL ? lab.n_order : 0;
	return 0;
}

/** get_orders_of: one call of the store. */
static int
get_orders_of(void *ctx, const char *authz, struct arena *a,
    struct acme_order **ret, size_t *ret_n)
{
	size_t n = 0;

	(void)ctx;
	*ret = base_arena_alloc(a, sizeof(lab.order));
	for (size_t i = 0; i < lab.n_order; i++)
		if (strstr(lab.order[i].authzs, authz) != NULL)
			(*ret)[n++] = lab.order[i];
	*ret_n = n;
	return 0;
}

/** get_authz: one call of the store. */
static int
get_authz(void *ctx, const char *id, struct arena *a, struct acme_authz *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.authz, lab.n_authz, strcmp(lab.authz[i].id, id) == 0);
}

/** get_authz_valid: one call of the store. */
static int
get_authz_valid(void *ctx, const struct acme_authz *key, struct arena *a,
    struct acme_authz *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.authz, lab.n_authz,
	    strcmp(lab.authz[i].account, key->account) == 0 &&
		strcmp(lab.authz[i].value, key->value) == 0 &&
		strcmp(lab.authz[i].type, key->type) == 0 &&
		lab.authz[i].wildcard == key->wildcard &&
		lab.authz[i].status == ACME_VALID &&
		lab.authz[i].expires > key->expires);
}

/** get_pending: one call of the store. */
static int
get_pending(void *ctx, const char *account, int64_t now_ms, int64_t *ret)
{
	(void)ctx;
	*ret = 0;
	for (size_t i = 0; i < lab.n_authz; i++)
		*ret += strcmp(lab.authz[i].account, account) == 0 &&
			lab.authz[i].status == ACME_PENDING &&
			lab.authz[i].expires > now_ms;
	return 0;
}

/** get_challenge: one call of the store. */
static int
get_challenge(
    void *ctx, const char *id, struct arena *a, struct acme_challenge *ret)
{
	(void)ctx;
	(void)a;
	FIND(lab.challenge, lab.n_challenge,
	    strcmp(lab.challenge[i].id, id) == 0);
}

/** get_challenges: one call of the store. */
static int
get_challenges(void *ctx, const char *authz, struct arena *a,
    struct acme_challenge **ret, size_t *ret_n)
{
	(void)ctx;
	*ret_n = 0;
	*ret = base_arena_alloc(a, sizeof(lab.challenge));
	for (size_t i = 0; i < lab.n_challenge; i++)
		if (strcmp(lab.challenge[i].authz, authz) == 0)
			(*ret)[(*ret_n)++] = lab.challenge[i];
	return 0;
}

#endif
