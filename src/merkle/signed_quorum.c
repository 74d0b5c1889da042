/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/note.h"
#include "merkle/quorum.h"
#include "merkle/signed.h"

int
merkle_signed_quorum(const char *data, size_t len,
    const struct merkle_signed_policy *policy, struct merkle_head *ret,
    struct merkle_quorum_result *ret_quorum)
{
	struct merkle_note note;
	struct merkle_head head;
	int rc;

	rc = merkle_signed_head(data, len, policy->log, &note, &head);
	if (rc == 0)
		rc = merkle_quorum_check(policy->quorum, &note, ret_quorum);
	if (rc == 0)
		*ret = head;
	return rc;
}
