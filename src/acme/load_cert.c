/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_cert.h"

#include "acme/store.h"
#include "acme/store_cert.h"
#include "acme/turn_internal.h"

int
acme_load_cert(
    struct acme_turn *t, const void *der, size_t len, struct acme_cert *ret)
{
	int rc = t->store->certs->cert(t->store->ctx, der, len, t->arena, ret);

	return acme_turn_missing(t, rc, "certificate");
}
