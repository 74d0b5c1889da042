/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/entry.h"

#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/clock.h"
#include "base/rng.h"

static struct audit_entry *
entry_new(const char *line, size_t len)
{
	struct audit_entry *e = calloc(1, sizeof(*e) + len);

	if (e == NULL)
		return NULL;
	base_list_init(&e->link);
	e->len = len;
	if (len > 0)
		memcpy(e->line, line, len);
	return e;
}

struct audit_entry *
audit_entry_wish(void)
{
	return entry_new(NULL, 0);
}

int
audit_entry_line(const struct audit_event *ev, const struct clock *clock,
    const struct rng *rng, struct audit_entry **ret)
{
	char line[AUDIT_LINE_MAX + 1];
	uint8_t random[AUDIT_UUID_LEN];
	struct audit_event stamped = *ev;
	struct audit_entry *e;
	size_t len;
	int rc;

	if (stamped.at_ms == 0)
		stamped.at_ms = base_clock_now_ms(clock);
	if ((rc = base_rng_fill(rng, random, sizeof(random))) != 0 ||
	    (rc = audit_event_encode(&stamped, random, line, &len)) != 0)
		return rc;
	line[len++] = '\n'; /* in place of the zero */
	if ((e = entry_new(line, len)) == NULL)
		return ERR_SYS_NOMEM;
	*ret = e;
	return 0;
}
