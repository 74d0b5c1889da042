/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/head.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/signed.h"
#include "store/file.h"

_Static_assert(AUDIT_HEAD_TEXT_MAX == MERKLE_CHECKPOINT_TEXT_MAX,
    "a checkpoint's text fits");

int
audit_head_load(
    const char *dir, const struct merkle_vkey *key, struct merkle_head *ret)
{
	char path[PATH_MAX];
	uint8_t *data;
	struct merkle_note note;
	size_t len;
	int n, rc;

	n = snprintf(path, sizeof(path), "%s/checkpoint", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_SYS_LIMIT;
	if ((rc = store_file_load(path, MERKLE_NOTE_MAX, &data, &len)) != 0)
		return rc;
	rc = merkle_signed_head((const char *)data, len, key, &note, ret);
	free(data);
	return rc;
}

int
audit_head_text(const struct merkle_vkey *key, const struct merkle_head *head,
    char text[AUDIT_HEAD_TEXT_MAX])
{
	return merkle_checkpoint_encode(key->name, head, text);
}

int
audit_head_note(const struct merkle_vkey *key, const char *text,
    const uint8_t *sig, size_t sig_len, char note[AUDIT_HEAD_NOTE_MAX])
{
	char line[MERKLE_NOTEKEY_LINE_MAX];
	struct merkle_note parsed;
	struct merkle_head head;
	int n, rc;

	rc = merkle_notekey_line(key->name, key->id, sig, sig_len, line);
	if (rc != 0)
		return rc;
	n = snprintf(note, AUDIT_HEAD_NOTE_MAX, "%s\n%s", text, line);
	if (n < 0 || n >= AUDIT_HEAD_NOTE_MAX)
		return ERR_SYS_LIMIT;
	return merkle_signed_head(note, (size_t)n, key, &parsed, &head);
}
