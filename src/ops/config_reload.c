/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ops/config_internal.h"

/* One comparison of two configurations. */
struct adopt {
	const char *const *changeable, *const *adopted;
	struct ops_config_changes *out;
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_list(const struct ops_config_list *a, const struct ops_config_list *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!same_text(
			ops_config_string(a, i), ops_config_string(b, i)))
			return false;
	return true;
}

static size_t
size_of(const struct ops_config_key *k)
{
	switch (k->type) {
	case OPS_CONFIG_INT:
		return sizeof(int64_t);
	case OPS_CONFIG_DOUBLE:
		return sizeof(double);
	case OPS_CONFIG_BOOL:
		return sizeof(bool);
	case OPS_CONFIG_ENUM:
		return sizeof(int);
	default:
		return 0; /* points elsewhere */
	}
}

static bool
same_value(const struct ops_config_key *k, const char *a, const char *b)
{
	a += k->offset;
	b += k->offset;
	if (k->type == OPS_CONFIG_LIST || k->type == OPS_CONFIG_PATHS)
		return same_list(
		    (const struct ops_config_list *)(const void *)a,
		    (const struct ops_config_list *)(const void *)b);
	if (size_of(k) > 0)
		return memcmp(a, b, size_of(k)) == 0;
	return same_text(
	    *(char *const *)(const void *)a, *(char *const *)(const void *)b);
}

static void note(struct ops_config_names *n, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a name; what no longer fits is only counted. */
static void
note(struct ops_config_names *n, const char *fmt, ...)
{
	size_t at = strlen(n->text);
	char name[128];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	n->count++;
	if (at + strlen(name) + 2 < sizeof(n->text))
		(void)snprintf(n->text + at, sizeof(n->text) - at, "%s%s",
		    at > 0 ? " " : "", name);
}

static bool
changeable(const struct adopt *a, const char *section, const char *key)
{
	const char *const *c;
	char name[128];

	(void)snprintf(name, sizeof(name), "%s.%s", section, key);
	for (c = a->changeable; *c != NULL; c++)
		if (strcmp(*c, name) == 0)
			return true;
	return false;
}

static bool
is_listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static void
adopt_table(struct adopt *a, const struct ops_config_section *s, char *live,
    const char *fresh)
{
	const struct ops_config_key *k;

	for (k = s->keys; k->name != NULL; k++) {
		if (same_value(k, live, fresh))
			continue;
		if (size_of(k) > 0 && changeable(a, s->name, k->name)) {
			memcpy(live + k->offset, fresh + k->offset, size_of(k));
			note(&a->out->adopted, "%s.%s", s->name, k->name);
		} else {
			note(&a->out->restart, "%s.%s", s->name, k->name);
		}
	}
}

static bool
same_structs(const struct ops_config_section *s,
    const struct ops_config_list *x, const struct ops_config_list *y)
{
	const struct ops_config_key *k;
	const char *a = x->v, *b = y->v;
	size_t i;

	if (x->n != y->n)
		return false;
	for (i = 0; i < x->n; i++, a += s->size, b += s->size) {
		if (s->shape == OPS_CONFIG_NAMED &&
		    !same_text(
			*(char *const *)(const void *)(a + s->name_offset),
			*(char *const *)(const void *)(b + s->name_offset)))
			return false;
		for (k = s->keys; k->name != NULL; k++)
			if (!same_value(k, a, b))
				return false;
	}
	return true;
}

static void
adopt_all(struct adopt *a, const struct ops_config_schema *schema, char *live,
    const char *fresh)
{
	const struct ops_config_section *s;
	const struct ops_config_list *was, *is;

	for (s = schema->sections; s->name != NULL; s++) {
		if (s->shape == OPS_CONFIG_TABLE) {
			adopt_table(a, s, live + s->offset, fresh + s->offset);
			continue;
		}
		was = (const void *)(live + s->offset);
		is = (const void *)(fresh + s->offset);
		if (!same_structs(s, was, is))
			note(is_listed(a->adopted, s->name) ? &a->out->adopted
							    : &a->out->restart,
			    "%s", s->name);
	}
}

int
ops_config_reload(const struct ops_config_schema *schema,
    const struct ops_config_rules *rules, const struct ops_config_source *from,
    void *live, struct ops_config_changes *ret, struct fault *f)
{
	struct adopt a = { rules->changeable, rules->adopted, ret };
	void *fresh;
	int rc;

	if ((rc = ops_config_load_fd(schema, from, &fresh, f)) != 0)
		return rc;
	if (rules->check == NULL || (rc = rules->check(fresh, f)) == 0) {
		memset(ret, 0, sizeof(*ret));
		adopt_all(&a, schema, live, fresh);
	}
	ops_config_free(schema, fresh);
	return rc;
}
