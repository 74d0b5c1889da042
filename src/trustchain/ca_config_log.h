/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CONFIG_LOG_H
#define TRUSTCHAIN_CA_CONFIG_LOG_H

#include "trustchain/ca_config.h"

/** ca_config_log_foreign(log): whether it is somebody else's RFC 6962 log. */
bool ca_config_log_foreign(const struct ca_config_log *log);

/**
 * ca_config_log_finish(c, f):
 * Judge the sections [[log]]: each has either list_vkey or key, start and end,
 * no key is there twice, no token file is that of a passphrase.
 * ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_config_log_finish(const struct ca_config *c, struct fault *f);

/**
 * ca_config_log_serve(c, f):
 * What only the daemon needs: each list_vkey is a verifier key.
 * ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_config_log_serve(const struct ca_config *c, struct fault *f);

#endif
