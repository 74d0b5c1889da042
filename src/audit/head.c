/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/head.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "store/file.h"

_Static_assert(AUDIT_HEAD_TEXT_MAX == MERKLE_CHECKPOINT_TEXT_MAX,
    "a checkpoint's text fits");

/* Parse and verify a signed checkpoint. */
static int
parse(const char *data, size_t len, const struct merkle_vkey *key,
    struct merkle_head *ret)
{
	struct merkle_checkpoint cp;
	struct merkle_note note;
	int rc;

	if ((rc = merkle_note_parse(data, len, &note)) != 0 ||
	    (rc = merkle_notekey_verify(&note, key)) != 0 ||
	    (rc = merkle_checkpoint_parse(note.text, note.text_len, &cp)) != 0)
		/* No signature by this key is no checkpoint of this log. */
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
	if (strcmp(cp.origin, key->name) != 0)
		return ERR_PEER_MISMATCH;
	*ret = cp.head;
	return 0;
}

int
audit_head_load(
    const char *dir, const struct merkle_vkey *key, struct merkle_head *ret)
{
	char path[PATH_MAX];
	uint8_t *data;
	size_t len;
	int n, rc;

	n = snprintf(path, sizeof(path), "%s/checkpoint", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_SYS_LIMIT;
	if ((rc = store_file_load(path, MERKLE_NOTE_MAX, &data, &len)) != 0)
		return rc;
	rc = parse((const char *)data, len, key, ret);
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
	struct merkle_head head;
	int n, rc;

	rc = merkle_notekey_line(key->name, key->id, sig, sig_len, line);
	if (rc != 0)
		return rc;
	n = snprintf(note, AUDIT_HEAD_NOTE_MAX, "%s\n%s", text, line);
	if (n < 0 || n >= AUDIT_HEAD_NOTE_MAX)
		return ERR_SYS_LIMIT;
	return parse(note, (size_t)n, key, &head);
}
