/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/cosig.h"

#include "merkle/cosigned.h"
#include "merkle/notekey.h"

int
merkle_cosig_verify(const struct merkle_note *note,
    const struct merkle_vkey *key, uint64_t *ret_timestamp_s)
{
	struct merkle_cosigned m;
	struct merkle_cosig cosig;
	uint64_t latest = 0;
	size_t i, good = 0;
	int rc;

	rc = merkle_cosigned_init(&m, (enum merkle_sig_type)key->type,
	    key->name, note->text, note->text_len);
	if (rc != 0)
		return rc;
	for (i = 0; i < note->sig_count; i++) {
		if (!merkle_notekey_is(&note->sig[i], key))
			continue;
		rc = merkle_cosig_decode(&note->sig[i], key->type, &cosig);
		/* No time: no statement that this is the largest tree. */
		if (rc != 0 || cosig.timestamp_s == 0)
			return ERR_PEER_SIGNATURE;
		m.timestamp_s = cosig.timestamp_s;
		if ((rc = merkle_cosig_check(&m, key, &cosig)) != 0)
			return rc;
		if (cosig.timestamp_s > latest)
			latest = cosig.timestamp_s;
		good++;
	}
	if (good == 0)
		return ERR_STATE_NOT_FOUND;
	*ret_timestamp_s = latest;
	return 0;
}
