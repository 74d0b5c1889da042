/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/news_internal.h"

#include <stdio.h>
#include <string.h>

#include "keys/msg_internal.h"
#include "keys/op.h"
#include "keys/p11_bank_internal.h"
#include "keys/process_internal.h"

void
keys_news_key(
    struct keys_process *p, const struct keys_slot *slot, const char *why)
{
	char text[512];
	int n, rc;

	if (!keys_limit_take(&p->report))
		return;
	n = snprintf(text, sizeof(text), "%c%s%c%s", why == NULL ? '+' : '-',
	    slot->name, '\0', why == NULL ? "" : why);
	if (n < 0 || (size_t)n >= sizeof(text))
		return;
	/* A supervisor that is gone ends this process by the next poll. */
	rc = keys_process_tell(p, KEYS_MSG_DEVICE, slot->index, text, (size_t)n);
	(void)rc;
}

void
keys_news_pin(struct keys_process *p, const uint8_t *digest)
{
	int rc;

	rc = keys_process_tell(
	    p, KEYS_MSG_PIN, 0, digest, KEYS_P11_DIGEST_LEN);
	(void)rc;
}
