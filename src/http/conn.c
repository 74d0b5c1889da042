/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/err.h"
#include "base/map.h"
#include "http/accept_internal.h"
#include "http/start_internal.h"
#include "net/budget.h"

/* Addresses whose request budgets are remembered. */
#define PEERS_MAX 65536

/* One address's open connections. */
struct http_peer {
	uint8_t key[NET_BUDGET_KEY_BYTES];
	unsigned connections;
};

int
http_conn_tables_new(struct http_server *s)
{
	uint8_t key[16];

	if (RAND_bytes(key, sizeof(key)) != 1)
		return ERR_SYS_RNG;
	s->peers = base_map_new(s->connections_max, key);
	return s->peers == NULL ? ERR_SYS_NOMEM : 0;
}

static int
forget_peer(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	free(value);
	return 0;
}

void
http_conn_tables_free(struct http_server *s)
{
	if (s->peers != NULL)
		base_map_each(s->peers, forget_peer, NULL);
	base_map_free(s->peers);
	s->peers = NULL;
}

/* Count one more connection of ${c}'s address. */
static int
count_peer(struct http_server *s, struct http_conn *c)
{
	struct http_peer *p;
	uint8_t key[NET_BUDGET_KEY_BYTES];

	if (c->is_unix)
		return 0;
	net_budget_key(c->peer, key);
	p = base_map_get(s->peers, key, sizeof(key));
	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		if (p == NULL)
			return ERR_SYS_NOMEM;
		memcpy(p->key, key, sizeof(key));
		if (base_map_put(s->peers, key, sizeof(key), p) != 0) {
			free(p);
			return ERR_SYS_NOMEM;
		}
	}
	if (p->connections >= s->connections_per_address_max)
		return ERR_PEER_RATE;
	p->connections++;
	c->counted = p;
	return 0;
}

struct http_conn *
http_conn_new(struct http_server *s, struct http_listener *l,
    struct net_addr *peer, bool is_unix)
{
	struct http_conn *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		free(peer);
		return NULL;
	}
	base_list_init(&c->node);
	c->server = s;
	c->listener = l;
	c->is_unix = is_unix;
	c->peer = peer;
	if (count_peer(s, c) != 0) {
		free(c->peer);
		free(c);
		return NULL;
	}
	base_list_push_back(&s->conns, &c->node);
	s->connections_now++;
	s->connections_total++;
	return c;
}

void
http_conn_closed(struct http_conn *c)
{
	struct http_server *s = c->server;

	base_list_remove(&c->node);
	if (c->counted != NULL && --c->counted->connections == 0)
		free(base_map_take(
		    s->peers, c->counted->key, NET_BUDGET_KEY_BYTES));
	if (s->connections_now-- == s->connections_max)
		http_accept_resume(s);
	free(c->cert);
	free(c->peer);
	free(c);
}

const uint8_t *
http_conn_cert(struct http_conn *c, size_t *ret_len)
{
	SSL *ssl;
	X509 *x;
	int len;

	/* Parsed once per connection. */
	if (!c->cert_known) {
		c->cert_known = true;
		ssl = lws_get_ssl(c->wsi);
		x = ssl == NULL ? NULL : SSL_get0_peer_certificate(ssl);
		len = x == NULL ? 0 : i2d_X509(x, &c->cert);
		c->cert_len = len > 0 ? (size_t)len : 0;
	}
	*ret_len = c->cert_len;
	return c->cert;
}

int
http_charge_new(struct http_server *s, unsigned rate_per_min)
{
	const struct net_budget_options options = { .per_min = rate_per_min,
		.burst = rate_per_min,
		.prefixes_max = PEERS_MAX };
	uint8_t key[16];

	if (rate_per_min == 0)
		return 0;
	if (RAND_bytes(key, sizeof(key)) != 1)
		return ERR_SYS_RNG;
	return net_budget_new(&options, key, &s->budget);
}

void
http_charge_free(struct http_server *s)
{
	net_budget_free(s->budget);
	s->budget = NULL;
}
