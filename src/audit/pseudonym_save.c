/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/pseudonym_internal.h"
#include "base/wipe.h"
#include "store/disk.h"
#include "wire/builder.h"

int
audit_pseudonym_save(struct audit_pseudonym *p)
{
	uint8_t data[AUDIT_PSEUDONYM_FILE_LEN];
	struct builder b;
	int rc = 0;

	if (p->opts.path != NULL) {
		wire_builder_init(&b, data, sizeof(data));
		wire_builder_str(&b, AUDIT_PSEUDONYM_MAGIC);
		wire_builder_u64(&b, p->period);
		wire_builder_bytes(&b, p->key, sizeof(p->key));
		rc = store_disk_replace(p->opts.disk, p->opts.path, data,
		    sizeof(data), 0600, "audit.pseudonym");
		base_wipe(data, sizeof(data));
	}
	p->unsaved = rc != 0;
	return rc;
}
