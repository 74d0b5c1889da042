/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypto/rng.h"
#include "http/client.h"
#include "ops/log.h"
#include "trustchain/dash_internal.h"

#define ALERT_LEVEL(a)                                                         \
	((a)->rule->severity >= DASH_ERROR && (a)->end_ms == 0 ? OPS_LOG_ERROR \
							       : OPS_LOG_WARN)

/* Each step of an alert is in the log. */
static void
changed(void *ctx, const struct dash_alert *a)
{
	struct dash *d = ctx;

	OPS_LOG(d->o.log, ALERT_LEVEL(a), "alert", a->rule->name,
	    OPS_LOG_STR("id", a->id),
	    OPS_LOG_STR("state", dash_alerts_state_name(a->state)),
	    OPS_LOG_STR("target", d->target[a->target].instance),
	    OPS_LOG_DBL("value", a->value),
	    OPS_LOG_DBL("threshold", a->rule->threshold),
	    OPS_LOG_STR("detail", a->detail), OPS_LOG_STR("by", a->by));
}

/* Host and port of a target's URL: its name here. */
static int
make_target(struct dash *d, size_t i)
{
	struct dash_target *t = &d->target[i];
	const char *host;
	size_t n;

	t->owner = d;
	t->url = ops_config_string(&d->o.config->dashboard.targets, i);
	host = strstr(t->url, "://");
	host = host == NULL ? t->url : host + strlen("://");
	n = strcspn(host, "/");
	if (n >= sizeof(t->instance))
		n = sizeof(t->instance) - 1;
	memcpy(t->instance, host, n);
	t->instance[n] = '\0';
	return (t->watch = dash_watch_new()) == NULL ? ERR_SYS_NOMEM : 0;
}

static int
make(struct dash *d)
{
	const struct dash_config_dashboard *c = &d->o.config->dashboard;
	const struct dash_alerts_opts ao = {
		.active_max = (size_t)c->alert_max_active,
		.history_ms = c->alert_history_h * 3600000,
		.rng = crypto_rng_system(),
		.changed = changed,
		.ctx = d,
	};
	size_t i;
	int rc;

	for (; d->n < c->targets.n; d->n++)
		if ((rc = make_target(d, d->n)) != 0)
			return rc;
	d->points = (size_t)c->history_h * 60;
	for (i = 0; i < DASH_CURVES; i++)
		if ((d->curve[i] = calloc(d->points, sizeof(double))) == NULL)
			return ERR_SYS_NOMEM;
	if ((rc = dash_alerts_new(&ao, &d->alerts)) != 0 ||
	    (rc = http_client_new(d->o.loop, NULL, &d->client)) != 0)
		return rc;
	return dash_scrape_start(d);
}

int
dash_new(const struct dash_opts *opts, struct dash **ret)
{
	struct dash *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return ERR_SYS_NOMEM;
	d->o = *opts;
	base_list_init(&d->streams);
	base_list_init(&d->asks);
	if ((rc = make(d)) != 0) {
		dash_free(d);
		return rc;
	}
	*ret = d;
	return 0;
}

void
dash_free(struct dash *d)
{
	size_t i;

	if (d == NULL)
		return;
	dash_scrape_stop(d);
	http_client_free(d->client);
	dash_alerts_free(d->alerts);
	for (i = 0; i < d->n; i++) {
		dash_watch_free(d->target[i].watch);
		free(d->target[i].text);
	}
	for (i = 0; i < DASH_CURVES; i++)
		free(d->curve[i]);
	free(d);
}

bool
dash_ready(const struct dash *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (!d->target[i].asked)
			return false;
	return true;
}
