/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pki_san;
struct pki_san_list;

/*
 * Which names a certificate may carry (identity spec section 4, "Names").
 */
struct pki_name_policy {
	bool local;	 /* environment = "local" and profile `service` */
	bool allow_ipv4; /* issue.allow_ipv4 */
	bool allow_uri;	 /* profile `client` */
	const char *const *single_labels; /* allowed_single_labels */
	size_t n_single_labels;
};

/**
 * pki_name_check_dns(name, policy, ret_why):
 * Check a DNS name: lower-case letters, digits, hyphens; labels of 1..63
 * octets, 253 in all; A-labels decode by punycode (RFC 3492) and encode back
 * to themselves; no all-numeric last label (it would be an IPv4 literal);
 * "*" only as the whole leftmost label above two more; single labels only
 * from the policy.  ERR_PEER_NAME, with a static text in ${ret_why} (may be
 * NULL).
 */
MUST_CHECK int pki_name_check_dns(const char *name,
    const struct pki_name_policy *policy, const char **ret_why);

/**
 * pki_name_check(san, policy, ret_why),
 * pki_name_check_all(list, policy, ret_bad, ret_why):
 * Check any name, or every name and that there is one: a DNS name as above; an
 * IPv6 address outside ::/96,
 * ::ffff:0:0/96, fe80::/10 and ff00::/8 (::1 where the policy is local); an
 * IPv4 address where the policy allows it; the URI urn:troth:node:<hex>.
 * ERR_PEER_NAME, and the index of the first bad name in ${ret_bad}.
 */
MUST_CHECK int pki_name_check(const struct pki_san *san,
    const struct pki_name_policy *policy, const char **ret_why);
MUST_CHECK int pki_name_check_all(const struct pki_san_list *list,
    const struct pki_name_policy *policy, size_t *ret_bad,
    const char **ret_why);

/**
 * pki_name_in_scope(san, scope):
 * Return whether a token's name scope covers the name: a DNS scope covers the
 * name itself and all below it (a wildcard by its base); "2001:db8::/32" or a
 * lone address covers addresses by prefix; a scope with a colon that is no
 * address covers URIs it is a prefix of.
 */
bool pki_name_in_scope(const struct pki_san *san, const char *scope);

#endif
