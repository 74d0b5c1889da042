/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SAN_H
#define PKI_SAN_H

#include "base/err.h"
#include "pki/bytes.h"

/*
 * Subject alternative names (RFC 5280 section 4.2.1.6) as a bounded list.
 * Of the name forms only DNS names, IP addresses and URIs exist here; a
 * request with any other form is refused, never silently trimmed.
 */
enum { PKI_SAN_VALUE_MAX = 253, PKI_SAN_COUNT_MAX = 100 };

/* The tag numbers of GeneralName. */
enum pki_san_type { PKI_SAN_DNS = 2, PKI_SAN_URI = 6, PKI_SAN_IP = 7 };

struct pki_san {
	uint8_t type;
	uint8_t len; /* octets of value */
	/* Text is zero-terminated; an address has 4 or 16 octets. */
	uint8_t value[PKI_SAN_VALUE_MAX + 1];
};

struct pki_san_list {
	size_t n;
	struct pki_san item[PKI_SAN_COUNT_MAX];
};

/* Octets of a list that are used: a copy needs no more. */
#define PKI_SAN_LIST_LEN(list)                                                 \
	(offsetof(struct pki_san_list, item) +                                 \
	    (list)->n * sizeof((list)->item[0]))

/**
 * pki_san_parse(ext, ret):
 * Read a SubjectAltName extension value (the content of its OCTET STRING).
 * ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for another name form,
 * ERR_PEER_TOO_LARGE beyond 100 names or 253 octets; ${ret} is undefined on
 * failure.
 */
MUST_CHECK int pki_san_parse(struct pki_bytes ext, struct pki_san_list *ret);

/**
 * pki_san_add(list, type, value), pki_san_add_text(list, text):
 * Append a name unless it is there already (DNS names compare without case).
 * As text: an IP address (with or without brackets), a URI if it holds "://"
 * or starts with "urn:", else a DNS name.  ERR_PEER_TOO_LARGE when the list
 * or the name is too long, ERR_PEER_MALFORMED for a zero octet in text or a
 * wrong address length.
 */
MUST_CHECK int pki_san_add(
    struct pki_san_list *list, enum pki_san_type type, struct pki_bytes value);
MUST_CHECK int pki_san_add_text(struct pki_san_list *list, const char *text);

/**
 * pki_san_text(san, out, cap):
 * Write the name as text (RFC 5952 for addresses), cut to ${cap} - 1
 * characters and terminated.
 */
void pki_san_text(const struct pki_san *san, char *out, size_t cap);

/**
 * pki_san_has(list, san), pki_san_same(a, b):
 * Return whether ${list} holds a name equal to ${san}; whether two lists
 * without duplicates hold the same set of names.
 */
bool pki_san_has(const struct pki_san_list *list, const struct pki_san *san);
bool pki_san_same(const struct pki_san_list *a, const struct pki_san_list *b);

#endif
