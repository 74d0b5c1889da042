/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "http/clock_internal.h"
#include "http/request_internal.h"
#include "http/server_internal.h"
#include "net/budget.h"

int
http_charge_take(
    struct http_server *s, const struct net_addr *peer, unsigned *ret_wait_s)
{
	uint64_t wait_ms = 0;

	if (s->budget == NULL)
		return 0;
	if (net_budget_take(s->budget, peer, http_clock_now_ms(s), &wait_ms) ==
	    0)
		return 0;
	*ret_wait_s = (unsigned)((wait_ms + 999) / 1000);
	return ERR_PEER_RATE;
}
