/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_issue_internal.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"

/*
 * Roll-forward (identity spec section 5): rows P that nobody works on are
 * logged again with the same precertificate, which gives the same leaf, and
 * finished; too old or of a stale epoch they are abandoned.
 */
enum { ROW_AGE_MS = 2000, ROWS_MAX = 500, ARENA_MAX = 64 << 20 };

static bool
copy_der(struct ca_issue_job *j, struct pki_bytes in, struct ca_issue_der *ret)
{
	ret->data = base_arena_dup(j->arena, in.data, in.len);
	ret->len = in.len;
	return ret->data != NULL;
}

/* Rebuild the job from its row. */
static int
load(struct ca_issue_job *j, const struct ca_cert *row)
{
	const struct ca_authority *a = j->ci->o.authority;
	struct pki_bytes der = { row->precert.data, row->precert.len };
	struct pki_cert *c;
	int rc;

	j->resumed = true;
	j->via = CA_ISSUE_CONTROL;
	memcpy(j->serial, row->serial.data, PKI_SERIAL_LEN);
	wire_hex_encode(j->serial, PKI_SERIAL_LEN, j->serial_hex);
	j->epoch = row->epoch;
	j->not_before_ms = row->not_before;
	j->not_after_ms = row->not_after;
	j->created_ms = row->created;
	j->crl_shard = (uint32_t)row->shard;
	if (row->spki.len == 32)
		memcpy(j->spki_hash, row->spki.data, 32);
	j->profile_name =
	    base_arena_dup(j->arena, row->profile, strlen(row->profile));
	j->owner = base_arena_dup(j->arena, row->owner, strlen(row->owner));
	if (j->profile_name == NULL || j->owner == NULL)
		return ERR_SYS_NOMEM;
	if (row->order_id != NULL &&
	    (j->order_id = base_arena_dup(
		 j->arena, row->order_id, strlen(row->order_id))) == NULL)
		return ERR_SYS_NOMEM;
	/* An issuer or profile that left the configuration: not our row. */
	j->issuer = ca_authority_find(a, row->issuer);
	j->profile = ca_authority_profile(a, row->profile);
	if (j->issuer == NULL || j->profile == NULL)
		return ERR_STATE_NOT_FOUND;
	if ((rc = pki_cert_parse(der, &c)) != 0)
		return ERR_SYS_CORRUPT;
	if (!copy_der(j, der, &j->precert) ||
	    !copy_der(j, pki_cert_tbs(c), &j->precert_tbs))
		rc = ERR_SYS_NOMEM;
	pki_cert_free(c);
	return rc;
}

static bool
is_stale(struct ca_issue *ci, const struct ca_cert *row, struct arena *a)
{
	int64_t now = base_clock_now_ms(ci->o.clock);
	struct ca_issuer is;

	if (now - row->created > ci->o.config->issue.roll_forward_s * 1000)
		return true;
	return ci->o.store->ops->get_issuer(ci->o.store, row->issuer, a, &is) ==
		   0 &&
	       is.epoch != row->epoch;
}

static void
resume(struct ca_issue *ci, const struct ca_cert *row, struct arena *a)
{
	struct ca_issue_job *j;
	bool stale;
	int rc;

	if (row->serial.len != PKI_SERIAL_LEN ||
	    ca_issue_find(ci, row->serial.data) != NULL)
		return;
	stale = is_stale(ci, row, a);
	if (ca_issue_job_new(ci, &j) != 0)
		return;
	if ((rc = load(j, row)) != 0) {
		OPS_LOG(ci->o.log, OPS_LOG_ERROR, "issue",
		    "row cannot be rolled forward",
		    OPS_LOG_STR("serial", j->serial_hex),
		    OPS_LOG_STR("rc", base_err_name(rc)));
		ca_issue_job_end(j);
		return;
	}
	if (ci->first_pass && !ci->recovered)
		ci->first_pass_left++;
	ca_issue_feed(j, stale ? PKI_ISSUE_EV_EXPIRE : PKI_ISSUE_EV_RESUME);
}

void
ca_issue_roll(struct ca_issue *ci)
{
	struct ca_store *s = ci->o.store;
	struct ca_cert_filter f;
	struct ca_cert *row;
	struct arena *a;
	bool first = !ci->first_pass;
	size_t n, i;
	int rc;

	if (ci->stopping || (a = base_arena_new(ARENA_MAX)) == NULL)
		return;
	memset(&f, 0, sizeof(f));
	f.state = CA_CERT_PRECERT;
	f.limit = ROWS_MAX;
	/* At start nobody works on any row. */
	if (!first)
		f.created_before = base_clock_now_ms(ci->o.clock) - ROW_AGE_MS;
	rc = s->ops->list_certs(s, &f, a, &row, &n);
	if (rc != 0) {
		OPS_LOG(ci->o.log, OPS_LOG_ERROR, "issue",
		    "store cannot be read",
		    OPS_LOG_STR("rc", base_err_name(rc)));
	} else {
		ci->first_pass = true;
		/* One count for this loop, so that the pass cannot end early.
		 */
		if (first)
			ci->first_pass_left = 1;
		for (i = 0; i < n; i++)
			resume(ci, &row[i], a);
		if (first && --ci->first_pass_left == 0)
			ci->recovered = true;
	}
	base_arena_free(a);
}
