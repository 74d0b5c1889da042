/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_API_H
#define TRUSTCHAIN_CT_API_H

struct ct_log;
struct http_request;

/**
 * ct_api_get(l, path, r):
 * Answer GET /api/v1/ct/<path>: tree, monitor, logs, logs.note, ctlogfile,
 * evidence, proof/<sct>.  Returns 0 if there is no such path; then nothing
 * was answered.
 */
int ct_api_get(struct ct_log *l, const char *path, struct http_request *r);

#endif
