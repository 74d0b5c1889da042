/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_reload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys/client.h"
#include "ops/cli.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_files.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_ocsp.h"
#include "trustchain/ca_serve_internal.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/keyop.h"
#include "trustchain/trustchain_daemon.h"

struct ca_reload {
	struct ca_serve *s;
	struct ca_authority *pending; /* to be adopted */
	size_t asking;		      /* questions to the key process */
	bool refused;		      /* one was answered by no */
	bool storing;
	unsigned round; /* answers of earlier ones do not count */
};

struct question {
	struct ca_reload *r;
	unsigned round;
	size_t issuer;
};

static void
say(struct ca_reload *r, enum ops_log_level level, const char *what,
    const char *detail)
{
	OPS_LOG(
	    r->s->d->log, level, "daemon", what, OPS_LOG_STR("detail", detail));
}

static void
drop(struct ca_reload *r)
{
	r->round++;
	r->asking = 0;
	ca_authority_free(r->pending);
	r->pending = NULL;
}

/* The rows are there: from now on it issues with what is new. */
static void
stored(void *ctx, int rc)
{
	struct ca_reload *r = ctx;
	struct ca_serve *s = r->s;
	const struct ca_config *config;
	struct fault f = { 0 };

	r->storing = false;
	if (r->pending == NULL)
		return;
	if (rc != 0) {
		say(r, OPS_LOG_ERROR, "issuers not reloaded",
		    base_err_text(rc));
		drop(r);
		return;
	}
	config = r->pending->owned;
	ca_authority_adopt(s->authority, r->pending);
	r->pending = NULL;
	ca_signer_grow(s->signer, config);
	if (ca_serve_crl_folders(s, &f) != 0)
		say(r, OPS_LOG_ERROR, "no CRLs of a new issuer", f.msg);
	if (s->crl != NULL)
		ca_crl_grow(s->crl);
	rc = ca_ocsp_grow(s->ocsp);
	OPS_LOG(s->d->log, rc == 0 ? OPS_LOG_INFO : OPS_LOG_ERROR, "daemon",
	    "issuers, roots and profiles reloaded",
	    OPS_LOG_INT("issuers", s->authority->n_issuers),
	    OPS_LOG_STR("default", ca_authority_find(s->authority, NULL)->id),
	    OPS_LOG_INT("profiles", s->authority->n_profiles),
	    OPS_LOG_STR("error", rc == 0 ? "" : base_err_name(rc)));
}

/* All keys are there: make the issuers known to the store. */
static void
store(struct ca_reload *r)
{
	struct ca_batch *b = ca_issue_issuers(r->pending);
	int rc = b == NULL
		     ? ERR_SYS_NOMEM
		     : r->s->store->ops->submit(r->s->store, b, stored, r);

	r->storing = rc == 0;
	if (rc != 0)
		stored(r, rc);
}

static void
answered(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	struct question *q = ctx;
	struct ca_reload *r = q->r;
	struct pki_bytes want;

	if (rc == ERR_SYS_CANCELLED || q->round != r->round ||
	    r->pending == NULL) {
		free(q);
		return;
	}
	want = pki_cert_spki(r->pending->issuer[q->issuer].cert);
	if (rc != 0 || len != want.len || memcmp(spki, want.data, len) != 0) {
		r->refused = true;
		OPS_LOG(r->s->d->log, OPS_LOG_WARN, "daemon",
		    "an issuer waits for its key",
		    OPS_LOG_STR("issuer", r->pending->issuer[q->issuer].id),
		    OPS_LOG_STR("error", base_err_name(rc)));
	}
	free(q);
	if (--r->asking == 0 && !r->refused)
		store(r);
}

/* Does the key process sign for the new issuers? */
static void
ask(struct ca_reload *r)
{
	struct keys_request req = { .op = KEYOP_PUBLIC };
	size_t i, from = r->s->authority->n_issuers;
	struct question *q;

	r->round++;
	r->asking = 0;
	r->refused = false;
	for (i = from; i < r->pending->n_issuers; i++) {
		req.slot = r->pending->issuer[i].slot;
		if ((q = malloc(sizeof(*q))) == NULL)
			return;
		*q = (struct question){ r, r->round, i };
		if (keys_client_call(r->s->d->keys, &req, answered, q) != 0) {
			free(q);
			return;
		}
		r->asking++;
	}
	if (r->pending->n_issuers <= from)
		store(r);
}

void
ca_reload_keys(struct ca_reload *r)
{
	if (r != NULL && r->pending != NULL && !r->storing)
		ask(r);
}

/* Why a running daemon cannot take the issuers over; NULL when it can. */
static const char *
unfit(const struct ca_config *was, const struct ca_config *is)
{
	const struct ca_config_issuer *a = was->issuers.v, *b = is->issuers.v;
	size_t i;

	if (!ca_config_keeps(was, is))
		return "an [[issuer]] is not where it was: new ones come "
		       "behind, removing one needs a restart";
	for (i = 0; i < was->issuers.n; i++)
		if (a[i].crl_shards != b[i].crl_shards ||
		    strcmp(a[i].key, b[i].key) != 0 ||
		    strcmp(a[i].ocsp_key, b[i].ocsp_key) != 0 ||
		    strcmp(a[i].ocsp_cert, b[i].ocsp_cert) != 0)
			return "an [[issuer]] has other keys or crl_shards: "
			       "that needs a restart";
	for (; i < is->issuers.n; i++)
		if (ca_config_on_token(&b[i]))
			return "a new [[issuer]] on a token needs a restart";
	return NULL;
}

/* Build the authority anew, to be adopted when the keys are there. */
static void
prepare(
    struct ca_reload *r, struct ca_config *fresh, const struct ca_files *files)
{
	struct ca_serve *s = r->s;
	struct ca_authority *a = NULL;
	const char *why = unfit(s->conf, fresh);
	struct fault f = { 0 };
	int rc = 0;

	if (why != NULL) {
		ca_config_free(fresh);
		rc = base_fault_set(&f, ERR_STATE_CONFIG, "%s", why);
	}
	if (rc == 0)
		rc = ca_authority_load_files(
		    fresh, files, base_clock_now_ms(s->d->clock), &a, &f);
	if (rc == 0)
		rc = ca_authority_continues(s->authority, a, &f);
	if (rc != 0) {
		ca_authority_free(a);
		say(r, OPS_LOG_ERROR,
		    "issuers, roots and profiles not reloaded", f.msg);
		return;
	}
	drop(r);
	r->pending = a;
	/* Without a new issuer there is no key to wait for. */
	if (a->n_issuers == s->authority->n_issuers)
		ca_reload_keys(r);
}

int
ca_reload_config(struct ca_reload *r, int fd, struct ops_config_changes *ret,
    struct fault *f)
{
	struct ops_config_source from = { -1, r->s->cli->config,
		r->s->cli->root };
	struct ca_config *fresh = NULL;
	struct ca_files *files;
	int rc = r->storing ? ERR_STATE_CONFLICT : ca_files_open(fd, &files);

	if (rc != 0)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	if ((from.fd = ca_files_config(files)) < 0)
		rc = base_fault_set(f, ERR_SYS_OS, "cannot be read");
	if (rc == 0)
		rc = ca_config_reload(r->s->conf, &from, ret, f);
	if (rc == 0 && lseek(from.fd, 0, SEEK_SET) == 0)
		rc = ca_config_load_fd(&from, &fresh, f);
	if (rc == 0 && fresh != NULL)
		prepare(r, fresh, files);
	if (from.fd >= 0)
		(void)close(from.fd);
	ca_files_free(files);
	return rc;
}

int
ca_reload_new(struct ca_serve *s, struct ca_reload **ret)
{
	struct ca_reload *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_SYS_NOMEM;
	r->s = s;
	*ret = r;
	return 0;
}

void
ca_reload_free(struct ca_reload *r)
{
	if (r == NULL)
		return;
	drop(r);
	free(r);
}
