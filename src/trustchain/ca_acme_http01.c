/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_acme_http01.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/challenge.h"
#include "base/str.h"
#include "http/client.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/dns.h"
#include "ops/log.h"
#include "trustchain/ca_acme_internal.h"

enum {
	ADDRESSES_MAX = 4,
	PER_ADDRESS_MAX = 4,
	BODY_MAX = 16384,
	BUSY_WAIT_MS = 50
};

struct ca_acme_http01 {
	struct ca_acme_http01_ask ask;
	struct list node; /* in acme->attempts while connected */
	struct acme_challenge_target target;
	char keyauth[ACME_CHALLENGE_KEYAUTH_LEN + 1];
	unsigned redirects;
	uint64_t deadline_ms;
	struct net_dns_query *query;
	struct http_call *call;
	struct loop_timer *timer; /* address busy, or deadline */
	bool asked_v4;
	bool denied; /* an address was refused by policy */
	struct net_addr addr[ADDRESSES_MAX];
	size_t n_addrs, at;
	bool connected; /* addr[at] counts against its budget */
};

static void resolve(struct ca_acme_http01 *h);
static void next_address(struct ca_acme_http01 *h);

static void
free_attempt(struct ca_acme_http01 *h)
{
	base_list_remove(&h->node);
	if (h->query != NULL)
		net_dns_cancel(h->query);
	if (h->call != NULL)
		http_client_cancel(h->call);
	loop_timer_free(h->timer);
	free(h);
}

void
ca_acme_http01_cancel(struct ca_acme_http01 *h)
{
	if (h != NULL)
		free_attempt(h);
}

static void
finish(struct ca_acme_http01 *h, const struct acme_problem *p)
{
	const struct ca_acme_http01_ask ask = h->ask;

	free_attempt(h);
	ask.done(ask.ctx, p);
}

static void
fail(struct ca_acme_http01 *h, enum acme_problem_type type, const char *what)
{
	struct acme_problem p;

	(void)acme_problem_set(&p, type, "%s: %s", h->target.host, what);
	finish(h, &p);
}

static unsigned
left_ms(const struct ca_acme_http01 *h)
{
	uint64_t now = loop_now_ms(h->ask.acme->o.loop);

	return now >= h->deadline_ms ? 1 : (unsigned)(h->deadline_ms - now);
}

static void
on_timer(void *ctx)
{
	struct ca_acme_http01 *h = ctx;

	if (loop_now_ms(h->ask.acme->o.loop) >= h->deadline_ms) {
		fail(h, ACME_PROBLEM_CONNECTION, "no answer in time");
		return;
	}
	next_address(h);
}

/* ---- the response ------------------------------------------------------ */

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

static void
follow(struct ca_acme_http01 *h, const char *location)
{
	const uint16_t ports[2] = {
		(uint16_t)h->ask.acme->conf->validation_http_port,
		(uint16_t)h->ask.acme->conf->validation_tls_port
	};
	struct acme_challenge_target next;
	struct acme_problem p;

	if (++h->redirects > ACME_CHALLENGE_REDIRECTS_MAX) {
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "more than 10 redirects");
		return;
	}
	if (location == NULL) {
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "a redirect without a location");
		return;
	}
	if (acme_challenge_redirect(&h->target, location, ports, &next, &p) !=
	    0) {
		finish(h, &p);
		return;
	}
	h->target = next;
	resolve(h);
}

static void
on_response(void *ctx, const struct http_response *r)
{
	struct ca_acme_http01 *h = ctx;
	int rc = http_response_rc(r), status;
	struct acme_problem p;
	const uint8_t *body;
	size_t len;

	h->call = NULL;
	base_list_remove(&h->node);
	h->connected = false;
	if (rc != 0)
		OPS_LOG(h->ask.acme->o.log, OPS_LOG_INFO, "acme",
		    "validation request failed",
		    OPS_LOG_STR("error", base_err_name(rc)),
		    OPS_LOG_STR("detail", http_response_detail(r)));
	if (rc == ERR_SYS_NETWORK || rc == ERR_PEER_CLOSED ||
	    rc == ERR_PEER_TIMEOUT) {
		h->at++;
		next_address(h);
		return;
	}
	if (rc == ERR_PEER_UNTRUSTED) {
		fail(h, ACME_PROBLEM_TLS, "the TLS handshake failed");
		return;
	}
	if (rc != 0) {
		fail(h, ACME_PROBLEM_INCORRECT_RESPONSE,
		    "the response is not HTTP or too long");
		return;
	}
	status = http_response_status(r);
	if (is_redirect(status)) {
		follow(h, http_response_header(r, "location"));
		return;
	}
	body = http_response_body(r, &len);
	if (acme_challenge_response(
		status, (const char *)body, len, h->keyauth, &p) != 0)
		finish(h, &p);
	else
		finish(h, NULL);
}

/* ---- connecting --------------------------------------------------------- */

/* identity.md section 7: at most four validations per target address. */
static bool
busy(const struct ca_acme_http01 *h, const struct net_addr *addr)
{
	struct list *it, *tmp;
	unsigned n = 0;

	LIST_FOREACH (it, tmp, &h->ask.acme->attempts) {
		const struct ca_acme_http01 *o =
		    LIST_ENTRY(it, struct ca_acme_http01, node);

		n += memcmp(o->addr[o->at].bytes, addr->bytes,
			 sizeof(addr->bytes)) == 0;
	}
	return n >= PER_ADDRESS_MAX;
}

static int
send_request(struct ca_acme_http01 *h)
{
	const struct acme_challenge_target *t = &h->target;
	const char *v6 = strchr(t->host, ':') != NULL ? "[" : "";
	char url[ACME_CHALLENGE_URL_MAX + 300];
	const struct http_client_request req = { .method = HTTP_METHOD_GET,
		.url = url,
		.connect_to = &h->addr[h->at],
		.timeout_ms = left_ms(h),
		.response_max = BODY_MAX,
		/* Whoever redirects may lead anywhere: the key authorization
		 * proves control, not a certificate. */
		.any_certificate = t->tls };
	int rc;

	rc = base_str_format(url, sizeof(url), "%s://%s%s%s:%u%s",
	    t->tls ? "https" : "http", v6, t->host, v6[0] == '[' ? "]" : "",
	    (unsigned)t->port, t->path);
	if (rc == 0)
		rc = http_client_send(
		    h->ask.acme->http, &req, on_response, h, &h->call);
	return rc;
}

static void
next_address(struct ca_acme_http01 *h)
{
	if (h->at >= h->n_addrs) {
		fail(h, ACME_PROBLEM_CONNECTION,
		    "no address answers on the validation port");
		return;
	}
	if (busy(h, &h->addr[h->at])) {
		loop_timer_start(h->timer, BUSY_WAIT_MS, 0);
		return;
	}
	if (send_request(h) != 0) {
		fail(h, ACME_PROBLEM_CONNECTION, "the request cannot be made");
		return;
	}
	h->connected = true;
	base_list_push_back(&h->ask.acme->attempts, &h->node);
}

/* ---- addresses ---------------------------------------------------------- */

static void
add_address(struct ca_acme_http01 *h, const struct net_addr *addr)
{
	/* Checked after resolution, and this very address is connected. */
	if (!ca_acme_address_allowed(h->ask.acme, addr))
		h->denied = true;
	else if (h->n_addrs < ADDRESSES_MAX)
		h->addr[h->n_addrs++] = *addr;
}

static void
connect_addresses(struct ca_acme_http01 *h)
{
	h->at = 0;
	if (h->n_addrs > 0)
		next_address(h);
	else if (h->denied)
		fail(h, ACME_PROBLEM_CONNECTION,
		    "the address is not one that validations may connect to");
	else
		fail(h, ACME_PROBLEM_DNS, "no address");
}

static void ask_addresses(struct ca_acme_http01 *h, enum net_dns_type type);

static void
on_addresses(void *ctx, int rc, const struct net_dns_answer *a)
{
	struct ca_acme_http01 *h = ctx;
	struct net_addr addr;
	size_t i;

	h->query = NULL;
	if (rc == ERR_PEER_UNTRUSTED) {
		fail(h, ACME_PROBLEM_DNS,
		    "the address answer fails DNSSEC validation");
		return;
	}
	for (i = 0; rc == 0 && i < a->n; i++)
		if (net_addr_from_bytes(a->record[i].data, a->record[i].len,
			h->target.port, &addr) == 0)
			add_address(h, &addr);
	if (!h->asked_v4 && h->ask.acme->o.config->issue.allow_ipv4) {
		h->asked_v4 = true;
		ask_addresses(h, NET_DNS_A);
		return;
	}
	if (rc != 0 && h->n_addrs == 0)
		fail(h, ACME_PROBLEM_DNS,
		    rc == ERR_PEER_TIMEOUT ? "the look-up took too long"
					   : "the look-up failed");
	else
		connect_addresses(h);
}

static void
ask_addresses(struct ca_acme_http01 *h, enum net_dns_type type)
{
	const struct net_dns_ask ask = { .name = h->target.host,
		.type = type,
		.timeout_ms = left_ms(h),
		.done = on_addresses,
		.ctx = h };

	if (net_dns_send(h->ask.acme->dns, &ask, &h->query) != 0)
		fail(h, ACME_PROBLEM_DNS, "the name cannot be looked up");
}

/* Find the addresses of the target's host. */
static void
resolve(struct ca_acme_http01 *h)
{
	struct net_addr addr;

	h->n_addrs = 0;
	h->denied = false;
	h->asked_v4 = false;
	if (net_addr_parse_ip(h->target.host, h->target.port, &addr) == 0) {
		add_address(h, &addr);
		connect_addresses(h);
		return;
	}
	ask_addresses(h, NET_DNS_AAAA);
}

/* The first step is taken from the loop, so that done never runs at once. */
static void
on_start(void *ctx)
{
	struct ca_acme_http01 *h = ctx;

	loop_timer_free(h->timer);
	h->timer = NULL;
	if (loop_timer_new(h->ask.acme->o.loop, on_timer, h, &h->timer) != 0) {
		fail(h, ACME_PROBLEM_CONNECTION, "out of memory");
		return;
	}
	resolve(h);
}

int
ca_acme_http01_start(
    const struct ca_acme_http01_ask *ask, struct ca_acme_http01 **ret)
{
	struct ca_acme *a = ask->acme;
	struct ca_acme_http01 *h = calloc(1, sizeof(*h));
	int rc;

	if (h == NULL)
		return ERR_SYS_NOMEM;
	h->ask = *ask;
	base_list_init(&h->node);
	h->deadline_ms =
	    loop_now_ms(a->o.loop) + (uint64_t)a->conf->validation_timeout_ms;
	rc = base_str_copy(h->keyauth, sizeof(h->keyauth), ask->keyauth);
	if (rc == 0)
		rc = acme_challenge_http(ask->host,
		    (uint16_t)a->conf->validation_http_port, ask->token,
		    &h->target);
	if (rc == 0)
		rc = loop_timer_new(a->o.loop, on_start, h, &h->timer);
	if (rc != 0) {
		free_attempt(h);
		return rc;
	}
	loop_timer_start(h->timer, 0, 0);
	*ret = h;
	return 0;
}
