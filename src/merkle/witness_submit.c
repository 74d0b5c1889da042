/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "merkle/addcheckpoint.h"
#include "merkle/proof.h"
#include "merkle/witness_internal.h"

/* Is the new head a continuation of the one stood by?  C2SP tlog-witness has
 * the checks in this order. */
static int
judge_growth(const struct merkle_witness_log *log,
    const struct merkle_addcheckpoint *req, const struct merkle_head *next)
{
	struct merkle_hash empty;

	if (req->old_size > next->size)
		return 400;
	if (req->old_size != log->head.size)
		return 409;
	merkle_tree_empty(&empty);
	if (next->size == 0 && !merkle_tree_equal(&next->root, &empty))
		return 422;
	if (merkle_proof_verify_consistency(&log->head, next, &req->proof) != 0)
		return 422;
	return 0;
}

int
merkle_witness_submit(struct merkle_witness *w, const char *body, size_t len,
    struct merkle_witness_step *ret)
{
	struct merkle_addcheckpoint req;
	struct merkle_witness_note note;
	struct merkle_witness_log *log;

	memset(ret, 0, sizeof(*ret));
	if (merkle_addcheckpoint_parse(body, len, &req) != 0)
		ret->status = 400;
	else
		ret->status = merkle_witness_judge(
		    w, req.note, req.note_len, &note, &log);
	if (ret->status != 0)
		return 0;
	if (log->busy)
		return ERR_STATE_PENDING;
	ret->status = judge_growth(log, &req, &note.head);
	if (ret->status == 409)
		(void)snprintf(ret->body, sizeof(ret->body), "%" PRIu64 "\n",
		    log->head.size);
	if (ret->status != 0)
		return 0;
	log->busy = true;
	ret->log = log->number;
	memcpy(ret->origin, note.origin, sizeof(ret->origin));
	ret->old_head = log->head;
	ret->new_head = note.head;
	ret->note = req.note;
	ret->note_len = req.note_len;
	ret->text_len = note.text_len;
	return 0;
}
