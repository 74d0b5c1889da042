/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/rng.h"
#include "ops/log.h"
#include "ops/metrics.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_metrics.h"
#include "trustchain/ca_revoke.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_sweep.h"
#include "trustchain/ca_tls.h"
#include "trustchain/trustchain_daemon.h"

/* The folder of each issuer's CRLs; the one above them is there. */
int
ca_serve_crl_folders(const struct ca_serve *s, struct fault *f)
{
	char path[4096];
	size_t i;

	for (i = 0; i < s->authority->n_issuers; i++) {
		if (ca_crl_folder(s->conf->server.state_dir,
			s->authority->issuer[i].id, path, sizeof(path)) != 0)
			return base_fault_set(
			    f, ERR_SYS_LIMIT, "state_dir is too long");
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return base_fault_set(f, base_err_from_errno(errno),
			    "%s: %s", path, strerror(errno));
	}
	return 0;
}

static void
rotated(void *ctx, const struct ca_tls_result *r)
{
	struct ca_serve *s = ctx;

	if (r->rc != 0)
		OPS_LOG(s->d->log, OPS_LOG_ERROR, "tls",
		    "own certificate is revoked and not replaced yet",
		    OPS_LOG_STR("detail", r->detail));
}

/* Step 2 of a revoke-all: what we use ourselves is of the old epoch. */
static void
swept(void *ctx)
{
	struct ca_serve *s = ctx;

	ca_signer_look(s->signer);
	if (ca_tls_rotate(s->tls, INT64_MAX, rotated, s) != 0)
		OPS_LOG(s->d->log, OPS_LOG_ERROR, "tls",
		    "own certificate is revoked; fix: rotate-cert --immediate");
}

int
ca_serve_revoke(struct ca_serve *s, struct fault *f)
{
	const struct ca_revoke_opts ro = { .store = s->store,
		.clock = s->d->clock,
		.revoked = ca_serve_revoked,
		.ctx = s };
	const struct ca_crl_opts co = { .loop = s->d->loop,
		.pool = s->pool,
		.disk = s->d->disk,
		.clock = s->d->clock,
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.keys = s->d->keys,
		.log = s->d->log,
		.faults = s->d->faults };
	struct ca_sweep_opts so = { .loop = s->d->loop,
		.pool = s->pool,
		.clock = s->d->clock,
		.rng = crypto_rng_system(),
		.config = s->conf,
		.authority = s->authority,
		.store = s->store,
		.log = s->d->log,
		.faults = s->d->faults,
		.swept = swept,
		.revoked = ca_serve_revoked,
		.ctx = s };
	int rc;

	if ((rc = ca_serve_crl_folders(s, f)) != 0)
		return rc;
	if ((rc = ca_revoke_new(&ro, &s->revoke)) == 0 &&
	    (rc = ca_crl_new(&co, &s->crl)) == 0) {
		so.crl = s->crl;
		rc = ca_sweep_new(&so, &s->sweep);
	}
	if (rc != 0)
		return base_fault_set(
		    f, rc, "revocation: %s", base_err_text(rc));
	return 0;
}

void
ca_serve_revoke_stop(struct ca_serve *s)
{
	ca_revoke_stop(s->revoke);
	ca_sweep_stop(s->sweep);
	ca_crl_stop(s->crl);
}

void
ca_serve_revoke_free(struct ca_serve *s)
{
	ca_sweep_free(s->sweep);
	ca_crl_free(s->crl);
	ca_revoke_free(s->revoke);
}

void
ca_serve_revoked(void *ctx, const char *issuer, int64_t reason, size_t n)
{
	struct ca_serve *s = ctx;
	char text[8];

	(void)snprintf(text, sizeof(text), "%d", (int)reason);
	ops_metrics_add(
	    s->d->metrics, CA_METRIC_REVOCATIONS, OPS_LABELS(issuer, text), n);
}
