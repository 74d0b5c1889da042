/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SCOPES_H
#define TRUSTCHAIN_CA_SCOPES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * Name scopes (pki_name_in_scope) and lists of profiles, as tokens and
 * binding keys carry them.
 */
enum { CA_SCOPES_MAX = 64, CA_SCOPES_BYTES_MAX = 255 };

/**
 * ca_scopes_check(v, n):
 * ERR_STATE_USAGE when there are too many scopes, or one is empty or too long.
 */
MUST_CHECK int ca_scopes_check(const char *const *v, size_t n);

/**
 * ca_scopes_within(scope, of):
 * Return whether all names that ${scope} covers are covered by ${of}.
 */
bool ca_scopes_within(const char *scope, const char *of);

/**
 * ca_scopes_json(v, n):
 * Return the scopes as JSON to free(), or NULL without memory.
 */
char *ca_scopes_json(const char *const *v, size_t n);

/**
 * ca_scopes_join(v, n, out, cap), ca_scopes_has(list, name):
 * Write names without commas as "a,b,c" (ERR_STATE_USAGE); return whether such
 * a list holds a name.
 */
MUST_CHECK int ca_scopes_join(
    const char *const *v, size_t n, char *out, size_t cap);
bool ca_scopes_has(const char *list, const char *name);

#endif
