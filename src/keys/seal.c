/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/wipe.h"
#include "keys/seal_internal.h"

int
keys_seal_new(const struct keys_seal_kind *kind,
    const struct keys_seal_secret *secret, const struct rng *rng,
    struct keys_seal **ret)
{
	struct keys_seal *s;
	int rc = 0;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_SYS_NOMEM;
	memcpy(s->head.magic, kind->magic, sizeof(s->head.magic));
	s->head.source = (uint8_t)secret->source;
	s->head.aead = (uint8_t)kind->aead;
	if (secret->source == KEYS_SEAL_PASS) {
		s->head.cost = kind->cost;
		rc = base_rng_fill(
		    rng, s->head.pass_salt, sizeof(s->head.pass_salt));
	}
	if (rc == 0 && keys_seal_head_ok(&s->head) != 0)
		rc = ERR_STATE_USAGE;
	if (rc == 0)
		rc = keys_seal_unlock(s, secret, s->head.check);
	if (rc != 0) {
		keys_seal_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

uint64_t
keys_seal_generation(const struct keys_seal *s)
{
	return s->head.generation;
}

void
keys_seal_advance(struct keys_seal *s, uint64_t generation)
{
	if (generation > s->head.generation)
		s->head.generation = generation;
}

void
keys_seal_free(struct keys_seal *s)
{
	if (s != NULL)
		base_wipe_free(s, sizeof(*s));
}
