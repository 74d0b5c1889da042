/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_POINTS_H
#define TRUSTCHAIN_CA_POINTS_H

#include <stdbool.h>

#include "base/err.h"

/*
 * What certificates point to (identity.md section 6), on the API's listener
 * and on the plain one: OCSP, `/aia/ISSUER.cer`, `/crl/ISSUER/SHARD.crl`.  CRLs
 * are the files of the state folder, as the publisher left them.  Loop thread
 * only.
 */
struct ca_authority;
struct ca_config;
struct ca_ocsp;
struct ca_points;
struct clock;
struct http_request;

/* Below the state folder: ISSUER/SHARD.crl, and ISSUER/full.crl. */
#define CA_POINTS_CRL_FOLDER "crl"

struct ca_points_opts {
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_ocsp *ocsp;
	const struct clock *clock;
};

/**
 * ca_points_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_points_new(
    const struct ca_points_opts *opts, struct ca_points **ret);

/**
 * ca_points_free(p):
 * After the server, which may still be sending files.  NULL is legal.
 */
void ca_points_free(struct ca_points *p);

/**
 * ca_points_handle(p, req, plain):
 * Answer ${req}, at once or later, and return true; return false for what is
 * not here.  ${plain} says that it came to the plain listener, where OCSP is
 * `/ocsp' and not below the API.
 */
bool ca_points_handle(
    struct ca_points *p, struct http_request *req, bool plain);

/**
 * ca_points_crl(p, req, path, pem):
 * Answer ${req} with the CRL in the file ${path}, as DER or PEM; slow readers
 * share what is in memory.  Not answered on failure: ERR_STATE_NOT_FOUND,
 * ERR_SYS_*.
 */
MUST_CHECK int ca_points_crl(
    struct ca_points *p, struct http_request *req, const char *path, bool pem);

#endif
