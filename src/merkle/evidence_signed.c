/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "merkle/checkpoint.h"
#include "merkle/cosig.h"
#include "merkle/evidence_internal.h"
#include "merkle/notekey.h"

int
merkle_evidence_signed(enum merkle_evidence_type type,
    const struct merkle_note *note, const struct merkle_vkey *key)
{
	struct merkle_checkpoint cp;
	uint64_t time_s;
	int rc;

	if (type == MERKLE_EVIDENCE_BAD_COSIGNATURE) {
		rc = merkle_cosig_verify(note, key, &time_s);
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
	}
	if ((rc = merkle_notekey_verify(note, key)) != 0)
		return rc == ERR_STATE_NOT_FOUND ? ERR_PEER_SIGNATURE : rc;
	rc = merkle_checkpoint_parse(note->text, note->text_len, &cp);
	if (rc == 0 && strcmp(cp.origin, key->name) != 0)
		rc = ERR_PEER_MISMATCH;
	return rc;
}
