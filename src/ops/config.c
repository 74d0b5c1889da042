/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops/config_internal.h"

/* One load: what the helpers below share. */
struct load {
	const struct ops_config_schema *schema;
	const char *file;
	const char *root;
	struct fault *fault;
};

char *
ops_config_rooted(const char *root, const char *path)
{
	char *out;

	if (root == NULL || root[0] == '\0' || path[0] != '/')
		return strdup(path);
	return asprintf(&out, "%s%s", root, path) == -1 ? NULL : out;
}

const char *
ops_config_string(const struct ops_config_list *list, size_t i)
{
	return ((char **)list->v)[i];
}

static int
refuse_at(
    const struct load *l, uint32_t line, const char *what, const char *name)
{
	return base_fault_set(l->fault, ERR_STATE_CONFIG, "%s:%u: %s %.80s",
	    l->file, line, what, name);
}

/* The next dotted component of ${name} goes to ${part}; return the rest. */
static const char *
next_part(const char *name, char *part, size_t size)
{
	size_t n = strcspn(name, ".");

	(void)snprintf(part, size, "%.*s", (int)n, name);
	return name[n] == '.' ? name + n + 1 : NULL;
}

static const struct ops_toml *
find_node(const struct ops_toml *root, const char *name)
{
	const struct ops_toml *t = root;
	char part[64];

	while (name != NULL && t != NULL) {
		if (t->kind != OPS_TOML_TABLE)
			return NULL;
		name = next_part(name, part, sizeof(part));
		t = ops_toml_get(t, part);
	}
	return t;
}

static const struct ops_config_key *
find_key(const struct ops_config_section *s, const char *name)
{
	const struct ops_config_key *k;

	for (k = s->keys; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

/* Whether "${prefix}${name}" is a section or leads to one. */
static bool
leads_to_section(const struct load *l, const char *prefix, const char *name)
{
	const struct ops_config_section *s;
	char full[160];
	size_t n;

	(void)snprintf(full, sizeof(full), "%s%s", prefix, name);
	n = strlen(full);
	for (s = l->schema->sections; s->name != NULL; s++)
		if (strncmp(s->name, full, n) == 0 &&
		    (s->name[n] == '\0' || s->name[n] == '.'))
			return true;
	return false;
}

static int
check_table_keys(const struct load *l, const struct ops_config_section *s,
    const struct ops_toml *t)
{
	const struct ops_toml *c;
	char prefix[80];

	(void)snprintf(prefix, sizeof(prefix), "%s.", s->name);
	for (c = t->child; c != NULL; c = c->next)
		if (find_key(s, c->key) == NULL &&
		    (s->shape != OPS_CONFIG_TABLE ||
			!leads_to_section(l, prefix, c->key)))
			return base_fault_set(l->fault, ERR_STATE_CONFIG,
			    "%s:%u: [%s] unknown key %.80s", l->file, c->line,
			    s->name, c->key);
	return 0;
}

static int
check_top(const struct load *l, const struct ops_toml *root)
{
	const struct ops_toml *c;

	for (c = root->child; c != NULL; c = c->next)
		if (!leads_to_section(l, "", c->key))
			return refuse_at(l, c->line, "unknown section", c->key);
	return 0;
}

static const char *
env_value(const struct load *l, const struct ops_config_section *s,
    const struct ops_config_key *k, char *name, size_t size)
{
	char *c;

	if (l->schema->env == NULL || s->shape != OPS_CONFIG_TABLE)
		return NULL;
	(void)snprintf(
	    name, size, "%s_%s_%s", l->schema->env, s->name, k->name);
	for (c = name; *c != '\0'; c++)
		*c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
	return getenv(name);
}

/* Fill one struct of section ${s} from ${t}, which may be NULL. */
static int
fill_struct(const struct load *l, const struct ops_config_section *s,
    const struct ops_toml *t, void *base)
{
	struct ops_config_place p = { l->file, l->root, NULL, s->name,
		l->fault };
	const struct ops_config_key *k;
	const struct ops_toml *v;
	const char *env;
	char at[4352], name[160];
	int rc;

	for (k = s->keys; k->name != NULL; k++) {
		v = t == NULL ? NULL : ops_toml_get(t, k->name);
		env = env_value(l, s, k, name, sizeof(name));
		(void)snprintf(at, sizeof(at), "%.4096s:%u", l->file,
		    v != NULL	? v->line
		    : t != NULL ? t->line
				: 1);
		p.at = env != NULL ? name : at;
		if (env != NULL)
			rc = ops_config_value_text(k, env, base, &p);
		else if (v != NULL)
			rc = ops_config_value_toml(k, v, base, &p);
		else if (k->def != NULL)
			rc = ops_config_value_text(k, k->def, base, &p);
		else
			rc = base_fault_set(l->fault, ERR_STATE_CONFIG,
			    "%s: [%s] %s is missing", at, s->name, k->name);
		if (rc != 0)
			return rc;
	}
	return t == NULL ? 0 : check_table_keys(l, s, t);
}

/* Append one zeroed struct to the list of section ${s}. */
static int
grow_list(const struct load *l, const struct ops_config_section *s,
    const struct ops_toml *at, struct ops_config_list *list, char **ret)
{
	char *v;

	if (list->n >= s->max)
		return refuse_at(l, at->line, "too many of", s->name);
	if ((v = realloc(list->v, (list->n + 1) * s->size)) == NULL)
		return base_fault_set(l->fault, ERR_SYS_NOMEM, "out of memory");
	list->v = v;
	*ret = v + list->n * s->size;
	memset(*ret, 0, s->size);
	list->n++;
	return 0;
}

static int
fill_list(const struct load *l, const struct ops_config_section *s,
    const struct ops_toml *node, struct ops_config_list *list)
{
	bool named = s->shape == OPS_CONFIG_NAMED;
	const struct ops_toml *e;
	char *base = NULL, *name;
	int rc;

	if (node == NULL)
		return 0;
	if (node->kind != (named ? OPS_TOML_TABLE : OPS_TOML_ARRAY))
		return refuse_at(l, node->line,
		    named ? "must be written [section.NAME]:"
			  : "must be written [[section]]:",
		    s->name);
	for (e = node->child; e != NULL; e = e->next) {
		if (e->kind != OPS_TOML_TABLE)
			return refuse_at(
			    l, e->line, "must hold tables:", s->name);
		if ((rc = grow_list(l, s, e, list, &base)) != 0)
			return rc;
		if (named) {
			if ((name = strdup(e->key)) == NULL)
				return base_fault_set(
				    l->fault, ERR_SYS_NOMEM, "out of memory");
			*(char **)(void *)(base + s->name_offset) = name;
		}
		if ((rc = fill_struct(l, s, e, base)) != 0)
			return rc;
	}
	return 0;
}

static int
fill_section(const struct load *l, const struct ops_config_section *s,
    const struct ops_toml *root, char *out)
{
	const struct ops_toml *node = find_node(root, s->name);

	if (s->shape != OPS_CONFIG_TABLE)
		return fill_list(l, s, node,
		    (struct ops_config_list *)(void *)(out + s->offset));
	if (node != NULL && node->kind != OPS_TOML_TABLE)
		return refuse_at(
		    l, node->line, "must be written [section]:", s->name);
	return fill_struct(l, s, node, out + s->offset);
}

static int
fill_all(const struct load *l, const struct ops_toml *root, void *out)
{
	const struct ops_config_section *s;
	int rc;

	if ((rc = check_top(l, root)) != 0)
		return rc;
	for (s = l->schema->sections; s->name != NULL; s++)
		if ((rc = fill_section(l, s, root, out)) != 0)
			return rc;
	if (l->schema->finish != NULL)
		return l->schema->finish(out, l->root, l->fault);
	return 0;
}

static int
read_file(const struct load *l, FILE *f, char **ret_text, size_t *ret_len)
{
	char *text;
	size_t n;
	int rc = 0;

	if ((text = malloc(OPS_CONFIG_FILE_MAX + 1)) == NULL)
		return base_fault_set(l->fault, ERR_SYS_NOMEM, "out of memory");
	n = fread(text, 1, OPS_CONFIG_FILE_MAX + 1, f);
	if (ferror(f))
		rc = base_fault_set(
		    l->fault, ERR_SYS_IO, "%s: cannot read", l->file);
	else if (n > OPS_CONFIG_FILE_MAX)
		rc = base_fault_set(l->fault, ERR_STATE_CONFIG,
		    "%s:1: the file is larger than 1 MiB", l->file);
	if (rc != 0) {
		free(text);
		return rc;
	}
	*ret_text = text;
	*ret_len = n;
	return 0;
}

/* Read and close ${file}; NULL if errno says why it could not be opened. */
static int
load(struct load *l, FILE *file, void **ret_target)
{
	struct ops_toml *doc = NULL;
	uint32_t line = 1;
	char *text = NULL, err[160];
	size_t len = 0;
	void *out;
	int rc;

	if (file == NULL)
		return base_fault_set(l->fault, base_err_from_errno(errno),
		    "%s: %s", l->file, strerror(errno));
	rc = read_file(l, file, &text, &len);
	(void)fclose(file);
	if (rc != 0)
		return rc;
	rc = ops_toml_parse(text, len, &doc, err, sizeof(err), &line);
	free(text);
	if (rc != 0)
		return refuse_at(l, line, "not TOML:", err);
	if ((out = calloc(1, l->schema->size)) == NULL) {
		ops_toml_free(doc);
		return base_fault_set(l->fault, ERR_SYS_NOMEM, "out of memory");
	}
	rc = fill_all(l, doc, out);
	ops_toml_free(doc);
	if (rc != 0) {
		ops_config_free(l->schema, out);
		return rc;
	}
	*ret_target = out;
	return 0;
}

int
ops_config_load(const struct ops_config_schema *schema, const char *path,
    const char *root, void **ret_target, struct fault *f)
{
	struct load l = { schema, path, root, f };

	return load(&l, fopen(path, "re"), ret_target);
}

int
ops_config_load_fd(const struct ops_config_schema *schema,
    const struct ops_config_source *from, void **ret_target, struct fault *f)
{
	struct load l = { schema, from->path, from->root, f };
	int own = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	FILE *file = own < 0 ? NULL : fdopen(own, "r");

	if (file == NULL && own >= 0)
		(void)close(own);
	return load(&l, file, ret_target);
}

static void
free_struct(const struct ops_config_section *s, char *base)
{
	const struct ops_config_key *k;

	for (k = s->keys; k->name != NULL; k++)
		ops_config_value_free(k, base);
	if (s->shape == OPS_CONFIG_NAMED)
		free(*(char **)(void *)(base + s->name_offset));
}

void
ops_config_free(const struct ops_config_schema *schema, void *out)
{
	const struct ops_config_section *s;
	struct ops_config_list *list;
	size_t i;

	if (out == NULL)
		return;
	for (s = schema->sections; s->name != NULL; s++) {
		if (s->shape == OPS_CONFIG_TABLE) {
			free_struct(s, (char *)out + s->offset);
			continue;
		}
		list =
		    (struct ops_config_list *)(void *)((char *)out + s->offset);
		for (i = 0; i < list->n; i++)
			free_struct(s, (char *)list->v + i * s->size);
		free(list->v);
	}
	free(out);
}
