/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_OCSP_FIXTURE_H
#define TRUSTCHAIN_CA_OCSP_FIXTURE_H

/*
 * For the test of the responder: an issuer, a store on disk, a key process
 * played by OpenSSL that fails on demand, the responder behind a real HTTP
 * server.
 */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include "base/clock.h"
#include "crypto/rng.h"
#include "http/client.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/server.h"
#include "keys/client.h"
#include "loop/loop.h"
#include "net/addr.h"
#include "ops/log.h"
#include "pki/pki_test.h"
#include "store/disk.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_batch.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_ocsp.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_signer.h"
#include "trustchain/ca_store.h"
#include "trustchain/ca_store_sqlite.h"
#include "trustchain/keyop.h"

static struct pki_world *w;
static char dir[64], db_path[128], path_buf[4096];
static struct loop *loop;
static struct store_disk *disk;
static struct ca_store *store, *real_store;
static struct ca_config config;
static struct ca_config_issuer issuer_conf;
static struct ca_authority *authority;
static struct ca_signer *signer;
static struct ca_ocsp *ocsp;
static struct ca_points *points;
static struct http_server *server;
static struct http_client *client;
static struct net_addr bound;
static int64_t now_ms;
static EVP_PKEY *made[2]; /* keys that GENERATE made, by slot */
static unsigned generated, certified, answered_by_key;
static int fail_op, fail_rc; /* this operation fails so */
static int store_rc;	     /* what a look at the status fails with */
static char last_status[32]; /* as counted for the metrics */

/** clock_now: The clock of the test. */
static int64_t
clock_now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock test_clock = { clock_now, NULL };

struct key_reply {
	keys_client_fn *fn;
	void *ctx;
	int rc;
	struct der out;
};

/** deliver_key: Answer for the key process. */
static void
deliver_key(void *ctx)
{
	struct key_reply *k = ctx;

	k->fn(k->ctx, k->rc, k->out.data, k->out.len);
	free(k);
}

/** generate: Operation GENERATE. */
static void
generate(struct der *out)
{
	struct der *spki = malloc(sizeof(*spki));
	unsigned turn = generated++ % 2;

	EVP_PKEY_free(made[turn]);
	made[turn] = new_ec("P-256");
	spki_of(made[turn], spki);
	out->data[0] = (uint8_t)KEYOP_SLOT_OCSP(0U, turn);
	memcpy(out->data + 1, spki->data, spki->len);
	out->len = 1 + spki->len;
	free(spki);
}

/** keys_client_call: Play the key process, which checks nothing here. */
int
keys_client_call(struct keys_client *c, const struct keys_request *req,
    keys_client_fn *fn, void *ctx)
{
	struct key_reply *k = calloc(1, sizeof(*k));
	struct pki_bytes in = B(req->payload, req->len);

	(void)c;
	k->fn = fn;
	k->ctx = ctx;
	k->rc = req->op == fail_op ? fail_rc : 0;
	if (k->rc != 0)
		return loop_post(loop, deliver_key, k);
	switch (req->op) {
	case KEYOP_GENERATE:
		generate(&k->out);
		break;
	case KEYOP_CERT:
		certified++;
		sign_with(w->issuer_key, EVP_sha256(),
		    B(in.data + 32, in.len - 32), &k->out);
		break;
	default:
		assert_int_equal(req->op, KEYOP_OCSP);
		answered_by_key++;
		sign_with(made[req->slot % 2], EVP_sha256(), in, &k->out);
		break;
	}
	return loop_post(loop, deliver_key, k);
}

/** get_status: The store's, unless it is to fail. */
static int
get_status(struct ca_store *s, const char *issuer, struct ca_blob serial,
    struct ca_status *ret)
{
	(void)s;
	if (store_rc != 0)
		return store_rc;
	return real_store->ops->get_status(real_store, issuer, serial, ret);
}

/** counted: The hook for the metrics. */
static void
counted(void *ctx, const char *status)
{
	(void)ctx;
	snprintf(last_status, sizeof(last_status), "%s", status);
}

/** handle: The plain listener. */
static void
handle(void *ctx, struct http_request *r)
{
	(void)ctx;
	if (!ca_points_handle(points, r, true))
		http_request_reply_text(r, 404, "text/plain", "none");
}

/** remove_one: Remove one entry of a tree (nftw). */
static int
remove_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(p);
}

/** below: A path in the folder of the test. */
static const char *
below(const char *name)
{
	snprintf(path_buf, sizeof(path_buf), "%s/%s", dir, name);
	return path_buf;
}

/** write_pem: Write a certificate to the folder of the test. */
static char *
write_pem(const char *name, const struct pki_cert *c)
{
	const uint8_t *p = pki_cert_der(c).data;
	X509 *x = d2i_X509(NULL, &p, (long)pki_cert_der(c).len);
	FILE *f = fopen(below(name), "w");

	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_free(x);
	return strdup(path_buf);
}

#endif
