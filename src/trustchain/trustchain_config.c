/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/trustchain_config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/syslog.h"
static const char *
check_addr(const char *v)
{
	const char *colon = strrchr(v, ':');
	char *end;
	long port;

	if (v[0] == '\0' || strncmp(v, "unix:/", 6) == 0)
		return NULL;
	if (v[0] != '[' || colon == NULL || colon[-1] != ']')
		return "must be [IPv6]:port, unix:/path or empty";
	port = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end != '\0' || port < 0 || port > 65535)
		return "has a bad port";
	return NULL;
}

const char *
trustchain_config_check_url(const char *v)
{
	size_t n = strlen(v);

	if (strncmp(v, "https://", 8) != 0 && strncmp(v, "http://", 7) != 0)
		return "must start with https:// or http://";
	if (strpbrk(v, "?# \t\"<>\\") != NULL)
		return "must be a plain URL";
	if (v[n - 1] == '/')
		return "must not end with a slash";
	return NULL;
}

const char *
trustchain_config_check_name(const char *v)
{
	uint8_t addr[16];

	if (inet_pton(AF_INET6, v, addr) == 1 ||
	    inet_pton(AF_INET, v, addr) == 1)
		return NULL;
	if (v[0] == '\0' || strlen(v) > 253 ||
	    strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789-._") != strlen(v))
		return "must be a lower-case DNS name or an IP address";
	return NULL;
}

const char *
trustchain_config_check_id(const char *v)
{
	if (v[0] == '\0' || strlen(v) > 16 ||
	    strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(v))
		return "must be 1 to 16 of a-z, 0-9 and -";
	return NULL;
}

const char *
trustchain_config_check_key(const char *v)
{
	return strncmp(v, "file:", 5) == 0
		   ? NULL
		   : "must be file:PATH; other key stores are not built";
}

static const char *
check_key_or_none(const char *v)
{
	return v[0] == '\0' ? NULL : trustchain_config_check_key(v);
}

#define S trustchain_server
/* What differs between the programs: default ports, socket and state, and keys
 * that only one of them has. */
#define SERVER_KEYS(LISTEN, HTTP, METRICS, CONTROL, STATE, ...)                \
	{                                                                      \
		OPS_CONFIG_KEY(ENUM, S, environment, "production", 0, 0,       \
		    "local|staging|production", NULL),                         \
		    OPS_CONFIG_KEY(                                            \
			ADDR, S, listen, LISTEN, 0, 0, NULL, check_addr),      \
		    OPS_CONFIG_KEY(                                            \
			ADDR, S, http_listen, HTTP, 0, 0, NULL, check_addr),   \
		    OPS_CONFIG_KEY(ADDR, S, metrics_listen, METRICS, 0, 0,     \
			NULL, check_addr),                                     \
		    OPS_CONFIG_KEY(                                            \
			PATH, S, control, CONTROL, 0, 0, NULL, NULL),          \
		    OPS_CONFIG_KEY(STRING, S, base_url,                        \
			"https://trust.hypermesh.online", 0, 255, NULL,        \
			trustchain_config_check_url),                          \
		    OPS_CONFIG_KEY(LIST, S, service_names,                     \
			"trust.hypermesh.online", 0, 32, NULL,                 \
			trustchain_config_check_name),                         \
		    OPS_CONFIG_KEY(                                            \
			PATH, S, state_dir, STATE, 0, 0, NULL, NULL),          \
		    OPS_CONFIG_KEY(PATH, S, roots,                             \
			"/etc/trustchain/certs/root-ca.crt", 0, 0, NULL,       \
			NULL),                                                 \
		    OPS_CONFIG_KEY(INT, S, workers, "0", 0, 64, NULL, NULL),   \
		    OPS_CONFIG_KEY(INT, S, max_connections, "4096", 16, 65536, \
			NULL, NULL),                                           \
		    OPS_CONFIG_KEY(                                            \
			INT, S, per_address, "256", 1, 4096, NULL, NULL),      \
		    OPS_CONFIG_KEY(INT, S, body_limit, "1048576", 4096,        \
			8388608, NULL, NULL),                                  \
		    OPS_CONFIG_KEY(                                            \
			INT, S, header_timeout_s, "10", 1, 60, NULL, NULL),    \
		    OPS_CONFIG_KEY(                                            \
			INT, S, body_timeout_s, "30", 1, 300, NULL, NULL),     \
		    OPS_CONFIG_KEY(                                            \
			INT, S, idle_timeout_s, "60", 5, 600, NULL, NULL),     \
		    OPS_CONFIG_KEY(                                            \
			INT, S, rate_per_min, "1000", 0, 1000000, NULL, NULL), \
		    OPS_CONFIG_KEY(INT, S, tls_handshakes_per_s, "500", 1,     \
			100000, NULL, NULL),                                   \
		    OPS_CONFIG_KEY(INT, S, drain_s, "25", 0, 300, NULL, NULL), \
		    OPS_CONFIG_KEY(                                            \
			LIST, S, trusted_proxies, "", 0, 64, NULL, NULL),      \
		    __VA_ARGS__                                                \
		{                                                              \
			.name = NULL                                           \
		}                                                              \
	}

static const char *
check_url_or_none(const char *v)
{
	return v[0] == '\0' ? NULL : trustchain_config_check_url(v);
}

/* Of the daemons that ask the CA for their own certificate. */
#define FRONT_KEYS                                                             \
	OPS_CONFIG_KEY(                                                        \
	    STRING, S, ca_url, "", 0, 255, NULL, check_url_or_none),           \
	    OPS_CONFIG_KEY(PATH, S, token_file, "", 0, 0, NULL, NULL),         \
	    OPS_CONFIG_KEY(                                                    \
		URI, S, seal_key, "", 0, 0, NULL, check_key_or_none),          \
	    OPS_CONFIG_KEY(PATH, S, seal_pass_file, "", 0, 0, NULL, NULL),

const struct ops_config_key trustchain_config_server_ca[] =
    SERVER_KEYS("[::]:8443", "[::]:8080", "[::]:9090",
	"/run/trustchain/trustchain-ca.ctl", "/var/lib/trustchain/ca",
	OPS_CONFIG_KEY(
	    ADDR, S, admin_listen, "[::1]:8446", 0, 0, NULL, check_addr),
	OPS_CONFIG_KEY(URI, S, seal_key, "", 0, 0, NULL, check_key_or_none),
	OPS_CONFIG_KEY(PATH, S, seal_pass_file, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, status_url, "http://trust.hypermesh.online",
	    0, 255, NULL, trustchain_config_check_url), );

const struct ops_config_key trustchain_config_server_ct[] = SERVER_KEYS(
    "[::]:8444", "", "[::]:9091", "/run/trustchain/trustchain-ct.ctl",
    "/var/lib/trustchain/ct", FRONT_KEYS);

const struct ops_config_key trustchain_config_server_witness[] = SERVER_KEYS(
    "[::]:8447", "", "[::]:9092", "/run/trustchain/trustchain-witness.ctl",
    "/var/lib/trustchain/witness", FRONT_KEYS);

const struct ops_config_key trustchain_config_server_dashboard[] = SERVER_KEYS(
    "[::]:3000", "", "[::]:9093", "/run/trustchain/trustchain-dashboard.ctl",
    "/var/lib/trustchain/dashboard", FRONT_KEYS);

static const char *
check_syslog(const char *value)
{
	return value[0] == '\0' || audit_syslog_target_ok(value)
		   ? NULL
		   : "must be unix:PATH, udp://HOST:PORT or tcp://HOST:PORT";
}

#undef S
#define S trustchain_audit
const struct ops_config_key trustchain_config_audit[] = {
	OPS_CONFIG_KEY(PATH, S, dir, "", 0, 0, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, checkpoint_s, "300", 1, 3600, NULL, NULL),
	OPS_CONFIG_KEY(INT, S, retention_d, "2555", 1, 36500, NULL, NULL),
	OPS_CONFIG_KEY(STRING, S, syslog, "", 0, 300, NULL, check_syslog),
	{ .name = NULL },
};
#undef S

int
trustchain_config_finish(struct trustchain_server *s,
    struct trustchain_audit *a, const char *root, struct fault *f)
{
	(void)root;
	if (s->service_names.n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[server] service_names must name the service");
	if (s->seal_key != NULL && s->seal_key[0] != '\0' &&
	    s->seal_pass_file[0] == '\0')
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[server] seal_key needs seal_pass_file");
	if (a == NULL || a->dir[0] != '\0')
		return 0;
	free(a->dir);
	if (asprintf(&a->dir, "%s/audit", s->state_dir) == -1) {
		a->dir = NULL;
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	return 0;
}
