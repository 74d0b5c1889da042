/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_alerts.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/rng.h"
#include "base/str.h"
#include "wire/hex.h"

#define SET(s) (1U << (s))

/* From each state, those that may follow. */
static const struct {
	const char *name;
	unsigned next;
} states[] = {
	[DASH_ACTIVE] = { "Active", SET(DASH_ACKNOWLEDGED) |
					SET(DASH_ESCALATED) |
					SET(DASH_AUTO_RESOLVED) },
	[DASH_ACKNOWLEDGED] = { "Acknowledged", SET(DASH_RESOLVED) },
	[DASH_ESCALATED] = { "Escalated",
	    SET(DASH_ACKNOWLEDGED) | SET(DASH_AUTO_RESOLVED) },
	[DASH_RESOLVED] = { "Resolved", 0 },
	[DASH_AUTO_RESOLVED] = { "AutoResolved", 0 },
};

struct dash_alerts {
	struct dash_alerts_opts o;
	/* The oldest first; resolved ones among them. */
	struct dash_alert **v;
	size_t n, cap, active;
	uint64_t missed;
	/* Since when each condition holds; 0: it does not. */
	int64_t since[DASH_RULES][DASH_ALERTS_TARGETS_MAX];
	struct dash_alert *open[DASH_RULES][DASH_ALERTS_TARGETS_MAX];
};

const char *
dash_alerts_state_name(enum dash_alert_state s)
{
	return states[s].name;
}

const char *
dash_alerts_severity_name(enum dash_severity s)
{
	static const char *const names[] = { "info", "warning", "error",
		"critical" };

	return names[s];
}

int
dash_alerts_new(const struct dash_alerts_opts *opts, struct dash_alerts **ret)
{
	struct dash_alerts *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return ERR_SYS_NOMEM;
	a->o = *opts;
	/* As many resolved ones are kept as there may be active ones. */
	a->cap = 2 * opts->active_max;
	if ((a->v = calloc(a->cap, sizeof(*a->v))) == NULL) {
		free(a);
		return ERR_SYS_NOMEM;
	}
	*ret = a;
	return 0;
}

void
dash_alerts_free(struct dash_alerts *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		free(a->v[i]);
	free(a->v);
	free(a);
}

static void
move(struct dash_alerts *a, struct dash_alert *al, enum dash_alert_state to,
    int64_t now_ms)
{
	TROTH_ASSERT((states[al->state].next & SET(to)) != 0);
	al->state = to;
	if (to == DASH_RESOLVED || to == DASH_AUTO_RESOLVED) {
		al->end_ms = now_ms;
		a->open[al->rule - dash_watch_rules][al->target] = NULL;
		a->active--;
	}
	if (a->o.changed != NULL)
		a->o.changed(a->o.ctx, al);
}

static void
drop(struct dash_alerts *a, size_t i)
{
	free(a->v[i]);
	memmove(&a->v[i], &a->v[i + 1], (a->n - i - 1) * sizeof(*a->v));
	a->n--;
}

static void
drop_oldest_resolved(struct dash_alerts *a)
{
	size_t i;

	for (i = 0; i < a->n && a->v[i]->end_ms == 0; i++)
		;
	if (i < a->n)
		drop(a, i);
}

static void
raise(struct dash_alerts *a, int64_t now_ms, const struct dash_alerts_case *c)
{
	struct dash_alert *al;
	uint8_t id[DASH_ALERTS_ID_LEN / 2];

	if (a->n == a->cap)
		drop_oldest_resolved(a);
	if (a->active == a->o.active_max || a->n == a->cap ||
	    base_rng_fill(a->o.rng, id, sizeof(id)) != 0 ||
	    (al = calloc(1, sizeof(*al))) == NULL) {
		a->missed++;
		return;
	}
	wire_hex_encode(id, sizeof(id), al->id);
	al->rule = &dash_watch_rules[c->rule];
	al->target = c->target;
	al->since_ms = now_ms;
	a->v[a->n++] = al;
	a->active++;
	a->open[c->rule][c->target] = al;
	al->value = c->value;
	if (c->detail != NULL)
		(void)!base_str_copy(al->detail, sizeof(al->detail), c->detail);
	if (a->o.changed != NULL)
		a->o.changed(a->o.ctx, al);
}

/* The condition is gone. */
static void
clear(struct dash_alerts *a, struct dash_alert *al, int64_t now_ms)
{
	if (al->clear_ms == 0)
		al->clear_ms = now_ms;
	if (al->state == DASH_ACKNOWLEDGED)
		move(a, al, DASH_RESOLVED, now_ms);
	else if (!al->rule->stays &&
		 now_ms - al->clear_ms >= DASH_ALERTS_CLEAR_MS)
		move(a, al, DASH_AUTO_RESOLVED, now_ms);
}

void
dash_alerts_judge(
    struct dash_alerts *a, int64_t now_ms, const struct dash_alerts_case *c)
{
	int64_t *since = &a->since[c->rule][c->target];
	struct dash_alert *al = a->open[c->rule][c->target];

	TROTH_ASSERT(c->target < DASH_ALERTS_TARGETS_MAX);
	if (!c->holds) {
		*since = 0;
		if (al != NULL)
			clear(a, al, now_ms);
		return;
	}
	if (*since == 0 || *since > now_ms)
		*since = now_ms;
	if (al == NULL) {
		if (now_ms - *since >= dash_watch_rules[c->rule].for_ms)
			raise(a, now_ms, c);
		return;
	}
	al->value = c->value;
	al->clear_ms = 0;
	if (al->state == DASH_ACTIVE &&
	    now_ms - al->since_ms >= DASH_ALERTS_ESCALATE_MS)
		move(a, al, DASH_ESCALATED, now_ms);
}

void
dash_alerts_tick(struct dash_alerts *a, int64_t now_ms)
{
	size_t i = 0;

	while (i < a->n)
		if (a->v[i]->end_ms != 0 &&
		    now_ms - a->v[i]->end_ms >= a->o.history_ms)
			drop(a, i);
		else
			i++;
}

int
dash_alerts_ack(
    struct dash_alerts *a, const char *id, const char *by, int64_t now_ms)
{
	struct dash_alert *al;
	size_t i;

	for (i = 0; i < a->n && strcmp(a->v[i]->id, id) != 0; i++)
		;
	if (i == a->n)
		return ERR_STATE_NOT_FOUND;
	al = a->v[i];
	if (al->end_ms != 0)
		return ERR_STATE_CONFLICT;
	if (al->state == DASH_ACKNOWLEDGED)
		return 0;
	if (base_str_copy(al->by, sizeof(al->by), by) != 0)
		return ERR_SYS_LIMIT;
	move(a, al, DASH_ACKNOWLEDGED, now_ms);
	if (al->clear_ms != 0)
		move(a, al, DASH_RESOLVED, now_ms);
	return 0;
}

const struct dash_alert *
dash_alerts_at(const struct dash_alerts *a, size_t i)
{
	return i < a->n ? a->v[a->n - 1 - i] : NULL;
}

uint64_t
dash_alerts_missed(const struct dash_alerts *a)
{
	return a->missed;
}
