/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_NAME_H
#define TRUSTCHAIN_CA_NAME_H

#include "base/err.h"
#include "trustchain/ca_row.h"

struct arena;

/**
 * ca_name_key(name, a, ret_key):
 * Return in ${a} the form in which ${name} is stored and looked up: a DNS
 * name with its labels in reverse ("example.www" for "www.example"), so that
 * a domain and all below it are neighbours in the index; everything else as
 * it is.  Applied twice to a DNS name it gives the name back.
 */
MUST_CHECK int ca_name_key(
    const struct ca_name *name, struct arena *a, struct ca_blob *ret_key);

#endif
