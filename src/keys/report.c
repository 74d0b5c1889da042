/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "keys/msg_internal.h"
#include "keys/report_internal.h"
#include "keys/supervisor_internal.h"

/* letter, slot, detail, then name NUL text. */
#define HEAD 3
#define TEXT_MAX 1024

void
keys_report_packet(
    struct keys_supervisor *s, const uint8_t *msg, size_t len)
{
	struct keys_report r = { KEYS_REPORT_REFUSED, 0, 0, "", "" };
	char text[TEXT_MAX] = "";

	if (len < HEAD || len - HEAD >= sizeof(text) || s->o->report == NULL)
		return;
	if (msg[0] == KEYS_MSG_REFUSED)
		r.op = msg[2];
	else
		r.kind = msg[2] == '+' ? KEYS_REPORT_UP : KEYS_REPORT_DOWN;
	r.slot = msg[1];
	memcpy(text, msg + HEAD, len - HEAD);
	r.name = text;
	/* The array ends with zeros in any case. */
	if (strlen(text) < len - HEAD)
		r.text = text + strlen(text) + 1;
	s->o->report(s->o->ctx, &r);
}
