/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_query.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "store/sql.h"
#include "store/stmt.h"

static int
start(const struct ca_query *q, struct store_stmt **ret_stmt, const char *fmt,
    va_list ap)
{
	char sql[CA_TABLE_SQL_MAX];
	int rc;

	rc = ca_table_select(ca_table_get(q->table), q->tail, sql, sizeof(sql));
	return rc != 0 ? rc : store_sql_bind(q->sql, sql, ret_stmt, fmt, ap);
}

int
ca_query_one(const struct ca_query *q, void *row, const char *fmt, ...)
{
	struct store_stmt *stmt;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = start(q, &stmt, fmt, ap);
	va_end(ap);
	if (rc != 0)
		return rc;
	if ((rc = store_stmt_step(stmt)) != 1)
		return rc == 0 ? ERR_STATE_NOT_FOUND : rc;
	rc = ca_table_read(ca_table_get(q->table), stmt, q->arena, row);
	store_stmt_reset(stmt);
	return rc;
}

/* An array of twice the size with the rows read so far. */
static int
grow(struct arena *a, size_t row_size, void **rows, size_t *cap)
{
	size_t more = *cap == 0 ? 8 : *cap * 2;
	void *p;

	if (more > CA_QUERY_ROWS_MAX ||
	    (p = base_arena_alloc(a, more * row_size)) == NULL)
		return ERR_SYS_LIMIT;
	if (*cap > 0)
		memcpy(p, *rows, *cap * row_size);
	*rows = p;
	*cap = more;
	return 0;
}

int
ca_query_rows(const struct ca_query *q, struct store_stmt *stmt,
    void **ret_rows, size_t *ret_n)
{
	const struct ca_table *t = ca_table_get(q->table);
	size_t cap = 0, n = 0;
	void *rows = NULL;
	int rc;

	while ((rc = store_stmt_step(stmt)) == 1) {
		if (n == cap &&
		    (rc = grow(q->arena, t->row_size, &rows, &cap)) != 0)
			break;
		rc = ca_table_read(
		    t, stmt, q->arena, (char *)rows + n * t->row_size);
		if (rc != 0)
			break;
		n++;
	}
	store_stmt_reset(stmt);
	if (rc != 0)
		return rc;
	*ret_rows = rows;
	*ret_n = n;
	return 0;
}

int
ca_query_all(const struct ca_query *q, void **ret_rows, size_t *ret_n,
    const char *fmt, ...)
{
	struct store_stmt *stmt;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = start(q, &stmt, fmt, ap);
	va_end(ap);
	return rc != 0 ? rc : ca_query_rows(q, stmt, ret_rows, ret_n);
}
