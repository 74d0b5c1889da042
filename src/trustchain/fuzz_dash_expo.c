/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "trustchain/dash_expo.h"
#include "trustchain/dash_figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
check(void *ctx, const struct dash_expo_sample *s)
{
	size_t *n = ctx, i;

	(*n)++;
	TROTH_ASSERT(s->name[0] != '\0');
	TROTH_ASSERT(strlen(s->name) <= DASH_EXPO_NAME_MAX);
	TROTH_ASSERT(s->nlabels <= DASH_EXPO_LABELS_MAX);
	for (i = 0; i < s->nlabels; i++)
		TROTH_ASSERT(strlen(s->label[i].value) <= DASH_EXPO_VALUE_MAX);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dash_figures f;
	size_t n = 0, line = 0;
	int rc;

	rc = dash_expo_parse(data, len, check, &n, &line);
	TROTH_ASSERT(n <= line || rc != 0);
	TROTH_ASSERT(
	    (dash_figures_parse(&f, data, len, NULL) == 0) == (rc == 0));
	return 0;
}
