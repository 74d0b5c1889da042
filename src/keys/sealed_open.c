/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/wipe.h"
#include "keys/seal.h"
#include "keys/sealed_internal.h"

/* Compare the file's generation with the guard's, and bring them together. */
static int
compare(struct keys_sealed *s, struct buf *content, size_t at, struct fault *f)
{
	const struct keys_sealed_opts *o = s->o;
	struct crypto_bytes again = { content->data + at, content->len - at };
	uint64_t counter;
	int rc = keys_sealed_counter(o, &counter, f);

	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	if (rc == 0 && counter <= s->generation)
		return counter < s->generation && o->guard != NULL
			   ? keys_sealed_advance(o, s->generation, f)
			   : 0;
	if (o->accept_rollback) {
		keys_seal_advance(s->seal, counter);
		return keys_sealed_write(s, s->seal, &again, f);
	}
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%s: the guard of generation %llu is missing", o->path,
		    (unsigned long long)s->generation);
	return base_fault_set(f, ERR_STATE_STALE,
	    "%s: rolled back: generation %llu, the guard has %llu", o->path,
	    (unsigned long long)s->generation, (unsigned long long)counter);
}

int
keys_sealed_open(const struct keys_sealed_opts *o,
    const struct keys_seal_secret *secret, struct buf *content,
    struct keys_sealed **ret, struct fault *f)
{
	struct keys_sealed *s;
	size_t at = content->len;
	struct buf image;
	int rc;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return keys_sealed_refuse(o, ERR_SYS_NOMEM, f);
	s->o = o;
	base_buf_init(&image, KEYS_SEAL_IMAGE_MAX);
	rc = keys_sealed_load(o, &image, f);
	if (rc == 0) {
		rc = keys_seal_open(o->kind, secret,
		    (struct crypto_bytes){ image.data, image.len }, content,
		    &s->seal);
		if (rc != 0)
			keys_sealed_refuse(o, rc, f);
	}
	base_buf_free(&image);
	if (rc == 0) {
		s->generation = keys_seal_generation(s->seal);
		rc = compare(s, content, at, f);
	}
	if (rc != 0) {
		if (content->len > at)
			base_wipe(content->data + at, content->len - at);
		content->len = at;
		keys_sealed_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}
