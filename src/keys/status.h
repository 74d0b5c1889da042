/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_STATUS_H
#define KEYS_STATUS_H

#include "base/err.h"

/* The status of a reply, and the error code that a client makes of it. */
enum keys_status {
	KEYS_STATUS_OK = 0,
	KEYS_STATUS_REFUSED = 1,   /* by policy: ERR_STATE_REFUSED */
	KEYS_STATUS_MALFORMED = 2, /* ERR_PEER_MALFORMED */
	KEYS_STATUS_KEY = 3,	   /* key or token failed: ERR_SYS_KEY */
	KEYS_STATUS_RATE = 4,	   /* rate cap: ERR_SYS_UNAVAILABLE */
};

/**
 * keys_status_of(rc), keys_status_rc(status):
 * Translate between a reply's status and an error code: a key process answers
 * STATE codes with 1, PEER codes with 2, ERR_SYS_UNAVAILABLE with 4 and other
 * SYS codes with 3.
 */
enum keys_status keys_status_of(int rc);
int keys_status_rc(unsigned status);

#endif
