/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_make.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "trustchain/bak_out.h"
#include "trustchain/bak_walk.h"
#include "trustchain/ca_config.h"
#include "trustchain/ct_config.h"
#include "trustchain/wit_config.h"

#define PATH_BYTES 4096

int
bak_make_beside(const char *config, const char *name, char *out, size_t size)
{
	const char *slash = strrchr(config, '/');

	if (slash == NULL)
		return base_str_format(out, size, "%s", name);
	return base_str_format(
	    out, size, "%.*s/%s", (int)(slash - config), config, name);
}

/* The folder of a key in a file; nothing of one on a token. */
static int
key_folder(const struct bak_make *m, const char *uri, struct fault *f)
{
	char folder[PATH_BYTES], *slash;

	if (!base_str_starts(uri, "file:"))
		return 0;
	if (base_str_copy(folder, sizeof(folder), uri + 5) != 0 ||
	    (slash = strrchr(folder, '/')) == NULL)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "%.200s: not a usable path", uri);
	*slash = '\0';
	return bak_walk_keys(m->walk, folder, f);
}

/* State, audit log, and what the supervisor wrote of refusals. */
static int
add_state(const struct bak_make *m, const struct trustchain_server *s,
    const struct trustchain_audit *a, struct fault *f)
{
	char refused[PATH_BYTES];
	size_t n = strlen(s->state_dir);
	int rc;

	rc = base_str_format(
	    refused, sizeof(refused), "%s.refused", s->state_dir);
	if (rc != 0)
		return base_fault_set(f, rc, "state_dir is too long");
	if ((rc = bak_walk_folder(m->walk, s->state_dir, f)) != 0 ||
	    (rc = bak_walk_folder(m->walk, refused, f)) != 0)
		return rc;
	if (strncmp(a->dir, s->state_dir, n) == 0 && a->dir[n] == '/')
		return 0;
	return bak_walk_folder(m->walk, a->dir, f);
}

static int
add_ca(const struct bak_make *m, struct fault *f)
{
	const struct ca_config_issuer *is = m->ca->issuers.v;
	const char *name = m->ca->store.path + strlen(m->walk->root);
	size_t i;
	int rc;

	while (*name == '/')
		name++;
	if ((rc = bak_walk_file(m->walk, m->config, f)) != 0 ||
	    (rc = bak_walk_file(m->walk, m->ca->server.roots, f)) != 0 ||
	    (rc = key_folder(m, m->ca->server.seal_key, f)) != 0)
		return rc;
	for (i = 0; i < m->ca->issuers.n; i++)
		if ((rc = bak_walk_file(m->walk, is[i].cert, f)) != 0 ||
		    (rc = bak_walk_file(m->walk, is[i].chain, f)) != 0 ||
		    (rc = key_folder(m, is[i].key, f)) != 0)
			return rc;
	/* Before the audit log: events that the log has already are known to
	 * be there, missing ones would be lost. */
	rc = bak_out_file(m->walk->out, m->database, name, f);
	if (rc != 0)
		return rc;
	return add_state(m, &m->ca->server, &m->ca->audit, f);
}

static int
add_ct(const struct bak_make *m, const char *path, struct fault *f)
{
	struct ct_config *c;
	size_t i;
	int rc;

	if ((rc = ct_config_load(path, m->root, &c, f)) != 0)
		return rc;
	rc = bak_walk_file(m->walk, path, f);
	for (i = 0; rc == 0 && i < c->log.roots.n; i++)
		rc = bak_walk_file(
		    m->walk, ops_config_string(&c->log.roots, i), f);
	/* On a token the key files are those of the notes. */
	if (rc == 0 && c->log.keys[0] == '/')
		rc = bak_walk_keys(m->walk, c->log.keys, f);
	if (rc == 0)
		rc = key_folder(m, c->log.list_key, f);
	if (rc == 0)
		rc = add_state(m, &c->server, &c->audit, f);
	ct_config_free(c);
	return rc;
}

static int
add_witness(const struct bak_make *m, const char *path, struct fault *f)
{
	struct wit_config *c;
	int rc;

	if ((rc = wit_config_load(path, m->root, &c, f)) != 0)
		return rc;
	if ((rc = bak_walk_file(m->walk, path, f)) == 0 &&
	    (rc = key_folder(m, c->witness.key, f)) == 0 &&
	    (rc = key_folder(m, c->witness.key44, f)) == 0)
		rc = add_state(m, &c->server, &c->audit, f);
	wit_config_free(c);
	return rc;
}

static const struct {
	const char *name;
	int (*add)(const struct bak_make *, const char *, struct fault *);
} others[] = { { "ct.toml", add_ct }, { "witness.toml", add_witness } };

int
bak_make_all(const struct bak_make *m, struct fault *f)
{
	char path[PATH_BYTES];
	size_t i;
	int rc;

	if ((rc = add_ca(m, f)) != 0)
		return rc;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		rc = bak_make_beside(
		    m->config, others[i].name, path, sizeof(path));
		if (rc != 0)
			return base_fault_set(f, rc, "the path is too long");
		if (access(path, F_OK) == 0 &&
		    (rc = others[i].add(m, path, f)) != 0)
			return rc;
	}
	return 0;
}
