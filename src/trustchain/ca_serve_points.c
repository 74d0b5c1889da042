/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rng.h"
#include "keys/client.h"
#include "ops/metrics.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_ocsp.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_daemon.h"

/* Issuers on tokens, and their OCSP keys, are in the second key process. */
void
ca_serve_route_keys(struct ca_serve *s)
{
	const struct ca_config_issuer *is = s->conf->issuers.v;
	unsigned slot;

	for (size_t i = 0; i < s->conf->issuers.n; i++) {
		if (!ca_config_on_token(&is[i]))
			continue;
		slot = s->authority->issuer[i].slot;
		keys_client_on_token(s->d->keys, (uint8_t)slot);
		keys_client_on_token(
		    s->d->keys, (uint8_t)KEYOP_SLOT_OCSP(slot, 0U));
		keys_client_on_token(
		    s->d->keys, (uint8_t)KEYOP_SLOT_OCSP(slot, 1U));
		keys_client_on_token(
		    s->d->keys, (uint8_t)KEYOP_SLOT_OCSP_KEY(slot));
	}
}

static void
answered(void *ctx, const char *status)
{
	struct ca_serve *s = ctx;

	ops_metrics_add(
	    s->d->metrics, CA_METRIC_OCSP_RESPONSES, OPS_LABELS(status), 1);
}

int
ca_serve_points(struct ca_serve *s, bool status_only, struct fault *f)
{
	const struct ca_signer_opts so = {
		.loop = s->d->loop,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.keys = s->d->keys,
		.disk = s->d->disk,
		.log = s->d->log,
		.status_only = status_only,
	};
	struct ca_ocsp_opts oo = {
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.keys = s->d->keys,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.log = s->d->log,
		.answered = answered,
		.ctx = s,
	};
	struct ca_points_opts po = {
		.config = s->conf,
		.authority = s->authority,
		.clock = s->d->clock,
	};
	int rc;

	if ((rc = ca_signer_new(&so, &s->signer)) == 0) {
		oo.signer = s->signer;
		rc = ca_ocsp_new(&oo, &s->ocsp);
	}
	if (rc == 0) {
		po.ocsp = s->ocsp;
		rc = ca_points_new(&po, &s->points);
	}
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "OCSP: %s", base_err_text(rc));
}

void
ca_serve_points_free(struct ca_serve *s)
{
	ca_points_free(s->points);
	ca_ocsp_free(s->ocsp);
}
