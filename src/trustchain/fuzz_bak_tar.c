/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_tar.h"

#include <string.h>

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct seen {
	uint64_t size, got;
	int open;
};

static int
begin(void *ctx, const struct wire_ustar *m)
{
	struct seen *s = ctx;

	TROTH_ASSERT(!s->open);
	TROTH_ASSERT(m->name[0] != '/');
	TROTH_ASSERT(
	    strstr(m->name, "../") == NULL || strstr(m->name, "/../") == NULL);
	s->size = m->size;
	s->got = 0;
	s->open = 1;
	return 0;
}

static int
data(void *ctx, const uint8_t *p, size_t len)
{
	struct seen *s = ctx;

	(void)p;
	s->got += len;
	TROTH_ASSERT(s->open && s->got <= s->size);
	return 0;
}

static int
end(void *ctx)
{
	struct seen *s = ctx;

	TROTH_ASSERT(s->open && s->got == s->size);
	s->open = 0;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct seen s = { 0, 0, 0 };
	const struct bak_tar_hooks h = { begin, data, end, &s };
	size_t piece = len > 0 ? in[len - 1] + 1U : 1, at, n;
	struct bak_tar t;
	int rc = 0;

	bak_tar_init(&t, &h);
	for (at = 0; rc == 0 && at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		rc = bak_tar_push(&t, in + at, n);
	}
	if (rc == 0 && bak_tar_end(&t) == 0)
		TROTH_ASSERT(!s.open);
	return 0;
}
