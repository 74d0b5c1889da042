/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "audit/export_internal.h"
#include "audit/tar.h"

int
audit_export_bytes(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return base_err_from_errno(errno);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
audit_export_member(int fd, const char *name, uint64_t size)
{
	uint8_t block[AUDIT_TAR_BLOCK];
	int rc = audit_tar_encode(name, size, block);

	return rc == 0 ? audit_export_bytes(fd, block, sizeof(block)) : rc;
}

int
audit_export_pad(int fd, uint64_t size)
{
	static const uint8_t zeroes[AUDIT_TAR_BLOCK];
	size_t n = (size_t)(size % AUDIT_TAR_BLOCK);

	return n == 0 ? 0 : audit_export_bytes(fd, zeroes, AUDIT_TAR_BLOCK - n);
}

int
audit_export_small(int fd, const char *name, const void *data, size_t len)
{
	int rc;

	if ((rc = audit_export_member(fd, name, len)) != 0 ||
	    (rc = audit_export_bytes(fd, data, len)) != 0)
		return rc;
	return audit_export_pad(fd, len);
}
