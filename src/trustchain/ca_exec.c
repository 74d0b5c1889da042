/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_exec.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "store/sql.h"
#include "store/stmt.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_exec_internal.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_table.h"

/* RFC 5280 section 5.3.1: cessationOfOperation. */
enum { REASON_CESSATION = 5 };

static int64_t
changes(struct ca_exec *x)
{
	return store_sql_changes(x->q);
}

/* Insert a row; ${auto_id} leaves its first column to the database. */
static int
insert(struct ca_exec *x, enum ca_table_id table, const void *row,
    const char *tail, bool auto_id)
{
	const struct ca_table *t = ca_table_get(table);
	char sql[CA_TABLE_SQL_MAX];
	struct store_stmt *stmt;
	int rc;

	rc = ca_table_insert(t, tail, sql, sizeof(sql));
	if (rc == 0)
		rc = store_sql_get(x->q, sql, &stmt);
	if (rc == 0)
		rc = ca_table_bind(t, stmt, row);
	if (rc == 0 && auto_id)
		rc = store_stmt_bind_null(stmt, 1);
	return rc == 0 ? store_stmt_step(stmt) : rc;
}

/*
 * Add or replace by revision.  ${rev} points to the revision inside ${row},
 * ${id} is its key.
 */
static int
put(struct ca_exec *x, enum ca_table_id table, void *row, int64_t *rev,
    const char *id)
{
	const struct ca_table *t = ca_table_get(table);
	char sql[CA_TABLE_SQL_MAX];
	struct store_stmt *stmt;
	int64_t old = (*rev)++;
	int rc;

	if (old == 0)
		return insert(x, table, row, "", false);
	rc = ca_table_update(t, "WHERE id=? AND rev=?", sql, sizeof(sql));
	if (rc == 0)
		rc = store_sql_get(x->q, sql, &stmt);
	if (rc == 0)
		rc = ca_table_bind(t, stmt, row);
	if (rc == 0)
		rc = store_stmt_bind_text(stmt, (int)t->n + 1, id);
	if (rc == 0)
		rc = store_stmt_bind_int(stmt, (int)t->n + 2, old);
	if (rc == 0)
		rc = store_stmt_step(stmt);
	if (rc == 0 && changes(x) == 0)
		rc = ERR_STATE_CONFLICT;
	return rc;
}

static int
put_issuer(struct ca_exec *x, struct ca_op *op)
{
	const struct ca_issuer *row = op->row;
	int rc;

	rc = insert(x, CA_TABLE_ISSUER, op->row,
	    "ON CONFLICT(id) DO UPDATE SET cert=excluded.cert", false);
	return rc == 0 ? ca_exec_hold(x, row->id) : rc;
}

static int
issuer_state(struct ca_exec *x, struct ca_op *op)
{
	int rc = store_sql_run(
	    x->q, "UPDATE issuer SET state=? WHERE id=?", "ss", op->b, op->a);

	return rc == 0 && changes(x) == 0 ? ERR_STATE_NOT_FOUND : rc;
}

/* Whether the issuer's epoch is still ${epoch}. */
static int
check_epoch(struct ca_exec *x, const char *issuer, int64_t epoch)
{
	struct store_stmt *stmt;
	int64_t now;
	int rc;

	rc = store_sql_find(
	    x->q, "SELECT epoch FROM issuer WHERE id=?", &stmt, "s", issuer);
	if (rc != 1)
		return rc == 0 ? ERR_STATE_NOT_FOUND : rc;
	now = store_stmt_int(stmt, 0);
	store_stmt_reset(stmt);
	return now == epoch ? 0 : ERR_STATE_HALTED;
}

static int
put_names(struct ca_exec *x, const struct ca_op *op)
{
	struct ca_blob key;
	size_t i;
	int rc = 0;
	char kind[2] = "";

	for (i = 0; rc == 0 && i < op->n_names; i++) {
		kind[0] = (char)op->names[i].kind;
		rc = ca_name_key(&op->names[i], x->arena, &key);
		if (rc == 0)
			rc = store_sql_run(x->q,
			    "INSERT OR IGNORE INTO name(kind,value,cert_id)"
			    " VALUES(?,?,?)",
			    "sbi", kind, key.data, key.len, x->cert_id);
	}
	return rc;
}

static int
put_cert(struct ca_exec *x, struct ca_op *op)
{
	struct ca_cert *c = op->row;
	int rc;

	if ((rc = check_epoch(x, c->issuer, c->epoch)) != 0)
		return rc;
	if ((rc = insert(x, CA_TABLE_CERT, c, "", true)) != 0)
		return rc;
	x->cert_id = store_sql_last_id(x->q);
	if ((rc = put_names(x, op)) != 0 || c->order_id == NULL)
		return rc;
	/* An order whose authorizations became valid at the same time is still
	 * stored as pending; the ACME core found them all valid. */
	rc = store_sql_run(x->q,
	    "UPDATE acme_order SET status='processing', rev=rev+1"
	    " WHERE id=? AND status IN ('pending','ready')",
	    "s", c->order_id);
	return rc == 0 && changes(x) == 0 ? ERR_STATE_CONFLICT : rc;
}

/* Look up the row that a C2 is about, and whether it may happen. */
static int
finalize_check(struct ca_exec *x, const struct ca_cert *c, int64_t *ret_id)
{
	struct store_stmt *stmt;
	const char *state;
	int64_t epoch;
	bool pending;
	int rc;

	rc = store_sql_find(x->q,
	    "SELECT id, state, epoch FROM cert WHERE issuer=? AND serial=?",
	    &stmt, "sb", c->issuer, c->serial.data, c->serial.len);
	if (rc != 1)
		return rc == 0 ? ERR_STATE_NOT_FOUND : rc;
	*ret_id = store_stmt_int(stmt, 0);
	state = store_stmt_text(stmt, 1);
	pending = state != NULL && strcmp(state, "P") == 0;
	epoch = store_stmt_int(stmt, 2);
	store_stmt_reset(stmt);
	return pending ? check_epoch(x, c->issuer, epoch) : ERR_STATE_STALE;
}

static int
finalize(struct ca_exec *x, struct ca_op *op)
{
	struct ca_cert *c = op->row;
	int64_t id;
	int rc;

	if ((rc = finalize_check(x, c, &id)) != 0)
		return rc;
	rc = store_sql_run(x->q,
	    "UPDATE cert SET state='I', fp=?, final=?, scts=?, sct_json=?"
	    " WHERE id=? AND state='P'",
	    "bbbsi", c->fp.data, c->fp.len, c->final.data, c->final.len,
	    c->scts.data, c->scts.len, c->sct_json, id);
	if (rc != 0)
		return rc;
	return store_sql_run(x->q,
	    "UPDATE acme_order SET status='valid', cert=?1, rev=rev+1"
	    " WHERE id=(SELECT order_id FROM cert WHERE id=?1)"
	    " AND status='processing'",
	    "i", id);
}

static int
abandon(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE cert SET state='A',"
	    " reason=iif(revoked_at=0, ?, reason),"
	    " revoked_at=iif(revoked_at=0, ?, revoked_at)"
	    " WHERE issuer=? AND serial=? AND state='P'",
	    "iisb", (int64_t)REASON_CESSATION, op->i, op->a, op->serial.data,
	    op->serial.len);
	if (rc == 0 && changes(x) == 0)
		rc = ERR_STATE_STALE;
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "DELETE FROM idem WHERE cert_id="
		    "(SELECT id FROM cert WHERE issuer=? AND serial=?)",
		    "sb", op->a, op->serial.data, op->serial.len);
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE acme_order SET status='invalid', error=?,"
		    " rev=rev+1 WHERE status='processing' AND id="
		    "(SELECT order_id FROM cert WHERE issuer=? AND serial=?)",
		    "ssb", op->b, op->a, op->serial.data, op->serial.len);
	return rc;
}

static int
put_idem(struct ca_exec *x, struct ca_op *op)
{
	struct ca_idem *row = op->row;
	int rc;

	if (row->cert_id == 0)
		row->cert_id = x->cert_id;
	rc = store_sql_run(x->q,
	    "DELETE FROM idem WHERE token=? AND key=? AND expires<=?", "ssi",
	    row->token, row->key, row->now);
	if (rc != 0)
		return rc;
	return insert(x, CA_TABLE_IDEM, row, "", false);
}

static int
outbox(struct ca_exec *x, struct ca_op *op)
{
	return insert(x, CA_TABLE_OUTBOX, op->row, "", true);
}

static int
outbox_done(struct ca_exec *x, struct ca_op *op)
{
	return store_sql_run(
	    x->q, "DELETE FROM outbox WHERE seq<=?", "i", op->i);
}

static int
put_token(struct ca_exec *x, struct ca_op *op)
{
	return insert(x, CA_TABLE_TOKEN, op->row, "", false);
}

static int
revoke_token(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE token SET revoked_at=iif(revoked_at=0, ?, revoked_at)"
	    " WHERE id=?",
	    "is", op->i, op->a);
	return rc == 0 && changes(x) == 0 ? ERR_STATE_NOT_FOUND : rc;
}

static int
put_block(struct ca_exec *x, struct ca_op *op)
{
	const struct ca_block *row = op->row;
	int rc =
	    insert(x, CA_TABLE_BLOCK, op->row, "ON CONFLICT DO NOTHING", false);

	if (rc == 0 && strcmp(row->kind, "eab") == 0)
		rc = ca_exec_eab_end(x, row->value, row->at);
	return rc == ERR_STATE_NOT_FOUND ? 0 : rc;
}

static int
put_eab(struct ca_exec *x, struct ca_op *op)
{
	return insert(x, CA_TABLE_EAB, op->row, "", false);
}

static int
drop_block(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q, "DELETE FROM block WHERE kind=? AND value=?",
	    "ss", op->a, op->b);
	return rc == 0 && changes(x) == 0 ? ERR_STATE_NOT_FOUND : rc;
}

static int
put_account(struct ca_exec *x, struct ca_op *op)
{
	struct ca_acme_account *row = op->row;

	return put(x, CA_TABLE_ACCOUNT, row, &row->rev, row->id);
}

/* Note which authorizations a new order waits for. */
static int
link_authzs(struct ca_exec *x, const struct ca_acme_order *row)
{
	const char *at = row->authzs, *end;
	struct ca_blob id;
	char *text;
	int rc = 0;

	while (rc == 0 && at != NULL && *at != '\0') {
		end = strchrnul(at, ',');
		id.data = (const uint8_t *)at;
		id.len = (size_t)(end - at);
		text = base_arena_dup(x->arena, id.data, id.len);
		if (text == NULL)
			return ERR_SYS_LIMIT;
		rc = store_sql_run(x->q,
		    "INSERT OR IGNORE INTO acme_order_authz(order_id,authz)"
		    " VALUES(?,?)",
		    "ss", row->id, text);
		at = *end == ',' ? end + 1 : end;
	}
	return rc;
}

static int
put_order(struct ca_exec *x, struct ca_op *op)
{
	struct ca_acme_order *row = op->row;
	bool is_new = row->rev == 0;
	int rc;

	rc = put(x, CA_TABLE_ORDER, row, &row->rev, row->id);
	return rc == 0 && is_new ? link_authzs(x, row) : rc;
}

static int
put_authz(struct ca_exec *x, struct ca_op *op)
{
	struct ca_acme_authz *row = op->row;

	return put(x, CA_TABLE_AUTHZ, row, &row->rev, row->id);
}

static int
put_challenge(struct ca_exec *x, struct ca_op *op)
{
	struct ca_acme_challenge *row = op->row;

	return put(x, CA_TABLE_CHALLENGE, row, &row->rev, row->id);
}

static int
drop_cert(struct ca_exec *x, struct ca_op *op)
{
	return store_sql_run(
	    x->q, "DELETE FROM cert WHERE id=? AND state<>'P'", "i", op->i);
}

static int
drop_der(struct ca_exec *x, struct ca_op *op)
{
	return store_sql_run(x->q,
	    "UPDATE cert SET precert=NULL, final=NULL, scts=NULL,"
	    " sct_json=NULL WHERE id=? AND state<>'P'",
	    "i", op->i);
}

static int
emergency_arm(struct ca_exec *x, struct ca_op *op)
{
	return insert(x, CA_TABLE_EMERGENCY, op->row, "", false);
}

static int (*const handlers[])(struct ca_exec *, struct ca_op *) = {
	[CA_OP_PUT_ISSUER] = put_issuer,
	[CA_OP_ISSUER_STATE] = issuer_state,
	[CA_OP_PUT_CERT] = put_cert,
	[CA_OP_FINALIZE] = finalize,
	[CA_OP_ABANDON] = abandon,
	[CA_OP_REVOKE] = ca_exec_revoke,
	[CA_OP_REVOKE_MATCH] = ca_exec_revoke_match,
	[CA_OP_SWEEP] = ca_exec_sweep,
	[CA_OP_CRL] = ca_exec_crl,
	[CA_OP_OPEN] = ca_exec_open,
	[CA_OP_EMERGENCY_ARM] = emergency_arm,
	[CA_OP_EMERGENCY_BEGIN] = ca_exec_emergency_begin,
	[CA_OP_EMERGENCY_COUNT] = ca_exec_emergency_count,
	[CA_OP_EMERGENCY_DONE] = ca_exec_emergency_done,
	[CA_OP_EMERGENCY_ALLOW] = ca_exec_emergency_allow,
	[CA_OP_EMERGENCY_RESUME] = ca_exec_emergency_resume,
	[CA_OP_PUT_IDEM] = put_idem,
	[CA_OP_OUTBOX] = outbox,
	[CA_OP_OUTBOX_DONE] = outbox_done,
	[CA_OP_PUT_TOKEN] = put_token,
	[CA_OP_REVOKE_TOKEN] = revoke_token,
	[CA_OP_PUT_EAB] = put_eab,
	[CA_OP_BIND_EAB] = ca_exec_eab_bind,
	[CA_OP_REVOKE_EAB] = ca_exec_eab_revoke,
	[CA_OP_END_ACCOUNT] = ca_exec_account_end,
	[CA_OP_PUT_BLOCK] = put_block,
	[CA_OP_DROP_BLOCK] = drop_block,
	[CA_OP_PUT_ACCOUNT] = put_account,
	[CA_OP_PUT_ORDER] = put_order,
	[CA_OP_PUT_AUTHZ] = put_authz,
	[CA_OP_PUT_CHALLENGE] = put_challenge,
	[CA_OP_CHARGE] = ca_exec_charge,
	[CA_OP_GC] = ca_exec_gc,
	[CA_OP_DROP_CERT] = drop_cert,
	[CA_OP_DROP_DER] = drop_der,
};

_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == CA_OP_COUNT,
    "every kind of change has a handler");

int
ca_exec_batch(struct store_sql *q, struct ca_batch *b)
{
	struct ca_exec x = { q, b->arena, 0 };
	struct ca_op *op;
	int rc = b->rc;

	for (op = b->first; rc == 0 && op != NULL; op = op->next)
		rc = handlers[op->kind](&x, op);
	return rc;
}
