/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define OPTIONS_MAX 48

/* Common flags; the index is the value getopt_long returns minus FIRST. */
enum { FIRST_COMMON = 1000, FIRST_OWN = 2000 };

enum {
	C_CONFIG,
	C_ROOT,
	C_JSON,
	C_CHECK,
	C_VERSION,
	C_HELP,
	C_INSTANCE,
	C_NODE,
	C_CA,
	C_LOG,
	C_SERVER
};

static const struct option common[] = {
	{ "config", required_argument, NULL, FIRST_COMMON + C_CONFIG },
	{ "root", required_argument, NULL, FIRST_COMMON + C_ROOT },
	{ "json", no_argument, NULL, FIRST_COMMON + C_JSON },
	{ "check-config", no_argument, NULL, FIRST_COMMON + C_CHECK },
	{ "version", no_argument, NULL, FIRST_COMMON + C_VERSION },
	{ "help", no_argument, NULL, FIRST_COMMON + C_HELP },
	{ "instance-id", required_argument, NULL, FIRST_COMMON + C_INSTANCE },
	{ "node-name", required_argument, NULL, FIRST_COMMON + C_NODE },
	{ "ca-id", required_argument, NULL, FIRST_COMMON + C_CA },
	{ "log-id", required_argument, NULL, FIRST_COMMON + C_LOG },
	{ "server-id", required_argument, NULL, FIRST_COMMON + C_SERVER },
};
#define NCOMMON (sizeof(common) / sizeof(common[0]))

/* State of one invocation. */
struct parse {
	const struct ops_cli_program *p;
	struct ops_cli cli;
	bool version, help;
	void *opts;
	char root[PATH_MAX];
};

static void
say(FILE *to, const char *tag, const char *fmt, va_list ap)
{
	char line[2048];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	(void)fprintf(to, "[%s] %s\n", tag, line);
	(void)fflush(to);
}

#define SAY(name, to, tag)                                                     \
	void ops_cli_##name(const char *fmt, ...)                              \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		say(to, tag, fmt, ap);                                         \
		va_end(ap);                                                    \
	}
SAY(info, stdout, "INFO")
SAY(success, stdout, "SUCCESS")
SAY(warn, stderr, "WARN")
SAY(error, stderr, "ERROR")

int
ops_cli_exit_of(int rc)
{
	switch (rc) {
	case 0:
		return OPS_EXIT_OK;
	case ERR_STATE_CONFIG:
	case ERR_STATE_USAGE:
		return OPS_EXIT_USAGE;
	case ERR_STATE_REFUSED:
	case ERR_STATE_UNAUTHORIZED:
	case ERR_STATE_FORBIDDEN:
	case ERR_STATE_HALTED:
	case ERR_STATE_CONFLICT:
	case ERR_STATE_EXISTS:
		return OPS_EXIT_REFUSED;
	case ERR_PEER_TIMEOUT:
	case ERR_PEER_CLOSED:
	case ERR_SYS_UNAVAILABLE:
	case ERR_SYS_TIMEOUT:
	case ERR_SYS_NETWORK:
		return OPS_EXIT_UNREACHABLE;
	case ERR_STATE_INTEGRITY:
	case ERR_SYS_CORRUPT:
		return OPS_EXIT_INTEGRITY;
	default:
		return OPS_EXIT_FAILED;
	}
}

static void
usage(const struct ops_cli_program *p, FILE *to)
{
	const struct ops_cli_command *c;

	(void)fprintf(to, "usage: %s [common flags] COMMAND ...\n\n", p->name);
	for (c = p->commands; c->name != NULL; c++)
		(void)fprintf(to, "  %s%s%s\n\t%s\n", c->name,
		    c->args[0] != '\0' ? " " : "", c->args, c->help);
	(void)fprintf(to,
	    "\ncommon flags: --config FILE (default %s), --root DIR (or %s),\n"
	    "  --json, --check-config, --version, --help, --instance-id ID,\n"
	    "  --node-name NAME, --ca-id ID, --log-id ID, --server-id ID\n"
	    "`%s COMMAND --help' lists the options of a command.\n"
	    "exit: 0 done, 1 failed, 2 usage or configuration, 3 refused,\n"
	    "  4 unreachable or timeout, 5 integrity violation\n",
	    p->config, p->root_env, p->name);
}

static void
usage_command(
    const struct ops_cli_program *p, const struct ops_cli_command *c, FILE *to)
{
	const struct ops_cli_option *o;

	(void)fprintf(to, "usage: %s %s%s%s\n%s\n", p->name, c->name,
	    c->args[0] != '\0' ? " " : "", c->args, c->help);
	for (o = c->options; o != NULL && o->name != NULL; o++)
		(void)fprintf(to, "  --%s%s%s%s\n\t%s\n", o->name,
		    o->arg == OPS_CLI_FLAG ? "" : " ",
		    o->arg == OPS_CLI_FLAG ? "" : o->meta,
		    o->arg == OPS_CLI_VALUES ? " ..." : "", o->help);
}

static void
set_common(struct parse *ps, int which, const char *value)
{
	switch (which) {
	case C_CONFIG:
		ps->cli.config = value;
		break;
	case C_ROOT:
		ps->cli.root = value;
		break;
	case C_JSON:
		ps->cli.json = true;
		break;
	case C_CHECK:
		ps->cli.check_config = true;
		break;
	case C_VERSION:
		ps->version = true;
		break;
	case C_HELP:
		ps->help = true;
		break;
	case C_INSTANCE:
		ps->cli.instance_id = value;
		break;
	case C_NODE:
		ps->cli.node_name = value;
		break;
	case C_CA:
		ps->cli.ca_id = value;
		break;
	case C_LOG:
		ps->cli.log_id = value;
		break;
	default:
		ps->cli.server_id = value;
	}
}

static int
set_own(struct parse *ps, const struct ops_cli_option *o, const char *value)
{
	char *at = (char *)ps->opts + o->offset;
	struct ops_cli_values *many;

	if (o->arg == OPS_CLI_FLAG) {
		*(bool *)(void *)at = true;
		return 0;
	}
	if (o->arg == OPS_CLI_VALUE) {
		*(const char **)(void *)at = value;
		return 0;
	}
	many = (struct ops_cli_values *)(void *)at;
	if (many->n == OPS_CLI_VALUES_MAX) {
		ops_cli_error(
		    "--%s: more than %d values", o->name, OPS_CLI_VALUES_MAX);
		return -1;
	}
	many->v[many->n++] = value;
	return 0;
}

static size_t
build_options(const struct ops_cli_command *c, struct option *out)
{
	const struct ops_cli_option *o;
	size_t n = NCOMMON;

	memcpy(out, common, sizeof(common));
	for (o = c == NULL ? NULL : c->options;
	     o != NULL && o->name != NULL && n < OPTIONS_MAX - 1; o++) {
		out[n].name = o->name;
		out[n].has_arg =
		    o->arg == OPS_CLI_FLAG ? no_argument : required_argument;
		out[n].flag = NULL;
		out[n].val = FIRST_OWN + (int)(o - c->options);
		n++;
	}
	memset(&out[n], 0, sizeof(out[n]));
	return n;
}

/*
 * Parse the flags of argv[1..); with a command, its own too.  Return the
 * index of the first word that is not a flag, or -1.
 */
static int
parse_flags(
    struct parse *ps, const struct ops_cli_command *c, int argc, char **argv)
{
	struct option options[OPTIONS_MAX];
	int v;

	(void)build_options(c, options);
	optind = 0;
	opterr = 0;
	while ((v = getopt_long(
		    argc, argv, c == NULL ? "+" : "", options, NULL)) != -1) {
		if (v == '?') {
			ops_cli_error("unknown flag or missing value: %s; "
				      "see %s --help",
			    argv[optind - 1], ps->p->name);
			return -1;
		}
		if (v < FIRST_OWN)
			set_common(ps, v - FIRST_COMMON, optarg);
		else if (set_own(ps, &c->options[v - FIRST_OWN], optarg) != 0)
			return -1;
	}
	return optind;
}

/* Match "token create" against the words; return how many it took. */
static int
match(const struct ops_cli_command *c, int nwords, char **words)
{
	const char *name = c->name;
	int used = 0;
	size_t n;

	for (; *name != '\0'; used++) {
		n = strcspn(name, " ");
		if (used == nwords || strlen(words[used]) != n ||
		    memcmp(words[used], name, n) != 0)
			return 0;
		name += n + (name[n] == ' ' ? 1 : 0);
	}
	return used;
}

static const struct ops_cli_command *
find_command(
    const struct ops_cli_program *p, int nwords, char **words, int *ret_used)
{
	const struct ops_cli_command *c;

	for (c = p->commands; c->name != NULL; c++)
		if ((*ret_used = match(c, nwords, words)) > 0)
			return c;
	return NULL;
}

static const struct ops_cli_command *
find_link(const struct ops_cli_program *p, const char *argv0)
{
	const char *base = strrchr(argv0, '/');
	const struct ops_cli_command *c;

	base = base == NULL ? argv0 : base + 1;
	for (c = p->commands; c->name != NULL; c++)
		if (strcmp(c->name, base) == 0)
			return c;
	return NULL;
}

static void
print_version(const struct ops_cli_program *p)
{
	(void)printf("%s %s\n%s", p->name, TROTH_VERSION, p->protocols);
}

/* A root folder means the same wherever a child process stands. */
static int
finish_root(struct parse *ps)
{
	const char *env = getenv(ps->p->root_env);

	if (ps->cli.root == NULL)
		ps->cli.root = env != NULL ? env : "";
	if (ps->cli.root[0] == '\0' || ps->cli.root[0] == '/')
		return 0;
	if (realpath(ps->cli.root, ps->root) == NULL) {
		ops_cli_error("--root %s: %s", ps->cli.root, strerror(errno));
		return -1;
	}
	ps->cli.root = ps->root;
	return 0;
}

static int
finish_defaults(struct parse *ps, char *path, size_t size)
{
	const struct ops_cli_config *own = ps->p->configs;
	const char *config = ps->p->config;

	if (finish_root(ps) != 0)
		return -1;
	if (ps->cli.config != NULL)
		return 0;
	for (; own != NULL && own->command != NULL; own++)
		if (ps->cli.command != NULL &&
		    strcmp(ps->cli.command->name, own->command) == 0)
			config = own->config;
	if ((size_t)snprintf(path, size, "%s%s", ps->cli.root, config) >=
	    size) {
		ops_cli_error("--root is too long");
		return -1;
	}
	ps->cli.config = path;
	return 0;
}

static int
run(struct parse *ps, char **args, int nargs)
{
	const struct ops_cli_command *c = ps->cli.command;

	if (nargs < c->args_min || nargs > c->args_max) {
		usage_command(ps->p, c, stderr);
		return OPS_EXIT_USAGE;
	}
	ps->cli.opts = ps->opts;
	if (ps->cli.check_config)
		return ps->p->check_config(&ps->cli);
	return c->run(&ps->cli, ps->opts, args, nargs);
}

static int
dispatch(struct parse *ps, int argc, char **argv)
{
	const struct ops_cli_command *c = find_link(ps->p, argv[0]);
	int at = 1, used = 0, rc;

	if (c == NULL) {
		if ((at = parse_flags(ps, NULL, argc, argv)) == -1)
			return OPS_EXIT_USAGE;
		c = find_command(ps->p, argc - at, argv + at, &used);
	}
	if (ps->version) {
		print_version(ps->p);
		return OPS_EXIT_OK;
	}
	if (c == NULL) {
		char path[4096];

		if (ps->cli.check_config && at == argc &&
		    finish_defaults(ps, path, sizeof(path)) == 0)
			return ps->p->check_config(&ps->cli);
		if (at < argc)
			ops_cli_error("unknown command: %s", argv[at]);
		usage(ps->p, ps->help ? stdout : stderr);
		return ps->help ? OPS_EXIT_OK : OPS_EXIT_USAGE;
	}
	ps->cli.command = c;
	if (c->options_size > 0 &&
	    (ps->opts = calloc(1, c->options_size)) == NULL)
		return OPS_EXIT_FAILED;
	/* What is left: the last word of the command stands for argv[0]. */
	argv += at + used - 1;
	argc -= at + used - 1;
	if ((rc = parse_flags(ps, c, argc, argv)) == -1)
		return OPS_EXIT_USAGE;
	if (ps->version || ps->help) {
		if (ps->version)
			print_version(ps->p);
		else
			usage_command(ps->p, c, stdout);
		return OPS_EXIT_OK;
	}
	char path[4096];

	if (finish_defaults(ps, path, sizeof(path)) != 0)
		return OPS_EXIT_USAGE;
	return run(ps, argv + rc, argc - rc);
}

int
ops_cli_main(const struct ops_cli_program *p, int argc, char **argv)
{
	struct parse ps = { .p = p, .cli = { .program = p->name } };
	int rc;

	rc = dispatch(&ps, argc, argv);
	free(ps.opts);
	return rc;
}
