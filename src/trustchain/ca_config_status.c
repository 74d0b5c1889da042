/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trustchain/ca_config.h"

static size_t
folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path);
}

static bool
same_folder(const char *a, const char *b)
{
	size_t len = folder_len(a);

	return len == folder_len(b) && strncmp(a, b, len) == 0;
}

int
ca_config_check_status(const struct ca_config *c, struct fault *f)
{
	const struct ca_config_issuer *is = c->issuers.v;

	for (size_t i = 0; i < c->issuers.n; i++) {
		if (is[i].ocsp_key[0] == '\0' || is[i].ocsp_cert[0] == '\0')
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s: serve --status-only needs ocsp_key "
			    "and ocsp_cert",
			    is[i].id);
		/* Main reads the folder, for a new certificate to be seen. */
		if (same_folder(is[i].ocsp_cert, is[i].ocsp_pass_file) ||
		    same_folder(
			is[i].ocsp_cert, is[i].ocsp_key + strlen("file:")))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s: ocsp_cert is in a folder of keys; "
			    "fix: keep it in one of its own",
			    is[i].id);
	}
	return 0;
}
