/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/init.h"
#include "ops/sandbox.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_doctor_internal.h"

/* Descriptors beside the connections: files, sockets, pipes. */
#define FILES_SPARE 128
#define ACTIONS "/proc/sys/kernel/seccomp/actions_avail"

/* Identity.md section 9 calls less than 5 % degraded. */
enum { DISK_ERROR_PERCENT = 5, DISK_WARN_PERCENT = 15 };

static void
check_openssl(struct ca_doctor *d)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	struct fault f = { 0 };

	if (n < 0)
		n = 0;
	exe[n] = '\0';
	if (crypto_init_check(n > 0 ? exe : NULL, &f) == 0)
		ca_doctor_say(d, CA_DOCTOR_OK, "openssl", "",
		    "the library that the program was built with");
	else
		ca_doctor_say(d, CA_DOCTOR_ERROR, "openssl",
		    "unset LD_LIBRARY_PATH and LD_PRELOAD, or install anew",
		    "%s", f.msg);
}

static void
check_sandbox(struct ca_doctor *d)
{
	int abi = ops_sandbox_probe();
	uint8_t *text = NULL;
	size_t len = 0;

	if (abi > 0)
		ca_doctor_say(d, CA_DOCTOR_OK, "landlock", "",
		    "the kernel confines files, ABI %d", abi);
	else
		ca_doctor_say(d, CA_DOCTOR_WARN, "landlock",
		    "a kernel from 5.13 on, started with lsm=landlock,...",
		    "the kernel confines no files: only users and seccomp do");
	if (store_file_load(ACTIONS, 4096, &text, &len) == 0 &&
	    strstr((const char *)text, "errno") != NULL)
		ca_doctor_say(d, CA_DOCTOR_OK, "seccomp", "",
		    "the kernel filters system calls");
	else
		ca_doctor_say(d, CA_DOCTOR_ERROR, "seccomp",
		    "a kernel with CONFIG_SECCOMP_FILTER",
		    "the kernel filters no system calls: serve will not start");
	free(text);
}

static void
check_clock(struct ca_doctor *d)
{
	struct timex t;
	int state;

	memset(&t, 0, sizeof(t));
	state = adjtimex(&t);
	if (state < 0)
		ca_doctor_say(d, CA_DOCTOR_WARN, "clock",
		    "make sure that something sets it",
		    "nobody can tell whether it is set: %s", strerror(errno));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC) != 0)
		ca_doctor_say(d, CA_DOCTOR_WARN, "clock",
		    "systemctl enable --now systemd-timesyncd, or chrony",
		    "not synchronised; 5 s off and no certificate is issued");
	else
		ca_doctor_say(d, CA_DOCTOR_OK, "clock", "",
		    "synchronised, error at most %ld ms", t.maxerror / 1000);
}

static void
check_disk(struct ca_doctor *d)
{
	const char *dir = d->conf->server.state_dir;
	struct statvfs fs;
	struct stat st;
	unsigned long free_percent;

	if (stat(dir, &st) != 0 || statvfs(dir, &fs) != 0) {
		ca_doctor_say(d, CA_DOCTOR_ERROR, "state",
		    "trustchain-ca init-ca makes it", "%s: %s", dir,
		    strerror(errno));
		return;
	}
	if ((st.st_mode & 077) != 0)
		ca_doctor_say(d, CA_DOCTOR_ERROR, "state",
		    "chmod 0700 the folder", "%s has mode %04o", dir,
		    (unsigned)(st.st_mode & 07777));
	else
		ca_doctor_say(d, CA_DOCTOR_OK, "state", "",
		    "%s is its owner's alone", dir);
	free_percent = fs.f_blocks == 0
			   ? 100
			   : (unsigned long)(fs.f_bavail * 100 / fs.f_blocks);
	if (free_percent < DISK_WARN_PERCENT)
		ca_doctor_say(d,
		    free_percent < DISK_ERROR_PERCENT ? CA_DOCTOR_ERROR
						      : CA_DOCTOR_WARN,
		    "disk", "free some, or move state_dir",
		    "%lu %% are free below %s", free_percent, dir);
	else
		ca_doctor_say(d, CA_DOCTOR_OK, "disk", "",
		    "%lu %% are free below %s", free_percent, dir);
}

static void
check_limits(struct ca_doctor *d)
{
	struct rlimit r;
	unsigned long long need =
	    (unsigned long long)d->conf->server.max_connections + FILES_SPARE;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_max < need)
		ca_doctor_say(d, CA_DOCTOR_WARN, "descriptors",
		    "raise LimitNOFILE, or lower [server] max_connections",
		    "%llu may be open, %llu connections are allowed",
		    (unsigned long long)r.rlim_max, need - FILES_SPARE);
	else
		ca_doctor_say(d, CA_DOCTOR_OK, "descriptors", "",
		    "enough for [server] max_connections");
}

void
ca_doctor_machine(struct ca_doctor *d)
{
	check_openssl(d);
	check_sandbox(d);
	check_clock(d);
	if (d->conf == NULL)
		return;
	check_limits(d);
	check_disk(d);
}
