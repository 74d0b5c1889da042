/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/signed.h"

#include <string.h>

#include "merkle/checkpoint.h"
#include "merkle/notekey.h"

int
merkle_signed_head(const char *data, size_t len, const struct merkle_vkey *key,
    struct merkle_note *ret_note, struct merkle_head *ret)
{
	struct merkle_checkpoint cp;
	int rc;

	if ((rc = merkle_note_parse(data, len, ret_note)) != 0)
		return rc;
	rc = merkle_notekey_verify(ret_note, key);
	if (rc != 0)
		/* No signature by this key is no checkpoint of this log. */
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
	rc = merkle_checkpoint_parse(ret_note->text, ret_note->text_len, &cp);
	if (rc != 0)
		return rc;
	if (strcmp(cp.origin, key->name) != 0)
		return ERR_PEER_MISMATCH;
	*ret = cp.head;
	return 0;
}
