/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/role.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum keys_role
keys_role_parse(int *argc, char **argv)
{
	enum keys_role role = KEYS_ROLE_SUPERVISOR;

	if (*argc < 2)
		return role;
	if (strcmp(argv[1], "--role=keys") == 0)
		role = KEYS_ROLE_KEYS;
	else if (strcmp(argv[1], "--role=main") == 0)
		role = KEYS_ROLE_MAIN;
	if (role == KEYS_ROLE_SUPERVISOR)
		return role;
	/* Moves the NULL at the end too. */
	memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof(*argv));
	(*argc)--;
	return role;
}

/* Whether ${fd} is a socket whose other end the parent made. */
static int
from_parent(int fd, pid_t parent)
{
	struct ucred peer;
	socklen_t len = sizeof(peer), type_len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 &&
	       type == SOCK_SEQPACKET &&
	       getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.pid == parent;
}

int
keys_role_enter(enum keys_role role, struct fault *f)
{
	pid_t parent = getppid();
	unsigned first = KEYS_ROLE_PEER_FD + 1U;

	if (role == KEYS_ROLE_KEYS || from_parent(KEYS_ROLE_TOKEN_FD, parent))
		first = KEYS_ROLE_BUNDLE_FD + 1U;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0)
		return base_fault_set(f, ERR_SYS_OS, "prctl failed");
	/* The parent may have died before it could be watched. */
	if (getppid() != parent || !from_parent(KEYS_ROLE_CONTROL_FD, parent) ||
	    !from_parent(KEYS_ROLE_PEER_FD, parent))
		return base_fault_set(f, ERR_STATE_REFUSED,
		    "--role is for children of the supervisor only");
	if (role == KEYS_ROLE_KEYS && fcntl(KEYS_ROLE_BUNDLE_FD, F_GETFD) < 0)
		return base_fault_set(
		    f, ERR_STATE_REFUSED, "no bundle from the supervisor");
	for (int fd = KEYS_ROLE_CONTROL_FD; fd < (int)first; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (close_range(first, ~0U, 0) != 0)
		return base_fault_set(
		    f, ERR_SYS_OS, "cannot close inherited descriptors");
	return 0;
}

bool
keys_role_has_tokens(void)
{
	return from_parent(KEYS_ROLE_TOKEN_FD, getppid());
}
