/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops/sandbox_internal.h"

/* Rights of later kernels than the headers may know; numbers are the ABI. */
#define FS_REFER (1ULL << 13)	 /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14) /* ABI 3 */

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CREATE                                                              \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |      \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |        \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | FS_REFER)
#define FS_WRITE                                                               \
	(FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_CREATE)
#define FS_ABI1 ((1ULL << 13) - 1)
/* What a rule on a file, not a folder, may grant. */
#define FS_FILE                                                                \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	    FS_TRUNCATE)

int
ops_sandbox_probe(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

void
ops_sandbox_harden(void)
{
	struct rlimit none = { 0, 0 };

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static uint64_t
handled(int abi)
{
	uint64_t rights = FS_ABI1;

	if (abi >= 2)
		rights |= FS_REFER;
	if (abi >= 3)
		rights |= FS_TRUNCATE;
	return rights;
}

static int
allow(int ruleset, const char *path, uint64_t rights, struct fault *f)
{
	struct landlock_path_beneath_attr rule = { 0 };
	struct stat st;
	int rc = 0;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1 || fstat(rule.parent_fd, &st) != 0) {
		if (rule.parent_fd != -1)
			(void)close(rule.parent_fd);
		/* What this user cannot reach needs no rule. */
		if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
			return 0;
		return base_fault_set(
		    f, ERR_SYS_OS, "sandbox: %s: %s", path, strerror(errno));
	}
	rule.allowed_access = S_ISDIR(st.st_mode) ? rights : rights & FS_FILE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&rule, 0) != 0)
		rc = base_fault_set(f, ERR_SYS_OS, "sandbox: rule for %s: %s",
		    path, strerror(errno));
	(void)close(rule.parent_fd);
	return rc;
}

static int
allow_contents(int ruleset, const struct ops_sandbox_path *p, uint64_t rights,
    struct fault *f)
{
	char path[4096];
	struct dirent *e;
	int rc = 0;
	DIR *d;

	if ((d = opendir(p->path)) == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    (p->except != NULL && strcmp(e->d_name, p->except) == 0))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", p->path, e->d_name);
		rc = allow(ruleset, path, rights, f);
	}
	(void)closedir(d);
	/* Listing and syncing the folder itself tells nothing of what the
	 * files in it hold. */
	return rc != 0 ? rc
		       : allow(ruleset, p->path,
			     LANDLOCK_ACCESS_FS_READ_DIR, f);
}

static int
add_rules(
    int ruleset, const struct ops_sandbox *sb, uint64_t all, struct fault *f)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sb->npaths; i++) {
		const struct ops_sandbox_path *p = &sb->paths[i];

		if (p->access == OPS_SANDBOX_CONTENTS)
			rc = allow_contents(ruleset, p, FS_WRITE & all, f);
		else
			rc = allow(ruleset, p->path,
			    (p->access == OPS_SANDBOX_READ ? FS_READ
							   : FS_WRITE) &
				all,
			    f);
	}
	return rc;
}

static int
confine_files(const struct ops_sandbox *sb, int abi, struct fault *f)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs =
						  handled(abi) };
	int ruleset, rc;

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr.handled_access_fs), 0);
	if (ruleset == -1)
		return base_fault_set(
		    f, ERR_SYS_OS, "sandbox: ruleset: %s", strerror(errno));
	rc = add_rules(ruleset, sb, attr.handled_access_fs, f);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		rc = base_fault_set(
		    f, ERR_SYS_OS, "sandbox: restrict: %s", strerror(errno));
	(void)close(ruleset);
	return rc;
}

int
ops_sandbox_enter(const struct ops_sandbox *sb,
    struct ops_sandbox_state *ret_state, struct fault *f)
{
	struct ops_sandbox_state state = { ops_sandbox_probe(), true };
	int rc;

	ops_sandbox_harden();
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return base_fault_set(
		    f, ERR_SYS_OS, "sandbox: no_new_privs was not set");
	if (state.landlock_abi > 0 &&
	    (rc = confine_files(sb, state.landlock_abi, f)) != 0)
		return rc;
	if ((rc = ops_sandbox_seccomp(sb->profile, f)) != 0)
		return rc;
	*ret_state = state;
	return 0;
}
