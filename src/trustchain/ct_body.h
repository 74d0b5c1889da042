/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_BODY_H
#define TRUSTCHAIN_CT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "pki/bytes.h"

/*
 * The body of a submission (RFC 6962 sections 4.1 and 4.2) in the form in
 * which every submitter writes it.
 */
struct arena;

/**
 * ct_body_chain(text, len, a, ret, max, ret_n):
 * Read {"chain":["...","..."]} without white space and escapes, 1 to ${max}
 * strings of padded base64, and store what they stand for in the arena ${a}.
 * False: it is anything else, perhaps valid; ask the JSON parser, which needs
 * ten times as long for its look at every character.
 */
bool ct_body_chain(const void *text, size_t len, struct arena *a,
    struct pki_bytes *ret, size_t max, size_t *ret_n);

#endif
