/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "audit/export_internal.h"
#include "base/str.h"
#include "wire/ustar.h"

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
	struct wire_ustar m = { .size = size, .mode = 0644 };
	uint8_t block[WIRE_USTAR_BLOCK];
	int rc = base_str_copy(m.name, sizeof(m.name), name);

	if (rc == 0)
		rc = wire_ustar_encode(&m, block);
	return rc == 0 ? audit_export_bytes(fd, block, sizeof(block)) : rc;
}

int
audit_export_pad(int fd, uint64_t size)
{
	static const uint8_t zeroes[WIRE_USTAR_BLOCK];

	return audit_export_bytes(fd, zeroes, wire_ustar_padding(size));
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
