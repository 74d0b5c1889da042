/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "keys/file_internal.h"
#include "keys/seal.h"
#include "keys/sealed_internal.h"

int
keys_sealed_load(
    const struct keys_sealed_opts *o, struct buf *image, struct fault *f)
{
	return keys_file_load_max(o->path, KEYS_SEAL_IMAGE_MAX, image, f);
}

int
keys_sealed_write(struct keys_sealed *s, struct keys_seal *seal,
    const struct crypto_bytes *content, struct fault *f)
{
	const struct keys_sealed_opts *o = s->o;
	struct buf image;
	int rc;

	base_buf_init(&image, KEYS_SEAL_IMAGE_MAX);
	rc = keys_seal_make(seal, *content, o->rng, &image);
	if (rc != 0)
		keys_sealed_refuse(o, rc, f);
	else
		rc = keys_file_replace(
		    o->disk, o->path, &image, "keys.sealed", f);
	base_buf_free(&image);
	if (rc != 0)
		return rc;
	rc = keys_sealed_advance(o, keys_seal_generation(seal), f);
	if (rc == 0)
		s->generation = keys_seal_generation(seal);
	return rc;
}
