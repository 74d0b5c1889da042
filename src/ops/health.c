/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct component {
	const char *name;
	ops_health_check *check;
	void *ctx;
	unsigned failures; /* in a row */
	enum ops_health_state worst;
	char issue[OPS_HEALTH_ISSUE_BYTES_MAX];
};

struct ops_health {
	const char *version, *instance;
	struct component v[OPS_HEALTH_COMPONENTS_MAX];
	size_t n;
	bool started;
	bool (*ready)(void *, char *, size_t);
	void *ready_ctx;
	void (*probe)(void *, const char *, bool);
	void *probe_ctx;
};

static const struct {
	const char *name;
	const char *score;
} states[] = { { "Healthy", "1.0" }, { "Degraded", "0.7" },
	{ "Unhealthy", "0.3" }, { "Critical", "0.0" } };

struct ops_health *
ops_health_new(const char *version, const char *instance)
{
	struct ops_health *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	h->version = version;
	h->instance = instance;
	return h;
}

void
ops_health_free(struct ops_health *h)
{
	free(h);
}

int
ops_health_add(
    struct ops_health *h, const char *name, ops_health_check *check, void *ctx)
{
	struct component *c;

	if (h->n == OPS_HEALTH_COMPONENTS_MAX)
		return ERR_SYS_LIMIT;
	c = &h->v[h->n++];
	c->name = name;
	c->check = check;
	c->ctx = ctx;
	c->worst = OPS_CRITICAL;
	return 0;
}

void
ops_health_at_worst(
    struct ops_health *h, const char *name, enum ops_health_state state)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->v[i].name, name) == 0)
			h->v[i].worst = state;
}

static void
enter(struct component *c, bool ok, const char *issue)
{
	if (ok) {
		c->failures = 0;
		c->issue[0] = '\0';
		return;
	}
	if (c->failures < 1000000)
		c->failures++;
	(void)snprintf(c->issue, sizeof(c->issue), "%s",
	    issue != NULL && issue[0] != '\0' ? issue : "check failed");
}

void
ops_health_report(
    struct ops_health *h, const char *name, bool ok, const char *issue)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->v[i].name, name) == 0)
			enter(&h->v[i], ok, issue);
}

void
ops_health_tick(struct ops_health *h)
{
	char issue[OPS_HEALTH_ISSUE_BYTES_MAX];
	size_t i;
	int rc;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].check == NULL)
			continue;
		issue[0] = '\0';
		rc = h->v[i].check(h->v[i].ctx, issue, sizeof(issue));
		enter(&h->v[i], rc == 0, issue);
		if (h->probe != NULL)
			h->probe(h->probe_ctx, h->v[i].name, rc == 0);
	}
}

void
ops_health_on_probe(
    struct ops_health *h, void (*fn)(void *, const char *, bool), void *ctx)
{
	h->probe = fn;
	h->probe_ctx = ctx;
}

static enum ops_health_state
state_of(const struct component *c)
{
	enum ops_health_state s = OPS_CRITICAL;

	if (c->failures == 0)
		s = OPS_HEALTHY;
	else if (c->failures <= 2)
		s = OPS_DEGRADED;
	else if (c->failures <= 5)
		s = OPS_UNHEALTHY;
	return s < c->worst ? s : c->worst;
}

enum ops_health_state
ops_health_state(const struct ops_health *h)
{
	enum ops_health_state s, worst = OPS_HEALTHY;
	size_t i;

	for (i = 0; i < h->n; i++)
		if ((s = state_of(&h->v[i])) > worst)
			worst = s;
	return worst;
}

void
ops_health_ready(
    struct ops_health *h, bool (*fn)(void *, char *, size_t), void *ctx)
{
	h->ready = fn;
	h->ready_ctx = ctx;
}

void
ops_health_started(struct ops_health *h)
{
	h->started = true;
}

bool
ops_health_is_started(const struct ops_health *h)
{
	return h->started;
}

bool
ops_health_is_ready(struct ops_health *h, char *why, size_t whylen)
{
	(void)snprintf(why, whylen, "starting");
	if (!h->started)
		return false;
	return h->ready == NULL || h->ready(h->ready_ctx, why, whylen);
}

/* A JSON string of our own words; odd bytes become question marks. */
static int
render_string(struct buf *out, const char *s)
{
	int rc = base_buf_append(out, "\"", 1);

	for (; rc == 0 && *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			rc = base_buf_printf(out, "\\%c", *s);
		else
			rc = base_buf_append(out,
			    (unsigned char)*s < 0x20 || *s & 0x80 ? "?" : s, 1);
	}
	return rc != 0 ? rc : base_buf_append(out, "\"", 1);
}

static int
render_component(struct buf *out, const struct component *c)
{
	enum ops_health_state s = state_of(c);
	int rc;

	rc = base_buf_printf(out,
	    "\"%s\":{\"state\":\"%s\",\"score\":%s,"
	    "\"consecutive_failures\":%u,\"issues\":[",
	    c->name, states[s].name, states[s].score, c->failures);
	if (rc == 0 && c->failures > 0)
		rc = render_string(out, c->issue);
	return rc != 0 ? rc : base_buf_append(out, "]}", 2);
}

int
ops_health_render(const struct ops_health *h, struct buf *out)
{
	size_t i;
	int rc;

	rc = base_buf_printf(out, "{\"status\":\"%s\",\"version\":",
	    states[ops_health_state(h)].name);
	if (rc == 0)
		rc = render_string(out, h->version);
	if (rc == 0)
		rc = base_buf_printf(out, ",\"instance\":");
	if (rc == 0)
		rc = render_string(out, h->instance);
	if (rc == 0)
		rc = base_buf_printf(out, ",\"components\":{");
	for (i = 0; rc == 0 && i < h->n; i++) {
		if (i > 0 && (rc = base_buf_append(out, ",", 1)) != 0)
			return rc;
		rc = render_component(out, &h->v[i]);
	}
	return rc != 0 ? rc : base_buf_append(out, "}}\n", 3);
}
