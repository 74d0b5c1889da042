/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CONTROL_INTERNAL_H
#define TRUSTCHAIN_CA_CONTROL_INTERNAL_H

#include "trustchain/ca_control.h"

struct ca_batch;

struct ca_control {
	struct ca_control_opts o;
};

struct ca_eab;
struct ca_token;

/**
 * ca_control_issue(c, call, req):
 * Answer operation issue.
 */
void ca_control_issue(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_halt(c, call, req), ca_control_resume(c, call, req),
 * ca_control_approve(c, call, req), ca_control_emergencies(c, call, req),
 * ca_control_revoke_all(c, call, req):
 * Answer operations halt, resume, emergency.approve, emergency.show and
 * revoke-all.
 */
void ca_control_halt(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_resume(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_approve(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_emergencies(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_revoke_all(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_crl(c, call, req):
 * Answer operation crl.publish.
 */
void ca_control_crl(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_revoke(c, call, req), ca_control_block_add(c, call, req),
 * ca_control_block_remove(c, call, req), ca_control_block_list(c, call, req):
 * Answer operations revoke and block.*.
 */
void ca_control_revoke(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_block_add(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_block_remove(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_block_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_eab_create(c, call, req), ca_control_eab_list(c, call, req),
 * ca_control_eab_revoke(c, call, req), ca_control_account_list(c, call, req),
 * ca_control_account_deactivate(c, call, req):
 * Answer operations eab.* and account.*.
 */
void ca_control_eab_create(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_eab_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_eab_revoke(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_account_list(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);
void ca_control_account_deactivate(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_commit(c, call, b, reply):
 * Submit ${b} and answer ${call} with ${reply} once it is durable, or with
 * why it is not; takes over both.
 */
void ca_control_commit(struct ca_control *c, struct ops_control_call *call,
    struct ca_batch *b, json_t *reply);

/**
 * ca_control_backup(c, call, req):
 * Answer operation backup.done.
 */
void ca_control_backup(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_cleanup(c, call, req):
 * Answer operation cleanup.
 */
void ca_control_cleanup(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_rotate(c, call, req):
 * Answer operation rotate.
 */
void ca_control_rotate(
    struct ca_control *c, struct ops_control_call *call, const json_t *req);

/**
 * ca_control_token_json(t, now_ms), ca_control_eab_json(e, now_ms):
 * Describe a row, without its secret; NULL when memory is short or the row
 * damaged.
 */
json_t *ca_control_token_json(const struct ca_token *t, int64_t now_ms);
json_t *ca_control_eab_json(const struct ca_eab *e, int64_t now_ms);

#endif
