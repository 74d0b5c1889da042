/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim/issue_internal.h"

/* What is on the CA's disk for sure, power cut or not. */
static void
read_ca(const struct issue_judge *j, struct issue_table *t)
{
	size_t len;
	const uint8_t *bytes = sim_disk_durable(j->sim->ca_disk, &len);

	issue_wal_read(bytes, len, t);
}

static void
read_log(const struct issue_judge *j, uint32_t log, struct issue_table *t)
{
	size_t len;
	const uint8_t *bytes = sim_disk_durable(j->sim->logs[log].disk, &len);

	issue_wal_read(bytes, len, t);
}

void
issue_judge_received(struct issue_judge *j, uint32_t request)
{
	if (j->requests[request] != ISSUE_UNSEEN)
		sim_world_fail(
		    j->sim->world, "request %u was taken up twice", request);
	j->requests[request] = ISSUE_OPEN;
}

void
issue_judge_answered(struct issue_judge *j, uint32_t request)
{
	if (j->requests[request] != ISSUE_OPEN)
		sim_world_fail(
		    j->sim->world, "request %u was answered twice", request);
	j->requests[request] = ISSUE_ENDED;
}

void
issue_judge_ca_crashed(struct issue_judge *j)
{
	for (uint32_t i = 0; i <= j->n_requests; i++)
		if (j->requests[i] == ISSUE_OPEN)
			j->requests[i] = ISSUE_ENDED;
}

void
issue_judge_submitted(struct issue_judge *j, const struct issue_message *m)
{
	struct issue_table t;
	struct issue_row *row;

	read_ca(j, &t);
	row = issue_table_find(&t, m->serial);
	if (row == NULL)
		sim_world_fail(j->sim->world,
		    "serial %016jx was submitted before its row was durable",
		    (uintmax_t)m->serial);
	else if (row->precert != m->precert)
		sim_world_fail(j->sim->world,
		    "serial %016jx: another precertificate was submitted",
		    (uintmax_t)m->serial);
}

void
issue_judge_promised(
    struct issue_judge *j, const struct issue_sct *sct, uint64_t serial)
{
	struct issue_table t;
	struct issue_row *row;

	read_log(j, sct->log, &t);
	row = issue_table_find(&t, serial);
	if (row == NULL || row->index != sct->index ||
	    row->precert != sct->precert)
		sim_world_fail(j->sim->world,
		    "log %u promises serial %016jx, which is not durable",
		    sct->log, (uintmax_t)serial);
	j->promised[sct->log][sct->index] = true;
}

void
issue_judge_signed(struct issue_judge *j, const struct issue_message *m)
{
	bool logs[ISSUE_LOGS] = { false };
	const struct issue_sct *sct;
	unsigned good = 0;

	for (uint32_t i = 0; i < m->n_scts; i++) {
		sct = &m->scts[i];
		if (sct->precert != m->precert || logs[sct->log] ||
		    sct->tag != issue_sct_tag(sct) ||
		    !j->promised[sct->log][sct->index])
			continue;
		logs[sct->log] = true;
		good++;
	}
	if (good < ISSUE_MIN_SCTS)
		sim_world_fail(j->sim->world,
		    "serial %016jx: final certificate signed with %u good SCTs "
		    "of %u",
		    (uintmax_t)m->serial, good, m->n_scts);
}

void
issue_judge_got(struct issue_judge *j, const struct issue_message *m)
{
	struct issue_table t;
	struct issue_row *row;

	if (m->serial == 0)
		return;
	read_ca(j, &t);
	row = issue_table_find(&t, m->serial);
	if (row == NULL)
		sim_world_fail(j->sim->world,
		    "request %u: serial %016jx was told before it was durable",
		    m->request, (uintmax_t)m->serial);
	else if (m->status == 201 &&
		 (row->state != ISSUE_ROW_ISSUED || row->final != m->final))
		sim_world_fail(j->sim->world,
		    "request %u: the certificate %016jx is not durable",
		    m->request, (uintmax_t)m->serial);
}

static void
check_rows(struct issue_judge *j, const struct issue_table *t)
{
	uint32_t issued[ISSUE_CLIENTS * ISSUE_KEYS_EACH + 1] = { 0 };
	const struct issue_row *row;

	for (size_t i = 0; i < t->n; i++) {
		row = &t->rows[i];
		if (row->serial == 0)
			continue;
		j->sim->result.abandoned += row->state == ISSUE_ROW_ABANDONED;
		j->sim->result.issued += row->state == ISSUE_ROW_ISSUED;
		if (row->state == ISSUE_ROW_PENDING)
			sim_world_fail(j->sim->world,
			    "serial %016jx is still pending",
			    (uintmax_t)row->serial);
		if (row->state == ISSUE_ROW_ISSUED && ++issued[row->key] > 1)
			sim_world_fail(j->sim->world,
			    "key %u has two certificates", row->key);
	}
}

void
issue_judge_end(struct issue_judge *j)
{
	struct issue_table ca, log;

	read_ca(j, &ca);
	check_rows(j, &ca);
	for (uint32_t i = 0; i < ISSUE_LOGS; i++) {
		read_log(j, i, &log);
		for (size_t n = 0; n < log.n; n++)
			if (issue_table_find(&ca, log.rows[n].serial) == NULL)
				sim_world_fail(j->sim->world,
				    "serial %016jx is logged, but no record "
				    "of it is left",
				    (uintmax_t)log.rows[n].serial);
	}
	for (uint32_t i = 0; i <= j->n_requests; i++)
		if (j->requests[i] == ISSUE_OPEN)
			sim_world_fail(
			    j->sim->world, "request %u was never answered", i);
	for (uint32_t i = 0; i < ISSUE_CLIENTS; i++)
		if (!j->sim->clients[i].finished)
			sim_world_fail(j->sim->world,
			    "client %u waits for key %u for ever", i,
			    j->sim->clients[i].key);
}
