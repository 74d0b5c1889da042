/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * DNS look-ups by libunbound on the loop: recursion or forwarding, DNSSEC
 * validation, no search list, no /etc/hosts.
 */
struct fault;
struct loop;
struct net_dns;
struct net_dns_query;

enum net_dns_type {
	NET_DNS_A = 1,
	NET_DNS_TXT = 16,
	NET_DNS_AAAA = 28,
	NET_DNS_CAA = 257
};

enum {
	NET_DNS_RECORDS_MAX = 100, /* of one answer; the rest is left out */
	NET_DNS_QUERIES_MAX = 4096 /* under way at once */
};

struct net_dns_opts {
	struct loop *loop;
	const char *const *forward; /* "addr@port"; none = recursion */
	size_t n_forward;
	const char *trust_anchor;    /* file; NULL or "" = no DNSSEC */
	const char *const *insecure; /* no DNSSEC at and below these names */
	size_t n_insecure;
};

struct net_dns_rdata {
	const uint8_t *data;
	size_t len;
};

/* Valid during the callback.  NXDOMAIN and NODATA have n = 0. */
struct net_dns_answer {
	enum net_dns_type type;
	bool nxdomain;
	bool secure; /* validated by DNSSEC */
	bool more;   /* there were more records than are shown */
	size_t n;
	struct net_dns_rdata record[NET_DNS_RECORDS_MAX];
};

/**
 * net_dns_new(opts, fault, ret):
 * Make a resolver.  ERR_STATE_CONFIG with ${fault} for a bad address, name or
 * trust anchor; ERR_SYS_NOMEM, ERR_SYS_NETWORK.
 */
MUST_CHECK int net_dns_new(
    const struct net_dns_opts *opts, struct fault *fault, struct net_dns **ret);

/**
 * net_dns_free(d):
 * Cancel what is under way, without calling back, and free; NULL is allowed.
 */
void net_dns_free(struct net_dns *d);

/* What to ask, and whom to tell. */
struct net_dns_ask {
	const char *name;
	enum net_dns_type type;
	unsigned timeout_ms;
	/* Called once, never from inside net_dns_send.  rc 0 with an answer;
	 * else NULL and ERR_PEER_UNTRUSTED (bogus DNSSEC), ERR_PEER_TIMEOUT,
	 * or ERR_SYS_NETWORK (SERVFAIL and the like). */
	void (*done)(void *ctx, int rc, const struct net_dns_answer *answer);
	void *ctx;
};

/**
 * net_dns_send(d, ask, ret):
 * Start a look-up; ${ret} (may be NULL) is valid until the callback.
 * ERR_PEER_NAME for a text that is no domain name, ERR_STATE_FULL,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int net_dns_send(struct net_dns *d, const struct net_dns_ask *ask,
    struct net_dns_query **ret);

/**
 * net_dns_cancel(q):
 * Forget a look-up: its callback will not come.
 */
void net_dns_cancel(struct net_dns_query *q);

#endif
