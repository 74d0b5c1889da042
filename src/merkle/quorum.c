/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/quorum.h"

#include <string.h>

#include "merkle/cosig.h"

static int
same_key(const struct merkle_vkey *a, const struct merkle_vkey *b)
{
	return a->key_len == b->key_len &&
	       memcmp(a->key, b->key, a->key_len) == 0;
}

/* Is ${key} in the first ${n} witnesses, or the first ${keys} of the next? */
static int
known(const struct merkle_quorum *q, const struct merkle_vkey *key, size_t n,
    size_t keys)
{
	size_t i, k, count;

	for (i = 0; i <= n; i++) {
		count = i < n ? q->witness[i].key_count : keys;
		for (k = 0; k < count; k++)
			if (same_key(&q->witness[i].key[k], key))
				return 1;
	}
	return 0;
}

int
merkle_quorum_ok(const struct merkle_quorum *q)
{
	const struct merkle_quorum_witness *w;
	size_t i, k;

	if (q->n > MERKLE_QUORUM_WITNESSES_MAX || q->k > q->n)
		return ERR_STATE_CONFIG;
	for (i = 0; i < q->n; i++) {
		w = &q->witness[i];
		if (w->key_count < 1 || w->key_count > MERKLE_QUORUM_KEYS_MAX)
			return ERR_STATE_CONFIG;
		for (k = 0; k < w->key_count; k++) {
			if (merkle_cosig_sig_len(w->key[k].type) == 0)
				return ERR_STATE_CONFIG;
			if (known(q, &w->key[k], i, k))
				return ERR_PEER_DUPLICATE;
		}
	}
	return 0;
}

int
merkle_quorum_faults(unsigned int k, unsigned int n)
{
	int safe = 2 * (int)k - (int)n - 1, live = (int)n - (int)k;
	int f = safe < live ? safe : live;

	return f < 0 ? -1 : f;
}

/* Did this witness cosign, with any of its keys? */
static int
check_one(const struct merkle_quorum_witness *w, const struct merkle_note *note,
    int *ret_did, uint64_t *ret_newest_s)
{
	uint64_t time_s;
	size_t k;
	int rc;

	*ret_did = 0;
	for (k = 0; k < w->key_count; k++) {
		rc = merkle_cosig_verify(note, &w->key[k], &time_s);
		if (rc == ERR_STATE_NOT_FOUND)
			continue;
		if (rc != 0)
			return rc;
		*ret_did = 1;
		if (time_s > *ret_newest_s)
			*ret_newest_s = time_s;
	}
	return 0;
}

int
merkle_quorum_check(const struct merkle_quorum *q,
    const struct merkle_note *note, struct merkle_quorum_result *ret)
{
	struct merkle_quorum_result r = { 0, 0, 0 };
	int did, rc;
	size_t i;

	for (i = 0; i < q->n; i++) {
		rc = check_one(&q->witness[i], note, &did, &r.newest_s);
		if (rc != 0)
			return rc;
		if (did) {
			r.cosigned |= (uint32_t)1 << i;
			r.count++;
		}
	}
	*ret = r;
	return r.count >= q->k ? 0 : ERR_STATE_REFUSED;
}
