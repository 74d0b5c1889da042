/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/issue.h"

#include "acme/csr_check.h"
#include "acme/order.h"
#include "acme/payload_order.h"
#include "acme/turn_internal.h"

int
acme_issue_csr(struct acme_turn *t, struct acme_order *o)
{
	struct acme_payload_finalize in;
	struct acme_csr_check check;
	int rc = acme_payload_finalize(t, &in);

	if (rc != 0)
		return rc;
	check.csr = o->csr = in.csr;
	check.csr_len = o->csr_len = in.csr_len;
	check.identifiers = o->identifiers;
	check.key = t->key;
	return acme_csr_check(&check, t->arena, t->problem);
}
