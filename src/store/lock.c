/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/str.h"

struct store_lock {
	int fd;
};

int
store_lock_take(const char *dir, struct store_lock **ret_lock)
{
	struct store_lock *l;
	char path[PATH_MAX];
	int rc;

	if ((rc = base_str_format(path, sizeof(path), "%s/lock", dir)) != 0)
		return rc;
	if ((l = malloc(sizeof(*l))) == NULL)
		return ERR_SYS_NOMEM;
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->fd < 0) {
		rc = base_err_from_errno(errno);
		free(l);
		return rc;
	}
	if (flock(l->fd, LOCK_EX | LOCK_NB) != 0) {
		rc = errno == EWOULDBLOCK ? ERR_STATE_CONFLICT
					  : base_err_from_errno(errno);
		store_lock_drop(l);
		return rc;
	}
	*ret_lock = l;
	return 0;
}

void
store_lock_drop(struct store_lock *l)
{
	if (l == NULL)
		return;
	close(l->fd);
	free(l);
}
