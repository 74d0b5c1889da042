/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_LOG_INTERNAL_H
#define TRUSTCHAIN_CA_LOG_INTERNAL_H

#include "base/buf.h"
#include "base/list.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_config.h"
#include "trustchain/ct_list.h"
#include "wire/json.h"

#define CA_LOG_SERVERS_MAX 8
#define CA_LOG_URL_MAX 640
#define CA_LOG_TOKEN_MAX 512

struct http_call;
struct http_client;
struct http_client_request;
struct loop_timer;

/* One log server, that is one [[log]] section. */
struct ca_log_server {
	struct ca_log *owner;
	const struct ca_config_log *conf;
	char unix_path[108]; /* "" for https */
	char base[CA_LOG_URL_MAX];
	char token[CA_LOG_TOKEN_MAX]; /* "" without token_file */
	uint8_t pin[CA_CONFIG_LOG_PINS_MAX][32];
	size_t pins;
	bool foreign; /* the list is made of the configuration */
	struct ct_list *list; /* NULL before the first one */
	struct ct_list *next; /* stored; the key process learns it */
	bool up;	      /* the last exchange went well */
	char detail[128];     /* else: what was wrong */
	/* A refresh in progress. */
	struct http_call *call;
	struct buf note;
};

struct ca_log {
	struct ca_log_opts o;
	struct http_client *client;
	struct loop_timer *timer;
	struct loop_timer *finisher; /* runs ca_log_finish */
	struct ca_log_server server[CA_LOG_SERVERS_MAX];
	size_t n;
	struct list jobs; /* of the submissions in ca_log_submit.c */
};

/**
 * ca_log_shard(s, not_after_ms):
 * Return the entry of the shard that takes certificates ending at
 * ${not_after_ms}, or NULL.
 */
const struct ct_list_entry *ca_log_shard(
    const struct ca_log_server *s, int64_t not_after_ms);

/**
 * ca_log_mark(s, up, detail):
 * Note how the last exchange with ${s} went, and log a change.
 */
void ca_log_mark(struct ca_log_server *s, bool up, const char *detail);

/**
 * ca_log_octets(o, name, out, cap, ret_len):
 * Decode the base64 member ${name} of a log's answer.  Errors of
 * wire_json_string and wire_base64_decode.
 */
MUST_CHECK int ca_log_octets(const json_t *o, const char *name, uint8_t *out,
    size_t cap, size_t *ret_len);

/**
 * ca_log_finish(l):
 * End the submissions that have run out of logs to ask.
 */
void ca_log_finish(void *l);

/**
 * ca_log_cancel_all(l):
 * End every open submission with ERR_SYS_CANCELLED.
 */
void ca_log_cancel_all(struct ca_log *l);

/**
 * ca_log_trust_token(s):
 * Whether the server is to be sent a token.
 */
bool ca_log_trust_token(const struct ca_log_server *s);

/**
 * ca_log_trust_load(s):
 * Read the pins and the token of a server.  ERR_STATE_CONFIG, errors of
 * store_file_load.
 */
MUST_CHECK int ca_log_trust_load(struct ca_log_server *s);

/**
 * ca_log_trust_set(s, req):
 * Say in ${req} how the server must prove who it is.  What a log says is
 * signed, so that its TLS certificate does not matter (ruling R23), unless it
 * is sent a token: then it must have one of the pins or, without pins, chain
 * to the roots; nothing is sent to one that has not.
 */
void ca_log_trust_set(
    const struct ca_log_server *s, struct http_client_request *req);

#endif
