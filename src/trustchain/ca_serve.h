/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SERVE_H
#define TRUSTCHAIN_CA_SERVE_H

/*
 * The main process of trustchain-ca: everything that talks to the network,
 * put together.
 */
struct ca_config;
struct ops_cli;

/**
 * ca_serve_main(cli, config):
 * Be main until SIGTERM; return the exit code.
 */
int ca_serve_main(const struct ops_cli *cli, struct ca_config *config);

/**
 * ca_serve_status_main(cli, config):
 * The same for `serve --status-only': OCSP, CRL files and issuer certificates
 * from the state of another daemon, with no issuing key.
 */
int ca_serve_status_main(const struct ops_cli *cli, struct ca_config *config);

#endif
