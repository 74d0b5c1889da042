/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/proof.h"
#include "merkle/signed.h"
#include "merkle/tlogproof.h"

int
merkle_tlogproof_verify(const struct merkle_tlogproof *proof,
    const struct merkle_hash *leaf, const struct merkle_signed_policy *policy,
    struct merkle_head *ret_head, struct merkle_quorum_result *ret_quorum)
{
	struct merkle_head head;
	int rc;

	rc = merkle_signed_quorum(proof->checkpoint, proof->checkpoint_len,
	    policy, &head, ret_quorum);
	if (rc != 0)
		return rc;
	rc = merkle_proof_verify_inclusion(
	    leaf, proof->index, &head, &proof->proof);
	if (rc == 0)
		*ret_head = head;
	return rc;
}
