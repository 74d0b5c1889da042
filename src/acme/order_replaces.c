/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order_replaces.h"

#include <string.h>

#include "acme/cert.h"
#include "acme/ident_type.h"
#include "acme/load_certid.h"
#include "acme/order_request.h"
#include "acme/order_supersede.h"
#include "acme/turn_internal.h"

static bool
same_name(const struct acme_ident *a, const struct acme_ident *b)
{
	return strcmp(a->type, b->type) == 0 && strcmp(a->value, b->value) == 0;
}

static bool
shares_name(const struct acme_cert *cert, const struct acme_order_request *req)
{
	size_t i, j;

	for (i = 0; i < cert->n_idents; i++)
		for (j = 0; j < req->n_idents; j++)
			if (same_name(&cert->ident[i], &req->ident[j]))
				return true;
	return false;
}

int
acme_order_replaces(struct acme_turn *t, struct acme_order_request *req)
{
	struct acme_cert cert;
	int rc;

	if (req->replaces == NULL)
		return 0;
	rc = acme_load_certid(t, req->replaces, &cert);
	if (rc == ERR_STATE_NOT_FOUND) {
		req->replaces = NULL;
		return 0;
	}
	if (rc != 0)
		return rc;
	if (cert.account == NULL || strcmp(cert.account, t->account) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 9773 section 5: the certificate to replace is not "
		    "this account's");
	if (!shares_name(&cert, req))
		return acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 9773 section 5: the certificate to replace has none "
		    "of the order's names");
	return acme_order_supersede(t, req->replaces, &req->exempt);
}
