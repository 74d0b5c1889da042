/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

struct opts {
	bool generate;
	const char *csr;
	struct ops_cli_values san;
};

/* What the command saw; tests run one at a time. */
static struct {
	struct ops_cli cli;
	struct opts opts;
	char config[256];
	char args[256];
	int runs, checks;
} seen;

static int
cmd(const struct ops_cli *cli, const void *opts, char **args, int nargs)
{
	int i;

	seen.cli = *cli;
	strncpy(seen.config, cli->config, sizeof(seen.config) - 1);
	seen.opts = *(const struct opts *)opts;
	seen.args[0] = '\0';
	for (i = 0; i < nargs; i++) {
		strncat(seen.args, args[i], 100);
		strncat(seen.args, ";", 2);
	}
	seen.runs++;
	return OPS_EXIT_REFUSED;
}

static int
check(const struct ops_cli *cli)
{
	(void)cli;
	seen.checks++;
	return OPS_EXIT_OK;
}

static const struct ops_cli_option options[] = {
	{ "generate", OPS_CLI_FLAG, offsetof(struct opts, generate), NULL,
	    "make it" },
	{ "csr", OPS_CLI_VALUE, offsetof(struct opts, csr), "FILE", "a CSR" },
	{ "san", OPS_CLI_VALUES, offsetof(struct opts, san), "NAME", "names" },
	{ .name = NULL },
};

static const struct ops_cli_command commands[] = {
	{ "issue", "[FILE]", "issue one", 0, 1, options, sizeof(struct opts),
	    cmd },
	{ "token create", "", "make a token", 0, 0, options,
	    sizeof(struct opts), cmd },
	{ "other", "", "has its own file", 0, 0, options, sizeof(struct opts),
	    cmd },
	{ .name = NULL },
};

static const struct ops_cli_config configs[] = {
	{ "other", "/etc/o.toml" },
	{ NULL, NULL },
};

static const struct ops_cli_program program = { "prog", "/etc/p.toml",
	"TROTHTEST_ROOT", "protocol x/1\n", commands, check, configs };

static int
call(const char *const *argv)
{
	char *copy[16];
	int n;

	memset(&seen, 0, sizeof(seen));
	for (n = 0; argv[n] != NULL; n++)
		copy[n] = (char *)(uintptr_t)argv[n];
	copy[n] = NULL;
	return ops_cli_main(&program, n, copy);
}

#define CALL(...) call((const char *const[]){ __VA_ARGS__, NULL })

static void
test_commands(void **state)
{
	(void)state;
	assert_int_equal(CALL("prog", "--root", "/r", "issue", "--csr", "f",
			     "--san", "a", "pos", "--san=b", "--json"),
	    OPS_EXIT_REFUSED);
	assert_int_equal(seen.runs, 1);
	assert_string_equal(seen.cli.root, "/r");
	assert_string_equal(seen.config, "/r/etc/p.toml");
	assert_true(seen.cli.json);
	assert_string_equal(seen.opts.csr, "f");
	assert_int_equal(seen.opts.san.n, 2);
	assert_string_equal(seen.opts.san.v[1], "b");
	assert_string_equal(seen.args, "pos;");

	assert_int_equal(
	    CALL("prog", "token", "create", "--generate"), OPS_EXIT_REFUSED);
	assert_true(seen.opts.generate);
	assert_string_equal(seen.cli.command->name, "token create");
	assert_string_equal(seen.config, "/etc/p.toml");
	assert_int_equal(CALL("prog", "other"), OPS_EXIT_REFUSED);
	assert_string_equal(seen.config, "/etc/o.toml");
	assert_int_equal(
	    CALL("prog", "--config", "x", "other"), OPS_EXIT_REFUSED);
	assert_string_equal(seen.config, "x");

	/* A link named as a command runs it; --config is used as given. */
	assert_int_equal(
	    CALL("/app/issue", "--config", "c", "--root=/r"), OPS_EXIT_REFUSED);
	assert_string_equal(seen.config, "c");
	assert_string_equal(seen.cli.command->name, "issue");
}

static void
test_root_environment(void **state)
{
	(void)state;
	assert_int_equal(setenv("TROTHTEST_ROOT", "/env", 1), 0);
	assert_int_equal(CALL("prog", "issue"), OPS_EXIT_REFUSED);
	assert_string_equal(seen.cli.root, "/env");
	assert_string_equal(seen.config, "/env/etc/p.toml");
	assert_int_equal(
	    CALL("prog", "issue", "--root", "/flag"), OPS_EXIT_REFUSED);
	assert_string_equal(seen.cli.root, "/flag");
	assert_int_equal(unsetenv("TROTHTEST_ROOT"), 0);
}

static void
test_usage(void **state)
{
	(void)state;
	assert_int_equal(CALL("prog"), OPS_EXIT_USAGE);
	assert_int_equal(CALL("prog", "nonsense"), OPS_EXIT_USAGE);
	assert_int_equal(CALL("prog", "token"), OPS_EXIT_USAGE);
	assert_int_equal(CALL("prog", "issue", "--nope"), OPS_EXIT_USAGE);
	assert_int_equal(CALL("prog", "issue", "--csr"), OPS_EXIT_USAGE);
	assert_int_equal(CALL("prog", "issue", "a", "b"), OPS_EXIT_USAGE);
	assert_int_equal(seen.runs, 0);
	assert_int_equal(CALL("prog", "--version"), OPS_EXIT_OK);
	assert_int_equal(CALL("prog", "--help"), OPS_EXIT_OK);
	assert_int_equal(CALL("prog", "issue", "--help"), OPS_EXIT_OK);
	assert_int_equal(seen.runs, 0);
	assert_int_equal(CALL("prog", "--check-config"), OPS_EXIT_OK);
	assert_int_equal(seen.checks, 1);
	assert_int_equal(CALL("prog", "issue", "--check-config"), OPS_EXIT_OK);
	assert_int_equal(seen.runs, 0);
	assert_int_equal(seen.checks, 1);
}

static void
test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(ops_cli_exit_of(0), 0);
	assert_int_equal(ops_cli_exit_of(ERR_STATE_CONFIG), 2);
	assert_int_equal(ops_cli_exit_of(ERR_STATE_FORBIDDEN), 3);
	assert_int_equal(ops_cli_exit_of(ERR_SYS_TIMEOUT), 4);
	assert_int_equal(ops_cli_exit_of(ERR_STATE_INTEGRITY), 5);
	assert_int_equal(ops_cli_exit_of(ERR_SYS_NOMEM), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_root_environment),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
