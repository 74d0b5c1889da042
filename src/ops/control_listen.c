/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/addr.h"
#include "net/listen.h"
#include "ops/control_internal.h"

int
ops_control_listen(const char *path, int *ret_fd, struct fault *f)
{
	struct net_addr addr = { .family = NET_FAMILY_UNIX }, bound;
	int fd, rc;

	if (strlen(path) >= sizeof(addr.path))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "control socket path is too long: %.150s", path);
	memcpy(addr.path, path, strlen(path) + 1);
	if ((rc = net_listen_open(&addr, 16, &fd, &bound, f)) != 0)
		return rc;
	if (chmod(path, 0600) != 0) {
		rc = base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    path, strerror(errno));
		(void)close(fd);
		return rc;
	}
	*ret_fd = fd;
	return 0;
}
