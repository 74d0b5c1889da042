/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_backups.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/file.h"
#include "trustchain/trustchain_measure.h"

#define NOTE_MAX 64

/* Not synced: at worst the alert comes too early. */
static void
note(const struct ca_backups *b)
{
	char tmp[CA_BACKUPS_PATH_MAX + 8];
	FILE *f;

	(void)snprintf(tmp, sizeof(tmp), "%s.tmp", b->path);
	if ((f = fopen(tmp, "we")) == NULL)
		return;
	(void)fprintf(f, "%" PRId64 "\n", b->last_ms);
	if (fclose(f) != 0 || rename(tmp, b->path) != 0)
		(void)unlink(tmp);
}

int
ca_backups_init(struct ca_backups *b, const char *state_dir, int64_t now_ms)
{
	uint8_t *text = NULL;
	uint64_t v = 0;
	size_t len = 0;
	int rc;

	rc = base_str_format(b->path, sizeof(b->path), "%s/%s/backup",
	    state_dir, TRUSTCHAIN_MEASURE_FOLDER);
	if (rc != 0)
		return rc;
	rc = store_file_load(b->path, NOTE_MAX, &text, &len);
	if (rc == 0 && len > 1)
		rc = base_str_u64((char *)text, len - 1, &v);
	free(text);
	if (rc == 0 && v > 0 && v <= (uint64_t)now_ms) {
		b->last_ms = (int64_t)v;
		return 0;
	}
	b->last_ms = now_ms;
	note(b);
	return 0;
}

void
ca_backups_done(struct ca_backups *b, int64_t at_ms)
{
	if (at_ms <= b->last_ms)
		return;
	b->last_ms = at_ms;
	note(b);
}
