/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "pki/issue.h"
#include "sim/issue_ca_internal.h"

/*
 * The CA: feeds the core with what happens and does what the core says.  Its
 * store is in issue_store.c.
 */
#define KEY_TIMEOUT_US SECOND
#define LOG_TIMEOUT_US (2 * SECOND)

struct ca_job *
issue_ca_job(struct issue_ca *ca, uint32_t id)
{
	for (size_t i = 0; i < CA_JOBS_MAX; i++)
		if (ca->jobs[i].id == id && id != 0)
			return &ca->jobs[i];
	return NULL;
}

static void
answer(struct issue_ca *ca, uint32_t client, struct issue_message *m)
{
	m->kind = ISSUE_ANSWER;
	issue_judge_answered(&ca->sim->judge, m->request);
	issue_send(ca->sim, ISSUE_CA, client, m);
}

static void
answer_all(struct issue_ca *ca, struct ca_job *j, bool certificate)
{
	struct issue_message m = { .key = j->key };

	m.status = certificate ? 201 : j->status;
	if (j->machine.stored)
		m.serial = j->row.serial;
	if (certificate)
		m.final = j->row.final;
	for (size_t i = 0; i < j->n_waiters; i++) {
		m.request = j->waiters[i].request;
		answer(ca, j->waiters[i].client, &m);
	}
}

static void
on_result(void *ctx, const void *data, size_t len)
{
	const struct ca_result *r = data;

	(void)len;
	issue_ca_result(ctx, r->id, r->state, r->event);
}

void
issue_ca_later(
    struct issue_ca *ca, uint64_t delay_us, const struct ca_result *r)
{
	sim_world_after(
	    ca->sim->world, ISSUE_CA, delay_us, on_result, r, sizeof(*r));
}

static void
later(struct issue_ca *ca, const struct ca_job *j, uint64_t delay_us,
    enum pki_issue_event event)
{
	struct ca_result r = { j->id, j->machine.state, event };

	issue_ca_later(ca, delay_us, &r);
}

/* Work of our own: takes a moment, and may say no or fail. */
static void
work(struct issue_ca *ca, struct ca_job *j, bool refused)
{
	struct sim_rng *rng = ca->sim->rng;
	enum pki_issue_event event = PKI_ISSUE_EV_OK;

	if (refused)
		event = PKI_ISSUE_EV_REFUSED;
	else if (ca->sim->faults && sim_rng_chance(rng, 10000))
		event = PKI_ISSUE_EV_ERROR;
	later(ca, j, 100 + sim_rng_below(rng, 3 * MS), event);
}

static void
ask_key(struct issue_ca *ca, struct ca_job *j, bool is_final)
{
	struct issue_message m = { .kind = ISSUE_SIGN,
		.job = j->id,
		.is_final = is_final,
		.serial = j->row.serial,
		.precert = j->row.precert };

	if (is_final) {
		m.n_scts = j->n_scts;
		memcpy(m.scts, j->scts, sizeof(m.scts));
	}
	issue_send(ca->sim, ISSUE_CA, ISSUE_KEY, &m);
	later(ca, j, KEY_TIMEOUT_US, PKI_ISSUE_EV_ERROR);
}

static void
on_slow(void *ctx, const void *data, size_t len)
{
	const struct ca_result *r = data;
	struct issue_ca *ca = ctx;
	struct ca_job *j = issue_ca_job(ca, r->id);

	(void)len;
	if (j != NULL && j->machine.state == r->state && j->n_waiters > 0)
		answer_all(ca, j, false);
}

static void
submit(struct issue_ca *ca, struct ca_job *j)
{
	struct issue_message m = { .kind = ISSUE_SUBMIT,
		.job = j->id,
		.serial = j->row.serial,
		.precert = j->row.precert };
	struct ca_result r = { j->id, j->machine.state, PKI_ISSUE_EV_ERROR };

	j->n_scts = j->n_refused = 0;
	for (uint32_t i = 0; i < ISSUE_LOGS; i++)
		issue_send(ca->sim, ISSUE_CA, ISSUE_LOG0 + i, &m);
	later(ca, j, LOG_TIMEOUT_US, PKI_ISSUE_EV_ERROR);
	if (ca->sim->broken == ISSUE_ANSWERS_TWICE)
		sim_world_after(ca->sim->world, ISSUE_CA, SECOND / 10, on_slow,
		    &r, sizeof(r));
}

static bool
check(const struct ca_job *j)
{
	return j->row.final == issue_hash(2, j->row.precert,
				   issue_scts_hash(j->scts, j->n_scts));
}

static void
perform(struct issue_ca *ca, struct ca_job *j, unsigned action)
{
	struct sim_rng *rng = ca->sim->rng;

	switch (action) {
	case PKI_ISSUE_DO_VALIDATE:
		work(ca, j, j->key % 11 == 7); /* a name that is not theirs */
		break;
	case PKI_ISSUE_DO_LINT:
		work(ca, j, j->key % 13 == 9);
		break;
	case PKI_ISSUE_DO_SIGN_PRECERT:
		ask_key(ca, j, false);
		break;
	case PKI_ISSUE_DO_COMMIT_C1:
		issue_ca_commit(ca, j, ISSUE_ROW_PENDING);
		break;
	case PKI_ISSUE_DO_SUBMIT:
		submit(ca, j);
		break;
	case PKI_ISSUE_DO_SIGN_FINAL:
		ask_key(ca, j, true);
		break;
	case PKI_ISSUE_DO_CHECK:
		work(ca, j,
		    !check(j) ||
			(ca->sim->faults && sim_rng_chance(rng, 10000)));
		break;
	case PKI_ISSUE_DO_COMMIT_C2:
		issue_ca_commit(ca, j, ISSUE_ROW_ISSUED);
		break;
	case PKI_ISSUE_DO_ABANDON:
		issue_ca_commit(ca, j, ISSUE_ROW_ABANDONED);
		break;
	case PKI_ISSUE_DO_REPLY:
	case PKI_ISSUE_DO_REPLY_ERROR:
		answer_all(ca, j, action == PKI_ISSUE_DO_REPLY);
		break;
	default:
		break; /* the audit of a failed check */
	}
}

/* The core, or what a broken build has in its place. */
static int
step(struct issue_ca *ca, struct pki_issue *m, enum pki_issue_event event,
    unsigned *ret)
{
	if (ca->sim->broken == ISSUE_LOG_IGNORED &&
	    m->state == PKI_ISSUE_LOGGING && event == PKI_ISSUE_EV_ERROR)
		event = PKI_ISSUE_EV_OK;
	return pki_issue_step(m, event, ret);
}

static void
feed(struct issue_ca *ca, struct ca_job *j, enum pki_issue_event event)
{
	enum pki_issue_state from = j->machine.state;
	unsigned actions = 0;
	int rc = step(ca, &j->machine, event, &actions);

	TROTH_ASSERT(rc == 0);
	sim_world_trace(ca->sim->world, "job %u: %s to %s", j->id,
	    pki_issue_state_name(from), pki_issue_state_name(j->machine.state));
	j->status = 503;
	if (event == PKI_ISSUE_EV_REFUSED &&
	    (from == PKI_ISSUE_VALIDATING || from == PKI_ISSUE_LINTING))
		j->status = 422;
	for (unsigned bit = 1; bit <= PKI_ISSUE_DO_REPLY_ERROR; bit <<= 1)
		if ((actions & bit) != 0)
			perform(ca, j, bit);
	if (pki_issue_ended(&j->machine))
		j->id = 0;
}

void
issue_ca_result(struct issue_ca *ca, uint32_t id, enum pki_issue_state state,
    enum pki_issue_event event)
{
	struct ca_job *j = issue_ca_job(ca, id);

	/* Late, or of an action that was given up. */
	if (j != NULL && j->machine.state == state)
		feed(ca, j, event);
}

struct ca_job *
issue_ca_job_new(struct issue_ca *ca, uint32_t key)
{
	for (size_t i = 0; i < CA_JOBS_MAX; i++) {
		if (ca->jobs[i].id != 0)
			continue;
		memset(&ca->jobs[i], 0, sizeof(ca->jobs[i]));
		ca->jobs[i].id = ++ca->last_job;
		ca->jobs[i].key = key;
		return &ca->jobs[i];
	}
	return NULL;
}

static struct ca_job *
job_of_key(struct issue_ca *ca, uint32_t key)
{
	for (size_t i = 0; i < CA_JOBS_MAX; i++)
		if (ca->jobs[i].id != 0 && ca->jobs[i].key == key)
			return &ca->jobs[i];
	return NULL;
}

static struct issue_row *
row_of_key(struct issue_ca *ca, uint32_t key)
{
	for (size_t i = 0; i < ca->table.n; i++)
		if (ca->table.rows[i].key == key &&
		    ca->table.rows[i].serial != 0 &&
		    ca->table.rows[i].state != ISSUE_ROW_ABANDONED)
			return &ca->table.rows[i];
	return NULL;
}

/* Step 1: what is known of the key already, and room. */
static void
admit(struct issue_ca *ca, uint32_t from, const struct issue_message *req)
{
	struct issue_message m = {
		.request = req->request, .key = req->key, .status = 503
	};
	bool looks = ca->sim->broken != ISSUE_KEY_IGNORED;
	struct issue_row *row = looks ? row_of_key(ca, req->key) : NULL;
	struct ca_job *j = looks ? job_of_key(ca, req->key) : NULL;

	if (row != NULL) {
		m.serial = row->serial;
		if (row->state == ISSUE_ROW_ISSUED) {
			m.status = 201;
			m.final = row->final;
		}
		answer(ca, from, &m);
		return;
	}
	if (j != NULL && j->n_waiters < CA_WAITERS_MAX) {
		j->waiters[j->n_waiters++] =
		    (struct ca_waiter){ from, req->request };
		return;
	}
	j = j == NULL ? issue_ca_job_new(ca, req->key) : NULL;
	if (j == NULL) {
		answer(ca, from, &m);
		return;
	}
	j->waiters[j->n_waiters++] = (struct ca_waiter){ from, req->request };
	j->row.serial = sim_rng_u64(ca->sim->rng) | 1;
	j->row.key = req->key;
	j->row.epoch = ca->epoch;
	j->row.created_us = sim_world_now_us(ca->sim->world);
	j->row.precert = issue_hash(1, j->row.serial, req->key);
	feed(ca, j, PKI_ISSUE_EV_ADMIT);
}

/* An SCT: of the entry asked about, of a log not counted yet, and signed. */
static bool
sct_counts(const struct issue_ca *ca, const struct ca_job *j,
    const struct issue_sct *sct)
{
	for (uint32_t i = 0; i < j->n_scts; i++)
		if (j->scts[i].log == sct->log)
			return false;
	return ca->sim->broken == ISSUE_UNVERIFIED_SCTS ||
	       (sct->precert == j->row.precert &&
		   sct->tag == issue_sct_tag(sct));
}

static void
take_promise(struct issue_ca *ca, const struct issue_message *m)
{
	uint32_t enough = ISSUE_MIN_SCTS - (ca->sim->broken == ISSUE_FEW_SCTS);
	struct ca_job *j = issue_ca_job(ca, m->job);

	if (j == NULL || j->machine.state != PKI_ISSUE_LOGGING)
		return;
	if (m->status != 200) {
		if (++j->n_refused > ISSUE_LOGS - ISSUE_MIN_SCTS)
			feed(ca, j, PKI_ISSUE_EV_REFUSED);
		return;
	}
	if (!sct_counts(ca, j, &m->scts[0]))
		return;
	j->scts[j->n_scts++] = m->scts[0];
	if (j->n_scts >= enough)
		feed(ca, j, PKI_ISSUE_EV_OK);
}

void
issue_ca_message(void *ctx, uint32_t from, const uint8_t *bytes, size_t len)
{
	struct issue_ca *ca = ctx;
	struct issue_message m;
	struct ca_job *j;

	TROTH_ASSERT(len == sizeof(m));
	memcpy(&m, bytes, sizeof(m));
	if (m.kind == ISSUE_REQUEST && ca->ready) {
		issue_judge_received(&ca->sim->judge, m.request);
		admit(ca, from, &m);
	} else if (m.kind == ISSUE_PROMISE) {
		take_promise(ca, &m);
	} else if (m.kind == ISSUE_SIGNED) {
		j = issue_ca_job(ca, m.job);
		if (j != NULL && m.is_final &&
		    j->machine.state == PKI_ISSUE_FINAL)
			j->row.final = m.final;
		issue_ca_result(ca, m.job,
		    m.is_final ? PKI_ISSUE_FINAL : PKI_ISSUE_PRECERT,
		    m.status == 200 ? PKI_ISSUE_EV_OK : PKI_ISSUE_EV_ERROR);
	}
}

/* Rows that nobody works on: finish or abandon them. */
static void
roll_forward(struct issue_ca *ca)
{
	uint64_t now_us = sim_world_now_us(ca->sim->world), age_us;
	struct issue_row *row;
	struct ca_job *j;
	bool expired;

	for (size_t i = 0; i < ca->table.n; i++) {
		row = &ca->table.rows[i];
		age_us = now_us - row->created_us;
		expired =
		    age_us > ISSUE_ROLL_FORWARD_US || row->epoch != ca->epoch;
		if (row->serial == 0 || row->state != ISSUE_ROW_PENDING ||
		    age_us < ISSUE_ROLL_AGE_US ||
		    job_of_key(ca, row->key) != NULL)
			continue;
		if (ca->sim->broken == ISSUE_FORGETS && expired) {
			row->state = ISSUE_ROW_ABANDONED;
			continue;
		}
		j = issue_ca_job_new(ca, row->key);
		if (j == NULL)
			return;
		j->row = *row;
		ca->sim->result.rolled++;
		feed(
		    ca, j, expired ? PKI_ISSUE_EV_EXPIRE : PKI_ISSUE_EV_RESUME);
	}
}

static void
on_tick(void *ctx, const void *data, size_t len)
{
	struct issue_ca *ca = ctx;

	(void)data;
	(void)len;
	if (ca->sim->broken != ISSUE_NO_ROLL)
		roll_forward(ca);
	/* Now and then an operator halts the issuer and opens it again. */
	if (ca->sim->faults && sim_rng_chance(ca->sim->rng, 50000))
		issue_ca_next_epoch(ca);
	sim_world_after(
	    ca->sim->world, ISSUE_CA, ISSUE_ROLL_EVERY_US, on_tick, NULL, 0);
}

void
issue_ca_ready(struct issue_ca *ca)
{
	ca->ready = true;
	on_tick(ca, NULL, 0);
}

int
issue_ca_new(struct issue_sim *s, struct issue_ca **ret)
{
	struct issue_ca *ca = calloc(1, sizeof(*ca));

	if (ca == NULL)
		return ERR_SYS_NOMEM;
	ca->sim = s;
	*ret = ca;
	return 0;
}

void
issue_ca_free(struct issue_ca *ca)
{
	free(ca);
}

static void
on_crash(void *ctx, bool power)
{
	struct issue_ca *ca = ctx;
	struct issue_sim *s = ca->sim;
	uint32_t last_job = ca->last_job;

	s->result.crashes++;
	issue_judge_ca_crashed(&s->judge);
	if (power)
		sim_disk_power(s->ca_disk);
	memset(ca, 0, sizeof(*ca));
	ca->sim = s;
	/* Answers to the last life must not be taken for ones to this. */
	ca->last_job = last_job;
}

const struct sim_node_ops issue_ca_ops = { issue_ca_start, on_crash };
