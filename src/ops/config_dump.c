/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/config_dump.h"

#include <stdbool.h>
#include <string.h>

/* The index-th of "a|b|c". */
static json_t *
choice(const char *choices, int index)
{
	for (; index > 0; index--)
		choices += strcspn(choices, "|") + 1;
	return json_stringn(choices, strcspn(choices, "|"));
}

static json_t *
list_of(const struct ops_config_list *l)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < l->n; i++)
		if (json_array_append_new(
			a, json_string(ops_config_string(l, i))) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

static json_t *
value(const struct ops_config_key *k, const char *base)
{
	const void *at = base + k->offset;
	const char *text;

	switch (k->type) {
	case OPS_CONFIG_INT:
		return json_integer((json_int_t) * (const int64_t *)at);
	case OPS_CONFIG_DOUBLE:
		return json_real(*(const double *)at);
	case OPS_CONFIG_BOOL:
		return json_boolean(*(const bool *)at);
	case OPS_CONFIG_ENUM:
		return choice(k->choices, *(const int *)at);
	case OPS_CONFIG_LIST:
	case OPS_CONFIG_PATHS:
		return list_of(at);
	default:
		text = *(char *const *)at;
		return json_string(text != NULL ? text : "");
	}
}

/* What would let its reader in somewhere. */
static bool
is_secret(const char *key)
{
	return strcmp(key, "hash") == 0 || strstr(key, "secret") != NULL ||
	       strstr(key, "password") != NULL || strcmp(key, "token") == 0;
}

static json_t *
table(const struct ops_config_key *k, const char *base)
{
	json_t *o = json_object();

	for (; k->name != NULL; k++)
		if (json_object_set_new(o, k->name,
			is_secret(k->name) ? json_string("redacted")
					   : value(k, base)) != 0) {
			json_decref(o);
			return NULL;
		}
	return o;
}

static json_t *
array(const struct ops_config_section *s, const struct ops_config_list *l)
{
	const char *base = l->v, *name;
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < l->n; i++, base += s->size) {
		o = table(s->keys, base);
		if (o != NULL && s->shape == OPS_CONFIG_NAMED) {
			name = *(
			    char *const *)(const void *)(base + s->name_offset);
			(void)json_object_set_new(o, "name", json_string(name));
		}
		if (json_array_append_new(a, o) != 0) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

json_t *
ops_config_dump(const struct ops_config_schema *schema, const void *target)
{
	const struct ops_config_section *s = schema->sections;
	const char *base = target;
	json_t *all = json_object();

	for (; s->name != NULL; s++)
		if (json_object_set_new(all, s->name,
			s->shape == OPS_CONFIG_TABLE
			    ? table(s->keys, base + s->offset)
			    : array(s, (const void *)(base + s->offset))) !=
		    0) {
			json_decref(all);
			return NULL;
		}
	return all;
}
