/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CONSTRAINTS_H
#define PKI_CONSTRAINTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Name constraints of an intermediate (RFC 5280 section 4.2.1.10): DNS
 * suffixes and IPv6 prefixes that are permitted.  What is not listed is
 * excluded: IPv4 always, IPv6 and DNS names when there is none of them.
 */
struct pki_der;

enum {
	PKI_CONSTRAINTS_MAX = 64, /* of each kind */
	PKI_CONSTRAINTS_TEXT_MAX = 65536,
	PKI_CONSTRAINTS_DNS_MAX = 253
};

struct pki_constraints {
	size_t n_dns, n_ip6;
	char dns[PKI_CONSTRAINTS_MAX][PKI_CONSTRAINTS_DNS_MAX + 1];
	uint8_t ip6[PKI_CONSTRAINTS_MAX][32]; /* address, mask */
};

/**
 * pki_constraints_parse(text, len, ret, ret_line):
 * Read lines "dns SUFFIX" (the name itself and all below it) and "ipv6
 * ADDRESS/LENGTH"; empty lines and lines from # on say nothing.
 * ERR_PEER_MALFORMED, ERR_PEER_NAME, ERR_PEER_DUPLICATE, ERR_PEER_TOO_LARGE,
 * with the line's number, from 1, in ${ret_line}; ERR_STATE_NOT_FOUND when
 * nothing is permitted.
 */
MUST_CHECK int pki_constraints_parse(const char *text, size_t len,
    struct pki_constraints *ret, size_t *ret_line);

/**
 * pki_constraints_put(w, c):
 * Write the value of the extension.
 */
void pki_constraints_put(struct pki_der *w, const struct pki_constraints *c);

#endif
