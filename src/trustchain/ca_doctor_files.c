/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "pki/bytes.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_doctor_internal.h"
#include "trustchain/ca_key.h"
#include "trustchain/trustchain_clock.h"

#define DAY_MS INT64_C(86400000)

/* Identity.md section 15, alert IssuerExpiring. */
#define EXPIRING_DAYS 30

/* A file that only its owner may read; missing is reported elsewhere. */
static void
check_mode(struct ca_doctor *d, const char *check, const char *path)
{
	char fix[4200];
	struct stat st;

	if (stat(path, &st) != 0) {
		(void)snprintf(fix, sizeof(fix),
		    "bring it back, or run trustchain-ca init-ca");
		ca_doctor_say(d, CA_DOCTOR_ERROR, check, fix, "%s: %s", path,
		    strerror(errno));
	} else if ((st.st_mode & 077) != 0) {
		(void)snprintf(fix, sizeof(fix), "chmod 0600 %s", path);
		ca_doctor_say(d, CA_DOCTOR_ERROR, check, fix,
		    "%s has mode %04o, others may read it", path,
		    (unsigned)(st.st_mode & 07777));
	} else {
		ca_doctor_say(d, CA_DOCTOR_OK, check, "",
		    "%s is its owner's alone", path);
	}
}

/* Whether the daemon makes the key by itself at its first start. */
static bool
made_later(const struct ca_key *k)
{
	struct stat st;

	return strcmp(k->use, "issuer") != 0 && strcmp(k->use, "seal") != 0 &&
	       ca_key_path(k) != NULL && stat(ca_key_path(k), &st) != 0 &&
	       errno == ENOENT;
}

/* Whether it opens; the key, NULL if it does not. */
static struct crypto_pkey *
check_key(struct ca_doctor *d, const struct ca_key *k)
{
	struct crypto_pkey *key = NULL;
	struct fault f = { 0 };
	char check[64];
	int rc;

	if (made_later(k))
		return NULL;
	check_mode(d, "pass-file", k->pass);
	if (ca_key_path(k) != NULL)
		check_mode(d, "key-file", ca_key_path(k));
	(void)snprintf(check, sizeof(check), "key %s%s%s", k->use,
	    k->id[0] != '\0' ? " " : "", k->id);
	rc = ca_key_open(k, &key, &f);
	if (rc == 0)
		ca_doctor_say(d, CA_DOCTOR_OK, check, "", "%s opens", k->uri);
	else
		ca_doctor_say(d, CA_DOCTOR_ERROR, check,
		    ca_key_path(k) != NULL
			? "bring back the passphrase that it was encrypted "
			  "with; trustchain-ca key passwd changes it"
			: "plug in the token; check pkcs11_module, pass_file "
			  "and the URI",
		    "%s: %s", k->uri,
		    f.msg[0] != '\0' ? f.msg : base_err_text(rc));
	return key;
}

static void
check_issuer(
    struct ca_doctor *d, const struct ca_authority_issuer *is, int64_t now_ms)
{
	int64_t days = (pki_cert_not_after_ms(is->cert) - now_ms) / DAY_MS;
	char check[40];

	(void)snprintf(check, sizeof(check), "issuer %s", is->id);
	if (now_ms < pki_cert_not_before_ms(is->cert))
		ca_doctor_say(d, CA_DOCTOR_ERROR, "clock", "set the clock",
		    "it is before the beginning of issuer %s", is->id);
	else if (days < EXPIRING_DAYS)
		ca_doctor_say(d, CA_DOCTOR_WARN, check,
		    "have another signed (trustchain-ca csr, ceremony sign), "
		    "add it as [[issuer]] and move `default'",
		    "ends in %lld days", (long long)days);
	else
		ca_doctor_say(d, CA_DOCTOR_OK, check, "",
		    "leads to a root; ends in %lld days", (long long)days);
}

/* The key is the one that the issuer's certificate speaks of. */
static void
check_pair(struct ca_doctor *d, const struct crypto_pkey *key,
    const struct ca_authority_issuer *is)
{
	struct pki_bytes spki = pki_cert_spki(is->cert);
	struct crypto_pkey *public = NULL;
	char check[40];

	(void)snprintf(check, sizeof(check), "issuer %s", is->id);
	if (crypto_pkey_from_spki(spki.data, spki.len, &public) == 0 &&
	    !crypto_pkey_equal(key, public))
		ca_doctor_say(d, CA_DOCTOR_ERROR, check,
		    "let `key' and `cert' of the [[issuer]] be of one pair",
		    "its certificate is of another key");
	crypto_pkey_free(public);
}

static void
check_keys(struct ca_doctor *d, const struct ca_authority *a)
{
	struct ca_key_list l = { 0 };
	struct crypto_pkey *key;
	size_t i;

	if (ca_key_list(d->conf, &l) != 0) {
		ca_doctor_say(d, CA_DOCTOR_ERROR, "keys",
		    "see trustchain.toml(5)", "no [[issuer]] has a key");
		return;
	}
	for (i = 0; i < l.n; i++) {
		key = check_key(d, &l.key[i]);
		if (key != NULL && a != NULL &&
		    strcmp(l.key[i].use, "issuer") == 0)
			check_pair(d, key, &a->issuer[l.key[i].slot]);
		crypto_pkey_free(key);
	}
	ca_key_list_free(&l);
}

/* R4: a root's key is not where the daemon runs. */
static void
check_root_key(struct ca_doctor *d)
{
	bool production = d->conf->server.environment == TRUSTCHAIN_PRODUCTION;
	char path[4200];
	struct stat st;

	if (base_str_format(path, sizeof(path), "%s/offline-root/root-ca.key",
		d->conf->server.state_dir) != 0 ||
	    stat(path, &st) != 0)
		ca_doctor_say(
		    d, CA_DOCTOR_OK, "root-key", "", "is not on this machine");
	else
		ca_doctor_say(d, production ? CA_DOCTOR_ERROR : CA_DOCTOR_WARN,
		    "root-key", "move the folder to where no network is",
		    "%s is on this machine", path);
}

void
ca_doctor_files(struct ca_doctor *d)
{
	int64_t now = base_clock_now_ms(trustchain_clock_system());
	struct ca_authority *a = NULL;
	struct fault f = { 0 };
	size_t i;

	if (ca_authority_load(d->conf, now, &a, &f) != 0)
		ca_doctor_say(d, CA_DOCTOR_ERROR, "issuers",
		    "give each [[issuer]] an intermediate's certificate below "
		    "a root of [server] roots",
		    "%s", f.msg);
	for (i = 0; a != NULL && i < a->n_issuers; i++)
		check_issuer(d, &a->issuer[i], now);
	check_keys(d, a);
	check_root_key(d);
	ca_authority_free(a);
}
