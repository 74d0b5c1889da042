/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A schema with one of everything. */
struct server {
	char *listen;
	char *name;
	char *file;
	char *key;
	int64_t workers;
	double fill;
	bool strict;
	int environment;
	struct ops_config_list names;
	struct ops_config_list roots;
};

struct issuer {
	char *id;
	bool is_default;
};

struct profile {
	char *name;
	int64_t validity_s;
};

struct token {
	char *hash;
};

struct conf {
	struct server server;
	struct ops_config_list issuers;
	struct ops_config_list profiles;
	struct ops_config_list tokens;
	bool finished;
};

static const char *
check_id(const char *v)
{
	return strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(v)
		   ? NULL
		   : "must be of a-z, 0-9 and -";
}

#define AT(s, m) offsetof(struct s, m)

static const struct ops_config_key server_keys[] = {
	{ "listen", OPS_CONFIG_ADDR, AT(server, listen), "[::]:8443", 0, 0,
	    NULL, NULL },
	{ "name", OPS_CONFIG_STRING, AT(server, name), "", 0, 20, NULL, NULL },
	{ "file", OPS_CONFIG_PATH, AT(server, file), "/etc/x.pem", 0, 0, NULL,
	    NULL },
	{ "key", OPS_CONFIG_URI, AT(server, key), "", 0, 0, NULL, NULL },
	{ "workers", OPS_CONFIG_INT, AT(server, workers), "0", 0, 64, NULL,
	    NULL },
	{ "fill", OPS_CONFIG_DOUBLE, AT(server, fill), "0.8", 100, 1000, NULL,
	    NULL },
	{ "strict", OPS_CONFIG_BOOL, AT(server, strict), "false", 0, 0, NULL,
	    NULL },
	{ "environment", OPS_CONFIG_ENUM, AT(server, environment), "production",
	    0, 0, "local|staging|production", NULL },
	{ "names", OPS_CONFIG_LIST, AT(server, names), "a,b", 0, 3, NULL,
	    NULL },
	{ "roots", OPS_CONFIG_PATHS, AT(server, roots), "", 0, 0, NULL, NULL },
	{ .name = NULL },
};

static const struct ops_config_key issuer_keys[] = {
	{ "id", OPS_CONFIG_STRING, AT(issuer, id), NULL, 0, 16, NULL,
	    check_id },
	{ "default", OPS_CONFIG_BOOL, AT(issuer, is_default), "false", 0, 0,
	    NULL, NULL },
	{ .name = NULL },
};

static const struct ops_config_key profile_keys[] = {
	{ "validity_s", OPS_CONFIG_INT, AT(profile, validity_s), "86400", 3600,
	    86400, NULL, NULL },
	{ .name = NULL },
};

static const struct ops_config_key token_keys[] = {
	{ "hash", OPS_CONFIG_STRING, AT(token, hash), NULL, 0, 64, NULL, NULL },
	{ .name = NULL },
};

static const struct ops_config_section sections[] = {
	{ "server", OPS_CONFIG_TABLE, AT(conf, server), sizeof(struct server),
	    0, 0, server_keys },
	{ "issuer", OPS_CONFIG_ARRAY, AT(conf, issuers), sizeof(struct issuer),
	    2, 0, issuer_keys },
	{ "profile", OPS_CONFIG_NAMED, AT(conf, profiles),
	    sizeof(struct profile), 4, AT(profile, name), profile_keys },
	{ "server.tokens", OPS_CONFIG_ARRAY, AT(conf, tokens),
	    sizeof(struct token), 8, 0, token_keys },
	{ .name = NULL },
};

static int
finish(void *target, const char *root, struct fault *f)
{
	struct conf *c = target;

	(void)root;
	if (strcmp(c->server.name, "both") == 0 && c->server.strict)
		return base_fault_set(f, ERR_STATE_CONFIG, "not both");
	c->finished = true;
	return 0;
}

static const struct ops_config_schema schema = { sizeof(struct conf),
	"TROTHTEST", sections, finish };

static char dir[] = "/tmp/troth-config-XXXXXX";
static char file[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(file, sizeof(file), "%s/t.toml", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(dir);
}

static int
load(const char *text, const char *root, struct conf **ret, struct fault *f)
{
	void *out = NULL;
	FILE *o = fopen(file, "w");
	int rc;

	assert_non_null(o);
	assert_true(fputs(text, o) >= 0);
	assert_int_equal(fclose(o), 0);
	rc = ops_config_load(&schema, file, root, &out, f);
	*ret = out;
	return rc;
}

static void
test_defaults(void **state)
{
	struct fault f = { 0 };
	struct conf *c;

	(void)state;
	assert_int_equal(load("", NULL, &c, &f), 0);
	assert_string_equal(c->server.listen, "[::]:8443");
	assert_string_equal(c->server.file, "/etc/x.pem");
	assert_int_equal(c->server.environment, 2);
	assert_int_equal(c->server.names.n, 2);
	assert_string_equal(ops_config_string(&c->server.names, 1), "b");
	assert_true(c->server.fill > 0.79 && c->server.fill < 0.81);
	assert_int_equal(c->issuers.n, 0);
	assert_true(c->finished);
	ops_config_free(&schema, c);
}

static void
test_values(void **state)
{
	static const char text[] =
	    "[server]\nlisten = \"unix:/run/x.sock\"\nname='n'\n"
	    "file = \"certs/a.pem\"\nkey = \"file:keys/k.key\"\n"
	    "workers = 4\nfill = 1\nstrict = true\nenvironment=\"local\"\n"
	    "names = [\"x\"]\nroots = [\"/r1\", \"r2\"]\n"
	    "tokens = [{hash = \"aa\"}, {hash=\"bb\"}]\n"
	    "[[issuer]]\nid = \"i1\"\ndefault = true\n[[issuer]]\nid='i2'\n"
	    "[profile.web]\nvalidity_s = 7200\n";
	struct fault f = { 0 };
	struct issuer *is;
	struct conf *c;
	char want[128];

	(void)state;
	assert_int_equal(load(text, "/tmp/root", &c, &f), 0);
	assert_string_equal(c->server.listen, "unix:/tmp/root/run/x.sock");
	(void)snprintf(want, sizeof(want), "%s/certs/a.pem", dir);
	assert_string_equal(c->server.file, want);
	(void)snprintf(want, sizeof(want), "file:%s/keys/k.key", dir);
	assert_string_equal(c->server.key, want);
	assert_int_equal(c->server.workers, 4);
	assert_int_equal(c->server.environment, 0);
	assert_true(c->server.strict);
	assert_string_equal(
	    ops_config_string(&c->server.roots, 0), "/tmp/root/r1");
	(void)snprintf(want, sizeof(want), "%s/r2", dir);
	assert_string_equal(ops_config_string(&c->server.roots, 1), want);
	assert_int_equal(c->issuers.n, 2);
	is = c->issuers.v;
	assert_string_equal(is[1].id, "i2");
	assert_true(is[0].is_default);
	assert_int_equal(c->profiles.n, 1);
	assert_string_equal(((struct profile *)c->profiles.v)->name, "web");
	assert_int_equal(((struct profile *)c->profiles.v)->validity_s, 7200);
	assert_int_equal(c->tokens.n, 2);
	ops_config_free(&schema, c);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *text;
		const char *what;
	} bad[] = {
		{ "[server]\nworkerz = 1\n", ":2: [server] unknown key" },
		{ "\n[servers]\n", ":2: unknown section" },
		{ "[server]\n\nworkers = 65\n", ":3: [server] workers = 65" },
		{ "[server]\nworkers = -1\n", "outside 0..64" },
		{ "[server]\nworkers = \"1\"\n", "must be an integer" },
		{ "[server]\nstrict = 1\n", "must be true or false" },
		{ "[server]\nfill = 1.5\n", "outside 0.1..1" },
		{ "[server]\nname = \"123456789012345678901\"\n",
		    "longer than 20" },
		{ "[server]\nnames = [\"a\",\"b\",\"c\",\"d\"]\n",
		    "more than 3" },
		{ "[server]\nnames = [1]\n", "list of strings" },
		{ "[server]\nenvironment = \"loc\"\n", "is not one of" },
		{ "[[server]]\nname = \"a\"\n", "must be written [section]" },
		{ "[issuer]\nid = \"a\"\n", "must be written [[section]]" },
		{ "[[issuer]]\ndefault = true\n", "[issuer] id is missing" },
		{ "[[issuer]]\nid = \"A\"\n", "must be of a-z" },
		{ "[[issuer]]\nid = \"a\"\nx = 1\n", ":3: [issuer] unknown" },
		{ "[[issuer]]\nid=\"a\"\n[[issuer]]\nid=\"b\"\n[[issuer]]\n"
		  "id=\"c\"\n",
		    "too many" },
		{ "[profile.a]\nvalidity_s = 1\n", "outside 3600..86400" },
		{ "[profile]\nvalidity_s = 1\n", "must hold tables" },
		{ "[server]\nname = \"both\"\nstrict = true\n", "not both" },
		{ "[server]\nname = \"a\"\nname = \"b\"\n", ":3: not TOML" },
		{ "[server\n", ":1: not TOML" },
		{ "[server]\nname = \"a\\u0000b\"\n", "zero byte" },
	};
	struct fault f;
	struct conf *c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&f, 0, sizeof(f));
		assert_int_equal(
		    load(bad[i].text, NULL, &c, &f), ERR_STATE_CONFIG);
		assert_null(c);
		if (strstr(f.msg, bad[i].what) == NULL)
			fail_msg("%s: got \"%s\"", bad[i].text, f.msg);
	}
}

static void
test_environment(void **state)
{
	struct fault f = { 0 };
	struct conf *c;

	(void)state;
	assert_int_equal(setenv("TROTHTEST_SERVER_WORKERS", "7", 1), 0);
	assert_int_equal(setenv("TROTHTEST_SERVER_NAMES", "p, q", 1), 0);
	assert_int_equal(load("[server]\nworkers = 3\n", NULL, &c, &f), 0);
	assert_int_equal(c->server.workers, 7);
	assert_int_equal(c->server.names.n, 2);
	assert_string_equal(ops_config_string(&c->server.names, 1), "q");
	ops_config_free(&schema, c);
	assert_int_equal(setenv("TROTHTEST_SERVER_WORKERS", "65", 1), 0);
	assert_int_equal(load("", NULL, &c, &f), ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "TROTHTEST_SERVER_WORKERS"));
	assert_int_equal(setenv("TROTHTEST_SERVER_WORKERS", "7x", 1), 0);
	assert_int_equal(load("", NULL, &c, &f), ERR_STATE_CONFIG);
	assert_int_equal(unsetenv("TROTHTEST_SERVER_WORKERS"), 0);
	assert_int_equal(unsetenv("TROTHTEST_SERVER_NAMES"), 0);
}

static void
test_missing_file(void **state)
{
	struct fault f = { 0 };
	void *out = NULL;

	(void)state;
	assert_int_equal(
	    ops_config_load(&schema, "/nonexistent/x.toml", NULL, &out, &f),
	    ERR_STATE_NOT_FOUND);
	assert_null(out);
	assert_non_null(strstr(f.msg, "/nonexistent/x.toml"));
}

static const char *
refuse_strict(const struct conf *c)
{
	return c->server.strict ? "strict" : NULL;
}

static int
check_reload(const void *target, struct fault *f)
{
	const char *why = refuse_strict(target);

	return why == NULL ? 0 : base_fault_set(f, ERR_STATE_CONFIG, "%s", why);
}

/* Reload ${text} over ${live}. */
static int
reload(const char *text, struct conf *live, struct ops_config_changes *ret,
    struct fault *f)
{
	static const char *const changeable[] = { "server.workers",
		"server.fill", "server.environment", "server.strict",
		"server.name", NULL };
	const struct ops_config_rules rules = { changeable, NULL,
		check_reload };
	FILE *o = fopen(file, "w+");
	struct ops_config_source from = { fileno(o), "moved.toml", NULL };
	int rc;

	assert_true(fputs(text, o) >= 0);
	rewind(o);
	rc = ops_config_reload(&schema, &rules, &from, live, ret, f);
	assert_int_equal(fclose(o), 0);
	return rc;
}

static void
test_reload(void **state)
{
	static const char was[] =
	    "[server]\nworkers = 2\nname = \"n\"\n"
	    "[[issuer]]\nid = \"i1\"\n[profile.x]\nvalidity_s = 7200\n";
	struct ops_config_changes c;
	struct fault f = { 0 };
	struct conf *live;

	(void)state;
	assert_int_equal(load(was, NULL, &live, &f), 0);
	assert_int_equal(reload(was, live, &c, &f), 0);
	assert_int_equal(c.adopted.count + c.restart.count, 0);
	/* Numbers and choices that may change do, text does not, and each list
	 * of sections is one thing. */
	assert_int_equal(reload("[server]\nworkers = 3\nname = \"m\"\n"
				"environment = \"local\"\nnames = [\"a\"]\n"
				"[[issuer]]\nid = \"i2\"\n"
				"[profile.x]\nvalidity_s = 7201\n",
			     live, &c, &f),
	    0);
	assert_string_equal(
	    c.adopted.text, "server.workers server.environment");
	assert_string_equal(
	    c.restart.text, "server.name server.names issuer profile");
	assert_int_equal(c.adopted.count, 2);
	assert_int_equal(c.restart.count, 4);
	assert_int_equal(live->server.workers, 3);
	assert_int_equal(live->server.environment, 0);
	assert_string_equal(live->server.name, "n");
	assert_int_equal(live->server.names.n, 2);
	/* Bad files change nothing, and say where. */
	assert_int_equal(
	    reload("[server]\nworkers = 4\nwhat = 1\n", live, &c, &f),
	    ERR_STATE_CONFIG);
	assert_non_null(strstr(f.msg, "moved.toml:3: [server] unknown key"));
	assert_int_equal(
	    reload("[server]\nworkers = 4\nstrict = true\n", live, &c, &f),
	    ERR_STATE_CONFIG);
	assert_int_equal(live->server.workers, 3);
	ops_config_free(&schema, live);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_reload),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
