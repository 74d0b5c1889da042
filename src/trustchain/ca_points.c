/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/date.h"
#include "http/reply.h"
#include "http/request.h"
#include "pki/cert.h"
#include "pki/pubkey.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_ocsp.h"
#include "trustchain/ca_root_name.h"
#include "trustchain/ca_shared.h"
#include "wire/hex.h"

#define OCSP_API "/api/v1/ca/ocsp"
#define OCSP_PLAIN "/ocsp"
#define AIA "/aia/"
#define CRL "/crl/"
#define AIA_MAX_AGE_S 3600
#define ID_MAX 16

/* A CRL of a million revocations has some 40 MB. */
#define CRL_BYTES_MAX ((size_t)128 << 20)

struct ca_points {
	struct ca_points_opts o;
	struct ca_shared *files;
};

/* A signed object on its way out, and what makes it cacheable. */
struct object {
	const char *type;
	const void *data;
	size_t len;
	const char *etag; /* without quotes */
	int64_t modified_ms, max_age_s;
	void (*release)(void *ctx);
	void *ctx;
};

/* RFC 9110 section 13.1: the entity tag wins over the date. */
static bool
has_it(const struct http_request *req, const char *etag, const char *modified)
{
	const char *tags = http_request_header(req, "if-none-match");
	const char *since = http_request_header(req, "if-modified-since");

	if (tags != NULL)
		return strstr(tags, etag) != NULL || strcmp(tags, "*") == 0;
	return since != NULL && strcmp(since, modified) == 0;
}

static void
send_object(struct http_request *req, const struct object *o)
{
	char control[64], etag[80], modified[HTTP_DATE_LEN];
	const struct http_header h[] = { { "cache-control", control },
		{ "etag", etag }, { "last-modified", modified } };
	struct http_reply out = { .status = 200,
		.content_type = o->type,
		.headers = h,
		.headers_count = sizeof(h) / sizeof(h[0]),
		.body = o->data,
		.body_len = o->len,
		.release = o->release,
		.release_ctx = o->ctx };

	(void)snprintf(control, sizeof(control), "public, max-age=%lld",
	    (long long)o->max_age_s);
	(void)snprintf(etag, sizeof(etag), "\"%s\"", o->etag);
	http_date_format(o->modified_ms, modified);
	if (has_it(req, etag, modified)) {
		out.status = 304;
		out.body = NULL;
		out.body_len = 0;
		out.release = NULL;
		if (o->release != NULL)
			o->release(o->ctx);
	}
	http_request_reply(req, &out);
}

static bool
is_root(const char *name)
{
	return strcmp(name, CA_ROOT_NAME) == 0 ||
	       strcmp(name, CA_ROOT_NAME_PQ) == 0;
}

/* The root of that name: that of the default issuer, or of another. */
static const struct pki_cert *
find_root(const struct ca_points *p, const char *name)
{
	const struct ca_authority *a = p->o.authority;
	const struct pki_cert *root = ca_authority_find(a, NULL)->root;
	size_t i;

	for (i = 0; i < a->n_issuers; i++) {
		if (strcmp(ca_root_name_of(root), name) == 0)
			return root;
		root = a->issuer[i].root;
	}
	return strcmp(ca_root_name_of(root), name) == 0 ? root : NULL;
}

/* "ISSUER.cer": the issuer's certificate, or "root.cer": its root's. */
static const struct pki_cert *
find_cert(const struct ca_points *p, const char *name)
{
	const struct ca_authority_issuer *is;
	size_t len = strlen(name);
	char id[ID_MAX + 1];

	if (len <= 4 || len - 4 > ID_MAX || strcmp(name + len - 4, ".cer") != 0)
		return NULL;
	memcpy(id, name, len - 4);
	id[len - 4] = '\0';
	if (is_root(id))
		return find_root(p, id);
	is = ca_authority_find(p->o.authority, id);
	return is == NULL ? NULL : is->cert;
}

static bool
get_aia(struct ca_points *p, struct http_request *req, const char *name)
{
	const struct pki_cert *cert = find_cert(p, name);
	uint8_t hash[32];
	char etag[65];
	struct object o;

	if (cert == NULL || pki_pubkey_sha256(pki_cert_der(cert), hash) != 0)
		return false;
	wire_hex_encode(hash, sizeof(hash), etag);
	o = (struct object){ .type = "application/pkix-cert",
		.data = pki_cert_der(cert).data,
		.len = pki_cert_der(cert).len,
		.etag = etag,
		.modified_ms = pki_cert_not_before_ms(cert),
		.max_age_s = AIA_MAX_AGE_S };
	send_object(req, &o);
	return true;
}

/*
 * "ISSUER/SHARD.crl", or "root.crl" of the ceremony, which an operator puts
 * there: nothing else becomes a part of a path.
 */
static bool
crl_path(const struct ca_points *p, const char *name, char *out, size_t cap)
{
	const char *slash = strchr(name, '/'), *file;
	char id[ID_MAX + 1];
	size_t n;

	if (strcmp(name, CA_ROOT_NAME ".crl") == 0 ||
	    strcmp(name, CA_ROOT_NAME_PQ ".crl") == 0)
		return base_str_format(out, cap, "%s/%s/%s",
			   p->o.config->server.state_dir, CA_POINTS_CRL_FOLDER,
			   name) == 0;
	if (slash == NULL || slash == name || slash - name > ID_MAX)
		return false;
	memcpy(id, name, (size_t)(slash - name));
	id[slash - name] = '\0';
	if (ca_authority_find(p->o.authority, id) == NULL)
		return false;
	file = slash + 1;
	n = strspn(file, "0123456789");
	if (strcmp(file, "full.crl") != 0 &&
	    (n == 0 || n > 4 || strcmp(file + n, ".crl") != 0))
		return false;
	return base_str_format(out, cap, "%s/%s/%s/%s",
		   p->o.config->server.state_dir, CA_POINTS_CRL_FOLDER, id,
		   file) == 0;
}

/* Until the next one is to be expected. */
static int64_t
crl_age_s(const struct ca_points *p, int64_t modified_ms)
{
	int64_t interval_s = p->o.config->status.crl_interval_s;
	int64_t left_s =
	    interval_s - (base_clock_now_ms(p->o.clock) - modified_ms) / 1000;

	if (left_s < 0)
		return 0;
	return left_s < interval_s ? left_s : interval_s;
}

int
ca_points_crl(
    struct ca_points *p, struct http_request *req, const char *path, bool pem)
{
	struct ca_shared_file *f;
	char etag[72];
	struct object o;
	int rc;

	if ((rc = ca_shared_open(p->files, path, &f)) != 0)
		return rc;
	if (pem && (rc = ca_shared_pem(f, "X509 CRL")) != 0) {
		ca_shared_release(f);
		return rc;
	}
	(void)snprintf(
	    etag, sizeof(etag), "%s%s", f->version, pem ? "-pem" : "");
	o = (struct object){ .type = pem ? "application/x-pem-file"
					 : "application/pkix-crl",
		.data = pem ? f->pem.data : f->data,
		.len = pem ? f->pem.len : f->len,
		.etag = etag,
		.modified_ms = f->modified_ms,
		.max_age_s = crl_age_s(p, f->modified_ms),
		.release = ca_shared_release,
		.ctx = f };
	send_object(req, &o);
	return 0;
}

static bool
get_crl(struct ca_points *p, struct http_request *req, const char *name)
{
	char path[4096];

	return crl_path(p, name, path, sizeof(path)) &&
	       ca_points_crl(p, req, path, false) == 0;
}

static bool
get_ocsp(struct ca_points *p, struct http_request *req, const char *rest)
{
	enum http_method m = http_request_method(req);

	if (m == HTTP_METHOD_POST ? rest[0] != '\0' && strcmp(rest, "/") != 0
				  : rest[0] != '/')
		return false;
	if (m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD &&
	    m != HTTP_METHOD_POST)
		return false;
	ca_ocsp_handle(p->o.ocsp, req, m == HTTP_METHOD_POST ? "" : rest + 1);
	return true;
}

bool
ca_points_handle(struct ca_points *p, struct http_request *req, bool plain)
{
	const char *path = http_request_path(req);
	const char *ocsp = plain ? OCSP_PLAIN : OCSP_API;
	enum http_method m = http_request_method(req);

	if (base_str_starts(path, ocsp))
		return get_ocsp(p, req, path + strlen(ocsp));
	if (m != HTTP_METHOD_GET && m != HTTP_METHOD_HEAD)
		return false;
	if (base_str_starts(path, AIA))
		return get_aia(p, req, path + strlen(AIA));
	if (base_str_starts(path, CRL))
		return get_crl(p, req, path + strlen(CRL));
	return false;
}

int
ca_points_new(const struct ca_points_opts *opts, struct ca_points **ret)
{
	struct ca_points *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return ERR_SYS_NOMEM;
	p->o = *opts;
	if ((rc = ca_shared_new(CRL_BYTES_MAX, &p->files)) != 0) {
		free(p);
		return rc;
	}
	*ret = p;
	return 0;
}

void
ca_points_free(struct ca_points *p)
{
	if (p == NULL)
		return;
	ca_shared_free(p->files);
	free(p);
}
