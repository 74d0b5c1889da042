/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/daemon.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void
ops_daemon_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	if ((n = strlen(path)) >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, n);
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

int
ops_daemon_mkdirs(const char *path, unsigned mode, struct fault *f)
{
	char part[4096], *c;

	if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
		return base_fault_set(f, ERR_SYS_LIMIT, "path too long");
	for (c = part + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST)
			break;
		*c = '/';
	}
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return base_fault_set(f, base_err_from_errno(errno), "%s: %s",
		    path, strerror(errno));
	return 0;
}
