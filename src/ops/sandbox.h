/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_SANDBOX_H
#define OPS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * Confinement of a child process, entered before the first peer byte:
 * no_new_privs, not dumpable, Landlock for files, seccomp for calls.
 *
 * MAIN: Landlock allows only the listed paths.  seccomp denies (EPERM)
 * tracing and reading other processes, exec, kernel keyrings, mounts,
 * namespaces, modules, bpf, io_uring.
 * KEYS: no file can be opened and no socket made; seccomp allows only what a
 * process that answers on open descriptors needs, all else is EPERM.
 * TOKEN: as KEYS, but files below the listed paths can be used and unix
 * sockets connected to, as the module of a token needs.
 */
enum ops_sandbox_profile {
	OPS_SANDBOX_MAIN,
	OPS_SANDBOX_KEYS,
	OPS_SANDBOX_TOKEN
};

/* One allowed path with all below it; skipped if missing or out of reach. */
enum ops_sandbox_access {
	OPS_SANDBOX_READ,    /* read files, list folders, load libraries */
	OPS_SANDBOX_WRITE,   /* the same, and create, write, rename, delete */
	OPS_SANDBOX_CONTENTS /* WRITE on each entry now in this folder except
			      * ${except}; the folder itself only for listing */
};

struct ops_sandbox_path {
	const char *path;
	enum ops_sandbox_access access;
	const char *except; /* CONTENTS: one name left out, or NULL */
};

struct ops_sandbox {
	enum ops_sandbox_profile profile;
	const struct ops_sandbox_path *paths; /* MAIN and TOKEN */
	size_t npaths;
};

struct ops_sandbox_state {
	int landlock_abi; /* 0: the kernel has none, files are not confined */
	bool seccomp;
};

/**
 * ops_sandbox_enter(sb, ret_state, f):
 * Confine the calling process for good, all its threads included; call it
 * before starting threads.  A kernel without Landlock is no error: the caller
 * logs ${ret_state}.  ERR_SYS_OS with the failed step in ${f}; the process
 * should then exit.
 */
MUST_CHECK int ops_sandbox_enter(const struct ops_sandbox *sb,
    struct ops_sandbox_state *ret_state, struct fault *f);

/**
 * ops_sandbox_no_io_uring(f):
 * Make io_uring look absent to the calling thread.  Call it before a loop is
 * made: newer versions of libuv else make a ring for it (whatever
 * UV_USE_IO_URING says), which they can no longer use once the process is
 * confined, and abort.  ERR_SYS_OS, ERR_SYS_NOMEM.
 */
MUST_CHECK int ops_sandbox_no_io_uring(struct fault *f);

/**
 * ops_sandbox_harden(void):
 * Only PR_SET_DUMPABLE 0, no core files and no_new_privs: for the supervisor
 * at its start.
 */
void ops_sandbox_harden(void);

/**
 * ops_sandbox_probe(void):
 * Return the Landlock ABI of the kernel, 0 for none.
 */
int ops_sandbox_probe(void);

#endif
