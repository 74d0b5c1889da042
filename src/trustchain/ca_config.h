/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CONFIG_H
#define TRUSTCHAIN_CA_CONFIG_H

#include "trustchain/trustchain_config.h"

/*
 * ca.toml (identity.md section 13).  Paths are absolute and below the root
 * folder already.
 */
struct ca_config_issuer {
	char *id, *cert, *chain, *key, *pass_file;
	char *ocsp_key;	      /* "": made in memory */
	char *ocsp_pass_file; /* with ocsp_key */
	char *ocsp_cert;      /* of ocsp_key, for --status-only */
	char *pkcs11_module;  /* "": key is not on a token */
	struct ops_config_list pkcs11_paths;
	bool is_default; /* key "default" */
	int64_t max_sign_per_s;
	int64_t crl_shards;
};

struct ca_config_profile {
	char *name;
	int base; /* 0 server, 1 client, 2 service */
	char *issuer;
	int64_t validity_s, backdate_s;
	struct ops_config_list key_types, policy_oids;
	int status_pointers; /* enum pki_status_pointers */
	bool acme;
	char *description;
};

enum { CA_CONFIG_BLOCK, CA_CONFIG_BACKUP }; /* ct_on_failure; log.role */
enum { CA_CONFIG_CAA_OFF, CA_CONFIG_CAA_ACME, CA_CONFIG_CAA_ALL };

struct ca_config_issue {
	int64_t min_scts, ct_timeout_ms, roll_forward_s, max_inflight,
	    idempotency_s;
	int ct_on_failure, caa;
	struct ops_config_list caa_identities, allowed_single_labels;
	bool allow_ipv4, allow_server_keygen;
};

#define CA_CONFIG_LOG_PINS_MAX 8

struct ca_config_log {
	char *url;
	int role; /* 0 primary, 1 backup */
	char *list_vkey;
	char *key, *start, *end;	 /* of a foreign log instead */
	char *token_file;		 /* "": none is sent */
	struct ops_config_list tls_spki; /* hex SHA-256 of the server's keys */
};

struct ca_config_acme {
	bool enabled, require_eab;
	char *terms_url, *website;
	int64_t validation_http_port, validation_tls_port,
	    validation_timeout_ms, validation_attempts, validation_workers;
	struct ops_config_list validation_deny, validation_allow, dns_forward,
	    dns_insecure;
	char *dns_trust_anchor;
	int64_t order_ttl_s, authz_ttl_s, caa_max_age_s, max_identifiers;
	int64_t ari_start_s, ari_end_s, ari_retry_s;
	int64_t limit_accounts_3h, limit_orders_h, limit_pending_authz,
	    limit_failed_h, limit_duplicate_day;
};

struct ca_config_store {
	char *path; /* default: state_dir/ca.db */
	int64_t batch_max, retain_der_d, retain_row_d;
};

struct ca_config_status {
	int64_t crl_interval_s, crl_validity_s, crl_debounce_ms;
	int64_t ocsp_validity_s, ocsp_cache, ocsp_nonce_per_s;
};

struct ca_config_auth {
	struct ops_config_list operators; /* vkeys, Ed25519 */
	int64_t token_max_ttl_d;
};

/* Who has the role by a certificate of ours, profile client, with this name. */
struct ca_config_mtls {
	char *san;
	int role; /* issuer, revoker, operator, auditor, registrar */
};

struct ca_config_backup {
	char *dir;
	struct ops_config_list recipients; /* of age: "age1..." */
	int64_t interval_h, retention_days;
};

struct ca_config_rotate {
	int64_t threshold_h, scan_h;
	char *cleanup_at; /* "HH:MM", UTC */
};

struct ca_config {
	struct trustchain_server server;
	struct trustchain_audit audit;
	struct ops_config_list issuers;	 /* of struct ca_config_issuer */
	struct ops_config_list profiles; /* of struct ca_config_profile */
	struct ca_config_issue issue;
	struct ops_config_list logs; /* of struct ca_config_log */
	struct ca_config_acme acme;
	struct ca_config_status status;
	struct ca_config_store store;
	struct ca_config_auth auth;
	struct ops_config_list mtls_roles; /* of struct ca_config_mtls */
	struct ca_config_backup backup;
	struct ca_config_rotate rotate;
};

/**
 * ca_config_load(path, root, ret, f):
 * Read ca.toml, as ops_config_load, with the rules over several keys: one
 * default issuer, known issuers in profiles, no laboratory keys in production.
 */
MUST_CHECK int ca_config_load(const char *path, const char *root,
    struct ca_config **ret, struct fault *f);

/**
 * ca_config_load_fd(from, ret, f):
 * The same from an open file at its beginning.
 */
MUST_CHECK int ca_config_load_fd(const struct ops_config_source *from,
    struct ca_config **ret, struct fault *f);

/**
 * ca_config_check_serve(c, f):
 * What only the daemon needs, so that init-ca works before there is a log:
 * min_scts primary logs.  ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_config_check_serve(
    const struct ca_config *c, struct fault *f);

/**
 * ca_config_check_status(c, f):
 * What `serve --status-only' needs: for each issuer ocsp_key and ocsp_cert, the
 * certificate not among the keys.  ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_config_check_status(
    const struct ca_config *c, struct fault *f);

/**
 * ca_config_reload(c, from, ret, f):
 * Take over from the file what may change in a running daemon; see
 * ops_config_reload.
 */
MUST_CHECK int ca_config_reload(struct ca_config *c,
    const struct ops_config_source *from, struct ops_config_changes *ret,
    struct fault *f);

/**
 * ca_config_free(c):
 * Free ${c}; NULL is legal.
 */
void ca_config_free(struct ca_config *c);

/**
 * ca_config_issuer(c, id):
 * Return the issuer ${id}, or the default one for NULL or ""; NULL when there
 * is none.
 */
const struct ca_config_issuer *ca_config_issuer(
    const struct ca_config *c, const char *id);

/**
 * ca_config_keeps(was, is):
 * Return whether ${is} has all issuers of ${was} in the same places, by id:
 * slots of the key process are numbered by place.
 */
bool ca_config_keeps(const struct ca_config *was, const struct ca_config *is);

/** ca_config_on_token(is): whether the issuer's key is on a token. */
bool ca_config_on_token(const struct ca_config_issuer *is);

/**
 * ca_config_dump(c):
 * Return the configuration in effect as JSON, without secrets, or NULL.
 */
struct json_t *ca_config_dump(const struct ca_config *c);

#endif
