/* SPDX-License-Identifier: Apache-2.0 */
/* revokeCert: what the core allowed is done as the REST API does it. */
#include "trustchain/ca_acme_internal.h"

#include "acme/cert.h"
#include "trustchain/ca_revoke.h"

static void
revoked(void *ctx, const struct ca_revoke_result *r)
{
	struct ca_acme_job *job = ctx;
	struct acme_problem p;

	if (r->problem == CA_PROBLEM_NONE) {
		ca_acme_reply(job);
		return;
	}
	(void)acme_problem_set(&p, ACME_PROBLEM_SERVER_INTERNAL, "%s: %s",
	    ca_problem_code(r->problem), r->detail);
	p.status = ca_problem_status(r->problem);
	p.retry_after_s = (int)ca_problem_retry_s(r->problem);
	ca_acme_fail(job, &p);
}

void
ca_acme_revoke(struct ca_acme_job *job)
{
	const struct acme_revocation *r = job->out.revocation;
	json_t *request = json_pack("{s:s, s:I}", "fingerprint", r->fingerprint,
	    "reason", (json_int_t)r->reason);
	struct acme_problem p;

	if (request == NULL) {
		(void)acme_problem_set(
		    &p, ACME_PROBLEM_SERVER_INTERNAL, "out of memory");
		ca_acme_fail(job, &p);
		return;
	}
	ca_revoke_submit(job->acme->o.revoke, request, r->by, revoked, job);
	json_decref(request);
}
