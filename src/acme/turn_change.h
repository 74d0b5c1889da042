/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_TURN_CHANGE_H
#define ACME_TURN_CHANGE_H

#include "acme/turn_internal.h"

/**
 * acme_turn_put(t, kind, object): a change, of enum acme_change_kind.
 * acme_turn_audit(t, event, id, eab_kid): an audit event about the account
 * ${id} and the binding key that it came with, which is known and no stranger's
 * text; NULL: none, or none to tell of.
 * acme_turn_limited(t, kind, key, what): refuse if one more is too many.
 * acme_turn_charge(t, kind, key): charge a limit once durable.
 */
MUST_CHECK int acme_turn_put(struct acme_turn *t, int kind, const void *object);
MUST_CHECK int acme_turn_audit(struct acme_turn *t, const char *event,
    const char *id, const char *eab_kid);
MUST_CHECK int acme_turn_limited(
    struct acme_turn *t, int kind, const char *key, const char *what);
void acme_turn_charge(struct acme_turn *t, int kind, const char *key);

#endif
