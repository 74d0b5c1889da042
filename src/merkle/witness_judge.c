/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/witness_internal.h"

_Static_assert(MERKLE_WITNESS_ORIGIN_MAX == MERKLE_CHECKPOINT_ORIGIN_MAX,
    "an origin that parses fits");

/* At least one key of the log signed, and no line of any is wrong: 0, or the
 * status to answer. */
static int
judge_signatures(
    const struct merkle_witness_log *log, const struct merkle_note *note)
{
	size_t i, good = 0;
	int rc;

	for (i = 0; i < log->key_count; i++) {
		rc = merkle_notekey_verify(note, &log->key[i]);
		if (rc == 0)
			good++;
		else if (base_err_class(rc) == ERR_CLASS_SYS)
			return 500;
		else if (rc != ERR_STATE_NOT_FOUND)
			return 403;
	}
	return good > 0 ? 0 : 403;
}

int
merkle_witness_judge(const struct merkle_witness *w, const char *data,
    size_t len, struct merkle_witness_note *ret,
    struct merkle_witness_log **ret_log)
{
	struct merkle_checkpoint cp;
	struct merkle_note note;
	int status;

	if (merkle_note_parse(data, len, &note) != 0 ||
	    note.sig_count > MERKLE_WITNESS_SIGS_MAX ||
	    merkle_checkpoint_parse(note.text, note.text_len, &cp) != 0 ||
	    cp.head.size > INT64_MAX)
		return 400;
	if ((*ret_log = merkle_witness_find(w, cp.origin)) == NULL)
		return 404;
	if ((status = judge_signatures(*ret_log, &note)) != 0)
		return status;
	memcpy(ret->origin, cp.origin, sizeof(ret->origin));
	ret->head = cp.head;
	ret->text_len = note.text_len;
	return 0;
}
