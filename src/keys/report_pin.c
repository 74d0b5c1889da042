/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "keys/msg_internal.h"
#include "keys/report_internal.h"
#include "keys/sock_internal.h"
#include "keys/supervisor_internal.h"

#define DIGESTS_MAX 16
#define DIGEST_LEN 32 /* keys/p11_bank_internal.h */

struct keys_report_pins {
	uint8_t digest[DIGESTS_MAX][DIGEST_LEN];
	size_t n; /* ever; the oldest are forgotten */
};

void
keys_report_pin(struct keys_supervisor *s, const uint8_t *msg, size_t len)
{
	if (s->pins == NULL)
		s->pins = calloc(1, sizeof(*s->pins));
	if (s->pins == NULL || len != 2 + DIGEST_LEN)
		return;
	memcpy(
	    s->pins->digest[s->pins->n++ % DIGESTS_MAX], msg + 2, DIGEST_LEN);
}

void
keys_report_pins(const struct keys_supervisor *s, int fd)
{
	uint8_t letter = KEYS_MSG_PIN;
	int rc = 0;

	for (size_t i = 0; s->pins != NULL && i < s->pins->n &&
			   i < DIGESTS_MAX && rc == 0;
	     i++) {
		struct iovec iov[2] = { { &letter, 1 },
			{ s->pins->digest[i], DIGEST_LEN } };

		rc = keys_sock_send(fd, iov, 2, -1, 1);
	}
}
