/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/status.h"

enum keys_status
keys_status_of(int rc)
{
	if (rc == 0)
		return KEYS_STATUS_OK;
	if (rc == ERR_SYS_UNAVAILABLE)
		return KEYS_STATUS_RATE;
	switch (base_err_class(rc)) {
	case ERR_CLASS_STATE:
		return KEYS_STATUS_REFUSED;
	case ERR_CLASS_PEER:
		return KEYS_STATUS_MALFORMED;
	default:
		return KEYS_STATUS_KEY;
	}
}

int
keys_status_rc(unsigned status)
{
	switch (status) {
	case KEYS_STATUS_OK:
		return 0;
	case KEYS_STATUS_REFUSED:
		return ERR_STATE_REFUSED;
	case KEYS_STATUS_MALFORMED:
		return ERR_PEER_MALFORMED;
	case KEYS_STATUS_RATE:
		return ERR_SYS_UNAVAILABLE;
	default:
		return ERR_SYS_KEY;
	}
}
