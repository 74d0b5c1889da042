/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DAEMON_H
#define TRUSTCHAIN_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "ops/control.h"
#include "trustchain/trustchain_measure.h"

/*
 * What the main processes of trustchain-ca and trustchain-ct have in common:
 * loop, log, metrics, health, listeners, TLS identity, key client, control
 * socket, signals and drain.  The members are for the product to use; the
 * daemon owns them.
 */
struct clock;
struct http_request;
struct http_server;
struct keys_client;
struct keys_control;
struct loop;
struct loop_timer;
struct net_tls;
struct ops_cli;
struct ops_config_changes;
struct ops_faults;
struct ops_health;
struct ops_log;
struct ops_metric_def;
struct ops_metrics;
struct ops_sandbox_path;
struct ops_web;
struct store_disk;
struct trustchain_audit;
struct trustchain_auditor;
struct trustchain_server;

struct trustchain_daemon {
	const struct ops_cli *cli;
	const struct trustchain_server *conf;
	struct loop *loop;
	struct ops_log *log;
	struct ops_metrics *metrics;
	struct ops_health *health;
	struct ops_web *web;
	struct ops_faults *faults;
	struct store_disk *disk;
	const struct clock *clock;
	struct keys_client *keys;
	struct keys_control *keys_control;
	struct http_server *http;
	struct net_tls *tls; /* self-signed until net_tls_set_cert */
	struct ops_control *control;
	struct trustchain_daemon_state *state; /* its own */
};

struct trustchain_daemon_opts {
	const struct ops_cli *cli;
	const struct trustchain_server *conf;
	const struct ops_metric_def *metrics;
	size_t metrics_count;
	/* Index of a histogram without labels for disk syncs, or -1. */
	int metric_fsync;
	struct trustchain_measure_ids measure;
	const char *service;
	bool foreign_state; /* the state folder is another daemon's */
	const char *(*slot_name)(void *ctx, uint8_t slot);
	const char *const *fault_points;
	size_t fault_points_count;
	/* SIGHUP: compare the configuration, to be read from ${fd}, with the
	 * one in use, and adopt what may change. */
	int (*reload)(
	    void *ctx, int fd, struct ops_config_changes *ret, struct fault *f);
	/* Called after a reload that found changes; may be NULL. */
	void (*changed)(void *ctx, const struct ops_config_changes *c);
	/* Called once, when /ready first says 200; may be NULL. */
	void (*ready)(void *ctx);
	void *ctx;
};

/**
 * trustchain_daemon_new(opts, ret, f):
 * For main, first of all: make everything but listeners.  The key process is
 * reached over KEYS_ROLE_PEER_FD.  ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int trustchain_daemon_new(const struct trustchain_daemon_opts *opts,
    struct trustchain_daemon **ret, struct fault *f);

/**
 * trustchain_daemon_free_front(d):
 * Free listeners, control socket and key client: nobody calls the product any
 * more.  Before the product frees what its callbacks use.  NULL is legal.
 */
void trustchain_daemon_free_front(struct trustchain_daemon *d);

/**
 * trustchain_daemon_free(d):
 * Free everything; NULL is legal.  The product's own objects that use ${d} go
 * first.
 */
void trustchain_daemon_free(struct trustchain_daemon *d);

/**
 * trustchain_daemon_confine(d, paths, n, f):
 * Enter main's sandbox: the system's libraries and trust anchors for reading,
 * the control socket's and unix listeners' folders, and ${paths}.  Before any
 * thread starts.  ERR_SYS_OS.
 */
MUST_CHECK int trustchain_daemon_confine(struct trustchain_daemon *d,
    const struct ops_sandbox_path *paths, size_t n, struct fault *f);

struct trustchain_listener {
	const char *addr; /* "" opens none */
	bool tls;	  /* use the daemon's identity; unix sockets never do */
	void (*handler)(void *ctx, struct http_request *r);
	/* Gives the server's own refusals the product's form; may be NULL. */
	void (*refuse)(
	    void *ctx, struct http_request *r, int status, unsigned wait_s);
	void *ctx;
	bool not_rate_limited;
	int client_cert; /* enum net_tls_client_cert */
};

/**
 * trustchain_daemon_listen(d, l, f):
 * Open a listener.  ERR_STATE_CONFIG for an address that cannot be used, and
 * the errors of http_server_listen.
 */
MUST_CHECK int trustchain_daemon_listen(struct trustchain_daemon *d,
    const struct trustchain_listener *l, struct fault *f);

/**
 * trustchain_daemon_control(d, fn, ctx, f):
 * Open the control socket.
 */
MUST_CHECK int trustchain_daemon_control(struct trustchain_daemon *d,
    ops_control_fn *fn, void *ctx, struct fault *f);

struct trustchain_daemon_audit {
	const struct trustchain_audit *conf;
	const char *base;    /* URL or name before the origin */
	const char *program; /* "ca", "ct" */
	/* As in trustchain_auditor.h. */
	void (*opened)(void *ctx, int rc, const struct fault *why);
	void *ctx;
};

/**
 * trustchain_daemon_auditor(d, a, ret, f):
 * Make the daemon's auditor, which goes before ${d}.  Errors of
 * trustchain_auditor_new.
 */
MUST_CHECK int trustchain_daemon_auditor(struct trustchain_daemon *d,
    const struct trustchain_daemon_audit *a, struct trustchain_auditor **ret,
    struct fault *f);

/**
 * trustchain_daemon_run(d):
 * Open the metrics listener, mark the health document started, tell the
 * service manager, and serve until SIGTERM; then drain for drain_s.  Return
 * the exit code.
 */
int trustchain_daemon_run(struct trustchain_daemon *d);

/**
 * trustchain_daemon_stop(d, code):
 * End trustchain_daemon_run with ${code}, without draining.
 */
void trustchain_daemon_stop(struct trustchain_daemon *d, int code);

#endif
