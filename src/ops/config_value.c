/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/config_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_ELEMENTS_MAX 1024

static int
refuse(const struct ops_config_place *p, const struct ops_config_key *k,
    const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return base_fault_set(p->fault, ERR_STATE_CONFIG, "%s: [%s] %s %s",
	    p->at, p->section, k->name, why);
}

static int
no_memory(const struct ops_config_place *p)
{
	return base_fault_set(
	    p->fault, ERR_SYS_NOMEM, "%s: out of memory", p->at);
}

static void *
target(const struct ops_config_key *k, void *base)
{
	return (char *)base + k->offset;
}

/*
 * A relative path is meant relative to the folder of the configuration file;
 * an absolute one lies below the root folder.
 */
static char *
resolve_path(const struct ops_config_place *p, const char *path)
{
	const char *slash;
	char *out;

	if (path[0] == '/' || path[0] == '\0')
		return ops_config_rooted(p->root, path);
	if ((slash = strrchr(p->file, '/')) == NULL)
		return strdup(path);
	if (asprintf(&out, "%.*s/%s", (int)(slash - p->file), p->file, path) ==
	    -1)
		return NULL;
	return out;
}

/* As resolve_path for what follows the prefix, if ${text} has it. */
static char *
resolve_prefixed(
    const struct ops_config_place *p, const char *prefix, const char *text)
{
	size_t n = strlen(prefix);
	char *path, *out;

	if (strncmp(text, prefix, n) != 0)
		return strdup(text);
	if ((path = resolve_path(p, text + n)) == NULL)
		return NULL;
	if (asprintf(&out, "%s%s", prefix, path) == -1)
		out = NULL;
	free(path);
	return out;
}

static char *
resolve_text(const struct ops_config_key *k, const char *text,
    const struct ops_config_place *p)
{
	switch (k->type) {
	case OPS_CONFIG_PATH:
		/* Keys may be on a token instead of in a folder. */
		if (strncmp(text, "pkcs11:", 7) == 0)
			return strdup(text);
		return resolve_path(p, text);
	case OPS_CONFIG_PATHS:
		return resolve_path(p, text);
	case OPS_CONFIG_URI:
		return resolve_prefixed(p, "file:", text);
	case OPS_CONFIG_ADDR:
		return resolve_prefixed(p, "unix:", text);
	default:
		return strdup(text);
	}
}

/* Check one string (or list element) and make the stored copy. */
static int
make_string(const struct ops_config_key *k, const char *text,
    const struct ops_config_place *p, char **ret)
{
	size_t max =
	    k->max > 0 && k->type == OPS_CONFIG_STRING ? (size_t)k->max : 4096;
	const char *why;

	if (strlen(text) > max)
		return refuse(p, k, "is longer than %zu bytes", max);
	if (k->check != NULL && (why = k->check(text)) != NULL)
		return refuse(p, k, "= \"%.60s\": %s", text, why);
	if ((*ret = resolve_text(k, text, p)) == NULL)
		return no_memory(p);
	return 0;
}

static int
set_string(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	char *s;
	int rc;

	if ((rc = make_string(k, text, p, &s)) != 0)
		return rc;
	ops_config_value_free(k, base);
	*(char **)target(k, base) = s;
	return 0;
}

static int
set_int(const struct ops_config_key *k, int64_t v, void *base,
    const struct ops_config_place *p)
{
	if (v < k->min || v > k->max)
		return refuse(p, k,
		    "= %" PRId64 " is outside %" PRId64 "..%" PRId64, v, k->min,
		    k->max);
	*(int64_t *)target(k, base) = v;
	return 0;
}

static int
set_double(const struct ops_config_key *k, double v, void *base,
    const struct ops_config_place *p)
{
	if (!isfinite(v) || v * 1000 < (double)k->min ||
	    v * 1000 > (double)k->max)
		return refuse(p, k, "= %g is outside %g..%g", v,
		    (double)k->min / 1000, (double)k->max / 1000);
	*(double *)target(k, base) = v;
	return 0;
}

static int
set_enum(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	size_t len = strlen(text), n;
	const char *c = k->choices;
	int i;

	for (i = 0; c != NULL; i++) {
		n = strcspn(c, "|");
		if (n == len && memcmp(c, text, n) == 0) {
			*(int *)target(k, base) = i;
			return 0;
		}
		c = c[n] == '|' ? c + n + 1 : NULL;
	}
	return refuse(p, k, "= \"%.40s\" is not one of %s", text, k->choices);
}

static int
list_push(const struct ops_config_key *k, const char *text,
    struct ops_config_list *list, const struct ops_config_place *p)
{
	size_t max = k->max > 0 ? (size_t)k->max : LIST_ELEMENTS_MAX;
	char *s, **v;
	int rc;

	if (list->n >= max)
		return refuse(p, k, "has more than %zu elements", max);
	if ((rc = make_string(k, text, p, &s)) != 0)
		return rc;
	if ((v = realloc(list->v, (list->n + 1) * sizeof(*v))) == NULL) {
		free(s);
		return no_memory(p);
	}
	v[list->n++] = s;
	list->v = v;
	return 0;
}

static int
set_list_text(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	struct ops_config_list *list = target(k, base);
	const char *at = text;
	char *item;
	size_t n;
	int rc = 0;

	ops_config_value_free(k, base);
	while (rc == 0 && *at != '\0') {
		at += strspn(at, " ,");
		n = strcspn(at, ",");
		while (n > 0 && at[n - 1] == ' ')
			n--;
		if (n == 0)
			break;
		if ((item = strndup(at, n)) == NULL)
			return no_memory(p);
		rc = list_push(k, item, list, p);
		free(item);
		at += n;
	}
	return rc;
}

static int
set_list_toml(const struct ops_config_key *k, const struct ops_toml *node,
    void *base, const struct ops_config_place *p)
{
	struct ops_config_list *list = target(k, base);
	const struct ops_toml *e;
	int rc;

	if (node->kind != OPS_TOML_ARRAY)
		return refuse(p, k, "must be a list of strings");
	ops_config_value_free(k, base);
	for (e = node->child; e != NULL; e = e->next) {
		if (e->kind != OPS_TOML_STRING)
			return refuse(p, k, "must be a list of strings");
		if ((rc = list_push(k, e->string, list, p)) != 0)
			return rc;
	}
	return 0;
}

static int
set_int_text(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (*text == '\0' || *end != '\0' || errno != 0)
		return refuse(p, k, "= \"%.40s\" is not an integer", text);
	return set_int(k, v, base, p);
}

static int
set_double_text(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	char *end;
	double v = strtod(text, &end);

	if (*text == '\0' || *end != '\0')
		return refuse(p, k, "= \"%.40s\" is not a number", text);
	return set_double(k, v, base, p);
}

static int
set_bool_text(const struct ops_config_key *k, const char *text, void *base,
    const struct ops_config_place *p)
{
	bool yes = strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "false") != 0)
		return refuse(p, k, "= \"%.40s\" is not true or false", text);
	*(bool *)target(k, base) = yes;
	return 0;
}

int
ops_config_value_text(const struct ops_config_key *k, const char *text,
    void *base, const struct ops_config_place *p)
{
	switch (k->type) {
	case OPS_CONFIG_INT:
		return set_int_text(k, text, base, p);
	case OPS_CONFIG_DOUBLE:
		return set_double_text(k, text, base, p);
	case OPS_CONFIG_BOOL:
		return set_bool_text(k, text, base, p);
	case OPS_CONFIG_ENUM:
		return set_enum(k, text, base, p);
	case OPS_CONFIG_LIST:
	case OPS_CONFIG_PATHS:
		return set_list_text(k, text, base, p);
	default:
		return set_string(k, text, base, p);
	}
}

int
ops_config_value_toml(const struct ops_config_key *k,
    const struct ops_toml *node, void *base, const struct ops_config_place *p)
{
	switch (k->type) {
	case OPS_CONFIG_INT:
		if (node->kind != OPS_TOML_INTEGER)
			return refuse(p, k, "must be an integer");
		return set_int(k, node->integer, base, p);
	case OPS_CONFIG_DOUBLE:
		if (node->kind != OPS_TOML_FLOAT &&
		    node->kind != OPS_TOML_INTEGER)
			return refuse(p, k, "must be a number");
		return set_double(k, node->number, base, p);
	case OPS_CONFIG_BOOL:
		if (node->kind != OPS_TOML_BOOLEAN)
			return refuse(p, k, "must be true or false");
		*(bool *)target(k, base) = node->integer != 0;
		return 0;
	case OPS_CONFIG_LIST:
	case OPS_CONFIG_PATHS:
		return set_list_toml(k, node, base, p);
	default:
		if (node->kind != OPS_TOML_STRING)
			return refuse(p, k, "must be a string");
		return ops_config_value_text(k, node->string, base, p);
	}
}

void
ops_config_value_free(const struct ops_config_key *k, void *base)
{
	struct ops_config_list *list;
	size_t i;

	switch (k->type) {
	case OPS_CONFIG_INT:
	case OPS_CONFIG_DOUBLE:
	case OPS_CONFIG_BOOL:
	case OPS_CONFIG_ENUM:
		return;
	case OPS_CONFIG_LIST:
	case OPS_CONFIG_PATHS:
		list = target(k, base);
		for (i = 0; i < list->n; i++)
			free(((char **)list->v)[i]);
		free(list->v);
		list->v = NULL;
		list->n = 0;
		return;
	default:
		free(*(char **)target(k, base));
		*(char **)target(k, base) = NULL;
	}
}
