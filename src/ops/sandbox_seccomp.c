/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/sandbox_internal.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>

/*
 * What main never needs and an intruder would like: other processes' memory
 * and descriptors, new programs, the kernel's keyrings, mounts, namespaces
 * and the interfaces through which filters have been sidestepped.
 */
static const char *const main_denied[] = { "ptrace", "process_vm_readv",
	"process_vm_writev", "process_madvise", "pidfd_getfd", "pidfd_open",
	"kcmp", "execve", "execveat", "add_key", "request_key", "keyctl",
	"mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount",
	"fsconfig", "fspick", "mount_setattr", "pivot_root", "chroot",
	"unshare", "setns", "init_module", "finit_module", "delete_module",
	"kexec_load", "kexec_file_load", "bpf", "perf_event_open",
	"userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"open_by_handle_at", "reboot", "swapon", "swapoff", "settimeofday",
	"clock_settime", "clock_adjtime", "adjtimex", "sethostname",
	"setdomainname", "iopl", "ioperm", "acct", "quotactl", "syslog",
	"vhangup", "personality", NULL };

/* Socket families main has no use for. */
static const int main_denied_families[] = { AF_PACKET, AF_ALG, AF_KEY, AF_VSOCK,
	AF_BLUETOOTH, AF_CAN, AF_TIPC, AF_RDS };

/* All the key process does after its start: answer on open descriptors. */
static const char *const keys_allowed[] = { "read", "readv", "pread64", "write",
	"writev", "recvmsg", "sendmsg", "recvfrom", "sendto", "close", "fstat",
	"newfstatat", "lseek", "fcntl", "dup", "dup2", "dup3", "poll", "ppoll",
	"select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "eventfd2", "pipe2", "timerfd_create", "timerfd_settime",
	"ftruncate", "memfd_create", "mmap", "munmap", "mremap", "mprotect",
	"madvise", "brk", "mlock", "mlock2", "munlock", "futex", "futex_waitv",
	"rseq", "set_robust_list", "get_robust_list", "set_tid_address",
	"sched_yield", "sched_getaffinity", "clock_gettime", "clock_getres",
	"clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom",
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid",
	"getrusage", "prlimit64", "uname", "sysinfo", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack",
	"restart_syscall", "tgkill", "exit", "exit_group", NULL };

/* What the module of a token may do besides: files, below the paths that
 * Landlock allows, and a connection to its service. */
static const char *const token_allowed[] = { "open", "openat", "access",
	"faccessat", "faccessat2", "stat", "lstat", "statx", "statfs",
	"fstatfs", "getdents64", "readlink", "readlinkat", "unlink", "unlinkat",
	"rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir",
	"fchmod", "umask", "fsync", "fdatasync", "flock", "pwrite64", "getcwd",
	"connect", "getsockname", "getpeername", "getsockopt", "setsockopt",
	"shutdown", "eventfd", "pipe", NULL };

static int
filter_main(scmp_filter_ctx ctx)
{
	size_t i;
	int nr, rc = 0;

	for (i = 0; rc == 0 && main_denied[i] != NULL; i++) {
		nr = seccomp_syscall_resolve_name(main_denied[i]);
		if (nr != __NR_SCMP_ERROR)
			rc =
			    seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), nr, 0);
	}
	for (i = 0; rc == 0 && i < sizeof(main_denied_families) / sizeof(int);
	     i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		    SCMP_SYS(socket), 1,
		    SCMP_A0(
			SCMP_CMP_EQ, (scmp_datum_t)main_denied_families[i], 0));
	return rc;
}

static int
allow(scmp_filter_ctx ctx, const char *const names[])
{
	size_t i;
	int nr, rc = 0;

	for (i = 0; rc == 0 && names[i] != NULL; i++) {
		nr = seccomp_syscall_resolve_name(names[i]);
		if (nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	}
	return rc;
}

static int
filter_token(scmp_filter_ctx ctx)
{
	int rc = allow(ctx, token_allowed);

	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
	return rc;
}

static int
filter_keys(scmp_filter_ctx ctx)
{
	int rc = allow(ctx, keys_allowed);

	/* Threads, but no processes; glibc falls back from clone3. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (rc == 0)
		rc = seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return rc;
}

int
ops_sandbox_seccomp(enum ops_sandbox_profile profile, struct fault *f)
{
	bool keys = profile != OPS_SANDBOX_MAIN;
	scmp_filter_ctx ctx;
	int rc;

	ctx = seccomp_init(keys ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
	if (ctx == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	/* A foreign architecture's call numbers must not slip through. */
	rc = seccomp_attr_set(
	    ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = keys ? filter_keys(ctx) : filter_main(ctx);
	if (rc == 0 && profile == OPS_SANDBOX_TOKEN)
		rc = filter_token(ctx);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_SYS_OS, "sandbox: seccomp: %s", strerror(-rc));
	return 0;
}

int
ops_sandbox_no_io_uring(struct fault *f)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (ctx == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = seccomp_rule_add(
	    ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_SYS_OS, "sandbox: seccomp: %s", strerror(-rc));
	return 0;
}
