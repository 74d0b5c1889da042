/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a validation may connect to (identity.md section 7). */
#include "trustchain/ca_acme_internal.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fault.h"

static int
load_prefixes(const struct ops_config_list *from, struct net_prefix *to,
    size_t *ret_n, struct fault *f)
{
	char *const *text = from->v;
	size_t i;

	if (from->n > CA_ACME_PREFIXES_MAX)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "more than %d prefixes", CA_ACME_PREFIXES_MAX);
	for (i = 0; i < from->n; i++)
		if (net_prefix_parse(text[i], &to[i]) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "%s is not an address prefix", text[i]);
	*ret_n = from->n;
	return 0;
}

/*
 * Addresses are compared as IPv4 however they are written, so that ::ffff:0:0/96
 * would deny all of IPv4.  What it is meant for, IPv4 written as IPv6, is never
 * connected (ca_acme_reach.c), and allow_ipv4 says the rest.
 */
static void
drop_mapped(struct ca_acme *a)
{
	char *const *text = a->conf->validation_deny.v;
	size_t i, kept = 0;

	for (i = 0; i < a->n_deny; i++)
		if (a->deny[i].family != NET_FAMILY_IP4 ||
		    a->deny[i].bits > 0 || strchr(text[i], ':') == NULL)
			a->deny[kept++] = a->deny[i];
	a->n_deny = kept;
}

static void
add_own(struct ca_acme *a, const struct net_addr *addr)
{
	if (a->n_own < CA_ACME_OWN_MAX)
		a->own[a->n_own++] = *addr;
}

static bool
unspecified(const struct net_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

/* A listener on all addresses makes every address of the host ours. */
static void
add_host(struct ca_acme *a)
{
	struct ifaddrs *list, *i;
	struct net_addr addr;

	if (getifaddrs(&list) != 0)
		return;
	for (i = list; i != NULL; i = i->ifa_next) {
		size_t len;

		if (i->ifa_addr == NULL)
			continue;
		len = i->ifa_addr->sa_family == AF_INET6
			  ? sizeof(struct sockaddr_in6)
			  : sizeof(struct sockaddr_in);
		if (net_addr_from_sockaddr(i->ifa_addr, len, &addr) == 0)
			add_own(a, &addr);
	}
	freeifaddrs(list);
}

int
ca_acme_address_load(struct ca_acme *a, struct fault *f)
{
	const struct trustchain_server *s = &a->o.config->server;
	const char *const listen[] = { s->listen, s->http_listen,
		s->metrics_listen };
	bool all = false;
	size_t i;
	int rc;

	rc = load_prefixes(&a->conf->validation_deny, a->deny, &a->n_deny, f);
	if (rc == 0)
		drop_mapped(a);
	if (rc == 0)
		rc = load_prefixes(
		    &a->conf->validation_allow, a->allow, &a->n_allow, f);
	if (rc != 0 || s->environment == TRUSTCHAIN_LOCAL)
		return rc;
	for (i = 0; i < sizeof(listen) / sizeof(listen[0]); i++) {
		struct net_addr addr;

		if (listen[i] == NULL || listen[i][0] == '\0' ||
		    net_addr_parse(listen[i], &addr) != 0 ||
		    addr.family == NET_FAMILY_UNIX)
			continue;
		if (unspecified(&addr))
			all = true;
		else
			add_own(a, &addr);
	}
	if (all)
		add_host(a);
	return 0;
}

bool
ca_acme_address_allowed(const struct ca_acme *a, const struct net_addr *addr)
{
	size_t i;

	/* Ourselves: not even validation_allow opens that. */
	for (i = 0; i < a->n_own; i++)
		if (a->own[i].family == addr->family &&
		    memcmp(a->own[i].bytes, addr->bytes, sizeof(addr->bytes)) ==
			0)
			return false;
	if (addr->family == NET_FAMILY_IP4 && !a->o.config->issue.allow_ipv4)
		return false;
	return net_prefix_match_any(a->allow, a->n_allow, addr) ||
	       !net_prefix_match_any(a->deny, a->n_deny, addr);
}
