/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/load_certid.h"

#include "acme/certid.h"
#include "acme/store.h"
#include "acme/store_cert.h"
#include "acme/turn_internal.h"

int
acme_load_certid(struct acme_turn *t, const char *certid, struct acme_cert *ret)
{
	struct acme_certid id;

	if (acme_certid_parse(certid, &id) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 9773 section 4.1: this names no certificate");
	return t->store->certs->cert_named(t->store->ctx, &id, t->arena, ret);
}
