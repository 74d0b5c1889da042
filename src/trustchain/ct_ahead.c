/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "crypto/pkey_raw.h"
#include "loop/timer.h"
#include "ops/faults.h"
#include "ops/log.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_log.h"
#include "trustchain/ct_params.h"
#include "trustchain/ct_plan.h"
#include "trustchain/ct_points.h"
#include "trustchain/keyop.h"

#define CHECK_MS 1000
/* A new key process decrypts every key first; that long it may take. */
#define REPLACE_MS 120000
#define RETRY_MS 30000

enum state { LOADED, IDLE, REPLACING, ASKING, STOPPED };

struct ct_ahead {
	struct ct_ahead_opts o;
	struct loop_timer *timer;
	enum state state;
	int64_t again_ms;      /* not before */
	struct ct_period next; /* the shard that is being made */
	uint8_t spki[CT_PARAMS_SPKI_MAX];
	size_t spki_len;
};

static void ask(struct ct_ahead *a);

static int64_t
now_ms(const struct ct_ahead *a)
{
	return base_clock_now_ms(ct_log_clock(a->o.log));
}

static void
failed(struct ct_ahead *a, const char *step, int rc)
{
	if (a->state == STOPPED || rc == ERR_SYS_CANCELLED)
		return;
	a->state = IDLE;
	a->again_ms = now_ms(a) + RETRY_MS;
	OPS_LOG(a->o.messages, OPS_LOG_WARN, "ct", "new shard not made",
	    OPS_LOG_STR("shard", a->next.name), OPS_LOG_STR("step", step),
	    OPS_LOG_STR("error", base_err_name(rc)));
}

/* The first shard that is missing; false if none is. */
static bool
missing(const struct ct_ahead *a, struct ct_period *ret)
{
	struct ct_paths_shards have, out;

	ct_log_periods(a->o.log, &have);
	if (ct_plan_missing(ct_log_config(a->o.log), &have, now_ms(a), &out) !=
		0 ||
	    out.n == 0)
		return false;
	*ret = out.shard[0];
	return true;
}

static int
request(struct ct_ahead *a, uint8_t op, unsigned slot, keys_client_fn *fn)
{
	const struct keys_request req = { op, (uint8_t)slot, NULL, 0 };

	return a->o.signer.call(a->o.signer.ctx, &req, fn, a);
}

/* Both keys are known: make it, and open it in the slots they are in. */
static int
make(struct ct_ahead *a, const uint8_t *note_public)
{
	const struct ct_config *c = ct_log_config(a->o.log);
	const struct ct_params_keys keys = { a->spki, a->spki_len,
		note_public };
	char dir[CT_PATHS_MAX];
	struct ct_params params;
	struct fault f = { 0 };
	int rc;

	rc = ct_paths_make(
	    CT_PATHS_SHARD, c->server.state_dir, a->next.name, dir);
	if (rc == 0)
		rc = ct_params_init(&params, c->log.base, &a->next, &keys);
	if (rc == 0)
		rc = ops_fault_point(a->o.faults, CT_POINT_SHARD);
	if (rc == 0)
		rc = ct_params_create(a->o.disk, dir, &params);
	if (rc == 0)
		rc = ops_fault_point(a->o.faults, CT_POINT_SHARD_MADE);
	/* Made in an earlier attempt, which could not open it. */
	if (rc == 0 || rc == ERR_STATE_EXISTS)
		rc = ct_log_add(a->o.log, a->next.name, &f);
	if (rc == 0)
		OPS_LOG(a->o.messages, OPS_LOG_INFO, "ct", "shard made",
		    OPS_LOG_STR("shard", a->next.name));
	return rc;
}

static void
note_known(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	struct crypto_pkey *key = NULL;
	struct ct_ahead *a = ctx;
	uint8_t pub[32];
	size_t n;

	if (a->state == STOPPED)
		return;
	if (rc == 0)
		rc = crypto_pkey_from_spki(spki, len, &key);
	if (rc == 0)
		rc = crypto_pkey_type(key) == CRYPTO_KEY_ED25519
			 ? crypto_pkey_raw_public(key, pub, sizeof(pub), &n)
			 : ERR_SYS_KEY;
	crypto_pkey_free(key);
	if (rc == 0)
		rc = make(a, pub);
	if (rc != 0)
		failed(a, "make", rc);
	else
		ask(a);
}

static void
log_known(void *ctx, int rc, const uint8_t *spki, size_t len)
{
	struct ct_ahead *a = ctx;

	if (a->state == STOPPED)
		return;
	if (rc == 0 && len > sizeof(a->spki))
		rc = ERR_SYS_KEY;
	if (rc == 0) {
		memcpy(a->spki, spki, len);
		a->spki_len = len;
		rc = request(a, KEYOP_PUBLIC,
		    (unsigned)KEYOP_SLOT_LOG_NOTE(ct_log_count(a->o.log)),
		    note_known);
	}
	if (rc != 0)
		failed(a, "log key", rc);
}

/* Supervisor and main plan by their own clock: only what both want counts. */
static void
origin_known(void *ctx, int rc, const uint8_t *origin, size_t len)
{
	char want[MERKLE_VKEY_NAME_MAX];
	struct ct_ahead *a = ctx;

	if (a->state == STOPPED)
		return;
	if (rc == 0)
		rc = base_str_format(want, sizeof(want), "%s/%s",
		    ct_log_config(a->o.log)->log.base, a->next.name);
	if (rc == 0 && (strlen(want) != len || memcmp(want, origin, len) != 0))
		rc = ERR_PEER_MISMATCH;
	if (rc == 0)
		rc = request(a, KEYOP_PUBLIC,
		    (unsigned)KEYOP_SLOT_LOG(ct_log_count(a->o.log)),
		    log_known);
	if (rc != 0)
		failed(a, "origin", rc);
}

static void
ask(struct ct_ahead *a)
{
	int rc;

	a->state = IDLE;
	if (!missing(a, &a->next))
		return;
	a->state = ASKING;
	rc = request(a, KEYOP_ORIGIN,
	    (unsigned)KEYOP_SLOT_LOG(ct_log_count(a->o.log)), origin_known);
	if (rc != 0)
		failed(a, "ask", rc);
}

static void
tick(void *ctx)
{
	struct ct_ahead *a = ctx;
	int rc;

	if (a->state == LOADED) {
		ask(a);
		return;
	}
	if (a->state == ASKING || now_ms(a) < a->again_ms ||
	    !missing(a, &a->next))
		return;
	a->state = REPLACING;
	a->again_ms = now_ms(a) + REPLACE_MS;
	if ((rc = a->o.reload(a->o.ctx)) != 0)
		failed(a, "key process", rc);
}

int
ct_ahead_new(const struct ct_ahead_opts *opts, struct ct_ahead **ret)
{
	struct ct_ahead *a;
	int rc;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_SYS_NOMEM;
	a->o = *opts;
	a->state = LOADED;
	rc = loop_timer_new(ct_log_loop(opts->log), tick, a, &a->timer);
	if (rc != 0) {
		free(a);
		return rc;
	}
	loop_timer_start(a->timer, CHECK_MS, CHECK_MS);
	*ret = a;
	return 0;
}

void
ct_ahead_replaced(struct ct_ahead *a)
{
	if (a->state == REPLACING) {
		a->again_ms = 0;
		ask(a);
	}
}

void
ct_ahead_stop(struct ct_ahead *a)
{
	if (a == NULL)
		return;
	a->state = STOPPED;
	loop_timer_free(a->timer);
	a->timer = NULL;
}

void
ct_ahead_free(struct ct_ahead *a)
{
	if (a == NULL)
		return;
	ct_ahead_stop(a);
	free(a);
}
