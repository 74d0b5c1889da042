/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_peer.h"

#include <string.h>

#include "base/str.h"
#include "trustchain/trustchain_config.h"

int
trustchain_peer_parse(const char *url, struct trustchain_peer *ret)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!base_str_starts(url, "unix:"))
		return base_str_copy(ret->base, sizeof(ret->base), url);
	rc = base_str_copy(ret->unix_path, sizeof(ret->unix_path), url + 5);
	return rc == 0 ? base_str_copy(
			     ret->base, sizeof(ret->base), "http://localhost")
		       : rc;
}

const char *
trustchain_peer_socket(const struct trustchain_peer *p)
{
	return p->unix_path[0] != '\0' ? p->unix_path : NULL;
}

const char *
trustchain_peer_check_url(const char *v)
{
	return strncmp(v, "unix:/", 6) == 0 ? NULL
					    : trustchain_config_check_url(v);
}
