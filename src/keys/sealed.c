/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/sealed.h"

#include <stdlib.h>
#include <unistd.h>

#include "keys/seal.h"
#include "keys/sealed_internal.h"

int
keys_sealed_create(const struct keys_sealed_opts *o,
    const struct keys_seal_secret *secret, const struct crypto_bytes *content,
    struct keys_sealed **ret, struct fault *f)
{
	struct keys_sealed *s;
	uint64_t counter;
	int rc;

	if (access(o->path, F_OK) == 0)
		return base_fault_set(
		    f, ERR_STATE_EXISTS, "%s: exists already", o->path);
	/* The guard first: a file without one is refused. */
	rc = keys_sealed_counter(o, &counter, f);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = keys_sealed_advance(o, 0, f);
	if (rc != 0)
		return rc;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return keys_sealed_refuse(o, ERR_SYS_NOMEM, f);
	s->o = o;
	rc = keys_seal_new(o->kind, secret, o->rng, &s->seal);
	if (rc != 0) {
		base_fault_set(f, rc, "%s: %s", o->path, base_err_text(rc));
	} else {
		keys_seal_advance(s->seal, counter);
		rc = keys_sealed_write(s, s->seal, content, f);
	}
	if (rc != 0) {
		keys_sealed_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

int
keys_sealed_save(
    struct keys_sealed *s, const struct crypto_bytes *content, struct fault *f)
{
	return keys_sealed_write(s, s->seal, content, f);
}

int
keys_sealed_rekey(struct keys_sealed *s, const struct keys_seal_secret *secret,
    const struct crypto_bytes *content, struct fault *f)
{
	const struct keys_sealed_opts *o = s->o;
	struct keys_seal *seal;
	int rc;

	rc = keys_seal_new(o->kind, secret, o->rng, &seal);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "%s: %s", o->path, base_err_text(rc));
	keys_seal_advance(seal, keys_seal_generation(s->seal));
	rc = keys_sealed_write(s, seal, content, f);
	/* Whatever became of it, its generation is used up. */
	keys_seal_advance(s->seal, keys_seal_generation(seal));
	if (rc != 0) {
		keys_seal_free(seal);
		return rc;
	}
	keys_seal_free(s->seal);
	s->seal = seal;
	return 0;
}

uint64_t
keys_sealed_generation(const struct keys_sealed *s)
{
	return s->generation;
}

void
keys_sealed_free(struct keys_sealed *s)
{
	if (s != NULL)
		keys_seal_free(s->seal);
	free(s);
}
