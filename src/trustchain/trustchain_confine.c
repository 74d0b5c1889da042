/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ops/log.h"
#include "ops/sandbox.h"
#include "trustchain/trustchain_config.h"
#include "trustchain/trustchain_daemon.h"

#define PATHS_MAX 48

/* What any program needs from the system after its start. */
static const char *const readable[] = { "/usr", "/lib", "/lib64", "/etc/ssl",
	"/etc/ld.so.cache", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
	"/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
	"/etc/protocols", "/etc/localtime", "/dev/urandom", "/dev/random",
	"/proc/self", "/proc/sys/net", "/proc/sys/kernel", "/proc/meminfo",
	"/proc/cpuinfo", "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup",
	TROTH_OPENSSL_LIBDIR };

/* The folder of a socket path, so that the socket can be made there. */
static bool
socket_folder(const char *path, char *out, size_t cap)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path || (size_t)(slash - path) >= cap)
		return false;
	memcpy(out, path, (size_t)(slash - path));
	out[slash - path] = '\0';
	return true;
}

int
trustchain_daemon_confine(struct trustchain_daemon *d,
    const struct ops_sandbox_path *paths, size_t n, struct fault *f)
{
	const struct trustchain_server *c = d->conf;
	const char *sockets[] = { c->control, c->listen, c->http_listen,
		c->metrics_listen };
	struct ops_sandbox_path all[PATHS_MAX];
	struct ops_sandbox sb = { OPS_SANDBOX_MAIN, all, 0 };
	struct ops_sandbox_state st;
	char folder[4][4096];
	size_t i;
	int rc;

	for (i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		all[sb.npaths++] = (struct ops_sandbox_path){ readable[i],
			OPS_SANDBOX_READ, NULL };
	all[sb.npaths++] =
	    (struct ops_sandbox_path){ "/dev/null", OPS_SANDBOX_WRITE, NULL };
	all[sb.npaths++] =
	    (struct ops_sandbox_path){ c->roots, OPS_SANDBOX_READ, NULL };
	for (i = 0; i < 4; i++) {
		const char *path = sockets[i];

		if (strncmp(path, "unix:", 5) == 0)
			path += 5;
		if (path[0] == '/' &&
		    socket_folder(path, folder[i], sizeof(folder[i])))
			all[sb.npaths++] = (struct ops_sandbox_path){ folder[i],
				OPS_SANDBOX_WRITE, NULL };
	}
	for (i = 0; i < n && sb.npaths < PATHS_MAX; i++)
		all[sb.npaths++] = paths[i];
	if (i < n)
		return base_fault_set(
		    f, ERR_SYS_LIMIT, "sandbox: too many paths");
	if ((rc = ops_sandbox_enter(&sb, &st, f)) != 0)
		return rc;
	OPS_LOG(d->log, st.landlock_abi > 0 ? OPS_LOG_INFO : OPS_LOG_WARN,
	    "daemon",
	    st.landlock_abi > 0 ? "confined"
				: "this kernel has no Landlock: files are not "
				  "confined",
	    OPS_LOG_INT("landlock_abi", st.landlock_abi));
	return 0;
}
