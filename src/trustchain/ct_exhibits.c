/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_exhibits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/str.h"
#include "merkle/evidence_file.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_metrics.h"

enum { PATH_BYTES = 4096 };

struct exhibit {
	char id[CT_EVIDENCE_ID_MAX], type[CT_EVIDENCE_TYPE_MAX];
	char shard[32], found_at[32];
	char path[PATH_BYTES];
	bool audited;
};

struct ct_exhibits {
	struct ct_exhibits_opts o;
	struct map *by_id;
};

struct scan {
	struct ct_exhibits *x;
	const char *dir, *shard;
};

int
ct_exhibits_new(const struct ct_exhibits_opts *opts, struct ct_exhibits **ret)
{
	struct ct_exhibits *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return ERR_SYS_NOMEM;
	x->o = *opts;
	x->by_id = base_map_new(CT_EVIDENCE_FILES_MAX, opts->siphash_key);
	if (x->by_id == NULL) {
		free(x);
		return ERR_SYS_NOMEM;
	}
	*ret = x;
	return 0;
}

static int
free_one(void *ctx, const void *key, size_t len, void *value)
{
	(void)ctx;
	(void)key;
	(void)len;
	free(value);
	return 0;
}

void
ct_exhibits_free(struct ct_exhibits *x)
{
	if (x == NULL)
		return;
	(void)base_map_each(x->by_id, free_one, NULL);
	base_map_free(x->by_id);
	free(x);
}

/* A word of the file, for labels and the audit log; "unknown" if it is none. */
static void
word(const json_t *j, const char *name, char *ret, size_t cap)
{
	const char *s = json_string_value(json_object_get(j, name));

	if (s == NULL || strlen(s) >= cap ||
	    strspn(s, "abcdefghijklmnopqrstuvwxyz_0123456789:.-TZ") !=
		strlen(s))
		s = "unknown";
	(void)snprintf(ret, cap, "%s", s);
}

static void
read_file(struct exhibit *e)
{
	json_t *j = NULL;
	uint8_t *data;
	size_t len;

	if (store_file_load(e->path, MERKLE_EVIDENCE_FILE_MAX, &data, &len) ==
	    0) {
		if (wire_json_parse((const char *)data, len, &j, NULL) != 0)
			j = NULL;
		free(data);
	}
	word(j, "type", e->type, sizeof(e->type));
	word(j, "found_at", e->found_at, sizeof(e->found_at));
	json_decref(j);
}

static void
marker(const struct exhibit *e, char ret[PATH_BYTES + 16])
{
	(void)snprintf(ret, PATH_BYTES + 16, "%.*s.audited",
	    (int)(strlen(e->path) - strlen(".json")), e->path);
}

/* Once, also over restarts; what the audit log refuses is tried again. */
static void
audit(struct ct_exhibits *x, struct exhibit *e)
{
	char path[PATH_BYTES + 16], target[256];

	if (e->audited || x->o.event == NULL)
		return;
	marker(e, path);
	if (access(path, F_OK) == 0) {
		e->audited = true;
		return;
	}
	(void)snprintf(target, sizeof(target),
	    "{\"type\":\"%s\",\"evidence\":\"%s\",\"shard\":\"%s\"}", e->type,
	    e->id, e->shard);
	if (x->o.event(x->o.event_ctx, "ct.byzantine.detected", target) != 0)
		return;
	e->audited = true;
	/* Without the mark it is entered once more after a restart. */
	(void)!store_disk_place(
	    x->o.disk, path, "", 0, 0644, "ct.evidence.mark");
}

static int
take(void *ctx, const char *id)
{
	struct scan *s = ctx;
	struct exhibit *e = base_map_get(s->x->by_id, id, strlen(id));

	if (e == NULL) {
		if ((e = calloc(1, sizeof(*e))) == NULL)
			return 1;
		(void)snprintf(e->id, sizeof(e->id), "%s", id);
		(void)snprintf(e->shard, sizeof(e->shard), "%s", s->shard);
		if (base_str_format(e->path, sizeof(e->path), "%s/%s.json",
			s->dir, id) != 0 ||
		    base_map_put(s->x->by_id, id, strlen(id), e) != 0) {
			free(e);
			return 1;
		}
		read_file(e);
		ops_metrics_add(s->x->o.metrics, CT_METRIC_EVIDENCE,
		    OPS_LABELS(e->type), 1);
	}
	audit(s->x, e);
	return 0;
}

void
ct_exhibits_scan(struct ct_exhibits *x, const char *dir, const char *shard)
{
	char path[PATH_BYTES];
	struct scan s = { x, path, shard };

	if (base_str_format(path, sizeof(path), "%s/evidence", dir) == 0)
		ct_evidence_each(path, take, &s);
}

size_t
ct_exhibits_count(const struct ct_exhibits *x)
{
	return base_map_count(x->by_id);
}

static int
append(void *ctx, const void *key, size_t len, void *value)
{
	const struct exhibit *e = value;

	(void)key;
	(void)len;
	return json_array_append_new(
	    ctx, json_pack("{s:s, s:s, s:s, s:s}", "id", e->id, "type", e->type,
		     "shard", e->shard, "found_at", e->found_at));
}

json_t *
ct_exhibits_json(const struct ct_exhibits *x)
{
	json_t *list = json_array();

	if (list != NULL && base_map_each(x->by_id, append, list) != 0) {
		json_decref(list);
		return NULL;
	}
	return list;
}

int
ct_exhibits_load(
    const struct ct_exhibits *x, const char *id, uint8_t **ret, size_t *ret_len)
{
	const struct exhibit *e = base_map_get(x->by_id, id, strlen(id));

	return e == NULL ? ERR_STATE_NOT_FOUND
			 : store_file_load(
			       e->path, MERKLE_EVIDENCE_FILE_MAX, ret, ret_len);
}
