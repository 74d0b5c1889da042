/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "audit/pseudonym_internal.h"
#include "base/wipe.h"
#include "store/file.h"
#include "wire/cursor.h"

int
audit_pseudonym_load(struct audit_pseudonym *p)
{
	const uint8_t *head;
	struct cursor c;
	uint8_t *data;
	size_t len;
	int rc;

	if (p->opts.path == NULL)
		return ERR_STATE_NOT_FOUND;
	rc = store_file_load(
	    p->opts.path, AUDIT_PSEUDONYM_FILE_LEN, &data, &len);
	if (rc != 0)
		return rc == ERR_SYS_LIMIT ? ERR_SYS_CORRUPT : rc;
	wire_cursor_init(&c, data, len);
	head = wire_cursor_bytes(&c, 8);
	p->period = wire_cursor_u64(&c);
	wire_cursor_copy(&c, p->key, sizeof(p->key));
	if (wire_cursor_done(&c) != 0 ||
	    memcmp(head, AUDIT_PSEUDONYM_MAGIC, 8) != 0)
		rc = ERR_SYS_CORRUPT;
	base_wipe(data, len);
	free(data);
	return rc;
}
