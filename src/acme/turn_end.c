/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn.h"

#include "acme/jwk.h"
#include "acme/turn_internal.h"

void
acme_turn_end(struct acme_turn *t)
{
	acme_jwk_free(t->key);
	t->key = NULL;
}
