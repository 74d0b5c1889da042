/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_ceremony.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wipe.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "crypto/sha2.h"
#include "crypto/shamir.h"
#include "keys/file.h"
#include "pki/cert.h"
#include "store/disk.h"
#include "store/file.h"
#include "store/lock.h"
#include "trustchain/ca_ceremony_internal.h"
#include "trustchain/ca_transcript.h"
#include "trustchain/trustchain_clock.h"
#include "wire/hex.h"
#include "wire/pem.h"
#include "wire/time.h"

#define PROGRAM_MAX ((size_t)256 << 20)

int
ca_ceremony_fail(const struct fault *f, int rc)
{
	ops_cli_error("%s", f->msg[0] != '\0' ? f->msg : base_err_text(rc));
	return ops_cli_exit_of(rc);
}

void
ca_ceremony_digest_text(struct pki_bytes data, char out[CA_CEREMONY_DIGEST_MAX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	char hex[2 * CRYPTO_SHA256_LEN + 1];

	crypto_sha2_256(data.data, data.len, digest);
	wire_hex_encode(digest, sizeof(digest), hex);
	(void)snprintf(out, CA_CEREMONY_DIGEST_MAX, "sha256:%s", hex);
}

int
ca_ceremony_begin(struct ca_ceremony *c, const struct ca_ceremony_opts *o,
    const char *dir, struct fault *f)
{
	int rc;

	memset(c, 0, sizeof(*c));
	c->o = o;
	c->dir = dir;
	c->now_ms = base_clock_now_ms(trustchain_clock_system());
	c->inputs = json_array();
	c->outputs = json_array();
	rc = c->inputs == NULL || c->outputs == NULL ? ERR_SYS_NOMEM
						     : store_disk_new(&c->disk);
	if (rc == 0)
		rc = store_lock_take(dir, &c->lock);
	if (rc == ERR_STATE_CONFLICT)
		return base_fault_set(
		    f, rc, "%.200s: another ceremony is at work there", dir);
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%.200s: %s", dir, base_err_text(rc));
}

void
ca_ceremony_end(struct ca_ceremony *c)
{
	crypto_pkey_free(c->key);
	pki_cert_free(c->cert);
	ca_transcript_free(c->t);
	store_lock_drop(c->lock);
	store_disk_free(c->disk);
	json_decref(c->inputs);
	json_decref(c->outputs);
}

int
ca_ceremony_path(
    const struct ca_ceremony *c, const char *name, char *out, struct fault *f)
{
	int rc =
	    base_str_format(out, CA_CEREMONY_PATH_MAX, "%s/%s", c->dir, name);

	return rc == 0 ? 0 : base_fault_set(f, rc, "a path is too long");
}

int
ca_ceremony_note(json_t *list, const char *name, struct pki_bytes data)
{
	char digest[CA_CEREMONY_DIGEST_MAX];
	json_t *o;

	ca_ceremony_digest_text(data, digest);
	o = json_pack("{s:s, s:s}", "name", name, "digest", digest);
	return o != NULL && json_array_append_new(list, o) == 0 ? 0
								: ERR_SYS_NOMEM;
}

int
ca_ceremony_pem(const struct pki_cert *cert, struct buf *out)
{
	struct pki_bytes d = pki_cert_der(cert);

	return wire_pem_encode("CERTIFICATE", d.data, d.len, out);
}

int
ca_ceremony_save(struct ca_ceremony *c, const char *name, struct pki_bytes data,
    unsigned mode, struct fault *f)
{
	char path[CA_CEREMONY_PATH_MAX];
	int rc;

	if ((rc = ca_ceremony_path(c, name, path, f)) != 0)
		return rc;
	rc = store_disk_replace(
	    c->disk, path, data.data, data.len, mode, "ca.ceremony");
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%.200s: %s", path, base_err_text(rc));
}

/* The digest of the program that runs. */
static void
program_digest(char out[CA_CEREMONY_DIGEST_MAX])
{
	uint8_t *data = NULL;
	size_t len = 0;

	out[0] = '\0';
	if (store_file_load("/proc/self/exe", PROGRAM_MAX, &data, &len) == 0)
		ca_ceremony_digest_text((struct pki_bytes){ data, len }, out);
	free(data);
}

int
ca_ceremony_record(struct ca_ceremony *c, const char *event, json_t *parameters,
    struct fault *f)
{
	char program[CA_CEREMONY_DIGEST_MAX], at[WIRE_TIME_TEXT_MAX];
	json_t *body;
	int rc;

	program_digest(program);
	wire_time_format(c->now_ms, at);
	body = json_pack("{s:s, s:s, s:s, s:o, s:o, s:O, s:O}", "at", at,
	    "program", program, "version", TROTH_VERSION, "parameters",
	    parameters, "operators", ca_ceremony_ask_operators(c->o), "inputs",
	    c->inputs, "outputs", c->outputs);
	rc = ca_transcript_add(c->t, event, body);
	if (rc == 0)
		rc = ca_transcript_sign(c->t, c->key);
	if (rc != 0)
		return base_fault_set(
		    f, rc, "transcript: %s", base_err_text(rc));
	return ca_ceremony_save(
	    c, CA_CEREMONY_TRANSCRIPT, ca_transcript_text(c->t), 0644, f);
}

static int
load_cert(struct ca_ceremony *c, struct fault *f)
{
	char path[CA_CEREMONY_PATH_MAX];
	uint8_t *text = NULL;
	struct buf der;
	size_t len, pos = 0;
	int rc;

	if ((rc = ca_ceremony_path(c, CA_CEREMONY_CERT, path, f)) != 0)
		return rc;
	base_buf_init(&der, PKI_CERT_DER_MAX);
	rc = store_file_load(path, CA_CEREMONY_FILE_MAX, &text, &len);
	if (rc == 0)
		rc = wire_pem_next(
		    (const char *)text, len, &pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, &c->cert);
	base_buf_free(&der);
	free(text);
	return rc == 0 ? 0
		       : base_fault_set(
			     f, rc, "%.200s: %s", path, base_err_text(rc));
}

static int
load_transcript(struct ca_ceremony *c, const char *path, struct fault *f)
{
	char own[CA_CEREMONY_PATH_MAX], msg[sizeof(f->msg)];
	uint8_t *text = NULL;
	size_t len;
	int rc;

	if ((rc = ca_ceremony_path(c, CA_CEREMONY_TRANSCRIPT, own, f)) != 0)
		return rc;
	if (path == NULL)
		path = own;
	rc = store_file_load(path, CA_TRANSCRIPT_MAX, &text, &len);
	if (rc != 0)
		return base_fault_set(f, rc, "%.180s: %s%s", path,
		    base_err_text(rc),
		    rc == ERR_STATE_NOT_FOUND
			? "; fix: `ceremony root' makes one"
			: "");
	rc = ca_transcript_parse((const char *)text, len, &c->t, f);
	free(text);
	if (rc == ERR_STATE_INTEGRITY) {
		memcpy(msg, f->msg, sizeof(msg));
		return base_fault_set(f, rc, "%.100s: %.140s", path, msg);
	}
	return rc;
}

int
ca_ceremony_open(struct ca_ceremony *c, const char *path, struct fault *f)
{
	struct crypto_pkey *public = NULL;
	struct pki_bytes spki;
	int rc;

	if ((rc = load_transcript(c, path, f)) != 0 ||
	    (rc = load_cert(c, f)) != 0)
		return rc;
	spki = pki_cert_spki(c->cert);
	if ((rc = crypto_pkey_from_spki(spki.data, spki.len, &public)) != 0)
		return base_fault_set(
		    f, rc, CA_CEREMONY_CERT ": %s", base_err_text(rc));
	rc = ca_transcript_verify(c->t, public, f);
	crypto_pkey_free(public);
	return rc;
}

/* How many shares open the key: "k/n" of the first line; 0: a pass file. */
static unsigned
shares_needed(const struct ca_ceremony *c)
{
	const json_t *p =
	    json_object_get(ca_transcript_line(c->t, 0), "parameters");
	const char *text = json_string_value(json_object_get(p, "shares"));
	uint64_t k;

	if (text == NULL || base_str_u64(text, strcspn(text, "/"), &k) != 0 ||
	    k > CRYPTO_SHAMIR_MAX)
		return 0;
	return (unsigned)k;
}

static int
open_by_shares(
    struct ca_ceremony *c, unsigned k, const char *path, struct fault *f)
{
	struct crypto_shamir_share share[CRYPTO_SHAMIR_MAX];
	uint8_t pass[CRYPTO_SHAMIR_LEN];
	struct buf text;
	int rc;

	base_buf_init(&text, CRYPTO_PKCS8_FILE_MAX);
	rc = keys_file_load(path, &text, f);
	if (rc == 0)
		rc = ca_ceremony_ask_shares(c->o->shares_from, k, share, f);
	if (rc == 0)
		rc = crypto_shamir_join(share, k, pass);
	if (rc == 0 &&
	    (rc = crypto_pkcs8_decrypt(text.data, text.len,
		 (struct crypto_pass){ pass, sizeof(pass) }, &c->key)) != 0)
		rc = base_fault_set(f, rc,
		    "%.150s: %s; fix: are the shares of this ceremony?", path,
		    base_err_text(rc));
	base_wipe(share, sizeof(share));
	base_wipe(pass, sizeof(pass));
	base_buf_free(&text);
	return rc;
}

int
ca_ceremony_unlock(struct ca_ceremony *c, struct fault *f)
{
	char path[CA_CEREMONY_PATH_MAX], pass[CA_CEREMONY_PATH_MAX];
	struct crypto_pkey *public = NULL;
	struct pki_bytes spki = pki_cert_spki(c->cert);
	unsigned k = shares_needed(c);
	int rc;

	if ((rc = ca_ceremony_path(c, CA_CEREMONY_KEY, path, f)) != 0 ||
	    (rc = ca_ceremony_path(c, CA_CEREMONY_PASS, pass, f)) != 0)
		return rc;
	rc = k > 0 ? open_by_shares(c, k, path, f)
		   : keys_file_open(path, pass, &c->key, f);
	if (rc != 0)
		return rc;
	rc = crypto_pkey_from_spki(spki.data, spki.len, &public);
	if (rc == 0 && !crypto_pkey_equal(public, c->key))
		rc = base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%.200s: is not the key of " CA_CEREMONY_CERT, path);
	crypto_pkey_free(public);
	return rc;
}
