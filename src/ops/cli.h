/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_CLI_H
#define OPS_CLI_H

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of every program (identity.md section 12). */
enum ops_exit {
	OPS_EXIT_OK = 0,
	OPS_EXIT_FAILED = 1,
	OPS_EXIT_USAGE = 2,	  /* usage or configuration */
	OPS_EXIT_REFUSED = 3,	  /* policy or authorisation */
	OPS_EXIT_UNREACHABLE = 4, /* peer or daemon not there, or timeout */
	OPS_EXIT_INTEGRITY = 5
};

/* The flags every command takes, as parsed. */
struct ops_cli {
	const char *program;
	const char *config; /* never NULL: the flag or the default path */
	const char *root;   /* "" for none */
	bool json;
	bool check_config;
	const char *instance_id, *node_name, *ca_id, *log_id, *server_id;
	const struct ops_cli_command *command;
	const void *opts; /* the command's, for check_config */
};

enum ops_cli_arg { OPS_CLI_FLAG, OPS_CLI_VALUE, OPS_CLI_VALUES };

/* An option of one command; targets lie in the command's option struct. */
struct ops_cli_option {
	const char *name; /* without "--"; NULL ends the table */
	enum ops_cli_arg arg;
	size_t offset;	  /* bool; const char *; struct ops_cli_values */
	const char *meta; /* "FILE" in the usage text */
	const char *help;
};

#define OPS_CLI_VALUES_MAX 64

struct ops_cli_values {
	const char *v[OPS_CLI_VALUES_MAX];
	size_t n;
};

struct ops_cli_command {
	const char *name; /* "token create"; NULL ends the table */
	const char *args; /* positional arguments in the usage, or "" */
	const char *help; /* one line */
	int args_min, args_max;
	const struct ops_cli_option *options; /* NULL for none */
	size_t options_size;		      /* of the option struct */
	/* Returns an enum ops_exit.  ${opts} is zeroed before parsing. */
	int (*run)(
	    const struct ops_cli *, const void *opts, char **args, int nargs);
};

/* The configuration file of a command that has its own. */
struct ops_cli_config {
	const char *command; /* NULL ends the table */
	const char *config;
};

struct ops_cli_program {
	const char *name;
	const char *config;    /* "/etc/trustchain/ca.toml" */
	const char *root_env;  /* "TRUSTCHAIN_ROOT" */
	const char *protocols; /* lines for --version */
	const struct ops_cli_command *commands;
	int (*check_config)(const struct ops_cli *); /* --check-config */
	const struct ops_cli_config *configs;	     /* or NULL */
};

/**
 * ops_cli_main(p, argc, argv):
 * Parse the flags, find the command (a link named as a command runs it) and
 * run it; return the exit code.  Prints usage, --help and --version itself.
 */
int ops_cli_main(const struct ops_cli_program *p, int argc, char **argv);

/**
 * ops_cli_info(fmt, ...), ops_cli_success, ops_cli_warn, ops_cli_error:
 * Print one message line: [INFO] and [SUCCESS] on stdout, [WARN] and [ERROR]
 * on stderr.
 */
void ops_cli_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void ops_cli_success(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
void ops_cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void ops_cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * ops_cli_exit_of(rc):
 * Map an error code to the exit code an operator sees: configuration and
 * usage 2, refusals 3, unreachable and timeouts 4, integrity 5, else 1.
 */
int ops_cli_exit_of(int rc);

#endif
