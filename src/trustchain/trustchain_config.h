/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CONFIG_H
#define TRUSTCHAIN_CONFIG_H

#include <stdint.h>

#include "ops/config.h"

/*
 * Sections that every program of the identity plane has (identity.md section
 * 13).  The listed keys are those whose effect exists; others are errors.
 */
enum trustchain_environment {
	TRUSTCHAIN_LOCAL,
	TRUSTCHAIN_STAGING,
	TRUSTCHAIN_PRODUCTION
};

struct trustchain_server {
	int environment; /* enum trustchain_environment */
	char *listen, *http_listen, *metrics_listen, *control;
	char *base_url;
	struct ops_config_list service_names;
	char *state_dir, *roots;
	int64_t workers, max_connections, per_address, body_limit;
	int64_t header_timeout_s, body_timeout_s, idle_timeout_s;
	int64_t rate_per_min, tls_handshakes_per_s, drain_s;
	struct ops_config_list trusted_proxies;
	char *seal_key, *seal_pass_file; /* ca; "": nothing is sealed */
	char *status_url;		 /* ca: where CRL, OCSP and AIA are */
	char *admin_listen;		 /* ca */
	/* dashboard: who certifies it ("": base_url), with which token ("":
	 * nobody, it stays self-signed). */
	char *ca_url, *token_file;
};

struct trustchain_audit {
	char *dir; /* default: state_dir/audit */
	int64_t checkpoint_s, retention_d;
	char *syslog; /* "": none; see audit/syslog.h */
};

/* Key tables with the defaults of one program, for the section tables. */
extern const struct ops_config_key trustchain_config_server_ca[];
extern const struct ops_config_key trustchain_config_server_ct[];
extern const struct ops_config_key trustchain_config_server_witness[];
extern const struct ops_config_key trustchain_config_server_dashboard[];
extern const struct ops_config_key trustchain_config_audit[];

/**
 * trustchain_config_finish(s, a, root, f):
 * Rules and computed defaults of the common sections: the root folder in
 * front of default paths, audit.dir.  ${a} is NULL for a program without an
 * audit log.  ERR_STATE_CONFIG, ERR_SYS_NOMEM.
 */
MUST_CHECK int trustchain_config_finish(struct trustchain_server *s,
    struct trustchain_audit *a, const char *root, struct fault *f);

/**
 * trustchain_config_check_url(v):
 * Rule for ops_config_key.check: an http(s) URL without query or final slash.
 */
const char *trustchain_config_check_url(const char *v);

/**
 * trustchain_config_check_name(v):
 * The same for a DNS name or an IP address.
 */
const char *trustchain_config_check_name(const char *v);

/**
 * trustchain_config_check_id(v):
 * The same for [a-z0-9-]{1,16}.
 */
const char *trustchain_config_check_id(const char *v);

/**
 * trustchain_config_check_key(v):
 * The same for the URI of a key file.
 */
const char *trustchain_config_check_key(const char *v);

#endif
