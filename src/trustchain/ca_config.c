/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "keys/p11_uri.h"
#include "merkle/vkey.h"
#include "ops/config_dump.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/trustchain_peer.h"

static const char *
check_issuer_key(const char *v)
{
	struct keys_p11_uri uri;

	if (!base_str_starts(v, KEYS_P11_SCHEME))
		return trustchain_config_check_key(v);
	if (keys_p11_uri_parse(v, strlen(v), &uri) != 0)
		return "is not a PKCS #11 URI (RFC 7512) of token, object, "
		       "id, serial, type";
	return uri.object[0] != '\0' || uri.id_len > 0
		   ? NULL
		   : "must name the key, with ;object= or ;id=";
}

static const char *
check_key_or_none(const char *v)
{
	return v[0] == '\0' ? NULL : trustchain_config_check_key(v);
}

static const char *
check_path(const char *v)
{
	return v[0] == '/' ? NULL : "must be an absolute path";
}

static const char *
check_url_or_none(const char *v)
{
	return v[0] == '\0' ? NULL : trustchain_config_check_url(v);
}

static const char *
check_label(const char *v)
{
	return v[0] != '\0' && strchr(v, '.') == NULL
		   ? trustchain_config_check_name(v)
		   : "must be a single label";
}

/* A time of day. */
static const char *
check_hhmm(const char *v)
{
	bool ok = strlen(v) == 5 && strspn(v, "0123456789") == 2 &&
		  v[2] == ':' && strspn(v + 3, "0123456789") == 2 &&
		  strncmp(v, "24", 2) < 0 && v[3] < '6';

	return ok ? NULL : "must be a time of day, HH:MM";
}

#define DENY                                                                   \
	"::/128,::1/128,::ffff:0:0/96,64:ff9b::/96,2002::/16,fc00::/7,"        \
	"fe80::/10,ff00::/8,0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,"   \
	"169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,224.0.0.0/4"

#define S ca_config_issuer
static const struct ops_config_key issuer_keys[] = {
	OPS_CONFIG_KEY(
	    STRING, S, id, NULL, 0, 16, NULL, trustchain_config_check_id),
	OPS_CONFIG_KEY(PATH, S, cert, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, chain, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(URI, S, key, NULL, 0, 0, NULL, check_issuer_key),
	OPS_CONFIG_KEY(PATH, S, pass_file, NULL, 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(URI, S, ocsp_key, "", 0, 0, NULL, check_key_or_none),
	OPS_CONFIG_KEY(PATH, S, ocsp_pass_file, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, ocsp_cert, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(SYSTEM, S, pkcs11_module, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, pkcs11_paths, "", 0, 16, NULL, check_path),
	{ "default", OPS_CONFIG_BOOL, offsetof(struct S, is_default), "false",
	    0, 0, NULL, NULL },
	OPS_CONFIG_KEY(INT, S, max_sign_per_s, "500", 1, 100000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, crl_shards, "64", 1, 1024, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_profile
static const struct ops_config_key profile_keys[] = {
	OPS_CONFIG_KEY(
	    ENUM, S, base, NULL, 0, 0, "server|client|service", NULL),
	OPS_CONFIG_KEY(STRING, S, issuer, "", 0, 16, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, validity_s, "86400", 3600, 86400, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, backdate_s, "60", 0, 3600, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, key_types, "", 0, 8, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, policy_oids, "", 0, 8, NULL, NULL),
	OPS_CONFIG_KEY(
	    ENUM, S, status_pointers, "both", 0, 0, "both|crl|none", NULL),
	OPS_CONFIG_KEY(BOOL, S, acme, "false", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, description, "", 0, 95, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_issue
static const struct ops_config_key issue_keys[] = {
	OPS_CONFIG_KEY(INT, S, min_scts, "1", 1, 4, NULL, NULL),
	OPS_CONFIG_KEY(
	    ENUM, S, ct_on_failure, "block", 0, 0, "block|backup", NULL),
	OPS_CONFIG_KEY(INT, S, ct_timeout_ms, "2000", 50, 30000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, roll_forward_s, "300", 10, 3600, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, max_inflight, "512", 1, 8192, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, idempotency_s, "86400", 60, 604800, NULL, NULL),
	OPS_CONFIG_KEY(ENUM, S, caa, "acme", 0, 0, "off|acme|all", NULL),
	OPS_CONFIG_KEY(LIST, S, caa_identities, "trust.hypermesh.online", 0, 16,
	    NULL, trustchain_config_check_name),
	OPS_CONFIG_KEY(BOOL, S, allow_ipv4, "false", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(BOOL, S, allow_server_keygen, "false", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, allowed_single_labels,
	    "hypermesh,caesar,trust,assets", 0, 64, NULL, check_label),
	{ .name = NULL },
};

static const char *
check_sha256(const char *v)
{
	return strlen(v) == 64 && strspn(v, "0123456789abcdef") == 64
		   ? NULL
		   : "must be 64 lower-case hex digits";
}

#undef S
#define S ca_config_log
static const struct ops_config_key log_keys[] = {
	OPS_CONFIG_KEY(
	    ADDR, S, url, NULL, 0, 0, NULL, trustchain_peer_check_url),
	OPS_CONFIG_KEY(ENUM, S, role, "primary", 0, 0, "primary|backup", NULL),
	OPS_CONFIG_KEY(STRING, S, list_vkey, "", 0, 512, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, key, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, start, "", 0, 32, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, end, "", 0, 32, NULL, NULL),
	OPS_CONFIG_KEY(PATH, S, token_file, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, tls_spki, "", 0, CA_CONFIG_LOG_PINS_MAX, NULL,
	    check_sha256),
	{ .name = NULL },
};

#undef S
#define S ca_config_acme
static const struct ops_config_key acme_keys[] = {
	OPS_CONFIG_KEY(BOOL, S, enabled, "true", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(BOOL, S, require_eab, "false", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(
	    STRING, S, terms_url, "", 0, 255, NULL, check_url_or_none),
	OPS_CONFIG_KEY(STRING, S, website, "", 0, 255, NULL, check_url_or_none),
	OPS_CONFIG_KEY(
	    INT, S, validation_http_port, "80", 1, 65535, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, validation_tls_port, "443", 1, 65535, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, validation_timeout_ms, "10000", 1000, 30000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, validation_attempts, "3", 1, 5, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, validation_workers, "64", 1, 1024, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, validation_deny, DENY, 0, 256, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, validation_allow, "", 0, 256, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, dns_forward, "", 0, 16, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, dns_insecure, "", 0, 64, NULL,
	    trustchain_config_check_name),
	OPS_CONFIG_KEY(SYSTEM, S, dns_trust_anchor, "/usr/share/dns/root.key",
	    0, 0, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, order_ttl_s, "3600", 300, 604800, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, authz_ttl_s, "86400", 300, 2592000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, caa_max_age_s, "28800", 0, 28800, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, max_identifiers, "100", 1, 100, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, ari_start_s, "28800", 3600, 86400, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, ari_end_s, "14400", 0, 86400, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, ari_retry_s, "1800", 60, 86400, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, limit_accounts_3h, "50", 0, 1000000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, limit_orders_h, "300", 0, 1000000, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, limit_pending_authz, "300", 0, 1000000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, limit_failed_h, "5", 0, 1000000, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, limit_duplicate_day, "10", 0, 1000000, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_store
static const struct ops_config_key store_keys[] = {
	OPS_CONFIG_KEY(PATH, S, path, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, batch_max, "256", 1, 4096, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, retain_der_d, "7", 1, 3650, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, retain_row_d, "30", 2, 3650, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_status
static const struct ops_config_key status_keys[] = {
	OPS_CONFIG_KEY(INT, S, crl_interval_s, "3600", 60, 86400, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, crl_validity_s, "43200", 3600, 604800, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, crl_debounce_ms, "2000", 0, 60000, NULL, NULL),
	OPS_CONFIG_KEY(
	    INT, S, ocsp_validity_s, "43200", 300, 604800, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, ocsp_cache, "100000", 0, 10000000, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, ocsp_nonce_per_s, "500", 0, 100000, NULL, NULL),
	{ .name = NULL },
};

static const char *
check_operator(const char *v)
{
	struct merkle_vkey key;

	return merkle_vkey_parse(v, strlen(v), &key) == 0 &&
		       key.type == MERKLE_SIG_ED25519
		   ? NULL
		   : "is no Ed25519 verifier key (name+id+key)";
}

#undef S
#define S ca_config_auth
static const struct ops_config_key auth_keys[] = {
	OPS_CONFIG_KEY(LIST, S, operators, "", 0, 16, NULL, check_operator),
	OPS_CONFIG_KEY(INT, S, token_max_ttl_d, "90", 1, 3650, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_mtls
static const struct ops_config_key mtls_keys[] = {
	OPS_CONFIG_KEY(STRING, S, san, NULL, 0, 255, NULL, NULL),
	OPS_CONFIG_KEY(ENUM, S, role, NULL, 0, 0,
	    "issuer|revoker|operator|auditor|registrar", NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_backup
static const struct ops_config_key backup_keys[] = {
	OPS_CONFIG_KEY(
	    PATH, S, dir, "/var/backups/trustchain", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(LIST, S, recipients, "", 0, 20, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, interval_h, "6", 0, 168, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, retention_days, "90", 1, 3650, NULL, NULL),
	{ .name = NULL },
};

#undef S
#define S ca_config_rotate
static const struct ops_config_key rotate_keys[] = {
	OPS_CONFIG_KEY(INT, S, threshold_h, "6", 1, 23, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, scan_h, "6", 1, 24, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, cleanup_at, "02:00", 5, 5, NULL, check_hhmm),
	{ .name = NULL },
};
#undef S

#define AT(member) offsetof(struct ca_config, member)
#define TABLE(name, member, keys)                                              \
	{                                                                      \
		name, OPS_CONFIG_TABLE, AT(member), 0, 0, 0, keys              \
	}

static const struct ops_config_section sections[] = {
	TABLE("server", server, trustchain_config_server_ca),
	TABLE("audit", audit, trustchain_config_audit),
	{ "issuer", OPS_CONFIG_ARRAY, AT(issuers),
	    sizeof(struct ca_config_issuer), 16, 0, issuer_keys },
	{ "profile", OPS_CONFIG_NAMED, AT(profiles),
	    sizeof(struct ca_config_profile), 32,
	    offsetof(struct ca_config_profile, name), profile_keys },
	TABLE("issue", issue, issue_keys),
	{ "log", OPS_CONFIG_ARRAY, AT(logs), sizeof(struct ca_config_log), 8, 0,
	    log_keys },
	TABLE("acme", acme, acme_keys),
	TABLE("store", store, store_keys),
	TABLE("status", status, status_keys),
	TABLE("auth", auth, auth_keys),
	{ "auth.mtls_roles", OPS_CONFIG_ARRAY, AT(mtls_roles),
	    sizeof(struct ca_config_mtls), 64, 0, mtls_keys },
	TABLE("backup", backup, backup_keys),
	TABLE("rotate", rotate, rotate_keys),
	{ .name = NULL },
};

const struct ca_config_issuer *
ca_config_issuer(const struct ca_config *c, const char *id)
{
	const struct ca_config_issuer *is = c->issuers.v;
	size_t i;

	for (i = 0; i < c->issuers.n; i++)
		if (id == NULL || id[0] == '\0' ? is[i].is_default
						: strcmp(is[i].id, id) == 0)
			return &is[i];
	return NULL;
}

bool
ca_config_keeps(const struct ca_config *was, const struct ca_config *is)
{
	const struct ca_config_issuer *a = was->issuers.v, *b = is->issuers.v;
	size_t i;

	for (i = 0; i < was->issuers.n; i++)
		if (i >= is->issuers.n || strcmp(a[i].id, b[i].id) != 0)
			return false;
	return true;
}

bool
ca_config_on_token(const struct ca_config_issuer *is)
{
	return base_str_starts(is->key, KEYS_P11_SCHEME);
}

static int
finish_issuers(struct ca_config *c, struct fault *f)
{
	struct ca_config_issuer *is = c->issuers.v;
	size_t i, j, defaults = 0;

	if (c->issuers.n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[issuer]] is missing: at least one is needed");
	for (i = 0; i < c->issuers.n; i++) {
		defaults += is[i].is_default ? 1 : 0;
		if (ca_config_on_token(&is[i]) !=
		    (is[i].pkcs11_module[0] != '\0'))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s: key = \"pkcs11:...\" and "
			    "pkcs11_module go together",
			    is[i].id);
		if ((is[i].ocsp_key[0] != '\0') !=
		    (is[i].ocsp_pass_file[0] != '\0'))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s: ocsp_key and ocsp_pass_file go "
			    "together",
			    is[i].id);
		for (j = 0; j < i; j++)
			if (strcmp(is[i].id, is[j].id) == 0)
				return base_fault_set(f, ERR_STATE_CONFIG,
				    "[[issuer]] id %s is used twice", is[i].id);
	}
	if (c->issuers.n == 1)
		is[0].is_default = true;
	else if (defaults != 1)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[issuer]] exactly one must have default = true");
	return 0;
}

static int
finish_profiles(const struct ca_config *c, struct fault *f)
{
	const struct ca_config_profile *p = c->profiles.v;
	size_t i;

	for (i = 0; i < c->profiles.n; i++) {
		if (strlen(p[i].name) > 32)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[profile.%.40s] the name is too long", p[i].name);
		if (ca_config_issuer(c, p[i].issuer) == NULL)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[profile.%s] issuer %s is not configured",
			    p[i].name, p[i].issuer);
	}
	return 0;
}

/* A promise that is not kept must not be configurable. */
static int
finish_caa(const struct ca_config *c, struct fault *f)
{
	if (c->issue.caa == CA_CONFIG_CAA_ALL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[issue] caa = \"all\" is not built yet: CAA records are "
		    "looked up for ACME only");
	return 0;
}

/* A CRL must outlive a publication that failed. */
static int
finish_status(const struct ca_config *c, struct fault *f)
{
	if (c->status.crl_validity_s < 2 * c->status.crl_interval_s)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[status] crl_validity_s must be at least twice "
		    "crl_interval_s");
	return 0;
}

static int
finish_renewal(const struct ca_config *c, struct fault *f)
{
	if (c->acme.ari_end_s >= c->acme.ari_start_s)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[acme] ari_end_s must be less than ari_start_s: the "
		    "window ends nearer to notAfter than it begins");
	return 0;
}

/* Addresses of the guide's examples (RFC 3849) are nobody's. */
static int
finish_addresses(const struct trustchain_server *s, struct fault *f)
{
	const char *const v[] = { s->listen, s->http_listen, s->metrics_listen,
		s->base_url, s->status_url };
	const char *name;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]) + s->service_names.n; i++) {
		name = i < sizeof(v) / sizeof(v[0])
			   ? v[i]
			   : ops_config_string(&s->service_names,
				 i - sizeof(v) / sizeof(v[0]));
		if (strcasestr(name, "2001:db8:") != NULL ||
		    strcasestr(name, "2001:0db8:") != NULL)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[server] %.80s is an address for documentation, "
			    "not for production",
			    name);
	}
	return 0;
}

/* Rules that hold in production only. */
static int
finish_production(const struct ca_config *c, struct fault *f)
{
	if (c->server.environment != TRUSTCHAIN_PRODUCTION)
		return 0;
	if (finish_addresses(&c->server, f) != 0)
		return ERR_STATE_CONFIG;
	if (c->acme.validation_http_port != 80)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[acme] validation_http_port must be 80 in production");
	if (c->acme.validation_tls_port != 443)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[acme] validation_tls_port must be 443 in production");
	if (c->acme.dns_trust_anchor[0] == '\0' || c->acme.dns_insecure.n > 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[acme] production needs dns_trust_anchor and no "
		    "dns_insecure");
	return 0;
}

static int
finish(void *target, const char *root, struct fault *f)
{
	struct ca_config *c = target;
	int rc;

	if ((rc = trustchain_config_finish(&c->server, &c->audit, root, f)) !=
		0 ||
	    (rc = finish_issuers(c, f)) != 0 || (rc = ca_config_log_finish(c, f)) != 0 ||
	    (rc = finish_profiles(c, f)) != 0 || (rc = finish_caa(c, f)) != 0 ||
	    (rc = finish_status(c, f)) != 0 ||
	    (rc = finish_renewal(c, f)) != 0 ||
	    (rc = finish_production(c, f)) != 0)
		return rc;
	if (c->store.path[0] != '\0')
		return 0;
	free(c->store.path);
	if (asprintf(&c->store.path, "%s/ca.db", c->server.state_dir) == -1) {
		c->store.path = NULL;
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	return 0;
}

static const struct ops_config_schema schema = { sizeof(struct ca_config),
	"TRUSTCHAIN", sections, finish };

int
ca_config_load(
    const char *path, const char *root, struct ca_config **ret, struct fault *f)
{
	void *out;
	int rc;

	if ((rc = ops_config_load(&schema, path, root, &out, f)) != 0)
		return rc;
	*ret = out;
	return 0;
}

int
ca_config_load_fd(const struct ops_config_source *from, struct ca_config **ret,
    struct fault *f)
{
	void *out;
	int rc;

	if ((rc = ops_config_load_fd(&schema, from, &out, f)) != 0)
		return rc;
	*ret = out;
	return 0;
}

void
ca_config_free(struct ca_config *c)
{
	ops_config_free(&schema, c);
}

int
ca_config_check_serve(const struct ca_config *c, struct fault *f)
{
	const struct ca_config_log *l = c->logs.v;
	size_t i, primaries = 0;

	for (i = 0; i < c->logs.n; i++)
		primaries += l[i].role == 0 ? 1 : 0;
	if (primaries < (size_t)c->issue.min_scts)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[issue] min_scts = %d needs as many primary [[log]] "
		    "sections; there are %zu",
		    (int)c->issue.min_scts, primaries);
	return ca_config_log_serve(c, f);
}

static int
check_serve(const void *target, struct fault *f)
{
	return ca_config_check_serve(target, f);
}

int
ca_config_reload(struct ca_config *c, const struct ops_config_source *from,
    struct ops_config_changes *ret, struct fault *f)
{
	/* Read where they are used, on the loop's thread. */
	static const char *const changeable[] = { "issue.max_inflight",
		"issue.roll_forward_s", "issue.ct_timeout_ms",
		"issue.idempotency_s", "acme.validation_attempts",
		"acme.validation_timeout_ms", "acme.authz_ttl_s",
		"acme.caa_max_age_s", "auth.token_max_ttl_d",
		"status.crl_interval_s", "status.crl_validity_s",
		"status.crl_debounce_ms", "rotate.threshold_h", "rotate.scan_h",
		NULL };
	/* Whether they can be, ca_reload.c says. */
	static const char *const adopted[] = { "issuer", "profile", NULL };
	const struct ops_config_rules rules = { changeable, adopted,
		check_serve };

	return ops_config_reload(&schema, &rules, from, c, ret, f);
}

json_t *
ca_config_dump(const struct ca_config *c)
{
	return ops_config_dump(&schema, c);
}
