/* SPDX-License-Identifier: Apache-2.0 */
/* revokeCert (RFC 8555 section 7.6). */
#include "acme/handle.h"

#include "acme/cert.h"
#include "acme/load_cert.h"
#include "acme/outcome.h"
#include "acme/payload_revoke.h"
#include "acme/revoke.h"
#include "acme/turn_internal.h"

int
acme_handle_revoke(struct acme_turn *t)
{
	struct acme_revocation *r = acme_turn_alloc(t, sizeof(*r));
	struct acme_payload_revoke in;
	struct acme_cert cert;
	int rc = acme_payload_revoke(t, &in);

	if (rc == 0 && r == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc == 0)
		rc = acme_load_cert(t, in.cert, in.cert_len, &cert);
	if (rc != 0)
		return rc;
	r->fingerprint = cert.fingerprint;
	r->reason = in.reason;
	r->by = "key";
	rc = t->account == NULL
		 ? acme_revoke_key(t, &cert)
		 : acme_revoke_allowed(t, &cert, in.reason, &r->by);
	if (rc != 0)
		return rc;
	if (cert.revoked_at != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_ALREADY_REVOKED,
		    "RFC 8555 section 7.6: the certificate is revoked already");
	t->out->effect = ACME_EFFECT_REVOKE;
	t->out->revocation = r;
	return acme_turn_empty(t, 200);
}
