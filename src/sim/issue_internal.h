/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ISSUE_INTERNAL_H
#define SIM_ISSUE_INTERNAL_H

#include "sim/issue.h"
#include "sim/issue_wal.h"
#include "sim/sim_disk.h"
#include "sim/sim_net.h"
#include "sim/sim_rng.h"
#include "sim/sim_world.h"

#define ISSUE_LOGS 3
#define ISSUE_MIN_SCTS 2
#define ISSUE_CLIENTS 5
#define ISSUE_KEYS_EACH 6

#define ISSUE_REQUESTS_MAX 8192

/* The nodes by number. */
enum {
	ISSUE_CA,
	ISSUE_KEY,
	ISSUE_LOG0,
	ISSUE_CLIENT0 = ISSUE_LOG0 + ISSUE_LOGS,
	ISSUE_NODES = ISSUE_CLIENT0 + ISSUE_CLIENTS
};

/* Virtual time in microseconds. */
#define MS 1000ULL
#define SECOND 1000000ULL
#define ISSUE_FAULTS_END_US (40 * SECOND)
#define ISSUE_END_US (130 * SECOND)
#define ISSUE_ROLL_EVERY_US (5 * SECOND)
#define ISSUE_ROLL_AGE_US (2 * SECOND)
#define ISSUE_ROLL_FORWARD_US (20 * SECOND)

struct issue_sct {
	uint32_t log, index;
	uint64_t precert, tag; /* the log's signature */
};

enum issue_kind {
	ISSUE_REQUEST, /* client to CA: request, key */
	ISSUE_ANSWER,  /* back: request, key, status, serial, final */
	ISSUE_SIGN,    /* CA to key: job, precert, final, scts */
	ISSUE_SIGNED,  /* back: job, final */
	ISSUE_SUBMIT,  /* CA to log: job, serial, precert */
	ISSUE_PROMISE  /* back: job, status, scts[0] */
};

struct issue_message {
	uint32_t kind, request, key, status, job;
	uint32_t is_final; /* ISSUE_SIGN, ISSUE_SIGNED */
	uint32_t n_scts;
	uint64_t serial, precert, final;
	struct issue_sct scts[ISSUE_LOGS];
};

/* What the judge knows of a request. */
enum issue_request_state { ISSUE_UNSEEN, ISSUE_OPEN, ISSUE_ENDED };

struct issue_judge {
	struct issue_sim *sim;
	uint8_t requests[ISSUE_REQUESTS_MAX];
	uint32_t n_requests;
	bool promised[ISSUE_LOGS][ISSUE_ROWS_MAX]; /* by index */
};

struct issue_log {
	struct issue_sim *sim;
	uint32_t node, number;
	struct sim_disk *disk;
	struct issue_table table;
	bool ready;
};

struct issue_client {
	struct issue_sim *sim;
	uint32_t node, key, done;
	uint32_t request; /* the one that is waited for; 0: none */
	bool finished;
};

struct issue_key {
	struct issue_sim *sim;
};

struct issue_ca;

struct issue_sim {
	struct sim_world *world;
	struct sim_net *net;
	struct sim_rng *rng;
	enum issue_broken broken;
	bool faults;
	struct sim_disk *ca_disk;
	struct issue_ca *ca;
	struct issue_key key;
	struct issue_log logs[ISSUE_LOGS];
	struct issue_client clients[ISSUE_CLIENTS];
	struct issue_judge judge;
	struct issue_result result;
};

extern const struct sim_node_ops issue_ca_ops, issue_key_ops, issue_log_ops,
    issue_client_ops;
extern const struct sim_disk_rates issue_good_disk;

/**
 * issue_ca_new(s, ret), issue_ca_free(ca), issue_ca_message():
 * The CA with its store and its pipeline; free NULL is allowed.
 */
MUST_CHECK int issue_ca_new(struct issue_sim *s, struct issue_ca **ret);
void issue_ca_free(struct issue_ca *ca);
sim_net_fn issue_ca_message;

/**
 * issue_key_message(), issue_log_message(), issue_client_message():
 * What the other nodes do with a message.
 */
sim_net_fn issue_key_message;
sim_net_fn issue_log_message;
sim_net_fn issue_client_message;

/**
 * issue_hash(kind, a, b), issue_scts_hash(m), issue_sct_tag(sct):
 * Stand for signatures and hashes: 64 bits that depend on all arguments.
 */
uint64_t issue_hash(uint8_t kind, uint64_t a, uint64_t b);
uint64_t issue_scts_hash(const struct issue_sct *scts, uint32_t n);
uint64_t issue_sct_tag(const struct issue_sct *sct);

/**
 * issue_send(s, from, to, m):
 * Send a message and note it in the trace.
 */
void issue_send(struct issue_sim *s, uint32_t from, uint32_t to,
    const struct issue_message *m);

/**
 * issue_judge_received(j, request), issue_judge_answered(j, request):
 * The CA took up a request; answers it.
 */
void issue_judge_received(struct issue_judge *j, uint32_t request);
void issue_judge_answered(struct issue_judge *j, uint32_t request);

/**
 * issue_judge_ca_crashed(j):
 * What was open will not be answered.
 */
void issue_judge_ca_crashed(struct issue_judge *j);

/**
 * issue_judge_submitted(j, m), issue_judge_promised(j, sct, serial):
 * A log was given a precertificate; a log promises an entry.
 */
void issue_judge_submitted(
    struct issue_judge *j, const struct issue_message *m);
void issue_judge_promised(
    struct issue_judge *j, const struct issue_sct *sct, uint64_t serial);

/**
 * issue_judge_signed(j, m), issue_judge_got(j, m):
 * The key process signs a final certificate; a client gets an answer.
 */
void issue_judge_signed(struct issue_judge *j, const struct issue_message *m);
void issue_judge_got(struct issue_judge *j, const struct issue_message *m);

/**
 * issue_judge_end(j):
 * The faults are long over: everything must have come to its end.
 */
void issue_judge_end(struct issue_judge *j);

#endif
