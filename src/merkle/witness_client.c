/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/witness_client.h"

#include <string.h>

#include "merkle/addcheckpoint.h"
#include "merkle/proof.h"
#include "wire/builder.h"

int
merkle_witness_client_request(struct merkle_witness_client *c,
    const struct merkle_reader *reader, const struct merkle_head *head,
    const char *note, struct builder *b)
{
	struct merkle_addcheckpoint req;
	int rc;

	if (c->size > head->size)
		return ERR_STATE_STALE;
	rc = merkle_proof_consistency(reader, c->size, head->size, &req.proof);
	if (rc != 0)
		return rc;
	if (c->head.size != head->size ||
	    !merkle_tree_equal(&c->head.root, &head->root))
		c->conflicts = 0;
	c->head = *head;
	req.old_size = c->size;
	req.note = note;
	req.note_len = strlen(note);
	merkle_addcheckpoint_encode(&req, b);
	return b->rc;
}
