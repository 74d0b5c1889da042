/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sim/issue_internal.h"

static const char *const broken_names[ISSUE_BROKEN_WAYS] = { "sound",
	"early-c1", "early-c2", "few-scts", "unverified-scts", "log-ignored",
	"answers-twice", "forgets", "no-roll", "unsynced-start",
	"key-ignored" };

/* Of an event: some ten crashes a world. */
#define DOOM_PPM 15000

const struct sim_disk_rates issue_good_disk = { 0, 0, 200, 2 * MS };

static const struct sim_disk_rates bad_disk = { 5000, 2000, 200, 30 * MS };
/* Over TLS nothing is corrupted and nothing comes twice. */
static const struct sim_fate_rates good_net = { .delay_us = 200,
	.jitter_us = 1000 };
static const struct sim_fate_rates bad_net = { .loss = 50000,
	.reorder = 20000,
	.delay_us = 200,
	.jitter_us = 20 * MS,
	.reorder_us = 1500 * MS };

const char *
issue_broken_name(enum issue_broken b)
{
	return broken_names[b];
}

bool
issue_broken_find(const char *name, enum issue_broken *ret)
{
	for (int i = 0; i < ISSUE_BROKEN_WAYS; i++) {
		if (strcmp(name, broken_names[i]) != 0)
			continue;
		*ret = (enum issue_broken)i;
		return true;
	}
	return false;
}

static int
add(struct issue_sim *s, const char *name, const struct sim_node_ops *ops,
    void *ctx, uint32_t number)
{
	uint32_t got;
	int rc = sim_world_add(s->world, name, ops, ctx, &got);

	return rc != 0 || got == number ? rc : ERR_SYS_LIMIT;
}

static int
add_nodes(struct issue_sim *s)
{
	static const char *const logs[ISSUE_LOGS] = { "log0", "log1", "log2" };
	static const char *const clients[ISSUE_CLIENTS] = { "client0",
		"client1", "client2", "client3", "client4" };
	int rc;

	s->key.sim = s;
	if ((rc = issue_ca_new(s, &s->ca)) != 0 ||
	    (rc = add(s, "ca", &issue_ca_ops, s->ca, ISSUE_CA)) != 0 ||
	    (rc = add(s, "key", &issue_key_ops, &s->key, ISSUE_KEY)) != 0 ||
	    (rc = sim_disk_new(
		 s->world, ISSUE_CA, &issue_good_disk, &s->ca_disk)) != 0)
		return rc;
	for (uint32_t i = 0; i < ISSUE_LOGS; i++) {
		s->logs[i].sim = s;
		s->logs[i].number = i;
		s->logs[i].node = ISSUE_LOG0 + i;
		if ((rc = add(s, logs[i], &issue_log_ops, &s->logs[i],
			 ISSUE_LOG0 + i)) != 0 ||
		    (rc = sim_disk_new(s->world, ISSUE_LOG0 + i,
			 &issue_good_disk, &s->logs[i].disk)) != 0)
			return rc;
	}
	for (uint32_t i = 0; i < ISSUE_CLIENTS; i++) {
		s->clients[i].sim = s;
		s->clients[i].key = i;
		s->clients[i].node = ISSUE_CLIENT0 + i;
		rc = add(s, clients[i], &issue_client_ops, &s->clients[i],
		    ISSUE_CLIENT0 + i);
		if (rc != 0)
			return rc;
	}
	return sim_net_new(s->world, ISSUE_NODES, &s->net);
}

static void
listen_all(struct issue_sim *s)
{
	sim_net_listen(s->net, ISSUE_CA, issue_ca_message);
	sim_net_listen(s->net, ISSUE_KEY, issue_key_message);
	for (uint32_t i = 0; i < ISSUE_LOGS; i++)
		sim_net_listen(s->net, ISSUE_LOG0 + i, issue_log_message);
	for (uint32_t i = 0; i < ISSUE_CLIENTS; i++)
		sim_net_listen(s->net, ISSUE_CLIENT0 + i, issue_client_message);
}

/* Everything may fail, or nothing does. */
static void
set_faults(struct issue_sim *s, bool faults)
{
	const struct sim_disk_rates *disk =
	    faults ? &bad_disk : &issue_good_disk;

	s->faults = faults;
	sim_net_rates(s->net, faults ? &bad_net : &good_net);
	sim_disk_rates(s->ca_disk, disk);
	sim_world_doom(s->world, ISSUE_CA, faults ? DOOM_PPM : 0, 3 * SECOND);
	sim_world_doom(s->world, ISSUE_KEY, faults ? DOOM_PPM : 0, SECOND);
	for (uint32_t i = 0; i < ISSUE_LOGS; i++) {
		sim_disk_rates(s->logs[i].disk, disk);
		sim_world_doom(s->world, ISSUE_LOG0 + i, faults ? DOOM_PPM : 0,
		    5 * SECOND);
	}
}

/* Twenty times a log is cut off for a while, or the key process is. */
static int
run_faults(struct issue_sim *s)
{
	uint32_t node;
	int rc = 0;

	for (uint64_t i = 1; i <= 20 && rc == 0; i++) {
		node =
		    ISSUE_KEY + (uint32_t)sim_rng_below(s->rng, 1 + ISSUE_LOGS);
		sim_net_group(s->net, node, 1);
		rc = sim_world_run(s->world, i * ISSUE_FAULTS_END_US / 20 -
						 sim_rng_below(s->rng, SECOND));
		sim_net_group(s->net, node, 0);
		if (rc == 0)
			rc = sim_world_run(
			    s->world, i * ISSUE_FAULTS_END_US / 20);
	}
	return rc;
}

static int
run(struct issue_sim *s)
{
	int rc = add_nodes(s);

	if (rc != 0)
		return rc;
	listen_all(s);
	set_faults(s, true);
	for (uint32_t i = 0; i < ISSUE_NODES; i++)
		sim_world_start(s->world, i);
	if ((rc = run_faults(s)) != 0)
		return rc;
	set_faults(s, false);
	if ((rc = sim_world_run(s->world, ISSUE_END_US)) != 0)
		return rc;
	issue_judge_end(&s->judge);
	return sim_world_failure(s->world)[0] == '\0' ? 0 : ERR_STATE_INTEGRITY;
}

int
issue_run(uint64_t seed, enum issue_broken broken, FILE *print,
    struct issue_result *ret)
{
	struct issue_sim *s = calloc(1, sizeof(*s));
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (s == NULL)
		return ERR_SYS_NOMEM;
	rc = sim_world_new(seed, &s->world);
	if (rc == 0) {
		s->rng = sim_world_rng(s->world);
		s->broken = broken;
		s->judge.sim = s;
		sim_world_print(s->world, print);
		rc = run(s);
		s->result.events = sim_world_events(s->world);
		sim_world_digest(s->world, s->result.digest);
		snprintf(s->result.failure, sizeof(s->result.failure), "%s",
		    sim_world_failure(s->world));
		*ret = s->result;
	}
	sim_disk_free(s->ca_disk);
	for (uint32_t i = 0; i < ISSUE_LOGS; i++)
		sim_disk_free(s->logs[i].disk);
	issue_ca_free(s->ca);
	sim_net_free(s->net);
	sim_world_free(s->world);
	free(s);
	return rc;
}
