/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_mode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "ops/cli.h"

#define NAME "trustchain-server"
#define MODE "--mode="

static const struct {
	const char *mode, *program; /* NULL: not built */
} modes[] = { { "ca", "trustchain-ca" }, { "ct", "trustchain-ct" },
	{ "dns", NULL } };

bool
trustchain_mode_wanted(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash == NULL ? argv0 : slash + 1, NAME) == 0;
}

/* The program of that name beside this one. */
static int
beside(const char *program, char *path, size_t size)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n < 0)
		return ERR_SYS_OS;
	exe[n] = '\0';
	if ((slash = strrchr(exe, '/')) == NULL)
		return ERR_SYS_OS;
	*slash = '\0';
	return base_str_format(path, size, "%s/%s", exe, program);
}

static int
become(const char *program, int argc, char **argv)
{
	char **args = calloc((size_t)argc + 2, sizeof(*args));
	char path[4096];
	int i, n = 0;

	if (args == NULL || beside(program, path, sizeof(path)) != 0) {
		ops_cli_error("cannot find %s beside " NAME, program);
		free(args);
		return OPS_EXIT_FAILED;
	}
	args[n++] = path;
	args[n++] = (char *)(uintptr_t) "serve";
	for (i = 1; i < argc; i++)
		if (!base_str_starts(argv[i], MODE))
			args[n++] = argv[i];
	(void)execv(path, args);
	ops_cli_error("%s: %s", path, strerror(errno));
	free(args);
	return OPS_EXIT_FAILED;
}

int
trustchain_mode_exec(int argc, char **argv)
{
	const char *mode = NULL;
	size_t i;
	int k;

	for (k = 1; k < argc; k++)
		if (base_str_starts(argv[k], MODE))
			mode = argv[k] + strlen(MODE);
	for (i = 0; mode != NULL && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i].mode) == 0) {
			if (modes[i].program != NULL)
				return become(modes[i].program, argc, argv);
			ops_cli_error("mode dns is not built");
			return OPS_EXIT_USAGE;
		}
	ops_cli_error("usage: " NAME " " MODE "ca|ct|dns [serve's flags]");
	return OPS_EXIT_USAGE;
}
