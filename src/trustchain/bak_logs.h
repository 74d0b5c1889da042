/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_LOGS_H
#define TRUSTCHAIN_BAK_LOGS_H

#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/* Reading the logs of a CA that is being restored. */
struct bak_recover;
struct ca_config;

struct bak_logs {
	const struct ca_config *ca;
	/* State of a log out of the same backup; NULL: none. */
	const char *local;
	struct bak_recover *recover;
	int64_t now_ms;
};

/**
 * bak_logs_read(l, f):
 * Give the entries of every shard whose certificates may be valid to
 * ${l}->recover: of the log in the backup from its files, of others over the
 * network.  ERR_SYS_UNAVAILABLE when one does not answer,
 * ERR_STATE_INTEGRITY when one is not what it has signed.
 */
MUST_CHECK int bak_logs_read(const struct bak_logs *l, struct fault *f);

#endif
