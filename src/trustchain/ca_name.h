/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_NAME_H
#define TRUSTCHAIN_CA_NAME_H

#include "base/err.h"
#include "trustchain/ca_row.h"

struct arena;

/* A name with its octets. */
struct ca_name_octets {
	struct ca_name name;
	uint8_t octets[256];
};

/**
 * ca_name_key(name, a, ret_key):
 * Return in ${a} the form in which ${name} is stored and looked up: a DNS
 * name with its labels in reverse ("example.www" for "www.example"), so that
 * a domain and all below it are neighbours in the index; everything else as
 * it is.  Applied twice to a DNS name it gives the name back.
 */
MUST_CHECK int ca_name_key(
    const struct ca_name *name, struct arena *a, struct ca_blob *ret_key);

/**
 * ca_name_parse(text, ret):
 * Read a name as people write it: an address (with or without brackets), a
 * URI, else a DNS name in whatever case; an IPv4 address becomes a mapped
 * one, as the store has it.  ERR_PEER_MALFORMED, ERR_PEER_TOO_LARGE,
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_name_parse(const char *text, struct ca_name_octets *ret);

/**
 * ca_name_text(name, out, cap):
 * Write the name as people read it, as pki_san_text does with the name of a
 * certificate.
 */
void ca_name_text(const struct ca_name *name, char *out, size_t cap);

#endif
