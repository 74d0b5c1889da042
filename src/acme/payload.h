/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_H
#define ACME_PAYLOAD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct acme_turn;

/*
 * JSON payloads (RFC 8555 section 7).  Unknown members are ignored, as section
 * 7.1 asks; known ones must have their type.  Results live in the turn's
 * arena; errors are as acme/turn_internal.h says.
 */

/**
 * acme_payload_object(t, ret):
 * Read the payload as an object; the caller gives up the reference.
 */
MUST_CHECK int acme_payload_object(struct acme_turn *t, json_t **ret);

/**
 * acme_payload_word(t, o, name, ret), acme_payload_flag(t, o, name, ret):
 * Read an optional short string (NULL when absent) or boolean (false).
 */
MUST_CHECK int acme_payload_word(
    struct acme_turn *t, const json_t *o, const char *name, const char **ret);
MUST_CHECK int acme_payload_flag(
    struct acme_turn *t, const json_t *o, const char *name, bool *ret);

#endif
