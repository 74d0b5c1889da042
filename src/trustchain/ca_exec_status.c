/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "store/sql.h"
#include "trustchain/ca_batch_internal.h"
#include "trustchain/ca_exec_internal.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_row_status.h"

/* RFC 5280 section 5.3.1: keyCompromise. */
enum { REASON_KEY = 1 };

int
ca_exec_revoke(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE cert SET reason=iif(revoked_at=0, ?, reason),"
	    " revoked_at=iif(revoked_at=0, ?, revoked_at)"
	    " WHERE issuer=? AND serial=?",
	    "iisb", op->j, op->i, op->a, op->serial.data, op->serial.len);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0 && op->j == REASON_KEY)
		rc = store_sql_run(x->q,
		    "INSERT OR IGNORE INTO block(kind, value, at, by)"
		    " SELECT 'spki', lower(hex(spki)), ?, 'reason 1' FROM cert"
		    " WHERE serial=? AND issuer=? AND spki IS NOT NULL",
		    "ibs", op->i, op->serial.data, op->serial.len, op->a);
	return rc;
}

/*
 * Parameters: 1 date, 2 reason, 3 kind of name, 4 its key or the EAB key, 5
 * now, 6 who asked; each statement has all of them.
 */
#define OPEN "revoked_at=0 AND not_after>=?5 AND ?6 IS NOT NULL AND ?2>=0 AND "
#define BY_NAME                                                                \
	OPEN "id IN (SELECT cert_id FROM name WHERE kind=?3 AND value=?4)"
#define BY_EAB                                                                 \
	OPEN "?3='e' AND order_id IS NOT NULL AND order_id IN (SELECT o.id"    \
	     " FROM acme_account AS a JOIN acme_order AS o ON o.account=a.id"  \
	     " WHERE a.eab_kid=CAST(?4 AS TEXT))"
#define BLOCK                                                                  \
	"INSERT OR IGNORE INTO block(kind, value, at, by) SELECT 'spki',"      \
	" lower(hex(spki)), ?1, ?6 FROM cert WHERE spki IS NOT NULL AND"       \
	" ?2=1 AND "
#define EVENTS                                                                 \
	"INSERT INTO outbox(at, event, fields) SELECT ?1, 'cert.revoked',"     \
	" json_object('serial', lower(hex(serial)), 'issuer', issuer,"         \
	" 'reason', ?2, 'by', ?6) FROM cert WHERE "
#define REVOKE "UPDATE cert SET revoked_at=?1, reason=?2 WHERE "

int
ca_exec_revoke_match(struct ca_exec *x, struct ca_op *op)
{
	/* The rows are those not revoked yet, so the change comes last. */
	static const char *const by_name[] = { BLOCK BY_NAME, EVENTS BY_NAME,
		REVOKE BY_NAME };
	static const char *const by_eab[] = { BLOCK BY_EAB, EVENTS BY_EAB,
		REVOKE BY_EAB };
	const struct ca_revoke_match *m = op->row;
	struct ca_blob key;
	char kind[2] = "e";
	int rc = 0, i;

	if (m->name != NULL) {
		kind[0] = (char)m->name->kind;
		rc = ca_name_key(m->name, x->arena, &key);
	} else {
		key = (struct ca_blob){ (const uint8_t *)m->eab_kid,
			strlen(m->eab_kid) };
	}
	for (i = 0; rc == 0 && i < 3; i++)
		rc = store_sql_run(x->q,
		    m->name != NULL ? by_name[i] : by_eab[i], "iisbis", op->i,
		    op->j, kind, key.data, key.len, m->now, op->a);
	return rc;
}

int
ca_exec_sweep(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "INSERT INTO sweep(issuer, epoch, at, reason, operation_id)"
	    " SELECT id, epoch, ?, ?, ? FROM issuer WHERE id=?",
	    "iiss", op->i, op->j, op->b, op->a);
	if (rc == 0 && store_sql_changes(x->q) == 0)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0)
		rc = store_sql_run(x->q,
		    "UPDATE issuer SET epoch=epoch+1, state='halted'"
		    " WHERE id=?",
		    "s", op->a);
	return rc;
}

int
ca_exec_crl(struct ca_exec *x, struct ca_op *op)
{
	int rc;

	rc = store_sql_run(x->q,
	    "UPDATE issuer SET last_crl_number=max(last_crl_number, ?),"
	    " last_crl_at=max(last_crl_at, ?) WHERE id=?",
	    "iis", op->i, op->j, op->a);
	return rc == 0 && store_sql_changes(x->q) == 0 ? ERR_STATE_NOT_FOUND
						       : rc;
}
